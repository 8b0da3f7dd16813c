"""What a season forecast is computed from: booked head-counts, seats left, reach, and last year's wishes in sum.

Read over every authority of the region, as numbers: no learner's row leaves the database. A dozen queries whatever the
size, and no loop over learners.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db.models import Count, F
from numpy.typing import NDArray

from core.weeks import school_year, today, weeks_between
from dashboards.selectors.aggregates import over_region
from employers.enums import OccupationField, SlotStatus
from employers.models import Slot, SlotWeek, WorkplaceWeek
from placements.eligibility import BLOCKING
from placements.eligibility.tables import Clauses, judge
from placements.models import Choice, ChoiceList, Placement, RoundPeriod
from placements.selectors.travel_model import out_of_reach, travel_model
from placements.travel import Travel, minutes
from schools.enums import ProtectionMode
from schools.models import PeriodWeek, PlacementPeriod

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIELDS: Final = tuple(OccupationField.values)
MOST_WISHES: Final = 10
NOT_OFFERED: Final = -1
NO_CAP: Final = -1
GROUP_FACTS: Final = ("kind", "grade_level", "age", "first_day", "tenant_hours", "protected")
SLOT_FACTS: Final = ("status", "kinds", "grades", "min_age", "starts_at", "ends_at", "break_minutes")
# The rules that a class and a slot are enough for; a learner's own past is not known here.
RULES: Final = tuple(rule for rule in BLOCKING if set(rule.reads) <= {*GROUP_FACTS, *SLOT_FACTS})


@dataclass(frozen=True, slots=True)
class History:
    """Last year's wishes in sum: how many lists, and how many wishes by rank (row) and occupation field (column)."""

    lists: int
    by_rank: Ints

    @property
    def wishes_each(self) -> int:
        """Return how many wishes a list holds on average."""
        return round(int(self.by_rank.sum()) / self.lists) if self.lists else 0


@dataclass(frozen=True, eq=False, slots=True)
class ForecastInputs:
    """The season as arrays. A group is learners of one school and grade who are out in the same weeks (a block).

    | field | shape | meaning |
    |---|---|---|
    | `weeks`, `blocks` | [W], [B] | Mondays; each block as columns of `weeks` |
    | `heads`, `group_block`, `group_place` | [G] | learners still without a place, block, municipality |
    | `slot_field`, `slot_place`, `workplace` | [S] | slots lie in order of field |
    | `left`, `room` | [S, W], [workplaces, W] | seats left, −1 not offered; what the cap leaves, −1 no cap |
    | `fits`, `journey` | [G, S] | no rule and no limit of travel against it; minutes, −1 unknown |
    """

    weeks: tuple[date, ...]
    blocks: tuple[tuple[int, ...], ...]
    places: tuple[str, ...]
    heads: Ints
    group_block: Ints
    group_place: Ints
    slot_field: Ints
    slot_place: Ints
    workplace: Ints
    left: Ints
    room: Ints
    fits: Bools
    journey: Ints
    history: History
    placed_already: int
    periods: int


def school_years() -> list[int]:
    """Return the school years that a forecast can be about: this one and the next."""
    now = school_year(today())
    return [now, now + 1]


def forecast_inputs(region_id: UUID, *, kind: str, start_year: int) -> ForecastInputs:
    """Read what is booked and offered in the coming weeks of a school year, and what was wished the year before."""
    return over_region(region_id, lambda: _read(region_id, kind, start_year))


@dataclass(frozen=True, slots=True)
class _Group:
    """What learners have in common."""

    latitude: float | None
    longitude: float | None
    place: str
    grade: int
    block: tuple[date, ...]


def _read(region_id: UUID, kind: str, start_year: int) -> ForecastInputs:
    groups, placed, periods = _groups(region_id, kind, [week for week in _weeks(start_year) if week > today()])
    weeks = tuple(sorted({week for group in groups for week in group.block}))
    blocks = tuple(sorted({group.block for group in groups}))
    column = {week: number for number, week in enumerate(weeks)}
    slots = _slots(region_id, kind, weeks)
    places = tuple(sorted({group.place for group in groups} | {slot["workplace__municipality_code"] for slot in slots}))
    workplaces = {pk: number for number, pk in enumerate(dict.fromkeys(slot["workplace_id"] for slot in slots))}
    journey = _journeys(list(groups), slots, model := travel_model(region_id))
    return ForecastInputs(
        weeks=weeks,
        blocks=tuple(tuple(column[week] for week in block) for block in blocks),
        places=places,
        heads=np.array(list(groups.values()), np.int64),
        group_block=np.array([blocks.index(group.block) for group in groups], np.int64),
        group_place=np.array([places.index(group.place) for group in groups], np.int64),
        slot_field=np.array([FIELDS.index(slot["occupation_field"]) for slot in slots], np.int64),
        slot_place=np.array([places.index(slot["workplace__municipality_code"]) for slot in slots], np.int64),
        workplace=np.array([workplaces[slot["workplace_id"]] for slot in slots], np.int64),
        left=_left(slots, column),
        room=_room(workplaces, column),
        fits=_allowed(list(groups), slots, kind) & ~out_of_reach(journey, model),
        journey=journey.astype(np.int64),
        history=_history(region_id, kind, _weeks(start_year - 1)),
        placed_already=placed,
        periods=periods,
    )


def _weeks(start_year: int) -> list[date]:
    return weeks_between(date(start_year, 7, 1), date(start_year + 1, 6, 30))


