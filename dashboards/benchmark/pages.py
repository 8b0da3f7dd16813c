"""Measures of pages: through URL, middleware, view and template, as a signed-in member."""

from django.test import Client
from django.urls import reverse

from accounts.access import LEARNER_SESSION_KEY
from accounts.enums import Role
from accounts.models import Organisation
from dashboards.benchmark.measuring import Subject, measure
from dashboards.benchmark.world import World, outside_the_wall
from employers.models import Slot, SlotWeek
from placements.models import Placement
from schools.models import PlacementPeriod

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class PageFailed(Exception):
    """A page answered something else than 200: its time would mean nothing."""


@measure("today, authority")
def today_authority(world: World) -> Subject:
    return _page(world, world.authority, Role.AUTHORITY_COORDINATOR, "dashboards:today", _classes(world))


@measure("today, region")
def today_region(world: World) -> Subject:
    return _page(world, world.region, Role.REGIONAL_COORDINATOR, "dashboards:today", _learners(world))


@measure("class list")
def class_list(world: World) -> Subject:
    return _page(world, world.authority, Role.AUTHORITY_COORDINATOR, "schools:class_list", _classes(world))


@measure("round list")
def round_list(world: World) -> Subject:
    rounds = (len(world.schools.units) + 1, "rounds")
    return _page(world, world.authority, Role.AUTHORITY_COORDINATOR, "placements:round_list", rounds)


@measure("result list")
def result_list(world: World) -> Subject:
    world.publish()
    return _page(world, world.authority, Role.AUTHORITY_COORDINATOR, "placements:result_list", _classes(world))


@measure("result class")
def result_class(world: World) -> Subject:
    world.publish()
    school_class = next(each for each in world.schools.classes if each.grade_level == 8)
    size = (len(world.schools.learners[school_class.pk]), "learners")
    with outside_the_wall():
        period = PlacementPeriod.objects.get(school_class=school_class)
    return _page(
        world, world.authority, Role.AUTHORITY_COORDINATOR, "placements:result_class", size, period_id=period.pk
    )


@measure("employer register")
def employer_register(world: World) -> Subject:
    size = (len(world.employers.organisations), "employers")
    return _page(world, world.region, Role.REGIONAL_COORDINATOR, "employers:employer_list", size)


@measure("coming list")
def coming_list(world: World) -> Subject:
    """Of the employer with the most learners: a municipality's preschools, or the like."""
    world.publish()
    with outside_the_wall():
        coming = list(Placement.objects.filter(round=world.round).order_by().values_list("employer_id", flat=True))
    busiest = max(world.employers.organisations.values(), key=lambda each: coming.count(each.pk))
    size = (coming.count(busiest.pk), "learners")
    return _page(world, busiest, Role.EMPLOYER_ADMINISTRATOR, "placements:coming_list", size)


@measure("learner browse")
def learner_browse(world: World) -> Subject:
    learner = world.chooser()
    client = _client()
    session = client.session
    session[LEARNER_SESSION_KEY] = {
        "id": str(learner.pk),
        "region": str(learner.region_id),
        "authority": str(learner.authority_id),
        "school": str(learner.school_unit_id),
    }
    session.save()
    return _visit(client, reverse("placements:learner_browse"), (len(world.employers.rows[Slot]), "slots"))


@measure("week matrix")
def week_matrix(world: World) -> Subject:
    return _page(world, world.authority, Role.AUTHORITY_COORDINATOR, "schools:week_matrix", _classes(world))


@measure("supply")
def supply(world: World) -> Subject:
    size = (len(world.employers.rows[SlotWeek]), "slot weeks")
    return _page(world, world.region, Role.REGIONAL_COORDINATOR, "dashboards:supply", size)


def _page(
    world: World, organisation: Organisation, role: Role, name: str, size: tuple[int, str], **more: object
) -> Subject:
    client = _client()
    client.force_login(world.people.staff[organisation.pk, role], BACKEND)
    return _visit(client, reverse(name, kwargs={"org": organisation.slug, **more}), size)


def _visit(client: Client, address: str, size: tuple[int, str]) -> Subject:
    def run() -> None:
        response = client.get(address, secure=True)
        if response.status_code != 200:
            raise PageFailed(f"{address} answered {response.status_code}")

    return Subject(*size, run)


def _client() -> Client:
    return Client(SERVER_NAME="127.0.0.1")


def _classes(world: World) -> tuple[int, str]:
    return len(world.schools.classes), "classes"


def _learners(world: World) -> tuple[int, str]:
    return sum(map(len, world.schools.learners.values())), "learners"
