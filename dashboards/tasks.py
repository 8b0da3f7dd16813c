"""What workers do for the dashboards: season forecasts. The rows are the truth; these only wake."""

from uuid import UUID

from celery import shared_task

from core.tenancy import SystemReason
from core.tenancy.tasks import SystemTask, scope_of


@shared_task(name="dashboards.run_forecast")
def run_forecast(*, forecast_id: str, organisation_id: str) -> bool:
    """Compute one forecast, in several short transactions of the region's scope."""
    from dashboards.services.forecast import perform_forecast  # noqa: PLC0415 -- services enqueue this task

    return perform_forecast(forecast_id=UUID(forecast_id), in_scope=scope_of(organisation_id))


@shared_task(name="dashboards.sweep_forecasts", base=SystemTask, reason=SystemReason.SWEEP_RUNS)
def sweep_forecasts() -> int:
    """Wake workers for forecasts that were lost."""
    from dashboards.services.forecast import sweep_lost_forecasts  # noqa: PLC0415 -- services enqueue these tasks

    return sweep_lost_forecasts()
