"""Who you are and where you belong."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app's permissions."""

    name = "accounts"

    def ready(self) -> None:
        """Load what registers itself."""
        from accounts.rules import PERMISSIONS  # noqa: PLC0415 -- apps must be loaded
        from core.permissions import register  # noqa: PLC0415 -- apps must be loaded

        import_module("accounts.messages")
        register(PERMISSIONS)
