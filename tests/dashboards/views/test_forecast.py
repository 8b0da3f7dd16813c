"""The region asks what happens if everybody wishes as last year."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from core.weeks import school_year
from dashboards.models import SeasonForecast
from dashboards.services.forecast import perform_forecast
from tests.factories.dashboards import make_forecast, make_result
from tests.factories.employers import make_seats
from tests.factories.schools import make_class, make_period


@pytest.fixture
def coordinator(region, member_client):
    return member_client(region, Role.REGIONAL_COORDINATOR)


def url(name, region, **kwargs):
    return reverse(f"dashboards:{name}", kwargs={"org": region.slug, **kwargs})


def test_asking_waiting_and_reading(coordinator, region, school, slot, weeks, seeding, as_org):
    with seeding():
        make_period(make_class(school), weeks, learners=300)
        make_seats(slot, weeks, seats=180)
    answer = coordinator.post(url("forecast", region), {"kind": "prao", "start_year": school_year(weeks[0])})
    with as_org(region):
        made = SeasonForecast.objects.get()
    here = url("forecast_detail", region, forecast_id=made.pk)
    assert (answer.status_code, answer.url) == (302, here)
    waiting = coordinator.get(here).context["progress"]
    assert (waiting.finished, waiting.poll_url) == (False, here)
    perform_forecast(forecast_id=made.pk, in_scope=region.scope())
    page = coordinator.get(here).context["page"]
    assert page.heading == "120 elever blir utan plats, om alla väljer som elever brukar"
    assert coordinator.get(here, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_refusal_stays_on_the_page(coordinator, region, weeks, seeding):
    with seeding():
        make_forecast(region, status="queued", source="", finished_at=None, result={})
    answer = coordinator.post(url("forecast", region), {"kind": "prao", "start_year": school_year(weeks[0])})
    assert (answer.status_code, answer.context["form"].non_field_errors()) == (
        422,
        ["Prognosen räknas redan. Vänta tills den är klar."],
    )


def test_what_was_found_is_told_with_small_numbers_hidden(coordinator, region, seeding):
    with seeding():
        made = make_forecast(region)
    page = coordinator.get(url("forecast_detail", region, forecast_id=made.pk))
    found = page.context["page"]
    assert found.heading == "12 elever blir utan plats, om alla väljer som förra året"
    assert [(str(one.value), one.label) for one in found.figures] == [
        ("80", "elever att placera"),
        ("50", "får sitt första val"),
        ("18", "får en annan plats"),
        ("12", "blir utan plats"),
    ]
    assert {row.key: str(row.unplaced) for row in found.fields} == {"nature": "visas inte", "social": "färre än 5"}
    assert [str(cell.tag.word) for cell in found.cells] == ["9 utan plats", "Knappt"]
    assert [one.effect for one in found.helps] == ["En elev till får plats"]


def test_the_cells_can_be_filtered_and_exported(coordinator, region, seeding):
    with seeding():
        made = make_forecast(region)
    here = url("forecast_detail", region, forecast_id=made.pk)
    page = coordinator.get(here, {"field": "social"})
    assert [cell.field for cell in page.context["cells"]] == ["social"]
    assert coordinator.get(here, {"place": "9999"}).status_code == 422
    sheet = coordinator.get(url("forecast_export", region, forecast_id=made.pk, table="allt"))
    book = load_workbook(BytesIO(sheet.content))
    assert book.sheetnames == ["Veckor", "Yrkesområden", "Kommuner", "Var det tar slut", "En plats till"]
    assert [cell.value for cell in book["Yrkesområden"][3]] == [
        "Naturbruk och djur", 8, 27, 8, 10, "visas inte", "29,6\xa0%",
    ]  # fmt: skip


def test_an_unknown_table_and_an_unfinished_forecast_are_not_exported(coordinator, region, seeding):
    with seeding():
        done = make_forecast(region)
        queued = make_forecast(region, status="queued", source="", finished_at=None, result={})
    for forecast, table in ((done, "nonsens"), (queued, "allt")):
        path = url("forecast_export", region, forecast_id=forecast.pk, table=table)
        assert coordinator.get(path).status_code == 404


def test_another_regions_forecast_is_not_found(coordinator, region, stranger_region, seeding):
    with seeding():
        made = make_forecast(stranger_region)
    assert coordinator.get(url("forecast_detail", region, forecast_id=made.pk)).status_code == 404


@pytest.mark.parametrize(
    ("unplaced", "heading"),
    [
        (0, "Platserna räcker, om alla väljer som förra året"),
        ("small", "Platserna räcker till nästan alla, om alla väljer som förra året"),
        ("hidden", "Platserna räcker inte till alla, om alla väljer som förra året"),
    ],
)
def test_the_heading_says_when_the_seats_are_enough(coordinator, region, seeding, unplaced, heading):
    with seeding():
        make_forecast(region, result={**make_result(), "unplaced": unplaced})
    rows = coordinator.get(url("forecast", region)).context["rows"]
    assert [found for _row, _title, _tag, found in rows] == [heading]
