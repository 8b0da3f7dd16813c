"""English is complete: every text that is marked for translation has one, and none is a guess."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = Path("locale/en/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|<[^>]+>")


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The catalogue as `manage.py makemessages -l en` would leave it now, made beside the real one."""
    if shutil.which("xgettext") is None:
        pytest.skip("gettext is not installed (Debian: apt-get install -y gettext)")
    copy = tmp_path_factory.mktemp("texts")
    for path in _sources():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "en", "--no-location", "--no-obsolete"]
    subprocess.run(
        command, cwd=copy, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    )
    with (copy / ENGLISH).open("rb") as file:
        return read_po(file)


def test_every_text_is_translated(english: Catalog) -> None:
    missing = [message.id for message in english if message.id and (message.fuzzy or not all(_texts(message)))]
    assert missing == []


def test_placeholders_survive_translation(english: Catalog) -> None:
    wrong = [message.id for message in english if message.id and not _same_placeholders(message)]
    assert wrong == []


def _sources() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.html", "*.txt", "*.po"], cwd=ROOT, check=True, capture_output=True
    )
    for name in listed.stdout.decode().split():
        if not name.startswith("tests/") and (ROOT / name).exists():
            yield ROOT / name


def _texts(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _same_placeholders(message: Message) -> bool:
    """The plural form holds every placeholder; a singular may leave its number out ("one pupil")."""
    swedish = message.id[-1] if isinstance(message.id, tuple) else message.id
    return set(PLACEHOLDER.findall(swedish)) == set(PLACEHOLDER.findall(_texts(message)[-1]))
