"""EMAIL_URL in, Django's mail settings out."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def mail_settings(address: str) -> dict[str, Any]:
    """Return the settings for console:, file:///folder, smtp[s]://user:pass@host or anymail+provider:?KEY=…

    `smtp` speaks STARTTLS unless `?tls=off`; `smtps` is encrypted from the first byte.
    """
    url = urlsplit(address)
    match url.scheme:
        case "console":
            return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
        case "file":
            return {"EMAIL_BACKEND": "core.mail.FileBackend", "EMAIL_FILE_PATH": unquote(url.path)}
        case "smtp" | "smtps":
            options = dict(parse_qsl(url.query))
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "EMAIL_HOST": url.hostname or "localhost",
                "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 587),
                "EMAIL_HOST_USER": unquote(url.username or ""),
                "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
                "EMAIL_USE_SSL": url.scheme == "smtps",
                "EMAIL_USE_TLS": url.scheme == "smtp" and options.get("tls") != "off",
                "EMAIL_TIMEOUT": 20,
            }
        case scheme if scheme.startswith("anymail+"):
            provider = scheme.removeprefix("anymail+")
            return {"EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend", **_anymail_keys(url.query)}
        case _:
            raise ImproperlyConfigured("EMAIL_URL must start with console:, file:, smtp:, smtps: or anymail+provider:.")


def _anymail_keys(query: str) -> dict[str, str]:
    """Anymail reads ANYMAIL_<KEY> settings beside its dict, so a provider's keys need no list here."""
    return {f"ANYMAIL_{key.upper()}": value for key, value in parse_qsl(query)}
