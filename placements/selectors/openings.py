"""What a learner without a place can be given: what is left, the best wishes first, and why a wish cannot be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from core.weeks import today
from employers.models import Slot
from employers.selectors.supply import open_slots
from placements.eligibility import reasons_against, remarks
from placements.enums import ENDED_BY_EMPLOYER
from placements.models import Choice, Placement, Round
from placements.selectors.placements import facts_of
from schools.models import Learner


@dataclass(frozen=True, slots=True)
class Opening:
    """A place that can be chosen. `slot` has workplace and employer joined."""

    slot: Slot
    left: int
    rank: int | None
    near: bool
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class LostWish:
    """A wish that cannot be had, and why."""

    slot: Slot
    rank: int
    why: str


@dataclass(frozen=True, slots=True)
class Openings:
    """What there is to choose from."""

    openings: list[Opening]
    lost: list[LostWish]


def openings_for(*, learner: Learner, round: Round, weeks: Sequence[date]) -> Openings:
    """Return the places left for a learner (class joined) in these weeks."""
    facts, day = facts_of(learner, kind=round.kind), today()
    said_no = set(
        Placement.objects.filter(learner=learner, round=round, status__in=ENDED_BY_EMPLOYER).values_list(
            "slot_id", flat=True
        )
    )
    wishes = {
        choice.slot_id: choice
        for choice in Choice.objects.filter(choice_list__round=round, learner=learner).select_related(
            "slot__workplace", "slot__employer"
        )
    }
    openings = [
        Opening(
            slot=found.slot,
            left=found.left,
            rank=wishes[found.slot.pk].rank if found.slot.pk in wishes else None,
            near=bool(learner.home_city) and found.slot.workplace.city == learner.home_city,
            remarks=[each.message for each in remarks(facts=facts, slot=found.slot, weeks=weeks, today=day)],
        )
        for found in open_slots(kind=round.kind, weeks=weeks)
        if found.slot.pk not in said_no and not reasons_against(facts=facts, slot=found.slot, weeks=weeks, today=day)
    ]
    openings.sort(key=lambda each: (each.rank or 99, not each.near, each.slot.title, str(each.slot.pk)))
    chosen = {each.slot.pk for each in openings}
    lost = []
    for choice in sorted(wishes.values(), key=lambda wish: wish.rank):
        against = reasons_against(facts=facts, slot=choice.slot, weeks=weeks, today=day)
        if choice.slot_id in said_no:
            lost.append(LostWish(choice.slot, choice.rank, _("Arbetsplatsen har tackat nej.")))
        elif choice.slot_id not in chosen:
            lost.append(LostWish(choice.slot, choice.rank, against[0].message if against else _("Inga platser kvar.")))
    return Openings(openings, lost)
