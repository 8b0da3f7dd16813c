"""A list becomes a class: all of it or nothing, and never twice."""

from datetime import date

import pytest

from core.errors import DomainError
from core.weeks import school_year, today
from schools.enums import ProtectionMode
from schools.models import Guardian, Learner, SchoolClass
from schools.services.class_list import ListRow
from schools.services.classes import Action, ClassDetails, RowErrors, import_class, plan_import, renew_codes
from tests.factories.schools import make_class, make_guardian, make_learner

BORN = date(2012, 5, 4)


def row(number=2, first="Amina", last="Warsame", born=BORN, **fields):
    return ListRow(number, first, last, born, **fields)


@pytest.fixture
def details(school):
    return ClassDetails(unit=school, name="8E", grade_level=8, school_year=school_year(today()), mentor_name="Karin")


@pytest.fixture
def take_in(details, school, as_org, actor_of):
    def run(*rows, **changes):
        with as_org(school):
            return import_class(
                details=ClassDetails(**{**{f: getattr(details, f) for f in details.__slots__}, **changes}),
                rows=rows,
                actor=actor_of(school),
            )

    return run


def test_import_creates_class_learners_codes_and_guardians(take_in, school, as_org):
    result = take_in(
        row(guardian_name="Hodan", guardian_email="h@example.se", guardian_language="so"), row(3, "Bo", "Ek")
    )
    with as_org(school):
        made = SchoolClass.objects.get(name="8E")
        learners = list(made.learners.order_by("first_name"))
        guardian = Guardian.objects.get()
    assert (result.created, result.updated, made.mentor_name) == (2, 0, "Karin")
    assert made.code[:3] == "8E-"
    assert [one.first_name for one in learners] == ["Amina", "Bo"]
    assert len({one.personal_code for one in learners}) == 2
    assert (guardian.learner_id, guardian.language) == (learners[0].pk, "so")


def test_import_again_updates_by_name_and_birth_date(take_in, school, as_org):
    take_in(row())
    result = take_in(row(first="AMINA", email="a@example.se", guardian_name="Hodan"), row(3, "Bo", "Ek"))
    with as_org(school):
        learners = list(Learner.objects.order_by("last_name"))
        guardians = Guardian.objects.count()
    assert (result.created, result.updated, guardians) == (1, 1, 1)
    assert [(one.last_name, one.email) for one in learners] == [("Ek", ""), ("Warsame", "a@example.se")]


def test_the_same_list_twice_changes_nothing(take_in):
    rows = [row(guardian_name="Hodan"), row(3, "Bo", "Ek", None)]
    take_in(*rows)
    result = take_in(*rows)
    assert (result.created, result.updated) == (0, 0)


def test_the_name_of_the_class_is_compared_without_case(take_in, school, as_org):
    take_in(row())
    take_in(row(), name="8e")
    with as_org(school):
        assert SchoolClass.objects.count() == 1


def test_a_learner_of_last_years_class_moves_and_keeps_who_they_are(take_in, school, as_org, seeding):
    with seeding():
        before = make_learner(make_class(school, "7E", 7), "Amina")
    take_in(row())
    with as_org(school):
        after = Learner.objects.select_related("school_class").get()
    assert (after.pk, after.school_class.name) == (before.pk, "8E")
    assert after.personal_code != before.personal_code


def test_a_namesake_without_birth_date_in_another_class_is_someone_else(take_in, school, as_org, seeding):
    with seeding():
        make_learner(make_class(school, "7E", 7), "Amina", birth_date=None)
    assert take_in(row(born=None)).created == 1


def test_learners_not_in_the_list_stay(take_in, details, school, as_org):
    take_in(row(), row(3, "Bo", "Ek"))
    with as_org(school):
        plan = plan_import(details=details, rows=[row()])
    assert [str(one) for one in plan.left] == ["Bo Ek"]
    take_in(row())
    with as_org(school):
        assert Learner.objects.count() == 2


def test_one_faulty_row_stops_everything(take_in, school, as_org):
    with pytest.raises(RowErrors):
        take_in(row(), row(3, "", "Ek", errors=("Förnamn saknas.",)))
    with as_org(school):
        assert (SchoolClass.objects.count(), Learner.objects.count()) == (0, 0)


def test_a_class_without_learners_is_refused(take_in, school, as_org):
    with pytest.raises(DomainError) as caught:
        take_in()
    assert caught.value.code == "class_without_learners"
    with as_org(school):
        assert SchoolClass.objects.count() == 0


def test_protected_learners_are_counted_without_names_and_only_once(take_in, school, as_org):
    rows = [row(), row(3, "Hemlig", "Person", None, protected=True)]
    take_in(*rows)
    take_in(*rows)
    with as_org(school):
        counted = Learner.objects.get(protection_mode=ProtectionMode.OUTSIDE)
    assert (counted.first_name, counted.last_name, counted.birth_date, counted.email) == ("", "", None, "")


def test_a_named_learner_who_becomes_protected_stops_the_import(take_in, details, school, as_org):
    take_in(row())
    with as_org(school):
        plan = plan_import(details=details, rows=[row(protected=True)])
    assert [planned.action for planned in plan.rows] == [Action.ERROR]


def test_an_alias_is_neither_matched_nor_told_of(take_in, details, school, as_org, seeding, actor_of):
    take_in(row())
    with as_org(school):
        Learner.objects.update(protection_mode=ProtectionMode.ALIAS)
        plan = plan_import(details=details, rows=[row()])
    assert ([planned.action for planned in plan.rows], plan.left) == ([Action.CREATE], ())


def test_a_neighbour_schools_learner_is_not_touched(take_in, stranger_school, as_org, seeding):
    with seeding():
        theirs = make_learner(make_class(stranger_school), "Amina")
    assert take_in(row()).created == 1
    with as_org(stranger_school):
        assert Learner.objects.get().pk == theirs.pk


def test_the_digest_changes_when_the_class_does(take_in, details, school, as_org):
    with as_org(school):
        before = plan_import(details=details, rows=[row()]).digest
    take_in(row())
    with as_org(school):
        assert plan_import(details=details, rows=[row()]).digest != before


def test_a_guardian_of_the_same_name_is_updated(take_in, school, as_org, seeding):
    take_in(row())
    with as_org(school):
        make_guardian(Learner.objects.get(), name="Hodan Warsame", email="old@example.se")
    take_in(row(guardian_name="hodan warsame", guardian_email="new@example.se"))
    with as_org(school):
        assert [one.email for one in Guardian.objects.all()] == ["new@example.se"]


def test_renewed_codes_are_all_new_and_differ(school_class, school, as_org, actor_of):
    with as_org(school):
        before = set(school_class.learners.values_list("personal_code", flat=True))
        renewed = renew_codes(school_class=school_class, actor=actor_of(school))
        after = set(school_class.learners.values_list("personal_code", flat=True))
    assert (renewed, len(after), before & after) == (3, 3, set())
