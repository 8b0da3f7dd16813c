from typing import Any

from core.weeks import WEEK, Term, monday, school_year, today
from dashboards.selectors.season import season_of
from schools.models import ClosedWeek
from tests.factories.employers import make_employer, make_seats, make_slot, make_workplace
from tests.factories.schools import make_authority, make_class, make_period, make_school

SPRING = list(Term(school_year(today()) + 1, autumn=False).weeks)
LAST = SPRING[-4:]


def test_season_counts_what_is_missing_from_now_on(seeding: Any, region: Any, school: Any, slot: Any) -> None:
    with seeding():
        make_seats(slot, LAST[:2], seats=3)
        make_period(make_class(school), LAST[:2], learners=8)
        ClosedWeek.objects.create(region=region, week_on=LAST[1], reason="Lov")

    season = season_of(region)

    assert (season.missing, season.worst.week_on, season.municipalities) == (5, LAST[0], 1)


def test_season_never_counts_another_region(seeding: Any, region: Any, stranger_region: Any) -> None:
    with seeding():
        stranger = make_slot(make_workplace(make_employer(stranger_region, "Långt bort")))
        make_seats(stranger, LAST, seats=9)
        elsewhere = make_school(make_authority(stranger_region))
        make_period(make_class(elsewhere), LAST, learners=8)

    season = season_of(region)

    assert (season.missing, season.seats) == (0, 0)


def test_season_is_closed_between_the_terms(region: Any) -> None:
    season = season_of(region)

    between = SPRING[0] - WEEK
    assert next(week.closed for week in season.weeks if week.week_on == between)
    assert [week.label for week in season.planks if week.current] == [
        str(week.week_on.isocalendar().week) for week in season.weeks if week.week_on == monday(today())
    ]
