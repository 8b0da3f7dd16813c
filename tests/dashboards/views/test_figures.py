from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from core.weeks import Term, school_year, today
from tests.factories.employers import make_seats
from tests.factories.schools import make_class, make_period, make_school

LAST = list(Term(school_year(today()) + 1, autumn=False).weeks)[-2:]


def test_start_says_how_many_places_are_missing(seeding: Any, region: Any, school: Any, slot: Any) -> None:
    with seeding():
        make_seats(slot, LAST[:1], seats=3)
        make_period(make_class(school), LAST[:1], learners=8)

    page = Client().get("/")

    assert page.status_code == 200
    assert page.context["season"].missing == 5
    assert "5 platser saknas ännu" in page.text


def test_start_keeps_the_season_for_a_minute(region: Any, seeding: Any, slot: Any) -> None:
    Client().get("/")
    with seeding():
        make_seats(slot, LAST, seats=3)

    assert Client().get("/").context["season"].seats == 0


def test_start_lists_the_regions_when_there_are_several(region: Any, stranger_region: Any) -> None:
    page = Client().get("/")

    assert [one.name for one in page.context["regions"]] == ["Annanstans", "Sjuhärad"]
    assert Client().get(f"/?region={stranger_region.slug}").context["region"] == stranger_region
    assert Client().get("/?region=okand").status_code == 404


def test_start_stands_without_any_region(db: None) -> None:
    assert Client().get("/").status_code == 200


def test_interest_says_how_to_begin(region: Any) -> None:
    page = Client().get(reverse("interest"))

    assert page.status_code == 200
    assert "Be om en inbjudan" in page.text


@pytest.mark.parametrize("query", ["kind=fika", "municipality=9999", "field=trolleri", "term=ht1999"])
def test_supply_answers_422_to_what_is_not_in_the_lists(region: Any, member_client: Any, query: str) -> None:
    client = member_client(region, Role.REGIONAL_COORDINATOR)

    page = client.get(f"{reverse('dashboards:supply', args=[region.slug])}?{query}")

    assert page.status_code == 422
    assert "Välj något av det som finns i listan." in page.text


@pytest.mark.parametrize("query", ["school_year=1999", "school_year=i+fjol"])
def test_outcome_answers_422_to_an_unknown_year(region: Any, member_client: Any, query: str) -> None:
    client = member_client(region, Role.REGIONAL_COORDINATOR)

    assert client.get(f"{reverse('dashboards:outcome', args=[region.slug])}?{query}").status_code == 422


def test_outcome_answers_422_to_another_authoritys_round(
    seeding: Any, authority: Any, stranger_school: Any, slot: Any, published_class: Callable, member_client: Any
) -> None:
    with seeding():
        stranger = published_class(stranger_school, slot, [("woman", 1)]).round_periods.get().round_id
    client = member_client(authority, Role.AUTHORITY_COORDINATOR)

    page = client.get(f"{reverse('dashboards:outcome', args=[authority.organisation.slug])}?round={stranger}")

    assert page.status_code == 422


def test_outcome_holds_no_learners_name(
    seeding: Any, region: Any, school: Any, slot: Any, published_class: Callable, member_client: Any
) -> None:
    with seeding():
        published_class(school, slot, [("woman", 1)] * 6)
    client = member_client(region, Role.REGIONAL_COORDINATOR)

    pages = [client.get(reverse(name, args=[region.slug])) for name in ("dashboards:outcome", "dashboards:supply")]

    assert [page.status_code for page in pages] == [200, 200]
    assert not [page for page in pages if "Warsame" in page.text]


def test_outcome_shows_some_schools_at_a_time_and_exports_them_all(
    seeding: Any,
    authority: Any,
    school: Any,
    slot: Any,
    published_class: Callable,
    member_client: Any,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("dashboards.views.outcome.SCHOOLS_PER_PAGE", 1)
    with seeding():
        for unit in (school, make_school(authority, "Åsskolan")):
            published_class(unit, slot, [("woman", 1)] * 6)
    client = member_client(authority, Role.AUTHORITY_COORDINATOR)
    address = reverse("dashboards:outcome", args=[authority.organisation.slug])

    pages = [client.get(address, {"page": number}) for number in (1, 2)]
    export = client.get(reverse("dashboards:outcome_export", args=[authority.organisation.slug, "skolor"]), {"page": 2})

    assert [[row.name for row in page.context["schools"]] for page in pages] == [["Norrängsskolan"], ["Åsskolan"]]
    assert {page.context["found"].total.learners.value for page in pages} == {12}
    assert "page=" not in pages[1].context["query"]
    rows = list(load_workbook(BytesIO(export.content)).active.values)
    assert [row[0] for row in rows[1:3]] == ["Norrängsskolan", "Åsskolan"]


@pytest.mark.parametrize("name", ["dashboards:supply", "dashboards:outcome"])
def test_figures_are_not_there_for_a_school(school: Any, member_client: Any, name: str) -> None:
    client = member_client(school, Role.CAREER_COUNSELLOR)

    assert client.get(reverse(name, args=[school.organisation.slug])).status_code == 404


def test_export_holds_what_is_seen_and_hides_what_is_hidden(
    seeding: Any, region: Any, school: Any, slot: Any, published_class: Callable, member_client: Any
) -> None:
    with seeding():
        published_class(school, slot, [*[("woman", 1)] * 6, ("man", 0)])
    client = member_client(region, Role.REGIONAL_COORDINATOR)
    year = school_year(today())

    answer = client.get(reverse("dashboards:outcome_export", args=[region.slug, "skolor"]) + f"?school_year={year}")

    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert rows[1] == ("Norrängsskolan", 7, "visas inte", 0, 0, 0, "färre än 5", "visas inte", "visas inte")


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("dashboards:supply_export", ["allt", "veckor", "yrkesomraden", "tio-dagar"]),
        ("dashboards:outcome_export", ["allt", "skolor", "forstahandsval", "belaggning", "yrke-och-kon"]),
    ],
)
def test_every_table_has_its_sheet(region: Any, member_client: Any, name: str, tables: list[str]) -> None:
    client = member_client(region, Role.REGIONAL_COORDINATOR)

    assert [client.get(reverse(name, args=[region.slug, table])).status_code for table in tables] == [200] * len(tables)
    assert client.get(reverse(name, args=[region.slug, "nagot-annat"])).status_code == 404