def _groups(region_id: UUID, kind: str, weeks: Sequence[date]) -> tuple[dict[_Group, int], int, int]:
    """Return learners without a place by group, how many have one, and how many periods there are."""
    booked: defaultdict[UUID, list[date]] = defaultdict(list)
    rows = PeriodWeek.objects.filter(region=region_id, week_on__in=weeks, period__kind=kind).order_by("week_on")
    for period_id, week_on in rows.values_list("period_id", "week_on"):
        booked[period_id].append(week_on)
    live = Placement.objects.filter(period__in=booked, ended_at=None)
    placed = dict(live.values_list("period_id").annotate(Count("pk")).order_by())
    periods = PlacementPeriod.objects.filter(pk__in=booked).order_by("school_unit_id", "school_class_id", "pk")
    found: defaultdict[_Group, int] = defaultdict(int)
    for pk, heads, latitude, longitude, place, grade in periods.values_list(
        "pk", "learners", "school_unit__latitude", "school_unit__longitude", "school_unit__municipality_code",
        "school_class__grade_level",
    ):  # fmt: skip
        group = _Group(latitude, longitude, place, grade, tuple(booked[pk]))
        found[group] += max(heads - placed.get(pk, 0), 0)
    return {group: heads for group, heads in found.items() if heads}, sum(placed.values()), len(booked)


def _slots(region_id: UUID, kind: str, weeks: Sequence[date]) -> list[dict[str, Any]]:
    """Return the published slots of the kind that offer any of the weeks, in order of field."""
    offered = SlotWeek.objects.filter(region=region_id, week_on__in=weeks, seats__gt=0).values("slot")
    slots = Slot.objects.filter(region=region_id, status=SlotStatus.PUBLISHED, kinds__contains=[kind], pk__in=offered)
    found = slots.order_by("pk").values(
        "pk", "workplace_id", "occupation_field", "workplace__municipality_code", "workplace__latitude",
        "workplace__longitude", *SLOT_FACTS,
    )  # fmt: skip
    return sorted(found, key=lambda slot: FIELDS.index(slot["occupation_field"]))


def _left(slots: Sequence[dict[str, Any]], column: dict[date, int]) -> Ints:
    number = {slot["pk"]: row for row, slot in enumerate(slots)}
    left = np.full((len(slots), len(column)), NOT_OFFERED, np.int64)
    rows = SlotWeek.objects.filter(slot__in=number, week_on__in=column).annotate(free=F("seats") - F("taken"))
    for slot_id, week_on, free in rows.values_list("slot_id", "week_on", "free"):
        left[number[slot_id], column[week_on]] = max(free, 0)
    return left


def _room(workplaces: dict[UUID, int], column: dict[date, int]) -> Ints:
    room = np.full((len(workplaces), len(column)), NO_CAP, np.int64)
    rows = WorkplaceWeek.objects.filter(workplace__in=workplaces, week_on__in=column)
    for workplace_id, week_on, free in rows.annotate(free=F("cap") - F("taken")).values_list(
        "workplace_id", "week_on", "free"
    ):
        room[workplaces[workplace_id], column[week_on]] = max(free, 0)
    return room


def _journeys(groups: Sequence[_Group], slots: Sequence[dict[str, Any]], model: Travel) -> NDArray[np.int32]:
    """Return minutes from each group's school to each slot's workplace."""
    here = _points([(group.latitude, group.longitude) for group in groups])[:, np.newaxis, :]
    there = _points([(slot["workplace__latitude"], slot["workplace__longitude"]) for slot in slots])[np.newaxis, :, :]
    return minutes(here[..., 0], here[..., 1], there[..., 0], there[..., 1], model)


def _points(rows: Sequence[tuple[float | None, float | None]]) -> NDArray[np.float64]:
    return np.array([(np.nan, np.nan) if None in row else row for row in rows], np.float64).reshape(-1, 2)


def _allowed(groups: Sequence[_Group], slots: Sequence[dict[str, Any]], kind: str) -> Bools:
    """Ask the rules that a booking, a page and a run ask, once for each kind of group and slot."""
    if not groups or not slots:
        return np.ones((len(groups), len(slots)), np.bool_)
    ours = [
        dict(zip(GROUP_FACTS, (kind, group.grade, None, group.block[0], None, False), strict=True)) for group in groups
    ]
    theirs = [{name: _hashable(slot[name]) for name in SLOT_FACTS} for slot in slots]
    stopped = np.zeros((len(groups), len(slots)), np.bool_)
    clauses = Clauses()
    for rule in RULES:
        stopped |= judge(rule, ours, theirs, clauses=clauses) > 0
    return ~stopped


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _history(region_id: UUID, kind: str, weeks: Sequence[date]) -> History:
    """Count the wishes of the rounds whose periods lay in the weeks; those of protected learners not at all."""
    then = RoundPeriod.objects.filter(region=region_id, period__kind=kind, period__weeks__week_on__in=weeks)
    rounds = list(then.values_list("round_id", flat=True).distinct().order_by())
    lists = ChoiceList.objects.filter(round__in=rounds, choices__isnull=False)
    choices = Choice.objects.filter(choice_list__round__in=rounds, rank__lte=MOST_WISHES)
    known = choices.exclude(learner__protection_mode=ProtectionMode.OUTSIDE)
    by_rank = np.zeros((MOST_WISHES, len(FIELDS)), np.int64)
    for rank, field, count in known.values_list("rank", "slot__occupation_field").annotate(Count("pk")).order_by():
        by_rank[rank - 1, FIELDS.index(field)] = count
    return History(lists.exclude(learner__protection_mode=ProtectionMode.OUTSIDE).distinct().count(), by_rank)
