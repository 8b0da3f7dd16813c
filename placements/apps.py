"""From round to placement."""

from django.apps import AppConfig


class PlacementsConfig(AppConfig):
    """Registers the app's permissions."""

    name = "placements"

    def ready(self) -> None:
        """Load what registers itself."""
        from core.permissions import register  # noqa: PLC0415 -- apps must be loaded
        from placements.rules import PERMISSIONS  # noqa: PLC0415 -- apps must be loaded

        register(PERMISSIONS)
