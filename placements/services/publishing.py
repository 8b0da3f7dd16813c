"""Publish an allocation run: the draft becomes reserved places, and everybody concerned is told once."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleState
from core.locks import lock
from core.outbox.services import enqueue_many
from core.permissions import Actor
from core.states import move
from employers.enums import SlotStatus
from placements.enums import RunStatus
from placements.models import AllocationRun, Assignment, Round
from placements.selectors.placements import weeks_of
from placements.selectors.publishing import obstacle
from placements.services.placing import Place, digest_message, reserve, result_messages


class PublishingRefused(DomainError):
    """The run cannot be published. Nothing has been written."""

    code = "publishing_refused"


@transaction.atomic
def publish_run(*, run: AllocationRun, actor: Actor) -> int:
    """Reserve every assigned place, mark run and round as published, and write to employers, learners and guardians.

    All of it or nothing. Returns the number of placements.

    Raises:
        PublishingRefused: the run is a trial, not a draft, its round is open or published, or a place was withdrawn.
        StaleState: somebody published the round at the same time.
        SlotFull: a place has too few seats left; the message names the place and the week.
        DoubleBooked: a learner has another place in one of the weeks.
    """
    lock(f"round:{run.round_id}")
    run = AllocationRun.objects.select_related("round").get(pk=run.pk)
    if refusal := obstacle(run, timezone.now()):
        raise PublishingRefused(refusal)
    assignments = _assignments(run)
    placed = [found for found in assignments if found.slot_id]
    _refuse_withdrawn(placed)
    now = timezone.now()
    move(run, RunStatus.PUBLISHED, actor=actor, published_at=now)
    if Round.objects.filter(pk=run.round_id, published_at=None).update(published_at=now) != 1:
        raise StaleState(_("Omgången är redan publicerad. Ladda om sidan och se resultatet."))
    run.round.published_at = now
    weeks = weeks_of({found.period_id for found in placed})
    placements = reserve(
        places=[
            Place(found.learner, found.slot, found.period_id, weeks[found.period_id], found.rank)
            for found in placed
            if found.slot
        ],
        round=run.round,
        actor=actor,
    )
    one_each = {placement.employer_id: placement for placement in placements}
    told = [(found.learner, found.period_id) for found in assignments]
    enqueue_many(
        [digest_message(row, f"employer_digest:{run.pk}:{employer}") for employer, row in one_each.items()]
        + result_messages(told, round=run.round, occasion=str(run.pk))
    )
    return len(placements)


def _assignments(run: AllocationRun) -> list[Assignment]:
    return list(
        Assignment.objects.filter(run=run)
        .select_related("learner__school_class", "learner__school_unit", "slot__employer")
        .order_by("slot_id", "learner_id")
    )


def _refuse_withdrawn(placed: list[Assignment]) -> None:
    slots = {found.slot for found in placed if found.slot}
    withdrawn = sorted(slot.title for slot in slots if slot.status != SlotStatus.PUBLISHED)
    if withdrawn:
        raise PublishingRefused(
            _("%(slots)s tar inte emot elever längre. Kör fördelningen igen utan den platsen.")
            % {"slots": ", ".join(withdrawn)}
        )
