"""Measures of what workers do: allocate, publish, send."""

from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from core.outbox.models import OutboxMessage, OutboxStatus
from core.outbox.services import BATCH, deliver_due
from core.tenancy import scope
from dashboards.benchmark.measuring import Laps, StageClock, Subject, measure
from dashboards.benchmark.world import World, outside_the_wall
from placements.models import AllocationRun
from placements.services import run_work
from placements.services.publishing import publish_run

# The steps that run_work.perform_run takes, by the stage they are shown as; what lies between them is "the rest".
STAGES: Final = {
    "round_digest": "digest of inputs",
    "load_inputs": "build inputs",
    "_solved": "solve and check",
    "_compared": "compare policies",
    "explain": "explain",
    "summary": "figures",
    "shortage_figures": "figures",
    "assignment_columns": "figures",
    "packed_result": "files",
    "_save": "save",
    "check_now": "save",
}


@measure("run")
def run_of_round(world: World) -> Subject:
    """A whole run, as the worker does it."""
    queued: list[AllocationRun] = []

    def run() -> Laps:
        clock = StageClock()
        with clock.around(run_work, STAGES):
            run_work.perform_run(run_id=queued.pop().pk, in_scope=world.authority.scope())
        return clock.told(rest="the rest")

    return Subject(world.learners, "learners", run, before=lambda: queued.append(world.queue()), heavy=True, each=True)


@measure("publish")
def publish(world: World) -> Subject:
    """Rolled back each time, so that it can be done again: all but the commit itself is in the time."""
    reviewed, actor = world.reviewed(), world.actor

    def run() -> None:
        with scope(world.authority.scope()), transaction.atomic():
            publish_run(run=reviewed, actor=actor)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)

    return Subject(world.learners, "learners", run, heavy=True, each=True)


@measure("outbox")
def outbox(world: World) -> Subject:
    """One batch of the messages that a publishing leaves, built and written as files."""
    world.publish()

    def queue_again() -> None:
        with outside_the_wall():
            OutboxMessage.objects.exclude(status=OutboxStatus.QUEUED).update(
                status=OutboxStatus.QUEUED, sent_at=None, attempts=0, due_at=timezone.now()
            )

    def send() -> None:
        deliver_due()

    with outside_the_wall():
        size = min(BATCH, OutboxMessage.objects.count())
    return Subject(size, "messages", send, before=queue_again, each=True)
