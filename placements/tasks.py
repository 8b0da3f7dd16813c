"""What workers do for placements: allocation runs. The rows are the truth; these only wake."""

from uuid import UUID

from celery import shared_task

from core.tenancy import SystemReason
from core.tenancy.tasks import SystemTask, scope_of


@shared_task(name="placements.run_allocation")
def run_allocation(*, run_id: str, organisation_id: str) -> bool:
    """Perform one run, in several short transactions of the organisation's scope."""
    from placements.services.run_work import perform_run  # noqa: PLC0415 -- services enqueue this task

    return perform_run(run_id=UUID(run_id), in_scope=scope_of(organisation_id))


@shared_task(name="placements.sweep_runs", base=SystemTask, reason=SystemReason.SWEEP_RUNS)
def sweep_runs() -> int:
    """Wake workers for runs that were lost."""
    from placements.services.run_work import sweep_lost_runs  # noqa: PLC0415 -- services enqueue these tasks

    return sweep_lost_runs()
