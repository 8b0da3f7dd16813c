"""What workers do for placements: allocation runs. The rows are the truth; these only wake."""

from uuid import UUID

from celery import shared_task

from core.tenancy import SystemReason
from core.tenancy.tasks import SystemTask, scope_of


@shared_task(name="placements.run_allocation")
def run_allocation(*, run_id: str, organisation_id: str) -> bool:
    """Perform one run, in several short transactions of the organisation's scope; then queue what follows it."""
    from placements.services.repairs import continue_repair  # noqa: PLC0415 -- services enqueue this task
    from placements.services.run_work import perform_run  # noqa: PLC0415 -- services enqueue this task

    in_scope = scope_of(organisation_id)
    done = perform_run(run_id=UUID(run_id), in_scope=in_scope)
    continue_repair(run_id=UUID(run_id), in_scope=in_scope)
    return done


@shared_task(name="placements.publish_run")
def publish_run(*, run_id: str, organisation_id: str) -> bool:
    """Publish one run that somebody has asked for, in one transaction of the organisation's scope."""
    from placements.services.publishing import perform_publishing  # noqa: PLC0415 -- services enqueue this task

    return perform_publishing(run_id=UUID(run_id), in_scope=scope_of(organisation_id))


@shared_task(name="placements.retract_run")
def retract_run(*, run_id: str, organisation_id: str) -> bool:
    """Take back one publishing that somebody has undone, in one transaction of the organisation's scope."""
    from placements.services.retracting import perform_retraction  # noqa: PLC0415 -- services enqueue this task

    return perform_retraction(run_id=UUID(run_id), in_scope=scope_of(organisation_id))


@shared_task(name="placements.sweep_runs", base=SystemTask, reason=SystemReason.SWEEP_RUNS)
def sweep_runs() -> int:
    """Wake workers for runs that were lost, and for repairs whose second option was never queued."""
    from placements.services.repairs import sweep_repairs  # noqa: PLC0415 -- services enqueue these tasks
    from placements.services.run_work import sweep_lost_runs  # noqa: PLC0415 -- services enqueue these tasks

    return sweep_lost_runs() + sweep_repairs()


@shared_task(name="placements.tell_published")
def tell_published() -> int:
    """Write the messages of publishings that can no longer be taken back, in several transactions."""
    from placements.services.telling import tell_published as tell  # noqa: PLC0415 -- services enqueue these tasks

    return tell()
