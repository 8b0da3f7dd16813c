"""Employers, workplaces and what they offer."""

from importlib import import_module

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    """Registers the app's permissions."""

    name = "employers"

    def ready(self) -> None:
        """Load what registers itself."""
        from core.permissions import register  # noqa: PLC0415 -- apps must be loaded
        from employers.rules import PERMISSIONS  # noqa: PLC0415 -- apps must be loaded

        import_module("employers.messages")
        register(PERMISSIONS)
