"""The places a learner may look through: what fits, what does not and why, and how many want each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from core.kept import kept
from core.tenancy import SystemReason, system_scope
from core.tenancy.scopes import require_scope
from core.weeks import today
from employers.enums import OccupationField
from employers.models import Slot, SlotWeek, WorkplaceWeek
from employers.selectors.quotas import reserved_for_others
from employers.selectors.slots import STALE_AFTER
from employers.selectors.supply import open_seats
from placements.eligibility import Free, LearnerFacts, Reason, reasons_against
from placements.eligibility.facts import Case
from placements.selectors.fitting import ManySlots, many_slots, unfit
from placements.selectors.run_inputs.offers import FACTS


class Listed(NamedTuple):
    """What a slot is searched and ordered by. There are thousands of these: a model for each would take seconds."""

    pk: UUID
    title: str
    tasks: str
    field: str
    workplace: str
    city: str
    fresh: bool | None


class Open(NamedTuple):
    """The open slots in the list's order: rows of LISTED, the seats left in each, and as the rules see them."""

    rows: list[tuple[Any, ...]]
    left: list[int]
    slots: ManySlots


LISTED: Final = ("pk", "title", "tasks", "occupation_field", "workplace__name", "workplace__city", "fresh")
PLACE: Final = ("workplace__latitude", "workplace__longitude")
CHUNK: Final = 2_000
# Many learners look through the same places at the same time; so many take longer to read than all the rest.
MANY_SLOTS: Final = 5_000
KEPT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Filters:
    """What a learner searches for."""

    text: str = ""
    field: str = ""
    city: str = ""

    def admits(self, slot: Listed) -> bool:
        """Tell whether the slot is among those asked for."""
        return (
            (not self.field or slot.field == self.field)
            and (not self.city or slot.city == self.city)
            and (not self.text or self._is_told_of(slot))
        )

    def _is_told_of(self, slot: Listed) -> bool:
        words = f"{slot.title} {slot.workplace} {_field_name(slot.field)} {slot.tasks} {slot.city}".casefold()
        return all(word in words for word in self.text.casefold().split())


@dataclass(frozen=True, slots=True)
class BrowseSlot:
    """A slot in the list: seats, what stops it or else how many want it, and its rank among the wishes."""

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
    """The places with room, in order: those that fit, those that do not; and what the filters can be set to.

    Only the ids: `browse_rows` reads those that a page shows.
    """

    fitting: Sequence[UUID]
    unfitting: Sequence[UUID]
    seats: Mapping[UUID, int]
    fields: Sequence[tuple[str, str]]
    cities: Sequence[str]


def slot_name(slot: Slot) -> str:
    """Return "Hulta Bageri", or "Hulta Bageri, kaféet" where the slot's own title says so."""
    return slot.title if slot.workplace.name in slot.title else slot.workplace.name


def slot_meta(slot: Slot) -> str:
    """Return "Bagare, Borås", or the occupation field where the title is already the name."""
    what = slot.get_occupation_field_display() if slot_name(slot) == slot.title else slot.title
    return f"{what}, {slot.workplace.city}"


def browse_slots(*, facts: LearnerFacts, weeks: Collection[date], filters: Filters) -> Browse:
    """Return the slots with room in all the weeks, judged for the learner. Three queries.

    Where there are very many, the list may be a minute old: the page of a slot and the choice of it ask anew.
    """
    day = today()
    found = _open(facts.kind, weeks, day)
    supply = [Listed._make(row) for row in found.rows]
    stopped = unfit(Case(facts, Slot(), tuple(weeks), day), found.slots)
    wanted = [number for number, slot in enumerate(supply) if filters.admits(slot)]
    return Browse(
        fitting=[supply[number].pk for number in wanted if not stopped[number]],
        unfitting=[supply[number].pk for number in wanted if stopped[number]],
        seats=dict(zip(found.slots.ids, found.left, strict=True)),
        fields=sorted(((field, _field_name(field)) for field in {slot.field for slot in supply}), key=_label),
        cities=sorted({slot.city for slot in supply}, key=str.casefold),
    )


def _open(kind: str, weeks: Collection[date], day: date) -> Open:
    scope = require_scope()
    key = f"browse:{scope.region}:{scope.authority}:{kind}:{sorted(weeks)}:{day}"
    return kept(key, lambda: _listed(kind, weeks, day), seconds=KEPT_SECONDS, worth=_is_vast).value


