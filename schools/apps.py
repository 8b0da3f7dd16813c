"""School authorities, units, classes and learners."""

from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    """Registers the app's permissions."""

    name = "schools"

    def ready(self) -> None:
        """Load what registers itself."""
        from core.permissions import register  # noqa: PLC0415 -- apps must be loaded
        from schools.rules import PERMISSIONS  # noqa: PLC0415 -- apps must be loaded

        register(PERMISSIONS)
