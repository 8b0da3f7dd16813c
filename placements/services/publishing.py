"""Publish an allocation run.

Asking is a short transaction in the request; the places are written by a worker, all in one transaction, so that one
killed at any moment leaves all of a publishing or none. Nobody is written to here: placements.services.telling does
that when the time for regret has passed.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleState
from core.locks import lock
from core.permissions import SYSTEM, Actor, ActorKind
from core.states import move
from core.tenancy import Scope
from core.weeks import and_list
from placements.enums import RunPurpose, RunStatus
from placements.models import AllocationRun, Round
from placements.selectors.publishing import obstacle, refusal_to_publish
from placements.selectors.run_inputs import current_digest
from placements.services.claims import MOST_ATTEMPTS, Claim, ClaimLost, Pulse, claim_asked
from placements.services.placing_many import Progress, gather, write
from placements.services.repairs import discard_rivals
from placements.tasks import publish_run as publish_task

logger = logging.getLogger("bryggan.placements")

NAMED: Final = 5


class PublishingRefused(DomainError):
    """The run cannot be published. Nothing has been written."""

    code = "publishing_refused"


@transaction.atomic
def request_publishing(*, run: AllocationRun, actor: Actor, results_at: datetime | None = None) -> AllocationRun:
    """Hand a reviewed run to a worker to publish. Learners see their result from `results_at`, else when told.

    Raises:
        PublishingRefused: see `publish_run`; a warning is not accepted, the school shares its weeks, or it is being
            published.
        StaleState: somebody else was quicker.
        Busy: somebody else does something with the round at this moment.
    """
    lock(f"round:{run.round_id}")
    run = AllocationRun.objects.select_related("round").get(pk=run.pk)
    if run.status == RunStatus.PUBLISHING:
        raise PublishingRefused(_("Omgången publiceras just nu. Vänta tills den är klar."))
    if refusal := refusal_to_publish(run, actor.organisation_id, timezone.now()):
        raise PublishingRefused(refusal)
    move(
        run,
        RunStatus.PUBLISHING,
        actor=actor,
        published_by_id=actor.user_id,
        results_at=results_at,
        error="",
        attempts=0,
        heartbeat_at=timezone.now(),
        stage="publish",
        progress=0,
    )
    publish_task.delay_on_commit(run_id=str(run.pk), organisation_id=str(run.authority_id))
    return run


def perform_publishing(*, run_id: UUID, in_scope: Scope) -> bool:
    """Publish a run that somebody has asked for, as its worker. Safe to call twice, and at any time.

    Returns whether this call ended the publishing. A refusal gives the run back as reviewed, with a sentence; any other
    exception leaves it to be taken up again when its heartbeat lapses.
    """
    claim = claim_asked(run_id=run_id, in_scope=in_scope, status=RunStatus.PUBLISHING, give_up=_give_up)
    if claim is None:
        return False
    pulse = Pulse(claim)
    try:
        with claim.opened():
            run = AllocationRun.objects.select_related("round", "published_by").get(pk=run_id)
            lock(f"round:{run.round_id}")
            now = timezone.now()
            with pulse:
                _write(run, actor=_publisher(run), now=now, results_at=run.results_at or now, progress=pulse.tell)
            claim.hold()
            _mark(run, actor=_publisher(run), now=now, results_at=run.results_at or now)
    except ClaimLost:
        logger.warning("publishing taken over", extra={"run_id": str(run_id)})
        return False
    except DomainError as error:
        _give_back(claim, str(error))
        logger.info("publishing refused", extra={"run_id": str(run_id), "error": error.code})
    return True


@transaction.atomic
def publish_run(*, run: AllocationRun, actor: Actor, results_at: datetime | None = None) -> int:
    """Reserve every assigned place and mark run and round as published, at once: for what needs no worker.

    All of it or nothing. Returns the number of placements.

    Raises:
        PublishingRefused: the run is a trial or not reviewed, its round is open or (a full run) published, what it was
            made from has changed, or a place was withdrawn.
        StaleState: somebody published the round at the same time.
        SlotFull: a place has too few seats left; the message names the place and the week.
        DoubleBooked: a learner has another place in one of the weeks.
    """
    lock(f"round:{run.round_id}")
    run = AllocationRun.objects.select_related("round").get(pk=run.pk)
    now = timezone.now()
    results_at = results_at or now
    places = _write(run, actor=actor, now=now, results_at=results_at, progress=lambda _stage, _percent: None)
    if run.status == RunStatus.REVIEWED:
        move(run, RunStatus.PUBLISHING, actor=actor, published_by_id=actor.user_id)
    _mark(run, actor=actor, now=now, results_at=results_at)
    return places


def _write(run: AllocationRun, *, actor: Actor, now: datetime, results_at: datetime, progress: Progress) -> int:
    """Everything but the rows of run and round themselves, which a sign of life needs meanwhile."""
    _refuse(run)
    gathered = gather(run)
    if gathered.withdrawn:
        raise PublishingRefused(_withdrawn(gathered.withdrawn))
    if gathered.incomplete or (run.inputs_hash and current_digest(run) != run.inputs_hash):
        raise PublishingRefused(
            _("Elever, val, platser eller låsningar har ändrats efter körningen. Kör fördelningen igen.")
        )
    progress("publish", 20)
    write(run, actor=actor, now=now, shown_at=max(_undo_until(now), results_at), progress=progress)
    logger.info("places written", extra={"run_id": str(run.pk), "places": gathered.places})
    return gathered.places


def _mark(run: AllocationRun, *, actor: Actor, now: datetime, results_at: datetime) -> None:
    if run.purpose == RunPurpose.FULL:
        if Round.objects.filter(pk=run.round_id, published_at=None).update(published_at=now) != 1:
            raise StaleState(_("Omgången är redan publicerad. Ladda om sidan och se resultatet."))
        run.round.published_at = now
    move(
        run,
        RunStatus.PUBLISHED,
        actor=actor,
        published_at=now,
        undo_until=_undo_until(now),
        results_at=results_at,
        told_at=None,
        heartbeat_at=None,
        stage="published",
        progress=100,
        error="",
    )
    if run.purpose == RunPurpose.REPAIR:
        discard_rivals(run=run, actor=actor)


def _undo_until(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.BRYGGAN_UNDO_SECONDS)


def _refuse(run: AllocationRun) -> None:
    if refusal := obstacle(run, timezone.now()):
        raise PublishingRefused(refusal)


def _withdrawn(titles: list[str]) -> str:
    listed = and_list(titles[:NAMED]) if len(titles) <= NAMED else ", ".join([*titles[:NAMED], "…"])
    return _("%(slots)s tar inte emot elever längre. Kör fördelningen igen utan den platsen.") % {"slots": listed}


# -- the worker's hold


def _give_up(run: AllocationRun) -> None:
    message = _("Publiceringen avbröts %(count)d gånger. Inget är publicerat. Försök igen.")
    _return(run, message % {"count": MOST_ATTEMPTS})


def _give_back(claim: Claim, message: str) -> None:
    try:
        with claim.opened():
            claim.hold()
            _return(AllocationRun.objects.get(pk=claim.run_id), message)
    except ClaimLost:
        logger.warning("publishing taken over", extra={"run_id": str(claim.run_id)})


def _return(run: AllocationRun, message: str) -> None:
    move(
        run,
        RunStatus.REVIEWED,
        actor=SYSTEM,
        reason=message,
        error=message[:300],
        published_by_id=None,
        results_at=None,
    )


def _publisher(run: AllocationRun) -> Actor:
    """Who pressed the button, as the history shows it."""
    if run.published_by is None:
        return SYSTEM
    return replace(SYSTEM, kind=ActorKind.MEMBER, label=run.published_by.name, user_id=run.published_by.pk)
