"""The cast: one region with an employer, a partner school and a stranger school, each with members.

Fixtures are made under the system scope; a test acts inside `as_org(organisation)` or through a client.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.access import LEARNER_SESSION_KEY
from accounts.models import Organisation
from core.permissions import Actor, ActorKind
from core.tenancy import Party, Scope, SystemReason, scope, system_scope
from core.weeks import WEEK, monday, today
from employers.models import Employer, Slot, Workplace
from schools.models import Learner, SchoolAuthority, SchoolClass, SchoolUnit
from tests.factories import accounts as accounts_factory
from tests.factories import employers as employers_factory
from tests.factories import schools as schools_factory


def in_seed_scope() -> AbstractContextManager[Scope]:
    """The scope fixtures are made in."""
    return system_scope(SystemReason.SEED)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test counts or keeps in the cache is not there for the next, nor for another worker."""
    monkeypatch.setattr(caches["default"], "key_prefix", f"test-{uuid.uuid4()}")


@pytest.fixture
def seeding() -> Callable[[], AbstractContextManager[Scope]]:
    """`with seeding(): …` makes rows of any tenant."""
    return in_seed_scope


@pytest.fixture
def as_org() -> Callable[[Any], AbstractContextManager[Scope]]:
    """`with as_org(school): …` acts for an organisation, or for the owner of a SchoolUnit, Employer…"""

    def enter(owner: Any) -> AbstractContextManager[Scope]:
        return scope(organisation_of(owner).scope())

    return enter


@pytest.fixture
def as_learner() -> Callable[[Learner], AbstractContextManager[Scope]]:
    """`with as_learner(learner): …` acts as a learner who has signed in."""

    def enter(learner: Learner) -> AbstractContextManager[Scope]:
        return scope(Scope(Party.LEARNER, region=learner.region_id, authority=learner.authority_id, learner=learner.pk))

    return enter


def organisation_of(owner: Any) -> Organisation:
    return owner if isinstance(owner, Organisation) else owner.organisation


@pytest.fixture
def actor_of() -> Callable[..., Actor]:
    """`actor_of(school, Role.CAREER_COUNSELLOR)`: someone who acts for an organisation."""

    def make(owner: Any, *roles: str) -> Actor:
        found = organisation_of(owner).scope()
        return Actor(
            kind=ActorKind.MEMBER,
            label="Malin Ekdahl",
            region_id=found.region,
            organisation_id=organisation_of(owner).pk,
            authority_id=found.authority,
            employer_id=found.employer,
            roles=frozenset(roles),
        )

    return make


@pytest.fixture
def learner_actor() -> Callable[[Learner], Actor]:
    def make(learner: Learner) -> Actor:
        return Actor(
            kind=ActorKind.LEARNER,
            label="Elev",
            region_id=learner.region_id,
            authority_id=learner.authority_id,
            learner_id=learner.pk,
        )

    return make


@pytest.fixture
def member_client(db: None) -> Callable[..., Client]:
    """`member_client(school, Role.CAREER_COUNSELLOR)`: a signed-in browser."""

    def make(owner: Any, role: str, name: str = "Malin Ekdahl") -> Client:
        with in_seed_scope():
            user = accounts_factory.make_member(organisation_of(owner), role, name)
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def learner_client(db: None) -> Callable[[Learner], Client]:
    def make(learner: Learner) -> Client:
        client = Client()
        session = client.session
        session[LEARNER_SESSION_KEY] = {
            "id": str(learner.pk),
            "region": str(learner.region_id),
            "authority": str(learner.authority_id),
            "school": str(learner.school_unit_id),
        }
        session.save()
        return client

    return make


@pytest.fixture
def scoped(db: None) -> Iterator[None]:
    """Keeps the seeding scope open through a whole test that does not look at the wall."""
    with in_seed_scope():
        yield


# -- the cast


@pytest.fixture
def region(db: None) -> Organisation:
    with in_seed_scope():
        return accounts_factory.make_region()


@pytest.fixture
def stranger_region(db: None) -> Organisation:
    with in_seed_scope():
        return accounts_factory.make_region("Annanstans")


@pytest.fixture
def authority(region: Organisation) -> SchoolAuthority:
    with in_seed_scope():
        return schools_factory.make_authority(region)


@pytest.fixture
def stranger_authority(region: Organisation) -> SchoolAuthority:
    with in_seed_scope():
        return schools_factory.make_authority(region, "Marks kommun", "1463")


@pytest.fixture
def school(authority: SchoolAuthority) -> SchoolUnit:
    with in_seed_scope():
        return schools_factory.make_school(authority)


@pytest.fixture
def stranger_school(stranger_authority: SchoolAuthority) -> SchoolUnit:
    with in_seed_scope():
        return schools_factory.make_school(stranger_authority, "Kvarnholmsskolan")


@pytest.fixture
def school_class(school: SchoolUnit) -> SchoolClass:
    with in_seed_scope():
        return schools_factory.make_class(school, learners=3)


@pytest.fixture
def learner(school_class: SchoolClass) -> Learner:
    with in_seed_scope():
        return schools_factory.make_learner(school_class, "Amina")


@pytest.fixture
def employer(region: Organisation) -> Employer:
    with in_seed_scope():
        return employers_factory.make_employer(region)


@pytest.fixture
def stranger_employer(region: Organisation) -> Employer:
    with in_seed_scope():
        return employers_factory.make_employer(region, "Viskadalens Åkeri")


@pytest.fixture
def workplace(employer: Employer) -> Workplace:
    with in_seed_scope():
        return employers_factory.make_workplace(employer)


@pytest.fixture
def slot(workplace: Workplace) -> Slot:
    with in_seed_scope():
        return employers_factory.make_slot(workplace)


@pytest.fixture
def weeks() -> list[date]:
    """Two Mondays, ten and eleven weeks ahead."""
    first = monday(today() + timedelta(weeks=10))
    return [first, first + WEEK]
