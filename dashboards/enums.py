"""The life of a season forecast, and where its wishes come from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ForecastStatus(models.TextChoices):
    """Asked for, being computed, and how it ended."""

    QUEUED = "queued", _("Köad")
    RUNNING = "running", _("Räknas")
    DONE = "done", _("Klar")
    FAILED = "failed", _("Avbröts")


S = ForecastStatus
FORECAST_MOVES: dict[str, tuple[str, ...]] = {
    S.QUEUED: (S.RUNNING, S.FAILED),
    S.RUNNING: (S.DONE, S.FAILED),
}
FORECAST_ACTIVE = (S.QUEUED, S.RUNNING)


class ForecastSource(models.TextChoices):
    """What the wishes of a forecast are drawn from."""

    LAST_YEAR = "last_year", _("Förra årets önskemål")
    MODEL = "model", _("Bryggans popularitetsmodell")
