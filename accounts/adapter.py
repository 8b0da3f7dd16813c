"""How allauth behaves here: no open sign-up, mail in the person's language."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come by invitation only."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Refuse: an account is made when an invitation is accepted."""
        return False
