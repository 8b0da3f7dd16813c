"""How allauth behaves here: no open sign-up, mail in the person's language."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come by invitation only."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Refuse: an account is made when an invitation is accepted."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Let links in mail point at our own address, whatever the Host header says."""
        ours = {name: _at_home(value) if name.endswith("_url") else value for name, value in context.items()}
        super().send_mail(template_prefix, email, ours)


def _at_home(url: str) -> str:
    return f"{settings.BRYGGAN_BASE_URL}{urlsplit(url).path}"
