"""The environment's one reader."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_missing_value_names_the_variable() -> None:
    with pytest.raises(ImproperlyConfigured, match="NOT_SET_ANYWHERE"):
        env.text("NOT_SET_ANYWHERE")


def test_secret_is_read_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hemligt\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "secret"))

    assert env.text("SOME_SECRET") == "hemligt"


def test_unreadable_secret_file_names_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "absent"))

    with pytest.raises(ImproperlyConfigured, match="SOME_SECRET_FILE cannot be read"):
        env.text("SOME_SECRET")


def test_value_and_file_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECRET", "a")
    monkeypatch.setenv("SOME_SECRET_FILE", "b")

    with pytest.raises(ImproperlyConfigured, match="not both"):
        env.text("SOME_SECRET")


@pytest.mark.parametrize(("word", "expected"), [("1", True), ("On", True), ("no", False)])
def test_boolean_reads_known_words(monkeypatch: pytest.MonkeyPatch, word: str, expected: bool) -> None:
    monkeypatch.setenv("SOME_SWITCH", word)

    assert env.boolean("SOME_SWITCH", default=not expected) is expected


def test_boolean_refuses_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SWITCH", "kanske")

    with pytest.raises(ImproperlyConfigured, match="SOME_SWITCH"):
        env.boolean("SOME_SWITCH", default=False)


def test_integer_refuses_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_NUMBER", "tolv")

    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env.integer("SOME_NUMBER")


def test_words_drop_empty_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_WORDS", "a, b,,")

    assert env.words("SOME_WORDS") == ["a", "b"]


def test_database_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_URL", "postgresql://app:p%40ss@db.example:6432/bryggan?sslmode=require")

    assert env.database("SOME_URL") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "bryggan",
        "USER": "app",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_database_on_a_unix_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_URL", "postgresql://app:x@/bryggan?host=%2Frun%2Fpostgresql")

    found = env.database("SOME_URL")

    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("/run/postgresql", "", {})


@pytest.mark.parametrize("address", ["mysql://a/b", "postgresql://db.example", "bryggan"])
def test_database_refuses_other_addresses(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("SOME_URL", address)

    with pytest.raises(ImproperlyConfigured, match="SOME_URL must look like"):
        env.database("SOME_URL")
