"""The start on a bare machine: when it acts, when it does not, and how it fails."""

import sys
from pathlib import Path

import pytest

from config import bootstrap


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A project folder without an environment."""
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        (tmp_path / name).write_text("one\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return tmp_path


def test_other_commands_run_at_once_where_packages_are() -> None:
    assert bootstrap.ensure(["manage.py", "migrate"]) is None


def test_stamp_tells_whether_the_lock_has_changed(bare: Path) -> None:
    lock, stamp = bare / "requirements.lock", bare / "stamp"
    bootstrap._stamp(stamp, lock)
    before = bootstrap._is_stamped(stamp, lock)

    lock.write_text("two\n")

    assert (before, bootstrap._is_stamped(stamp, lock)) == (True, False)


def test_failing_installation_is_told_in_words(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (bare / "requirements.lock").write_text("absent==1 --hash=sha256:00\n")
    monkeypatch.setattr(bootstrap, "_has_packages", lambda _command: False)
    monkeypatch.setattr(bootstrap, "_base_python", lambda: "/bin/false")
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(SystemExit) as stop:
        bootstrap.ensure(["manage.py", "migrate"])

    assert "apt-get install" in str(stop.value)
    assert not (bare / ".venv").exists()


def test_missing_system_package_gives_the_line_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_PDF_LIBRARIES", {"libabsent.so.9": "libabsent9"})
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(bootstrap.BootstrapError, match="sudo apt-get install -y --no-install-recommends libabsent9"):
        bootstrap._install_system_packages("demo", needs_venv=False)


def test_too_old_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (9, 0))
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(bootstrap.BootstrapError, match=f"this is {sys.version.split()[0]}"):
        bootstrap._base_python()


def test_translations_are_compiled_when_older_than_their_source(bare: Path) -> None:
    source = bare / "locale" / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Vecka"\nmsgstr "Week"\n')

    bootstrap._compile_translations(Path(sys.executable))

    assert b"Week" in source.with_suffix(".mo").read_bytes()
