"""Everyone who may knock on a page, and everything a page's address may name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access import LEARNER_SESSION_KEY, Access
from accounts.enums import Role
from accounts.models import Organisation
from accounts.services import invitation_token
from placements.selectors.links import answer_token
from tests.factories.accounts import make_member
from tests.factories.world import World

# Who → (which organisation of the world, role)
MEMBERS: dict[str, tuple[str, str]] = {
    "region": ("region", Role.REGIONAL_COORDINATOR),
    "council": ("region", Role.COUNCIL_MEMBER),
    "authority": ("authority", Role.AUTHORITY_COORDINATOR),
    "administrator": ("authority", Role.SYSTEM_ADMINISTRATOR),
    "elected": ("authority", Role.ELECTED_REPRESENTATIVE),
    "syv": ("school", Role.CAREER_COUNSELLOR),
    "principal": ("school", Role.PRINCIPAL),
    "prao": ("school", Role.PRAO_TEACHER),
    "mentor": ("school", Role.MENTOR),
    "teacher": ("school", Role.VOCATIONAL_TEACHER),
    "employer": ("employer", Role.EMPLOYER_ADMINISTRATOR),
    "supervisor": ("employer", Role.SUPERVISOR),
}
LEARNER, NOBODY = "learner", "nobody"
CAST = (*MEMBERS, LEARNER, NOBODY)


@dataclass(frozen=True)
class Address:
    """One address of ours: its name, what its path names, and what its view asks for."""

    name: str
    parameters: tuple[str, ...]
    access: Access | None

    @property
    def of_an_organisation(self) -> bool:
        return "org" in self.parameters


def addresses() -> list[Address]:
    """Every address but allauth's own, which has its tests elsewhere."""
    return sorted(_walk(get_resolver().url_patterns), key=lambda found: found.name)


def _walk(patterns: list[Any], namespace: str = "") -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) != "konto/":
                yield from _walk(
                    pattern.url_patterns, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                )
        elif isinstance(pattern, URLPattern):
            access = getattr(pattern.callback, "access", None)
            yield Address(f"{namespace}{pattern.name}", tuple(pattern.pattern.converters), access)


def organisation_of(world: World, kind: str) -> Organisation:
    """The world's organisation of a kind."""
    if kind == "region":
        return world.region
    if kind == "school":
        return world.rows["schools.SchoolUnit"].organisation
    return getattr(world, kind).organisation


def client_of(world: World, who: str) -> Client:
    """A browser in which `who` has signed in. Call inside a system scope."""
    client = Client()
    if who == LEARNER:
        learner = world.rows["schools.Learner"]
        session = client.session
        session[LEARNER_SESSION_KEY] = {
            "id": str(learner.pk),
            "region": str(learner.region_id),
            "authority": str(learner.authority_id),
            "school": str(learner.school_unit_id),
        }
        session.save()
    elif who != NOBODY:
        kind, role = MEMBERS[who]
        client.force_login(make_member(organisation_of(world, kind), role))
    return client


def url_of(address: Address, world: World, organisation: Organisation | None = None) -> str:
    """The address with the world's own ids in it. Call inside a system scope."""
    values: dict[str, Any] = {name: _value(name, world) for name in address.parameters if name != "org"}
    if "period_id" in values and address.name.startswith("placements:"):
        values["period_id"] = world.rows["placements.Placement"].period_id  # results are of the published round
    if address.name == "accounts:invitation_accept":
        values["token"] = invitation_token(world.rows["accounts.Invitation"].pk)
    if organisation is not None and address.of_an_organisation:
        values["org"] = organisation.slug
    return reverse(address.name, kwargs=values)


# What a path names → the row of the world it is.
ROWS = {
    "membership_id": "accounts.Membership",
    "invitation_id": "accounts.Invitation",
    "employer_id": "employers.Employer",
    "workplace_id": "employers.Workplace",
    "contact_id": "employers.ContactPerson",
    "slot_id": "employers.Slot",
    "quota_id": "employers.SlotQuota",
    "forecast_id": "dashboards.SeasonForecast",
    "class_id": "schools.SchoolClass",
    "learner_id": "schools.Learner",
    "period_id": "schools.PlacementPeriod",
    "round_id": "placements.Round",
    "run_id": "placements.AllocationRun",
    "assignment_id": "placements.Assignment",
    "lock_id": "placements.PlacementLock",
    "placement_id": "placements.Placement",
    "plan_id": "guidance.GuidancePlan",
    "goal_id": "guidance.Goal",
    "activity_id": "guidance.Activity",
    "school_id": "schools.SchoolUnit",
}


def _value(name: str, world: World) -> str | UUID:
    if name in ROWS:
        return world.rows[ROWS[name]].pk
    if name == "token":
        return answer_token(world.rows["placements.AnswerLink"])
    return {"kind": "xlsx", "table": "allt", "code": "unplaced"}[name]