def _is_vast(found: Open) -> bool:
    return len(found.rows) > MANY_SLOTS


def _listed(kind: str, weeks: Collection[date], day: date) -> Open:
    left = {slot_id: left for slot_id, (_seats, left) in open_seats(kind=kind, weeks=weeks).items()}
    confirmed_since = datetime.combine(day - STALE_AFTER, time.min, UTC)
    # Found by their weeks: to name thousands of ids would take longer than to leave out those that are full.
    found = Slot.objects.filter(pk__in=SlotWeek.objects.filter(week_on__in=weeks).values("slot"))
    rows = found.annotate(fresh=Q(confirmed_at__gte=confirmed_since)).order_by("title", "pk")
    # A part at a time: left out at once, those that are full never set the garbage collector going.
    read = rows.values_list(*LISTED, *PLACE, *FACTS).iterator(CHUNK)
    name, place = len(LISTED), len(LISTED) + len(PLACE)
    ours = sorted((row for row in read if row[0] in left), key=lambda row: _order(Listed._make(row[:name])))
    ids = [row[0] for row in ours]
    slots = many_slots(ids, (row[name:place] for row in ours), (row[place:] for row in ours))
    return Open([row[:name] for row in ours], [left[slot_id] for slot_id in ids], slots)


def browse_rows(
    ids: Sequence[UUID],
    *,
    browse: Browse,
    facts: LearnerFacts,
    weeks: Collection[date],
    ranks: Mapping[UUID, int],
    region_id: UUID,
) -> list[BrowseSlot]:
    """Return these slots of the list with what a page tells of them, in the order given, in a few queries."""
    day, slots = today(), Slot.objects.select_related("workplace").in_bulk(ids)
    reasons = {pk: tuple(reasons_against(facts=facts, slot=slots[pk], weeks=weeks, today=day)) for pk in ids}
    applicants = applicants_by_slot([pk for pk in ids if not reasons[pk]], weeks, region_id=region_id)
    return [
        BrowseSlot(
            slots[slot_id],
            browse.seats[slot_id],
            applicants.get(slot_id, 0),
            reasons[slot_id],
            ranks.get(slot_id),
        )
        for slot_id in ids
    ]


def _order(slot: Listed) -> tuple[bool, str]:
    """Places nobody has confirmed for half a year sink."""
    return (not slot.fresh, slot.workplace.casefold())


def _field_name(field: str) -> str:
    return str(OccupationField(field).label)


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


# The wishes for these slots first: asked about the weeks at once, the planner begins with every learner out in them.
_APPLICANTS = """
WITH wished AS MATERIALIZED (
    SELECT choice.slot_id, list.round_id, learner.school_class_id
    FROM placements_choice choice
    JOIN placements_choicelist list ON list.id = choice.choice_list_id
    JOIN placements_round round ON round.id = list.round_id AND round.published_at IS NULL
    JOIN schools_learner learner ON learner.id = choice.learner_id
    WHERE choice.region_id = %(region)s AND choice.slot_id = ANY(%(slots)s::uuid[])
)
SELECT slot_id, count(*) FROM wished
WHERE EXISTS (
    SELECT FROM placements_roundperiod part
    JOIN schools_placementperiod period
        ON period.id = part.period_id AND period.school_class_id = wished.school_class_id
    JOIN schools_periodweek week ON week.period_id = period.id AND week.week_on = ANY(%(weeks)s::date[])
    WHERE part.round_id = wished.round_id
)
GROUP BY slot_id
"""


def applicants_by_slot(slot_ids: Collection[UUID], weeks: Collection[date], *, region_id: UUID) -> Mapping[UUID, int]:
    """Return how many have each slot among their wishes for any of the weeks, in every school of the region.

    A learner sees no wishes but their own, and a school none of another authority's: only the numbers come out.
    """
    params: dict[str, Any] = {"slots": list(slot_ids), "weeks": list(weeks), "region": region_id}
    with system_scope(SystemReason.COUNT_APPLICANTS, region=region_id), connection.cursor() as cursor:
        cursor.execute(_APPLICANTS, params)
        return dict(cursor.fetchall())
