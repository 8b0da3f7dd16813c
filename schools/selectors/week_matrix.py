"""The region's weeks: schools down, ISO weeks across, and what a new booking would do to them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Sum

from core.weeks import WEEK, runs
from schools.models import PeriodWeek, SchoolUnit
from schools.selectors.classes import swedish_key
from schools.selectors.periods import closed_in, closures

ROWS_SHOWN = 12
OWN_SHOWN = 60
ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class WeekState:
    """One week of the region. `closed` is the reason, in the reader's own municipality."""

    week_on: date
    seats: int
    booked: int
    closed: str = ""
    past: bool = False

    @property
    def free(self) -> int:
        """Return the seats left; below zero when more learners than seats are booked."""
        return self.seats - self.booked


@dataclass(frozen=True, slots=True)
class SchoolWeeks:
    """One school's row: learners per week, and its own closed weeks."""

    unit_id: UUID
    name: str
    place: str
    own: bool
    learners: Mapping[date, int]
    closed: Mapping[date, str]


@dataclass(frozen=True, slots=True)
class WeekMatrix:
    """All rows of a term for one kind. `folded` are the schools not shown by themselves, `other` the other kinds."""

    kind: str
    weeks: tuple[WeekState, ...]
    schools: tuple[SchoolWeeks, ...]
    folded: int
    folded_learners: Mapping[date, int]
    other_schools: int
    other_learners: Mapping[date, int]

    def state(self, week_on: date) -> WeekState | None:
        """Return one week, or None when it lies outside the term."""
        return next((week for week in self.weeks if week.week_on == week_on), None)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Weeks that would do, with the seats free before the booking."""

    weeks: tuple[date, ...]
    free: int


@dataclass(frozen=True, slots=True)
class BookingOutlook:
    """What a booking not yet saved would mean."""

    weeks: tuple[date, ...]
    learners: int
    missing: Mapping[date, int]
    free_after: int
    other_schools: int
    alternatives: tuple[Alternative, ...]

    @property
    def collides(self) -> bool:
        """Tell whether seats would be missing in any week."""
        return bool(self.missing)


Booked = dict[UUID, dict[date, int]]


def school_week_matrix(
    *,
    weeks: Sequence[date],
    kind: str,
    seats: Mapping[date, int],
    own: Collection[UUID],
    municipality_code: str | None,
    today: date,
    everyone: bool = False,
) -> WeekMatrix:
    """Build the matrix in three queries, however many schools there are. `seats` comes from the supply of places."""
    booked, other = _bookings(weeks, kind)
    found = closures(weeks=weeks)
    closed = closed_in(found, municipality_code)
    own = frozenset(own)  # asked for every school
    units = sorted(SchoolUnit.objects.all(), key=lambda unit: _order(unit, own, municipality_code, booked))
    shown = units if everyone or len(units) <= ROWS_SHOWN + 1 else units[: max(ROWS_SHOWN, min(len(own), OWN_SHOWN))]
    folded = units[len(shown) :]
    demand = _sum(booked.values())
    return WeekMatrix(
        kind=kind,
        weeks=tuple(
            WeekState(week, seats.get(week, 0), demand.get(week, 0), closed.get(week, ""), week <= today)
            for week in weeks
        ),
        schools=tuple(
            SchoolWeeks(
                unit_id=unit.pk,
                name=unit.name,
                place=unit.city,
                own=unit.pk in own,
                learners=booked.get(unit.pk, {}),
                closed=closed_in(found, unit.municipality_code),
            )
            for unit in shown
        ),
        folded=len(folded),
        folded_learners=_sum(booked[unit.pk] for unit in folded if unit.pk in booked),
        other_schools=len(other),
        other_learners=_sum(other.values()),
    )


def _bookings(weeks: Sequence[date], kind: str) -> tuple[Booked, Booked]:
    """Return learners per school and week of this kind, and of all other kinds."""
    rows = (
        PeriodWeek.objects.filter(week_on__in=weeks)
        .values_list("period__school_unit_id", "week_on", "period__kind")
        .annotate(Sum("period__learners"))
        .order_by()
    )
    same: Booked = defaultdict(lambda: defaultdict(int))
    other: Booked = defaultdict(lambda: defaultdict(int))
    for unit_id, week_on, its_kind, learners in rows:
        (same if its_kind == kind else other)[unit_id][week_on] += learners
    return same, other


def _order(
    unit: SchoolUnit, own: Collection[UUID], municipality_code: str | None, booked: Booked
) -> tuple[object, ...]:
    """Own schools first, then the neighbours, then those who have booked, then by name."""
    return (
        unit.pk not in own,
        unit.pk not in booked,
        unit.municipality_code != municipality_code,
        unit.municipality_code,
        swedish_key(unit.name),
    )


def _sum(rows: Iterable[Mapping[date, int]]) -> dict[date, int]:
    total: dict[date, int] = defaultdict(int)
    for row in rows:
        for week, learners in row.items():
            total[week] += learners
    return total


def booking_outlook(
    matrix: WeekMatrix, *, weeks: Sequence[date], learners: int, unit_id: UUID, taken: Collection[date]
) -> BookingOutlook:
    """Work out what a booking would mean, and which weeks of the same length would do.

    `taken` are the weeks the class has already.
    """
    states = [state for week in weeks if (state := matrix.state(week))]
    missing = {one.week_on: learners - one.free for one in states if one.free < learners}
    crowded = missing or dict.fromkeys(weeks, 0)
    others = {one.unit_id for one in matrix.schools if one.unit_id != unit_id and crowded.keys() & one.learners.keys()}
    return BookingOutlook(
        weeks=tuple(weeks),
        learners=learners,
        missing=missing,
        free_after=min((one.free - learners for one in states), default=0),
        other_schools=len(others),
        alternatives=tuple(_alternatives(matrix, weeks, learners, taken)),
    )


def _alternatives(
    matrix: WeekMatrix, weeks: Sequence[date], learners: int, taken: Collection[date]
) -> list[Alternative]:
    """Return the nearest unbroken weeks of the same length that have room, not overlapping each other."""
    possible = [
        one.week_on
        for one in matrix.weeks
        if not one.closed and not one.past and one.free >= learners and one.week_on not in taken
    ]
    free = {one.week_on: one.free for one in matrix.weeks}
    length, chosen = len(weeks), list[Alternative]()
    starts = [
        first + WEEK * step for first, last in runs(possible) for step in range((last - first) // WEEK + 2 - length)
    ]
    for start in sorted(starts, key=lambda first: (abs(first - weeks[0]), first)) if weeks else []:
        span = tuple(start + WEEK * step for step in range(length))
        used = {week for one in chosen for week in one.weeks}
        if not used & set(span) and span != tuple(weeks):
            chosen.append(Alternative(span, min(free[week] for week in span)))
        if len(chosen) == ALTERNATIVES:
            break
    return sorted(chosen, key=lambda one: one.weeks)
