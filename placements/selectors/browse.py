"""The places a learner may look through: what fits, what does not and why, and how many want each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from core.tenancy import SystemReason, system_scope
from core.tenancy.scopes import require_scope
from core.weeks import today
from employers.models import Slot, SlotWeek, WorkplaceWeek
from employers.selectors.quotas import reserved_for_others
from employers.selectors.slots import STALE_AFTER
from employers.selectors.supply import OpenSlot, open_slots
from placements.eligibility import Free, LearnerFacts, Reason, reasons_against
from placements.models import Choice, RoundPeriod


@dataclass(frozen=True, slots=True)
class Filters:
    """What a learner searches for."""

    text: str = ""
    field: str = ""
    city: str = ""

    def admits(self, slot: Slot) -> bool:
        """Tell whether the slot is among those asked for."""
        what = f"{slot.title} {slot.workplace.name} {slot.get_occupation_field_display()}"
        words = f"{what} {slot.tasks} {slot.workplace.city}"
        return (
            (not self.field or slot.occupation_field == self.field)
            and (not self.city or slot.workplace.city == self.city)
            and all(word in words.casefold() for word in self.text.casefold().split())
        )


@dataclass(frozen=True, slots=True)
class BrowseSlot:
    """A slot in the list: seats, how many want it, what stops it, and its rank among the wishes."""

    slot: Slot
    seats: int
    applicants: int
    reasons: Sequence[Reason] = ()
    rank: int | None = None

    @property
    def name(self) -> str:
        """Return what the place is called."""
        return slot_name(self.slot)

    @property
    def meta(self) -> str:
        """Return what one does there, and the town."""
        return slot_meta(self.slot)


@dataclass(frozen=True, slots=True)
class Browse:
    """The list of places: those that fit, those that do not, and what the filters can be set to."""

    fitting: Sequence[BrowseSlot]
    unfitting: Sequence[BrowseSlot]
    fields: Sequence[tuple[str, str]]
    cities: Sequence[str]
    total: int


def slot_name(slot: Slot) -> str:
    """Return "Hulta Bageri", or "Hulta Bageri, kaféet" where the slot's own title says so."""
    return slot.title if slot.workplace.name in slot.title else slot.workplace.name


def slot_meta(slot: Slot) -> str:
    """Return "Bagare, Borås", or the occupation field where the title is already the name."""
    what = slot.get_occupation_field_display() if slot_name(slot) == slot.title else slot.title
    return f"{what}, {slot.workplace.city}"


def browse_slots(
    *, facts: LearnerFacts, weeks: Collection[date], filters: Filters, ranks: Mapping[UUID, int], region_id: UUID
) -> Browse:
    """Return the slots with room in all the weeks, judged for the learner. A constant number of queries."""
    day = today()
    supply = open_slots(kind=facts.kind, weeks=weeks)
    wanted = [found for found in supply if filters.admits(found.slot)]
    applicants = applicants_by_slot([found.slot.pk for found in wanted], weeks, region_id=region_id)
    rows = [
        BrowseSlot(
            found.slot,
            found.left,
            applicants.get(found.slot.pk, 0),
            tuple(reasons_against(facts=facts, slot=found.slot, weeks=weeks, today=day)),
            ranks.get(found.slot.pk),
        )
        for found in sorted(wanted, key=lambda found: _order(found, day))
    ]
    return Browse(
        fitting=[row for row in rows if not row.reasons],
        unfitting=[row for row in rows if row.reasons],
        fields=sorted({(o.slot.occupation_field, o.slot.get_occupation_field_display()) for o in supply}, key=_label),
        cities=sorted({found.slot.workplace.city for found in supply}, key=str.casefold),
        total=len(supply),
    )


def _order(found: OpenSlot, day: date) -> tuple[bool, str]:
    """Places nobody has confirmed for half a year sink."""
    confirmed = found.slot.confirmed_at
    return (confirmed is None or day - confirmed.date() > STALE_AFTER, found.slot.workplace.name.casefold())


def _label(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


def free_by_week(slots: Iterable[Slot], weeks: Collection[date]) -> Free:
    """Return seats left per slot and week, no entry where nothing is offered.

    The workplaces' caps are heeded, and what is kept for other authorities than the scope's.
    """
    by_id = {slot.pk: slot for slot in slots}
    kept = reserved_for_others(by_id.keys(), weeks, require_scope().authority, today())
    caps = {
        (row.workplace_id, row.week_on): row.cap - row.taken
        for row in WorkplaceWeek.objects.filter(
            workplace__in={slot.workplace_id for slot in by_id.values()}, week_on__in=weeks
        )
    }
    free = {}
    for row in SlotWeek.objects.filter(slot__in=by_id, week_on__in=weeks):
        left = row.seats - row.taken - kept.get((row.slot_id, row.week_on), 0)
        free[row.slot_id, row.week_on] = min(left, caps.get((by_id[row.slot_id].workplace_id, row.week_on), left))
    return free


def seats_left(free: Free, slot_id: UUID, weeks: Iterable[date]) -> int:
    """Return how many learners there is room for in all the weeks."""
    return max(0, min((free.get((slot_id, week), 0) for week in weeks), default=0))


def applicants_by_slot(slot_ids: Collection[UUID], weeks: Collection[date], *, region_id: UUID) -> Mapping[UUID, int]:
    """Return how many have each slot among their wishes for any of the weeks, in every school of the region.

    A learner sees no wishes but their own, and a school none of another authority's: only the numbers come out.
    """
    same_weeks = RoundPeriod.objects.filter(
        round=OuterRef("choice_list__round"),
        period__school_class=OuterRef("learner__school_class"),
        period__weeks__week_on__in=list(weeks),
    )
    with system_scope(SystemReason.COUNT_APPLICANTS, region=region_id):
        wished = Choice.objects.filter(slot__in=list(slot_ids), choice_list__round__published_at__isnull=True)
        counted = wished.filter(Exists(same_weeks)).values("slot").annotate(applicants=Count("pk"))
        return {row["slot"]: row["applicants"] for row in counted}
