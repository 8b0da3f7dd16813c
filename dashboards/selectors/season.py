"""A region's school year as everyone may see it: seats, and how many are missing, week by week."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import QuerySet

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.tenancy import SystemReason, system_scope
from core.ui import SeasonWeek
from core.weeks import Term, monday, school_year, school_year_label, today, week_label, week_number, weeks_between
from dashboards.words import number_word
from employers.selectors.supply import supply_by_week
from schools.selectors.periods import closed_weeks, demand_by_week


@dataclass(frozen=True, slots=True)
class WeekOfSeason:
    """One week's seats of published places, and the learners booked in it."""

    week_on: date
    seats: int
    demand: int
    closed: bool

    @property
    def label(self) -> str:
        """Return "v. 41"."""
        return week_label(self.week_on)

    @property
    def missing(self) -> int:
        """Return how many places schools have booked beyond the seats."""
        return 0 if self.closed else max(self.demand - self.seats, 0)


@dataclass(frozen=True, slots=True)
class Season:
    """A region's school year."""

    start_year: int
    municipalities: int
    weeks: tuple[WeekOfSeason, ...]

    @property
    def label(self) -> str:
        """Return "2026/27"."""
        return school_year_label(self.start_year)

    @property
    def municipalities_in_words(self) -> str:
        """Return "åtta": small numbers are words in running text."""
        return number_word(self.municipalities)

    @property
    def coming(self) -> list[WeekOfSeason]:
        """Return this week and those after it."""
        now = monday(today())
        return [week for week in self.weeks if week.week_on >= now]

    @property
    def missing(self) -> int:
        """Return how many places are missing from now on."""
        return sum(week.missing for week in self.coming)

    @property
    def seats(self) -> int:
        """Return how many seats there are from now on."""
        return sum(week.seats for week in self.coming)

    @property
    def worst(self) -> WeekOfSeason | None:
        """Return the coming week that lacks most, if any does."""
        worst = max(self.coming, key=lambda week: week.missing, default=None)
        return worst if worst and worst.missing else None

    @property
    def planks(self) -> list[SeasonWeek]:
        """Return the weeks as the chart draws them."""
        now = monday(today())
        return [
            SeasonWeek(
                label=str(week_number(week.week_on)),
                seats=week.seats,
                missing=week.missing,
                past=week.week_on < now,
                holiday=week.closed,
                current=week.week_on == now,
            )
            for week in self.weeks
        ]


def regions() -> list[Organisation]:
    """Return every region by name."""
    return list(Organisation.objects.filter(kind=OrganisationKind.REGION).order_by("name"))


def region_by_slug(slug: str) -> QuerySet[Organisation]:
    """Return the region of that name in the URL, if there is one."""
    return Organisation.objects.filter(kind=OrganisationKind.REGION, slug=slug)


def season_of(region: Organisation) -> Season:
    """Return the figures of the region's present school year."""
    start = school_year(today())
    weeks = _weeks(start)
    with system_scope(SystemReason.SEASON_FIGURES, region=region.pk):
        supply = supply_by_week(weeks=weeks)
        demand = demand_by_week(weeks=weeks)
        closed = closed_weeks(weeks=weeks)
    terms = _term_weeks(start)
    return Season(
        start_year=start,
        municipalities=_municipalities(region),
        weeks=tuple(
            WeekOfSeason(week, supply[week].seats, demand[week], closed=week in closed or week not in terms)
            for week in weeks
        ),
    )


def _weeks(start: int) -> list[date]:
    autumn, spring = Term(start, autumn=True), Term(start + 1, autumn=False)
    return weeks_between(autumn.weeks[0], spring.weeks[-1])


@lru_cache(maxsize=4)
def _term_weeks(start: int) -> frozenset[date]:
    """Return the weeks that belong to a term; the others are Christmas holidays everywhere."""
    return frozenset((*Term(start, autumn=True).weeks, *Term(start + 1, autumn=False).weeks))


def _municipalities(region: Organisation) -> int:
    authorities = Organisation.objects.filter(region=region, kind=OrganisationKind.AUTHORITY)
    return authorities.exclude(municipality_code="").values("municipality_code").distinct().count()
