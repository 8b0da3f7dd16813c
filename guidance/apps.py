"""Guidance plans and what came of them."""

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    """Registers the app's permissions."""

    name = "guidance"

    def ready(self) -> None:
        """Load what registers itself."""
        from core.permissions import register  # noqa: PLC0415 -- apps must be loaded
        from guidance.rules import PERMISSIONS  # noqa: PLC0415 -- apps must be loaded

        register(PERMISSIONS)
