"""From round to placement."""

from importlib import import_module

from django.apps import AppConfig


class PlacementsConfig(AppConfig):
    """Registers the app's permissions and the readers of its messages."""

    name = "placements"

    def ready(self) -> None:
        """Load what registers itself."""
        from core.permissions import register  # noqa: PLC0415 -- apps must be loaded
        from placements.rules import PERMISSIONS  # noqa: PLC0415 -- apps must be loaded

        import_module("placements.messages")
        register(PERMISSIONS)
