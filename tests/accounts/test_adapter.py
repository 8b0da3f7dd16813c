"""Mail from the sign-in pages."""

from django.core import mail
from django.urls import reverse

from tests.factories.accounts import make_user


def test_a_link_in_mail_points_at_our_own_address_whatever_host_was_asked(client, db, settings) -> None:
    settings.ALLOWED_HOSTS = ["bryggan.example"]
    settings.BRYGGAN_BASE_URL = "https://bryggan.example"
    make_user("malin@example.se")

    client.post(
        reverse("account_reset_password"), {"email": "malin@example.se"}, headers={"host": "bryggan.example:81"}
    )

    links = [line.rsplit("/", 2)[0] for line in mail.outbox[0].body.splitlines() if line.startswith("http")]
    assert links == ["https://bryggan.example/konto/password/reset/key"]
