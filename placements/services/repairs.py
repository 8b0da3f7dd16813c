"""Repair a published round: two runs, one after the other, and when one is published the other is set aside."""

import logging
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core.errors import DomainError
from core.locks import lock
from core.permissions import SYSTEM, Actor
from core.states import move
from core.tenancy import Scope, scope
from placements.enums import RepairOption, RunPolicy, RunPurpose, RunStatus
from placements.models import AllocationRun, Round
from placements.selectors.repairs import SECOND_WITHIN, latest_pair, refusal_to_repair, waits_for_second
from placements.services.runs import request_run
from placements.tasks import run_allocation

logger = logging.getLogger("bryggan.placements")

UNDECIDED = (RunStatus.DRAFT, RunStatus.REVIEWED)


class RepairRefused(DomainError):
    """There is nothing to repair, or it is too late. Nothing has been written."""

    code = "repair_refused"


@transaction.atomic
def request_repair(*, round: Round, actor: Actor) -> AllocationRun:
    """Queue the first option, "touch nobody else"; the worker queues the second when it is done.

    Earlier repairs that nobody published are set aside: they speak of places as they were then.

    Raises:
        RepairRefused: the round is not published, nobody in it is without a place, or its weeks have begun.
        RunRefused: another run of the round is under way.
        Busy: somebody else starts one at this moment.
    """
    lock(f"round:{round.pk}")
    round = Round.objects.get(pk=round.pk)
    if refusal := refusal_to_repair(round):
        raise RepairRefused(refusal)
    for earlier in AllocationRun.objects.filter(round=round, purpose=RunPurpose.REPAIR, status__in=UNDECIDED):
        move(earlier, RunStatus.DISCARDED, actor=actor)
    return _request(round, RepairOption.STAY, actor)


def continue_repair(*, run_id: UUID, in_scope: Scope) -> AllocationRun | None:
    """Queue the second option of a repair whose first is done. Safe to call at any time and twice.

    Returns the run; None when the run is no first option, is not done, was followed already, or cannot be followed.
    """
    try:
        with scope(in_scope):
            first = AllocationRun.objects.filter(pk=run_id, purpose=RunPurpose.REPAIR).select_related("round").first()
            if first is None:
                return None
            lock(f"round:{first.round_id}")
            pair = latest_pair(first.round)
            if not waits_for_second(pair, timezone.now()) or pair[0].pk != run_id:
                return None
            return _request(first.round, RepairOption.LEAST, replace(SYSTEM, user_id=first.requested_by_id))
    except DomainError as error:
        logger.info("second repair refused", extra={"run_id": str(run_id), "error": error.code})
        return None


def sweep_repairs() -> int:
    """Wake workers for repairs whose second option was never queued. Called in the system scope. Returns how many."""
    followed = AllocationRun.objects.filter(
        round=OuterRef("round"), purpose=RunPurpose.REPAIR, number__gt=OuterRef("number")
    )
    waiting = AllocationRun.objects.filter(
        ~Exists(followed),
        purpose=RunPurpose.REPAIR,
        option=RepairOption.STAY,
        status__in=(RunStatus.DRAFT, RunStatus.FAILED),
        finished_at__gt=timezone.now() - SECOND_WITHIN,
    )
    rows = list(waiting.values_list("pk", "authority_id"))
    for pk, authority_id in rows:
        run_allocation.delay_on_commit(run_id=str(pk), organisation_id=str(authority_id))
    return len(rows)


def discard_rivals(*, run: AllocationRun, actor: Actor) -> int:
    """Set aside every other undecided repair of the round: `run` has been published. Returns how many."""
    rivals = AllocationRun.objects.filter(round=run.round_id, purpose=RunPurpose.REPAIR, status__in=UNDECIDED).exclude(
        pk=run.pk
    )
    found = list(rivals)
    for rival in found:
        move(rival, RunStatus.DISCARDED, actor=actor)
    return len(found)


def _request(round: Round, option: RepairOption, actor: Actor) -> AllocationRun:
    return request_run(
        round=round, is_trial=False, policy=RunPolicy.OPTIMUM, actor=actor, purpose=RunPurpose.REPAIR, option=option
    )
