"""The region's travel model: try it, see what it means, save it."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from employers.models import Workplace
from placements.models import TravelModel
from schools.models import SchoolUnit

TYPED = {"speed_kmh": 30, "detour_percent": 50, "start_minutes": 5, "far_minutes": 40, "limit_minutes": 60}


@pytest.fixture
def coordinator(region, member_client):
    return member_client(region, Role.REGIONAL_COORDINATOR)


@pytest.fixture
def map_of_two(region, school, slot, seeding):
    """A school in Borås, a workplace beside it and one thirty kilometres away, both with published places."""
    from tests.factories.employers import make_slot, make_workplace

    with seeding():
        SchoolUnit.objects.filter(pk=school.pk).update(latitude=57.72, longitude=12.94)
        Workplace.objects.filter(pk=slot.workplace_id).update(latitude=57.73, longitude=12.94)
        make_slot(make_workplace(slot.workplace.employer, "Långt bort", latitude=57.99, longitude=12.94))
        make_slot(make_workplace(slot.workplace.employer, "Okänd"))


def url(region):
    return reverse("placements:travel_settings", kwargs={"org": region.slug})


def test_defaults_are_shown_until_something_is_saved(coordinator, region):
    page = coordinator.get(url(region))
    assert [(one.km, one.minutes, one.far) for one in page.context["examples"]] == [
        (5, 18, False),
        (10, 28, False),
        (20, 47, True),
        (40, 86, True),
    ]
    assert page.context["reach"].pairs == 0


def test_a_preview_counts_what_falls_out_of_reach_and_saves_nothing(coordinator, region, map_of_two, as_org):
    page = coordinator.post(url(region), {**TYPED, "preview": "1"})
    found = page.context["reach"]
    assert (found.pairs, found.far, found.out_of_reach, found.percent, found.schools_cut, found.unknown) == (
        2, 1, 1, 50, 0, 1,
    )  # fmt: skip
    assert [(one.minutes, one.out_of_reach) for one in page.context["examples"]] == [
        (20, False),
        (35, False),
        (65, True),
        (125, True),
    ]
    with as_org(region):
        assert not TravelModel.objects.exists()


def test_saving_says_who_and_when(coordinator, region, as_org):
    assert coordinator.post(url(region), TYPED).status_code == 302
    assert coordinator.post(url(region), {**TYPED, "limit_minutes": ""}).status_code == 302
    with as_org(region):
        saved = TravelModel.objects.get()
    assert {name: getattr(saved, name) for name in TYPED} == {**TYPED, "limit_minutes": None}
    changed = coordinator.get(url(region)).context["changed"]
    assert (changed.actor_label, changed.reason) == (
        "Malin Ekdahl",
        "30 km/h, omväg 50 %, start 5 min, lång från 40 min, längst ingen gräns",
    )


@pytest.mark.parametrize(
    ("field", "value"), [("speed_kmh", 0), ("limit_minutes", 30), ("far_minutes", ""), ("detour_percent", "mycket")]
)
def test_numbers_that_cannot_be_are_refused(coordinator, region, field, value):
    page = coordinator.post(url(region), {**TYPED, field: value})
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
