"""Season forecasts: what if everybody wishes as last year."""

from django.db import models
from django.db.models import Q

from accounts.enums import PlacementKind
from accounts.models import User
from core.tenancy.models import TenantModel
from core.tenancy.policies import RowPolicy
from dashboards.enums import FORECAST_ACTIVE, FORECAST_MOVES, ForecastSource, ForecastStatus


class SeasonForecast(TenantModel):
    """Request, claim, progress and result of one forecast, in one row.

    The result holds expected numbers only, small ones hidden before they are saved: nothing in it is about a learner.
    """

    kind = models.CharField(max_length=20, choices=PlacementKind, default=PlacementKind.PRAO)
    school_year = models.PositiveSmallIntegerField(help_text="the year in which it begins")
    status = models.CharField(max_length=20, choices=ForecastStatus, default=ForecastStatus.QUEUED)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text="percent")
    source = models.CharField(max_length=20, choices=ForecastSource, blank=True)
    seed = models.CharField(max_length=64, help_text="of the wishes that were drawn")
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True, help_text="last sign of life of the worker that computes it")
    finished_at = models.DateTimeField(null=True)

    MOVES = FORECAST_MOVES

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["region", "kind", "school_year"],
                condition=Q(status__in=[str(status) for status in FORECAST_ACTIVE]),
                name="dashboards_seasonforecast_one_active",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | (Q(finished_at__isnull=False) & ~Q(source="")),
                name="dashboards_seasonforecast_done_says_from_what",
            ),
            RowPolicy.regional("dashboards_seasonforecast_rows", writers=("region",)),
        ]
        indexes = [
            models.Index(fields=["region", "-requested_at"], name="dashboards_forecast_latest"),
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(status__in=[str(status) for status in FORECAST_ACTIVE]),
                name="dashboards_forecast_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.school_year}"
