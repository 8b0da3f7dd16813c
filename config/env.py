"""The only reader of the process environment. A missing or unreadable value stops the start with its name."""

import json
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_REQUIRED: Final = object()
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})
# Second to the real environment: what a running demo left, and what a settings file gives for its own kind.
_fallbacks: dict[str, str] = {}


def text(name: str, default: object = _REQUIRED) -> str:
    """Return NAME, or the contents of the file named by NAME_FILE, or the default."""
    path = os.environ.get(f"{name}_FILE")
    value = os.environ.get(name, _fallbacks.get(name) if path is None else None)
    if value is not None and path is not None:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path is not None:
        value = _read_secret(name, path)
    if value:
        return value
    if default is _REQUIRED:
        raise ImproperlyConfigured(f"Set the environment variable {name} (or {name}_FILE). See .env.example.")
    return str(default)


def boolean(name: str, *, default: bool) -> bool:
    """Return NAME as a truth value; anything but a known word is refused."""
    word = text(name, "1" if default else "0").strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1/0, true/false, yes/no, on/off; it is {word!r}.")


def integer(name: str, default: object = _REQUIRED) -> int:
    """Return NAME as a whole number."""
    value = text(name, default)
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {value!r}.") from None


def words(name: str, default: object = _REQUIRED) -> list[str]:
    """Return NAME as a list; the separator is a comma."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(name: str, default: object = _REQUIRED) -> dict[str, Any]:
    """Return a Django database from a URL: postgresql://user:password@host:port/name?option=value.

    A Unix socket is a `host` option holding its folder: postgresql://user:password@/name?host=/run/postgresql.
    """
    url = urlsplit(text(name, default))
    if url.scheme not in {"postgresql", "postgres"} or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(url.query))
    host = options.pop("host", url.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or ""),
        "OPTIONS": options,
    }


def default(name: str, value: str) -> None:
    """Give NAME a value for the case that the environment has none."""
    _fallbacks.setdefault(name, value)


def borrow(path: Path) -> bool:
    """Take over the environment that a running demo left in `path`; what is set already wins."""
    try:
        values: dict[str, str] = json.loads(path.read_text())
    except (FileNotFoundError, PermissionError):
        return False
    _fallbacks.update(values)
    return True


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror} ({path}).") from None
