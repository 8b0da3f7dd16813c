from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.weeks import WEEK, Term, monday, range_label, term_of, today, week_label
from dashboards.selectors import wishes
from dashboards.selectors.supply import SupplyFilter, WeekFigures, finding, supply_page
from employers.enums import OccupationField
from tests.factories.employers import make_cap, make_employer, make_seats, make_slot, make_workplace
from tests.factories.schools import make_authority, make_class, make_period, make_school

TERM = term_of(today()).next()
WEEKS = list(TERM.weeks)[8:10]
PLACED = [("woman", 1)] * 6


def page_for(as_org: Any, owner: Any, **chosen: str) -> Any:
    organisation = getattr(owner, "organisation", owner)
    with as_org(owner):
        return supply_page(organisation=organisation, chosen=SupplyFilter(TERM, **chosen))


def week(page: Any, week_on: Any) -> WeekFigures:
    return next(one for one in page.weeks if one.week_on == week_on)


def test_supply_page_sets_seats_against_booked_learners(
    seeding: Any, as_org: Any, region: Any, school: Any, slot: Any
) -> None:
    with seeding():
        make_seats(slot, WEEKS, seats=3)
        make_period(make_class(school), WEEKS, learners=8)

    page = page_for(as_org, region, kind="prao")

    assert (week(page, WEEKS[0]).seats, week(page, WEEKS[0]).demand, week(page, WEEKS[0]).missing) == (3, 8, 5)
    assert page.heading.endswith(f"räcker inte till {range_label(WEEKS)}")


def test_supply_page_narrows_to_a_municipality(
    seeding: Any, as_org: Any, region: Any, school: Any, stranger_school: Any, slot: Any
) -> None:
    with seeding():
        elsewhere = make_workplace(make_employer(region, "Kinna Plåt"), municipality_code="1463")
        make_seats(slot, WEEKS, seats=3)
        make_seats(make_slot(elsewhere), WEEKS, seats=2)
        make_period(make_class(school), WEEKS, learners=8)
        make_period(make_class(stranger_school), WEEKS, learners=1)

    page = page_for(as_org, region, kind="prao", municipality="1463")

    assert (week(page, WEEKS[0]).seats, week(page, WEEKS[0]).demand) == (2, 1)
    assert [row.wished for row in page.fields] == [None]


def test_supply_page_of_a_field_has_seats_but_no_demand(
    seeding: Any, as_org: Any, region: Any, school: Any, slot: Any
) -> None:
    with seeding():
        make_seats(slot, WEEKS, seats=3)
        make_seats(make_slot(slot.workplace, occupation_field=OccupationField.IT), WEEKS, seats=2)
        make_period(make_class(school), WEEKS, learners=8)

    page = page_for(as_org, region, kind="prao", field="it")

    assert (week(page, WEEKS[0]).seats, week(page, WEEKS[0]).demand) == (2, None)
    assert page.heading == "4 platsveckor inom it"


def test_supply_page_heeds_the_cap_of_a_workplace(seeding: Any, as_org: Any, region: Any, slot: Any) -> None:
    with seeding():
        make_cap(slot.workplace, WEEKS, 3)
        make_seats(slot, WEEKS, seats=2)
        make_seats(make_slot(slot.workplace), WEEKS, seats=2)

    page = page_for(as_org, region)

    assert week(page, WEEKS[0]).seats == 3


def test_wishes_of_fewer_than_five_are_hidden_though_they_are_more_weeks(
    seeding: Any, as_org: Any, region: Any, school: Any, workplace: Any, published_class: Callable
) -> None:
    with seeding():
        few = make_slot(workplace, occupation_field=OccupationField.IT)
        many = make_slot(workplace, occupation_field=OccupationField.SALES)
        published_class(school, few, PLACED[:3], WEEKS, name="9A")
        published_class(school, many, PLACED, WEEKS, name="9B")

    page = page_for(as_org, region, kind="prao")

    assert {row.field: str(row.wished) for row in page.fields} == {"it": "färre än 5", "sales": "12"}


def test_wishes_are_not_counted_for_all_kinds_at_once(
    seeding: Any, as_org: Any, region: Any, school: Any, slot: Any, published_class: Callable
) -> None:
    with seeding():
        published_class(school, slot, PLACED, WEEKS)
        make_seats(slot, WEEKS, seats=3)

    page = page_for(as_org, region)

    assert [row.wished for row in page.fields] == [None]


def test_ten_days_hide_small_counts_from_the_region_and_show_an_authority_its_own(
    seeding: Any, as_org: Any, region: Any, authority: Any, school: Any, slot: Any, published_class: Callable
) -> None:
    coming = [monday(today()) + WEEK * 2, monday(today()) + WEEK * 3]
    with seeding():
        published_class(school, slot, [*PLACED, ("man", 0), ("man", 0)], coming)

    regional = page_for(as_org, region).duty
    own = page_for(as_org, authority).duty

    assert [(row.name, str(row.missing), str(row.planned)) for row in regional] == [
        ("Borås Stad", "färre än 5", "visas inte")
    ]
    assert [(row.name, str(row.missing), str(row.planned)) for row in own] == [("Norrängsskolan", "2", "6")]
    # That two of eight are late is hidden too: the line between late and not would tell how few they are.
    assert [row.late for row in (*regional, *own)] == [False, True]


def test_concerns_name_what_waits(seeding: Any, as_org: Any, region: Any, school: Any, workplace: Any) -> None:
    with seeding():
        make_slot(workplace, confirmed_at=timezone.now() - timedelta(weeks=60))
        make_period(make_class(school), WEEKS[:1], learners=8)

    concerns = page_for(as_org, region).concerns

    assert [str(concern.text) for concern in concerns] == [
        f"{week_label(WEEKS[0])}: 8 platser saknas.",
        f"1 plats är inte bekräftad sedan {week_label(monday(today() - timedelta(weeks=52)))} förra året.",
    ]


def test_finding_speaks_of_the_whole_term() -> None:
    spring = SupplyFilter(Term(2027, autumn=False))
    weeks = list(spring.term.weeks)[:3]

    assert finding(spring, [WeekFigures(weeks[0], 5, 4)]) == "Våren räcker till"
    assert finding(spring, [WeekFigures(weeks[0], 5, 0)]) == "Inga veckor är bokade vårterminen 2027"
    assert (
        finding(spring, [WeekFigures(weeks[0], 5, 9), WeekFigures(weeks[1], 5, 4)])
        == "Våren räcker till, utom v.\u00a02"
    )
    assert finding(spring, [WeekFigures(weeks[0], 5, 9, closed="lov"), WeekFigures(weeks[1], 5, 4)]) == (
        "Våren räcker till"
    )


def test_supply_page_asks_the_same_questions_of_one_school_and_of_three(
    monkeypatch: pytest.MonkeyPatch,
    seeding: Any,
    as_org: Any,
    region: Any,
    school: Any,
    slot: Any,
    published_class: Callable,
) -> None:
    monkeypatch.setattr(wishes, "KEPT_SECONDS", 0)
    with seeding():
        published_class(school, slot, PLACED, WEEKS)
    one = queries(as_org, region)
    with seeding():
        for name in ("Öresjöskolan", "Kvarnskolan"):
            published_class(make_school(make_authority(region, name), name), slot, PLACED, WEEKS)

    assert queries(as_org, region) == one


def queries(as_org: Any, region: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        page_for(as_org, region, kind="prao")
    return len(captured)
