"""What the region has for a round's classes, and for its weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import today
from employers.selectors.supply import open_slots, supply_by_week
from placements.eligibility import ClassFacts, eligible
from placements.models import Round, RoundPeriod
from placements.selectors.rounds import RoundHead
from schools.models import PeriodWeek
from schools.selectors.periods import demand_by_week

# Each group of classes with the same weeks reads all the slots of the region.
GROUPS_JUDGED = 4


@dataclass(frozen=True, slots=True)
class Outlook:
    """One week of a round: free seats in the region against the learners booked there, and those of this round."""

    week_on: date
    seats: int
    demand: int
    peak: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What the region has for a round: its weeks, and the slots that fit some class with their free seats.

    `slots` is None where the classes go out in so many ways that the slots have not been looked through.
    """

    weeks: Sequence[Outlook]
    learners: int
    slots: int | None = None
    seats: int = 0

    @property
    def short_weeks(self) -> list[date]:
        """Return the weeks with more learners than seats in the region."""
        return [week.week_on for week in self.weeks if week.demand > week.seats]

    @property
    def missing(self) -> int:
        """Return how many more fitting seats the round's own learners would need."""
        return 0 if self.slots is None else max(0, self.learners - self.seats)


def supply_of(head: RoundHead, organisation: Organisation, *, learners: int) -> Supply:
    """Return the supply for the organisation's classes in a round, with so many learners."""
    weeks, groups = _outlook(head), _alike(head.round, organisation)
    if len(groups) > GROUPS_JUDGED:
        return Supply(weeks, learners)
    fitting: dict[UUID, int] = {}
    for at, whoms in groups.items():
        for found in open_slots(kind=head.round.kind, weeks=at):
            if any(eligible(facts=facts, slot=found.slot, weeks=at, today=today()) for facts in whoms):
                fitting[found.slot.pk] = max(found.left, fitting.get(found.slot.pk, 0))
    return Supply(weeks, learners, len(fitting), sum(fitting.values()))


def _alike(round: Round, organisation: Organisation) -> dict[tuple[date, ...], list[ClassFacts]]:
    """Return by weeks the different classes that go out in them, as the rules see a class."""
    weeks = PeriodWeek.objects.filter(period=OuterRef("period")).order_by("week_on").values("week_on")
    links = RoundPeriod.objects.filter(round=round)
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        links = links.filter(period__school_unit=organisation.pk)
    columns = ("at", "period__school_class__grade_level", "period__kind")
    groups: dict[tuple[date, ...], list[ClassFacts]] = {}
    for at, grade, kind in links.annotate(at=ArraySubquery(weeks)).values_list(*columns).distinct():
        groups.setdefault(tuple(at), []).append(ClassFacts("", grade, kind))
    return groups


def _outlook(head: RoundHead) -> list[Outlook]:
    seats = supply_by_week(weeks=head.weeks, kind=head.round.kind)
    demand = demand_by_week(weeks=head.weeks, kind=head.round.kind)
    numbers = {week: (seats[week].seats, demand.get(week, 0)) for week in head.weeks}
    peak = max((max(pair) for pair in numbers.values()), default=1)
    return [Outlook(week, *numbers[week], peak) for week in head.weeks]
