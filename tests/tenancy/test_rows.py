"""Every tenant row × every party × every command, as the app role. A new model without a line here fails."""

import uuid
from collections.abc import Iterator
from copy import copy

import pytest
from django.db import IntegrityError, ProgrammingError, connection, models, transaction

from core.tenancy import Scope, SystemReason, scope, system_scope
from core.tenancy.checks import tenant_models
from core.tenancy.policies import OWNERS, row_policy
from tests.factories.accounts import make_region
from tests.factories.world import World, make_world

PARTIES = ("region", "authority", "employer", "learner")
STRANGERS = tuple(f"stranger {party}" for party in PARTIES)
NOBODY = "nobody"
COMMANDS = {"s": "select", "i": "insert", "u": "update", "d": "delete"}

# Model → who may do what: s(elect), i(nsert), u(pdate), d(elete). A party that is not named may do nothing; strangers
# are the same parties of another authority and employer in the region, foreigners those of another region.
ALL = "siud"
EVERYONE_READS = dict.fromkeys((*PARTIES, *STRANGERS), "s")
REGION_TOO = {"region": ALL, "stranger region": ALL}  # the coordinators of a region are the same for everybody in it
OF_EMPLOYER = {**EVERYONE_READS, **REGION_TOO, "employer": ALL}
OF_AUTHORITY = {**EVERYONE_READS, "authority": ALL}
SEATS = {**OF_EMPLOYER, "authority": "su", "stranger authority": "su"}
PEOPLE = {**EVERYONE_READS, **REGION_TOO, "authority": ALL}
PRIVATE = {"authority": ALL}
PRIVATE_READ = {"authority": ALL, "learner": "s", "stranger learner": ""}
CLASSWIDE = {"authority": ALL, "learner": "s"}
OWN_WISHES = {"authority": ALL, "learner": ALL}
SHARED = {"authority": ALL, "employer": "su"}
SHARED_WITH_LEARNER = {**SHARED, "learner": "s"}
JOURNAL = {"authority": ALL, "employer": "siu"}

EXPECTED: dict[str, dict[str, str]] = {
    "accounts.AccessLog": {"authority": ALL},
    "accounts.Invitation": PEOPLE,
    "accounts.Membership": PEOPLE,
    "core.OutboxMessage": JOURNAL,
    "core.StateChange": JOURNAL,
    "dashboards.SeasonForecast": {**EVERYONE_READS, **REGION_TOO},
    "employers.ContactPerson": {**REGION_TOO, "employer": ALL},
    "employers.Employer": OF_EMPLOYER,
    "employers.Slot": OF_EMPLOYER,
    "employers.SlotQuota": {**OF_EMPLOYER, "authority": "su"},
    "employers.SlotWeek": SEATS,
    "employers.Workplace": OF_EMPLOYER,
    "employers.WorkplaceWeek": SEATS,
    "guidance.Activity": CLASSWIDE,
    "guidance.Goal": CLASSWIDE,
    "guidance.GuidancePlan": CLASSWIDE,
    "placements.AllocationRun": CLASSWIDE,
    "placements.AnswerLink": SHARED,
    "placements.Assignment": PRIVATE_READ,
    "placements.Choice": OWN_WISHES,
    "placements.ChoiceList": OWN_WISHES,
    "placements.Placement": SHARED_WITH_LEARNER,
    "placements.PlacementLock": PRIVATE_READ,
    "placements.PlacementWeek": SHARED_WITH_LEARNER,
    "placements.TravelModel": {**EVERYONE_READS, **REGION_TOO},
    "placements.Round": CLASSWIDE,
    "placements.RoundPeriod": CLASSWIDE,
    "placements.RunFile": PRIVATE,
    "schools.ClosedWeek": {**EVERYONE_READS, **REGION_TOO},
    "schools.Guardian": PRIVATE_READ,
    "schools.Learner": PRIVATE_READ,
    "schools.PeriodWeek": OF_AUTHORITY,
    "schools.PlacementPeriod": OF_AUTHORITY,
    "schools.SchoolAuthority": {**OF_AUTHORITY, **REGION_TOO},
    "schools.SchoolClass": CLASSWIDE,
    "schools.SchoolUnit": {**OF_AUTHORITY, **REGION_TOO},
}
LABELS = [model._meta.label for model in tenant_models()]


@pytest.fixture
def worlds(db: None) -> dict[str, World]:
    """Three owners of one row of everything: ours, a stranger in our region, a foreigner in another."""
    with system_scope(SystemReason.SEED):
        region = make_region()
        return {
            "": make_world(region),
            "stranger": make_world(region, "Mark"),
            "foreign": make_world(make_region("Annanstans"), "Lund"),
        }


def test_every_tenant_model_is_in_the_matrix() -> None:
    assert sorted(EXPECTED) == LABELS


