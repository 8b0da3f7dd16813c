"""Every page asks the database as often for three rows as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import SystemReason, system_scope
from tests.factories.accounts import make_region
from tests.factories.world import grow, make_world
from tests.matrices.cast import LEARNER, MEMBERS, addresses, client_of, organisation_of, url_of
from tests.matrices.test_urls import ALLOWED

# A page that reads the same few things whatever there is; more than this is a page that does too much.
BUDGET = 45


@pytest.fixture
def world(db: None):
    with system_scope(SystemReason.SEED):
        return make_world(make_region())


def test_pages_take_the_same_queries_for_one_row_and_three(world) -> None:
    with system_scope(SystemReason.SEED):
        grow(world, 1)
        doors = dict(_doors(world))
    before = {name: _queries(*door) for name, door in doors.items()}
    with system_scope(SystemReason.SEED):
        grow(world, 2, 3)

    after = {name: _queries(*door) for name, door in doors.items()}

    grown = {name: (before[name], after[name]) for name in doors if after[name] > before[name]}
    assert (grown, [name for name, number in after.items() if number > BUDGET]) == ({}, [])
    assert len(doors) > 60


def _doors(world):
    """Each page with one who may open it."""
    for address in addresses():
        who = next((name for name in (*MEMBERS, LEARNER) if name in ALLOWED.get(address.name, ())), None)
        if who is None or address.access is None:
            continue
        kind = MEMBERS[who][0] if who in MEMBERS else "school"
        yield address.name, (client_of(world, who), url_of(address, world, organisation_of(world, kind)))


def _queries(client, path: str) -> int:
    client.get(path)  # what is cached is cached
    with CaptureQueriesContext(connection) as counted:
        client.get(path)
    return len(counted)
