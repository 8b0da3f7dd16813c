"""The technical ground."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the tenancy checks."""

    name = "core"

    def ready(self) -> None:
        """Load the system checks."""
        from core.tenancy import checks  # noqa: F401, PLC0415 -- checks register themselves, models must be loaded
