from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.weeks import school_year, today
from dashboards.selectors.outcome import outcome
from tests.factories.employers import make_seats
from tests.factories.schools import make_authority, make_school

YEAR = school_year(today())
MANY = [("woman", 1)] * 6 + [("man", 1)] * 6 + [("man", 2)] * 5
FEW = [*MANY, ("woman", None), ("woman", 0)]


def counts(row: Any) -> list[str]:
    return [str(cell) for cell in (*row.cells, row.learners)]


def test_outcome_counts_an_authoritys_own_learners_in_full(
    seeding: Any, as_org: Any, school: Any, authority: Any, stranger_school: Any, slot: Any, published_class: Callable
) -> None:
    with seeding():
        published_class(school, slot, FEW)
        published_class(stranger_school, slot, MANY)

    with as_org(authority):
        found = outcome(organisation=authority.organisation, school_year=YEAR)

    assert [row.name for row in found.schools] == ["Norrängsskolan"]
    assert counts(found.schools[0]) == ["12", "5", "0", "1", "1", "19"]
    assert found.schools[0].share_first == "63,2\u00a0%"


def test_outcome_hides_small_counts_from_the_region(
    seeding: Any, as_org: Any, school: Any, region: Any, stranger_school: Any, slot: Any, published_class: Callable
) -> None:
    with seeding():
        published_class(school, slot, FEW)
        published_class(stranger_school, slot, MANY)

    with as_org(region):
        found = outcome(organisation=region, school_year=YEAR)

    shown = {row.name: counts(row) for row in found.schools}
    assert shown["Norrängsskolan"][3:5] == ["färre än 5", "färre än 5"]
    assert counts(found.total)[3:5] == ["färre än 5", "färre än 5"]
    assert found.trade_total.learners.value is None


def test_outcome_hides_small_groups_of_sex_from_the_authority_too(
    seeding: Any, as_org: Any, school: Any, authority: Any, slot: Any, published_class: Callable
) -> None:
    with seeding():
        published_class(school, slot, [("man", 1)] * 9 + [("woman", 1)] * 2)

    with as_org(authority):
        found = outcome(organisation=authority.organisation, school_year=YEAR)

    assert counts(found.trades[0])[:2] == ["färre än 5", "visas inte"]


def test_outcome_shows_an_authority_one_round_alone(
    seeding: Any, as_org: Any, school: Any, authority: Any, slot: Any, published_class: Callable
) -> None:
    with seeding():
        period = published_class(school, slot, MANY)
        published_class(school, slot, FEW, name="9B")
        chosen = period.round_periods.get().round_id

    with as_org(authority):
        found = outcome(organisation=authority.organisation, school_year=YEAR, round_id=chosen)

    assert counts(found.schools[0]) == ["12", "5", "0", "0", "0", "17"]


def test_outcome_counts_how_full_the_seats_are(
    seeding: Any, as_org: Any, authority: Any, slot: Any, weeks: Any
) -> None:
    with seeding():
        make_seats(slot, weeks, seats=4, taken=3)

    with as_org(authority):
        found = outcome(organisation=authority.organisation, school_year=school_year(weeks[0]))

    assert [(row.name, row.seats, row.taken, row.percent) for row in found.fill] == [("Hantverk", 8, 6, "75,0\u00a0%")]


def test_outcome_asks_the_same_questions_of_one_school_and_of_three(
    seeding: Any, as_org: Any, region: Any, authority: Any, school: Any, slot: Any, published_class: Callable
) -> None:
    with seeding():
        published_class(school, slot, MANY)
    one = queries(as_org, region)
    with seeding():
        for name in ("Öresjöskolan", "Kvarnskolan"):
            published_class(make_school(make_authority(region, name), name), slot, FEW)

    assert queries(as_org, region) == one


def queries(as_org: Any, region: Any) -> int:
    with as_org(region), CaptureQueriesContext(connection) as captured:
        outcome(organisation=region, school_year=YEAR)
    return len([query for query in captured if "set_config" not in query["sql"] and "SAVEPOINT" not in query["sql"]])
