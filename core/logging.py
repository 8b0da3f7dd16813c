"""Structured logs: when, what, where; never who. Addresses, names and request bodies stay out."""

import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_IDENTITY_NUMBER = re.compile(r"\b(?:19|20)?\d{6}[-+]?\d{4}\b")
_PHONE = re.compile(r"(?<![\w-])(?:\+46|0)[\d\s-]{7,12}\d\b")
# A link's token opens somebody's page: a logged path must not hand it on.
_LINK_TOKEN = re.compile(r"/(svar|inbjudan|password/reset/key)/[^/\s]+")
# Attached by Django to its records; they hold the request with its cookies, form data and user.
_DROPPED = ("request", "server_time", "exc_info_text")


def scrub(value: str) -> str:
    """Replace what looks like a link's token, an address, a personal identity number or a phone number."""
    value = _LINK_TOKEN.sub(r"/\1/[token]", value)
    value = _EMAIL.sub("[e-mail]", value)
    value = _IDENTITY_NUMBER.sub("[number]", value)
    return _PHONE.sub("[phone]", value)


class JsonFormatter(BaseJsonFormatter):
    """One JSON object per line, scrubbed."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            timestamp="at",
            rename_fields={"levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        for name in _DROPPED:
            log_data.pop(name, None)
        return {key: scrub(value) if isinstance(value, str) else value for key, value in log_data.items()}

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- the base class names it
        return scrub(str(super().formatException(ei)))
