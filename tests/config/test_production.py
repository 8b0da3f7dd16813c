"""Production refuses to start on a missing secret, and passes Django's own deployment check."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "PATH": "/usr/bin:/bin",
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "DATABASE_URL": "postgresql:///none",
    "REDIS_URL": "redis://none",
    "BRYGGAN_BASE_URL": "https://bryggan.example",
    "ALLOWED_HOSTS": "bryggan.example",
    "EMAIL_URL": "console:",
    "DEFAULT_FROM_EMAIL": "noreply@bryggan.example",
}


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_deployment_check_is_clean() -> None:
    result = manage(COMPLETE, "check", "--deploy", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", sorted(set(COMPLETE) - {"PATH", "DJANGO_SETTINGS_MODULE"}))
def test_each_missing_setting_is_named(name: str) -> None:
    environment = {key: value for key, value in COMPLETE.items() if key != name}

    result = manage(environment, "check")

    assert result.returncode == 1
    assert f"Set the environment variable {name} " in result.stderr
