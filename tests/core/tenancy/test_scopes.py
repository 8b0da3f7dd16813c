"""Scopes open, nest, restore and refuse."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Organisation
from core.tenancy import NoScope, Party, Scope, SystemReason, current_scope, scope, system_scope
from schools.models import ClosedWeek, Learner, SchoolClass
from tests.factories.schools import make_class


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [f"app.{name}"])
        return cursor.fetchone()[0] or ""


@pytest.mark.parametrize(
    "use",
    [
        list,
        lambda rows: rows.count(),
        lambda rows: rows.exists(),
        lambda rows: rows.exclude(name="").exists(),
        lambda rows: rows.first(),
        lambda rows: rows.update(name="x"),
        lambda rows: rows.delete(),
        lambda rows: rows.aggregate(),
        lambda rows: rows.create(name="x"),
        lambda rows: rows.bulk_create([SchoolClass(name="x")]),
        lambda rows: list(rows.iterator()),
        lambda _rows: SchoolClass(name="x").save(),
        lambda _rows: SchoolClass._base_manager.get(),
    ],
)
def test_evaluating_without_a_scope_raises(db, use) -> None:
    with pytest.raises(NoScope):
        use(SchoolClass.objects.all())


def test_building_a_queryset_without_a_scope_is_allowed(db) -> None:
    assert SchoolClass.objects.filter(name="8D").query is not None


def test_raw_sql_without_a_scope_sees_nothing(school_class) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM schools_schoolclass")
        assert cursor.fetchone() == (0,)


def test_nested_scopes_restore_the_outer_one(school, employer, as_org) -> None:
    with as_org(school) as outer:
        with as_org(employer) as inner:
            assert (setting("employer"), setting("authority")) == (str(inner.employer), "")
        assert current_scope() == outer
        assert (setting("employer"), setting("authority")) == ("", str(outer.authority))
    assert (current_scope(), setting("authority"), setting("party")) == (None, "", "")


def test_a_failed_statement_inside_a_nested_scope_keeps_the_outer_one(region, as_org, weeks) -> None:
    with as_org(region) as outer:
        ClosedWeek.objects.create(region=region, week_on=weeks[0], reason="Påsklov")
        with pytest.raises(IntegrityError), transaction.atomic(), scope(Scope(Party.REGION, region=region.pk)):
            ClosedWeek.objects.create(region=region, week_on=weeks[0], reason="Påsklov")
        assert setting("region") == str(outer.region)


def test_scope_opens_a_transaction_of_its_own(transactional_db) -> None:
    with system_scope(SystemReason.SEED):
        assert connection.in_atomic_block
    assert not connection.in_atomic_block


def test_system_scope_of_one_region_sees_only_that_region(region, stranger_region, seeding, weeks) -> None:
    with seeding():
        for owner in (region, stranger_region):
            ClosedWeek.objects.create(region=owner, week_on=weeks[0], reason="Påsklov")
    with system_scope(SystemReason.SEED, region=region.pk):
        assert [found.region_id for found in ClosedWeek.objects.all()] == [region.pk]


def test_learner_scope_sees_only_the_learner(school_class, learner, as_learner) -> None:
    with as_learner(learner):
        assert list(Learner.objects.all()) == [learner]


def test_same_class_name_in_two_schools_stays_apart(school_class, stranger_school, seeding, as_org) -> None:
    with seeding():
        theirs = make_class(stranger_school, school_class.name)
    with as_org(stranger_school):
        assert list(SchoolClass.objects.filter(name=school_class.name)) == [theirs]


def test_organisations_give_the_scope_of_their_kind(region, authority, school, employer) -> None:
    found = [Organisation.objects.get(pk=pk).scope() for pk in (region.pk, authority.pk, school.pk, employer.pk)]

    assert found == [
        Scope(Party.REGION, region=region.pk),
        Scope(Party.AUTHORITY, region=region.pk, authority=authority.pk),
        Scope(Party.AUTHORITY, region=region.pk, authority=authority.pk),
        Scope(Party.EMPLOYER, region=region.pk, employer=employer.pk),
    ]
