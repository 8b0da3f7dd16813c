"""Logs say what happened, never to whom."""

import json
import logging

import pytest

from core.logging import JsonFormatter, scrub


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("mail to åsa.berg+1@skola.example failed", "mail to [e-mail] failed"),
        ("learner 20110203-1234", "learner [number]"),
        ("called 070-123 45 67 twice", "called [phone] twice"),
        ("Unprocessable: /svar/eyJ2IjoxfQ:1sK-x_Y:abc/", "Unprocessable: /svar/[token]/"),
        ("Gone: /inbjudan/ImE0Yg:1sKx:dE-f_g/", "Gone: /inbjudan/[token]/"),
        ("run 42 of round 7 took 1500 ms", "run 42 of round 7 took 1500 ms"),
    ],
)
def test_scrub(said: str, written: str) -> None:
    assert scrub(said) == written


def test_a_line_is_one_json_object_without_the_request() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "failed for %s", ("a@b.se",), None)
    record.request = "<WSGIRequest: POST '/konto/login/'>"
    record.status_code = 500

    found = json.loads(JsonFormatter().format(record))

    assert found.pop("at")
    assert found == {
        "level": "ERROR",
        "logger": "django.request",
        "message": "failed for [e-mail]",
        "status_code": 500,
    }


def test_a_traceback_is_scrubbed() -> None:
    try:
        raise ValueError("no such person: a@b.se")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "m", (), (ValueError, error, error.__traceback__))

    assert "no such person: [e-mail]" in json.loads(JsonFormatter().format(record))["exc_info"]
