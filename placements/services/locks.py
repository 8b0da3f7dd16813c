"""Places decided by hand before a run: the run keeps them, and says so."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.locks import lock
from core.permissions import Actor
from core.states import record
from core.weeks import range_label
from employers.models import Slot
from placements.models import PlacementLock, Round
from placements.selectors.locks import lockable_slots, open_question
from schools.models import Learner


class LockRefused(DomainError):
    """The learner cannot be locked to the slot."""

    code = "lock_refused"


@transaction.atomic
def lock_learner(*, round: Round, learner: Learner, slot: Slot, reason: str, actor: Actor) -> PlacementLock:
    """Decide a learner's place in coming runs; an earlier lock of the learner in the round is replaced.

    Raises:
        LockRefused: the round is published, the learner is not in it, a rule says no, or every seat is locked.
        Busy: somebody else decides places of the round at this moment.
    """
    lock(f"round:{round.pk}")
    _refuse_published(round.pk)
    question = open_question(round=round, learner_id=learner.pk)
    if question is None:
        raise LockRefused(_("Eleven är inte med i omgången, eller har redan en plats de veckorna."))
    found = {option.slot_id: option for option in lockable_slots(question, named={slot.pk})}[slot.pk]
    if found.against:
        raise LockRefused(found.against, field="slot")
    if found.left < 1:
        message = _("Alla lediga platser på %(slot)s %(weeks)s är redan låsta. Välj en annan plats.")
        raise LockRefused(message % {"slot": slot.title, "weeks": range_label(question.weeks)}, field="slot")
    made, _created = PlacementLock.objects.update_or_create(
        region_id=round.region_id,
        round=round,
        learner=learner,
        defaults={"authority_id": round.authority_id, "slot": slot, "reason": reason},
    )
    record(made, before="", after="locked", actor=actor, reason=reason)
    return made


@transaction.atomic
def unlock_learner(*, placement_lock: PlacementLock, actor: Actor) -> None:
    """Let the coming runs decide again.

    Raises:
        LockRefused: the round is published.
    """
    _refuse_published(placement_lock.round_id)
    record(placement_lock, before="locked", after="", actor=actor)
    placement_lock.delete()


def _refuse_published(round_id: UUID) -> None:
    if Round.objects.filter(pk=round_id, published_at__isnull=False).exists():
        raise LockRefused(_("Omgången är publicerad. Byt plats på elevens sida i stället."))
