"""Addresses of the queue and of mail, made from one variable each."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.mail import mail_settings
from config.redis import broker_url


@pytest.mark.parametrize(
    ("cache", "queue"),
    [
        ("redis://:pw@host:6379/0", "redis://:pw@host:6379/1"),
        ("rediss://host", "rediss://host/1"),
        ("unix://:pw@/run/valkey.sock?db=0", "redis+socket://:pw@/run/valkey.sock?virtual_host=1"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=1"),
    ],
)
def test_queue_is_one_database_further(cache: str, queue: str) -> None:
    assert broker_url(cache) == queue


def test_smtp_uses_starttls() -> None:
    found = mail_settings("smtp://user:p%2Fw@mail.example")

    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_HOST_PASSWORD"]) == (
        "mail.example",
        587,
        "p/w",
    )
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)


def test_smtps_is_encrypted_from_the_start() -> None:
    found = mail_settings("smtps://mail.example")

    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (465, False, True)


def test_anymail_keys_become_settings() -> None:
    assert mail_settings("anymail+mailgun:?mailgun_api_key=k") == {
        "EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend",
        "ANYMAIL_MAILGUN_API_KEY": "k",
    }


def test_unknown_mail_address_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must start with"):
        mail_settings("pigeon://roof")
