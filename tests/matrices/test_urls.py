"""Every address × every role. An address without a line here fails; so does a view that says nothing of access."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import Organisation
from core.tenancy import SystemReason, system_scope
from tests.factories.accounts import make_region
from tests.factories.world import World, make_world
from tests.matrices.cast import CAST, LEARNER, MEMBERS, NOBODY, Address, addresses, client_of, organisation_of, url_of

EVERYONE = set(CAST)
SIGNED_IN = set(MEMBERS)
SCHOOL = {"syv", "principal", "prao", "mentor"}
READERS = {*SCHOOL, "authority"}
OPENERS = {"syv", "authority"}
PLANNERS = {"syv", "principal"}
BOOKERS = {"syv", "prao", "authority"}
PEOPLE = {"region", "authority", "administrator", "syv", "principal", "employer"}
EMPLOYER = {"employer"}
REGION = {"region"}
COORDINATORS = {"region", "authority"}
LEARNERS = {LEARNER}

# Name → who gets in, with GET and in their own organisation. Everybody else is told that the page does not exist
# (members), or is sent to sign in.
ALLOWED: dict[str, set[str]] = {
    "healthz": EVERYONE,
    "readyz": EVERYONE,
    "set_language": EVERYONE,
    "set_scheme": EVERYONE,
    "styleguide": set(),  # for those who build, where there are no real people
    "accessibility": EVERYONE,
    "privacy": EVERYONE,
    "start": EVERYONE,
    "interest": EVERYONE,
    "learner_sign_in": EVERYONE,
    "learner_sign_out": EVERYONE,
    "accounts:home": SIGNED_IN,
    "accounts:my_settings": SIGNED_IN,
    "accounts:invitation_accept": EVERYONE,
    "accounts:more": SIGNED_IN,
    "accounts:person_list": PEOPLE,
    "accounts:membership_end": {"authority", "administrator"},  # the membership is the authority's
    "accounts:invitation_withdraw": PEOPLE,
    "accounts:access_log": {"authority", "administrator", "principal"},
    "dashboards:today": SIGNED_IN,
    "dashboards:supply": COORDINATORS,
    "dashboards:forecast": REGION,
    "dashboards:forecast_detail": REGION,
    "dashboards:forecast_export": REGION,
    "dashboards:outcome": COORDINATORS,
    "dashboards:outcome_export": COORDINATORS,
    "dashboards:supply_export": COORDINATORS,
    "employers:slot_list": EMPLOYER,
    "employers:slot_create": EMPLOYER,
    "employers:slot_detail": EMPLOYER,
    "employers:slot_update": EMPLOYER,
    "employers:slot_seats": EMPLOYER,
    "employers:slot_submit": EMPLOYER,
    "employers:slot_pause": EMPLOYER,
    "employers:slot_resume": EMPLOYER,
    "employers:slot_confirm": EMPLOYER,
    "employers:slot_copy": EMPLOYER,
    "employers:workplace_list": EMPLOYER,
    "employers:workplace_create": EMPLOYER,
    "employers:workplace_update": EMPLOYER,
    "employers:contact_create": EMPLOYER,
    "employers:contact_update": EMPLOYER,
    "employers:contact_remove": EMPLOYER,
    "employers:assurance_list": REGION,
    "employers:assurance_detail": REGION,
    "employers:slot_publish": REGION,
    "employers:slot_return": REGION,
    "employers:employer_list": COORDINATORS,
    "employers:employer_invite": REGION,
    "employers:employer_export": COORDINATORS,
    "employers:employer_detail": COORDINATORS,
    "guidance:activity_add": PLANNERS,
    "guidance:activity_change": PLANNERS,
    "guidance:activity_mark": PLANNERS,
    "guidance:activity_remove": PLANNERS,
    "guidance:goal_add": PLANNERS,
    "guidance:goal_change": PLANNERS,
    "guidance:goal_remove": PLANNERS,
    "guidance:plan": READERS,
    "guidance:plan_start": PLANNERS,
    "placements:answer_link": EVERYONE,
    "placements:answer_renew": EVERYONE,
    "placements:answer_renewed": EVERYONE,
    "placements:answer_thanks": EVERYONE,
    "placements:card_class": READERS,
    "placements:card_learner": READERS,
    "placements:round_choices": READERS,
    "placements:coming_list": {"employer", "supervisor"},
    "placements:learner_browse": LEARNERS,
    "placements:learner_choices": LEARNERS,
    "placements:learner_placement": LEARNERS,
    "placements:learner_slot": LEARNERS,
    "placements:learner_submit": LEARNERS,
    "placements:learner_weeks": LEARNERS,
    "placements:lock_make": OPENERS,
    "placements:lock_remove": OPENERS,
    "placements:place_choose": BOOKERS,
    "placements:quota_change": REGION,
    "placements:quota_detail": {*REGION, *EMPLOYER},
    "placements:quota_list": REGION,
    "placements:quota_remove": REGION,
    "placements:repair_detail": OPENERS,
    "placements:repair_publish": OPENERS,
    "placements:repair_start": OPENERS,
    "placements:result_class": READERS,
    "placements:result_learner": READERS,
    "placements:result_list": READERS,
    "placements:round_change": OPENERS,
    "placements:round_delete": OPENERS,
    "placements:round_detail": READERS,
    "placements:round_list": READERS,
    "placements:round_open": OPENERS,
    "placements:round_remind": OPENERS,
    "placements:round_remind_undo": OPENERS,
    "placements:run_compare": READERS,
    "placements:run_detail": READERS,
    "placements:run_discard": OPENERS,
    "placements:run_file": READERS,
    "placements:run_index": READERS,
    "placements:run_list": READERS,
    "placements:run_publish": OPENERS,
    "placements:run_reopen": OPENERS,
    "placements:run_results": READERS,
    "placements:run_review": OPENERS,
    "placements:run_start": OPENERS,
    "placements:run_undo": OPENERS,
    "placements:run_warning": OPENERS,
    "placements:run_whatif": OPENERS,
    "placements:travel_settings": REGION,
    "schools:class_codes": READERS,
    "schools:class_codes_renew": BOOKERS,
    "schools:class_detail": READERS,
    "schools:class_import": BOOKERS,
    "schools:class_list": READERS,
    "schools:class_template": BOOKERS,
    "schools:week_book": BOOKERS,
    "schools:week_matrix": {*READERS, "region"},
    "schools:week_unbook": BOOKERS,
}

# What those who get in may meet, beside a page: a redirect, "only POST", or a page that says what the row lacks.
MEETS = {200, 302, 405, 409}
NOT_FOUND, ONLY_POST = 404, 405
ADDRESSES = addresses()
NAMES = [found.name for found in ADDRESSES]


@pytest.fixture
def worlds(db: None) -> tuple[World, World]:
    with system_scope(SystemReason.SEED):
        region = make_region()
        return make_world(region), make_world(region, "Mark")


def test_every_address_is_in_the_matrix() -> None:
    assert sorted(ALLOWED) == sorted(NAMES)


def test_every_view_says_who_may_open_it() -> None:
    silent = [found.name for found in ADDRESSES if found.access is None]
    assert silent == ["healthz", "readyz", "set_language"]


def test_only_the_named_roles_get_in(worlds: tuple[World, World]) -> None:
    world, _stranger = worlds
    with system_scope(SystemReason.SEED):
        clients = {who: client_of(world, who) for who in CAST}
        doors = {(found, who): url_of(found, world, _home(world, who, found)) for found in ADDRESSES for who in CAST}

    wrong = [
        f"{address.name}: {who} gets {outcome}, not {_expected(who, address)}"
        for (address, who), path in doors.items()
        if (outcome := _word(clients[who], path)) != _expected(who, address)
    ]

    assert not wrong, "\n".join(wrong)


def test_a_stranger_meets_404_at_our_organisation_and_at_our_rows(worlds: tuple[World, World]) -> None:
    world, stranger = worlds
    with system_scope(SystemReason.SEED):
        clients = {who: client_of(stranger, who) for who in MEMBERS}
        doors = [door for found in ADDRESSES if found.of_an_organisation for door in _doors(found, world, stranger)]

    let_in = [path for who, path in doors if _status(clients[who], path) != NOT_FOUND]

    assert (let_in, len(doors) > len(ADDRESSES) / 2) == ([], True)


def _doors(address: Address, world: World, stranger: World) -> Iterator[tuple[str, str]]:
    """Our organisation's page, and the stranger's own page with the id of our row; asked by one who may at home."""
    who = next(name for name in MEMBERS if name in ALLOWED[address.name])
    kind = MEMBERS[who][0]
    if kind != "region":
        yield who, url_of(address, world, organisation_of(world, kind))
    if _names_private_row(address):
        yield who, url_of(address, world, organisation_of(stranger, kind))


def _status(client: Client, path: str) -> int:
    """What the page answers: a page that only takes POST is asked by POST."""
    found = client.get(path).status_code
    return client.post(path).status_code if found == ONLY_POST else found


def _names_private_row(address: Address) -> bool:
    """The region's coordinators see the whole region's rows, so a stranger among them is no stranger."""
    who = next(name for name in MEMBERS if name in ALLOWED[address.name])
    return MEMBERS[who][0] != "region" and bool({p for p in address.parameters if p.endswith("_id")})


def _home(world: World, who: str, address: Address) -> Organisation:
    kind = MEMBERS[who][0] if who in MEMBERS else _home_of(address)
    return organisation_of(world, kind)


def _word(client: Client, path: str) -> str:
    response = client.get(path)
    place = urlsplit(response.headers.get("Location", "")).path
    if place.startswith("/konto/"):
        return "sign in"
    if place == "/elev/logga-in/" and path.startswith("/elev/") and "logga" not in path:
        return "sign in as learner"
    return "in" if response.status_code in MEETS else str(response.status_code)


def _expected(who: str, address: Address) -> str:
    if who in ALLOWED[address.name]:
        return "in"
    kind = address.access.kind if address.access else ""
    if kind == "public":
        return "404"
    if kind == "learner":
        return "sign in as learner"
    if who in (NOBODY, LEARNER):
        return "sign in"
    return "404"


def _home_of(address: Address) -> str:
    who = next((name for name in MEMBERS if name in ALLOWED[address.name]), "region")
    return MEMBERS[who][0]
