"""Read only: what coordinators and authorities look at."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Registers the app's permissions."""

    name = "dashboards"

    def ready(self) -> None:
        """Load what registers itself."""
        from core.permissions import register  # noqa: PLC0415 -- apps must be loaded
        from dashboards.rules import PERMISSIONS  # noqa: PLC0415 -- apps must be loaded

        register(PERMISSIONS)
