"""Take a publishing back while nobody has been told, as if it had not been.

Asking is a short transaction in the request; a worker gives the places back, all in one transaction, so that one killed
at any moment leaves all of them or none. While it waits the run counts as published to everybody but its learners, who
see nothing of it, and no message is written.
"""

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.locks import lock
from core.permissions import SYSTEM, Actor
from core.states import move
from core.tenancy import Scope
from placements.enums import RunPurpose, RunStatus
from placements.models import AllocationRun, Round
from placements.selectors.undoing import built_upon, undo_obstacle
from placements.services.claims import MOST_ATTEMPTS, Claim, ClaimLost, Pulse, claim_asked
from placements.services.placing import restore_replaced
from placements.services.placing_many import remove_places
from placements.tasks import retract_run

logger = logging.getLogger("bryggan.placements")


class RetractionRefused(DomainError):
    """The publishing cannot be taken back. Nothing has been written."""

    code = "retraction_refused"


@transaction.atomic
def request_retraction(*, run: AllocationRun, actor: Actor) -> AllocationRun:
    """Hand a published run to a worker to take back.

    Raises:
        RetractionRefused: the time is out, an employer has answered, something later builds on it, or it is being
            taken back.
        Busy: somebody else does something with the round at this moment.
    """
    lock(f"round:{run.round_id}")
    run = AllocationRun.objects.select_for_update(of=("self",)).select_related("round").get(pk=run.pk)
    if refusal := undo_obstacle(run, timezone.now()):
        raise RetractionRefused(refusal)
    move(
        run,
        RunStatus.RETRACTING,
        actor=actor,
        error="",
        attempts=0,
        heartbeat_at=timezone.now(),
        stage="retract",
        progress=10,
    )
    retract_run.delay_on_commit(run_id=str(run.pk), organisation_id=str(run.authority_id))
    return run


def perform_retraction(*, run_id: UUID, in_scope: Scope) -> bool:
    """Take back a publishing that somebody has undone, as its worker. Safe to call twice, and at any time.

    The run is reviewed again. A full run leaves its round unpublished; a repair gives back the places it replaced.
    Returns whether this call ended it. A refusal leaves the run published, with a sentence; any other exception leaves
    it to be taken up again when its heartbeat lapses.
    """
    claim = claim_asked(run_id=run_id, in_scope=in_scope, status=RunStatus.RETRACTING, give_up=_give_up)
    if claim is None:
        return False
    try:
        with claim.opened():
            run = AllocationRun.objects.select_related("round").get(pk=run_id)
            lock(f"round:{run.round_id}")
            with Pulse(claim):
                removed = _give_back(run)
            claim.hold()
            _mark(run, removed)
    except ClaimLost:
        logger.warning("retraction taken over", extra={"run_id": str(run_id)})
        return False
    except DomainError as error:
        _leave_published(claim, str(error))
        logger.info("retraction refused", extra={"run_id": str(run_id), "error": error.code})
    return True


def _give_back(run: AllocationRun) -> int:
    """Everything but the rows of run and round themselves; how many places are gone.

    Whoever asked is on the run's history; the places go by the system.
    """
    if refusal := built_upon(run):
        raise RetractionRefused(refusal)
    removed = remove_places(run, actor=SYSTEM)
    if run.purpose == RunPurpose.REPAIR:
        restore_replaced(run=run, actor=SYSTEM)
    return removed


def _mark(run: AllocationRun, removed: int) -> None:
    if run.purpose == RunPurpose.FULL:
        Round.objects.filter(pk=run.round_id).update(published_at=None)
    text = ngettext("%(count)d plats togs tillbaka", "%(count)d platser togs tillbaka", removed)
    move(
        run,
        RunStatus.REVIEWED,
        actor=SYSTEM,
        reason=text % {"count": removed},
        published_at=None,
        published_by_id=None,
        undo_until=None,
        results_at=None,
        heartbeat_at=None,
    )


def _give_up(run: AllocationRun) -> None:
    message = _("Ångrandet avbröts %(count)d gånger. Publiceringen gäller fortfarande. Kontakta supporten.")
    _return(run, message % {"count": MOST_ATTEMPTS})


def _leave_published(claim: Claim, message: str) -> None:
    try:
        with claim.opened():
            claim.hold()
            _return(AllocationRun.objects.get(pk=claim.run_id), message)
    except ClaimLost:
        logger.warning("retraction taken over", extra={"run_id": str(claim.run_id)})


def _return(run: AllocationRun, message: str) -> None:
    move(run, RunStatus.PUBLISHED, actor=SYSTEM, reason=message, error=message[:300], heartbeat_at=None)
