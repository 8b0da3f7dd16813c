"""Tell those concerned by a publishing, when it can no longer be taken back: employers first, then learners and homes.

A sweep finds the runs whose time has come. Messages are written in batches, each in a transaction of its own; what a
killed worker had written is the same message by its key, so that the next one may simply begin again.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.outbox.models import OutboxMessage
from core.outbox.services import enqueue_many
from core.tenancy import Party, Scope, SystemReason, scope, system_scope
from placements.enums import PlacementStatus, RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Placement
from placements.services.claims import silent_since
from placements.services.placing import result_messages
from schools.models import Learner

logger = logging.getLogger("bryggan.placements")

BATCH: Final = 5_000
# The stage of a run whose employers have been told, while its learners wait for their hour.
EMPLOYERS_TOLD: Final = "employers_told"


@dataclass(frozen=True, slots=True)
class _Due:
    """A run with somebody to tell, and the scope of those it belongs to."""

    run_id: UUID
    scope: Scope


def tell_published() -> int:
    """Write the messages of every publishing whose time has come. Opens its own transactions. Returns how many runs."""
    due = _due(timezone.now())
    for found in due:
        _tell(found)
    return len(due)


def _due(now: datetime) -> list[_Due]:
    with system_scope(SystemReason.TELL_PUBLISHED):
        rows = list(_waiting(now).values_list("pk", "region_id", "authority_id"))
    return [
        _Due(pk, Scope(Party.AUTHORITY, region=region_id, authority=authority_id))
        for pk, region_id, authority_id in rows
    ]


def _waiting(now: datetime) -> QuerySet[AllocationRun]:
    """Runs past their undo window with somebody left to tell, which no worker has in hand."""
    free = Q(heartbeat_at=None) | Q(heartbeat_at__lt=silent_since())
    someone = ~Q(stage=EMPLOYERS_TOLD) | Q(results_at__lte=now)
    return AllocationRun.objects.filter(free & someone, status=RunStatus.PUBLISHED, told_at=None, undo_until__lte=now)


def _tell(found: _Due) -> None:
    now = timezone.now()
    with scope(found.scope):
        if _waiting(now).filter(pk=found.run_id).update(heartbeat_at=now) != 1:
            return
        run = AllocationRun.objects.select_related("round").get(pk=found.run_id)
        tell_employers(run)
        run.stage = EMPLOYERS_TOLD
        run.save(update_fields=["stage"])
    if run.results_at and run.results_at > now:
        _mark(found, heartbeat_at=None)
        return
    for learner_ids in _batches(found, run):
        with scope(found.scope):
            tell_learners(run, learner_ids)
            AllocationRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
    _mark(found, heartbeat_at=None, told_at=timezone.now(), stage="told")
    logger.info("publishing told", extra={"run_id": str(run.pk)})


def _mark(found: _Due, **fields: Any) -> None:
    with scope(found.scope):
        AllocationRun.objects.filter(pk=found.run_id).update(**fields)


def _batches(found: _Due, run: AllocationRun) -> Iterator[list[UUID]]:
    """The learners to tell, by key, a batch at a time; each read in a transaction of its own."""
    last = UUID(int=0)
    while True:
        with scope(found.scope):
            told = learners_of(run).filter(learner__gt=last).order_by("learner_id")
            batch = list(told.values_list("learner_id", flat=True)[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1]


# -- what is written, in the open scope


def tell_employers(run: AllocationRun) -> None:
    """Write one message to each employer with a place of the run, and to each that a repair took a learner from."""
    places = Placement.objects.filter(run=run)
    replaced = Placement.objects.filter(round=run.round_id, status=PlacementStatus.REPLACED, ended_at=run.published_at)
    enqueue_many(
        [_to_employer(run, "employer_digest", employer_id) for employer_id in _employers(places)]
        + [_to_employer(run, "employer_released", employer_id) for employer_id in _employers(replaced)]
    )


def tell_learners(run: AllocationRun, learner_ids: Sequence[UUID]) -> None:
    """Write what they got to some of the run's learners and to their guardians."""
    periods = dict(learners_of(run).filter(learner__in=learner_ids).values_list("learner_id", "period_id"))
    learners = Learner.objects.filter(pk__in=list(periods)).only("pk", "email").order_by("pk")
    enqueue_many(
        result_messages([(each, periods[each.pk]) for each in learners], round=run.round, occasion=str(run.pk))
    )


def learners_of(run: AllocationRun) -> QuerySet[Any]:
    """Return those to tell: all of a full run, placed or not; later only those whom the run has given a place."""
    if run.purpose == RunPurpose.FULL:
        return Assignment.objects.filter(run=run)
    return Placement.objects.filter(run=run, ended_at=None)


def _employers(places: QuerySet[Placement]) -> list[UUID]:
    return list(places.order_by("employer_id").values_list("employer_id", flat=True).distinct())


def _to_employer(run: AllocationRun, event: str, employer_id: UUID) -> OutboxMessage:
    return OutboxMessage(
        region_id=run.region_id,
        authority_id=run.authority_id,
        employer_id=employer_id,
        key=f"{event}:{run.pk}:{employer_id}",
        event=f"placements/{event}",
        context={"round": str(run.round_id), "employer": str(employer_id), "run": str(run.pk)},
    )