def test_the_world_holds_a_row_of_every_model(worlds: dict[str, World]) -> None:
    assert sorted(worlds[""].rows) == LABELS


@pytest.mark.parametrize("label", LABELS)
def test_each_party_may_do_what_the_matrix_says(worlds: dict[str, World], label: str) -> None:
    row = worlds[""].rows[label]

    found = {party: _allowed(row, acting) for party, acting in _scopes(worlds)}

    expected = EXPECTED[label]
    assert found == {party: expected.get(party, "") for party in found}


@pytest.mark.parametrize("label", LABELS)
def test_a_row_cannot_point_at_somebody_elses_parent(worlds: dict[str, World], label: str) -> None:
    ours = worlds[""]
    row = ours.rows[label]
    writer = next(party for party in PARTIES if "i" in EXPECTED[label].get(party, ""))

    forged = [
        (name, kind)
        for name, kind, parent in _foreign_parents(row, worlds)
        if _may_insert(_copy(row, **{name: parent}), ours.scope(writer))
    ]

    assert forged == []


@pytest.mark.parametrize("label", ["accounts.Invitation", "accounts.Membership"])
def test_a_region_gives_no_role_in_another_regions_organisation(worlds: dict[str, World], label: str) -> None:
    forged = _copy(worlds[""].rows[label], organisation=worlds["foreign"].rows[label].organisation)
    assert not _may_insert(forged, worlds[""].scope("region"))


@pytest.mark.parametrize("label", LABELS)
def test_an_owner_never_changes(worlds: dict[str, World], label: str) -> None:
    row = worlds[""].rows[label]
    foreign = worlds["foreign"].rows[label]
    columns = [f"{owner}_id" for owner in OWNERS if getattr(row, f"{owner}_id", None)]

    with system_scope(SystemReason.SEED):
        changed = [column for column in columns if _may_set(row, column, getattr(foreign, column))]

    assert changed == []


def _scopes(worlds: dict[str, World]) -> Iterator[tuple[str, Scope | None]]:
    for kind, world in worlds.items():
        for party in PARTIES:
            yield f"{kind} {party}".strip(), world.scope(party)
    yield NOBODY, None


def _allowed(row: models.Model, acting: Scope | None) -> str:
    return "".join(letter for letter, command in COMMANDS.items() if _may(row, acting, command))


def _may(row: models.Model, acting: Scope | None, command: str) -> bool:
    if command == "insert":
        return _may_insert(_copy(row), acting)
    table, key = row._meta.db_table, row._meta.pk.column
    sql = {
        "select": f'SELECT 1 FROM "{table}" WHERE "{key}" = %s',
        "update": f'UPDATE "{table}" SET region_id = region_id WHERE "{key}" = %s',
        "delete": f'DELETE FROM "{table}" WHERE "{key}" = %s',
    }[command]
    return _reaches(sql, [row.pk], acting)


def _may_insert(row: models.Model, acting: Scope | None) -> bool:
    fields = row._meta.local_concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    marks = ", ".join(["%s"] * len(fields))
    return _reaches(f'INSERT INTO "{row._meta.db_table}" ({names}) VALUES ({marks})', values, acting)


def _may_set(row: models.Model, column: str, value: object) -> bool:
    table, key = row._meta.db_table, row._meta.pk.column
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE "{key}" = %s', [value, row.pk])
            return bool(cursor.rowcount)
    except ProgrammingError:
        return False


def _reaches(sql: str, values: list[object], acting: Scope | None) -> bool:
    """Run and undo. A wall hides the row or raises; a constraint that objects shows that the wall let it through."""
    try:
        with transaction.atomic():
            if acting is None:
                reached = _rows(sql, values)
            else:
                with scope(acting):
                    reached = _rows(sql, values)
            transaction.set_rollback(True)
    except ProgrammingError:
        return False
    except IntegrityError:
        return True
    return reached


def _rows(sql: str, values: list[object]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return bool(cursor.rowcount)


def _copy(row: models.Model, **changes: models.Model) -> models.Model:
    made = copy(row)
    made._state = copy(row._state)
    if row._meta.pk.name == "id":
        made.pk = uuid.uuid4()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def _foreign_parents(row: models.Model, worlds: dict[str, World]) -> Iterator[tuple[str, str, models.Model]]:
    """Every parent of another region, and every parent of a stranger that shares an owner column with the row."""
    policy = row_policy(type(row))
    assert policy is not None
    for name in policy.parents:
        label = row._meta.get_field(name).related_model._meta.label
        yield name, "foreign", worlds["foreign"].rows[label]
        stranger = worlds["stranger"].rows[label]
        if any(getattr(row, f"{owner}_id", None) and hasattr(stranger, f"{owner}_id") for owner in OWNERS[1:]):
            yield name, "stranger", stranger
