"""Class lists count everybody and name only those who may be named."""

from core.weeks import WEEK, monday, school_year, today
from schools.models import SchoolClass
from schools.selectors.classes import (
    class_roll,
    class_rows,
    classes_without_weeks,
    found_classes,
    learners_of_class,
    swedish,
    swedish_key,
)
from tests.factories.schools import make_class, make_learner, make_period


def statuses(school):
    return {row.school_class.name: row.status for row in rows_of(school)}


def rows_of(school):
    return class_rows(found_classes(school.organisation, school_year=school_year(today())), today=today())


def test_the_status_of_a_class_follows_its_weeks(school, as_org, seeding):
    this = monday(today())
    with seeding():
        make_class(school, "8A")
        make_class(school, "8B", learners=1)
        for name, week in [("8C", this - WEEK), ("8D", this), ("8E", this + WEEK)]:
            make_period(make_class(school, name, learners=1), [week])
    with as_org(school):
        assert statuses(school) == {
            "8A": "missing",
            "8B": "not_started",
            "8C": "completed",
            "8D": "ongoing",
            "8E": "planned",
        }


def test_rows_count_learners_once_however_many_weeks(school, school_class, as_org, seeding, weeks):
    with seeding():
        make_period(school_class, weeks)
        make_period(school_class, [weeks[0] + 4 * WEEK])
    with as_org(school):
        [row] = rows_of(school)
    assert (row.learners, row.weeks) == (3, (*weeks, weeks[0] + 4 * WEEK))


def test_protected_learners_are_counted_and_never_named(school_class, school, as_org, seeding):
    with seeding():
        make_learner(school_class, "Hemlig", protection_mode="outside_system")
        make_learner(school_class, "Alias", protection_mode="alias")
    with as_org(school):
        named = class_roll(school_class, with_alias=False)
        handled = class_roll(school_class, with_alias=True)
        taking_part = [one.first_name for one in learners_of_class(school_class)]
    assert (len(named.learners), named.protected, named.total) == (3, 2, 5)
    assert (len(handled.learners), handled.protected) == (4, 1)
    assert min(taking_part) == "Alias"
    assert len(taking_part) == 4


def test_names_sort_as_in_swedish():
    assert sorted(["Öberg", "Ek", "Ängman", "Åberg", "Zetterlund"], key=swedish_key) == [
        "Ek", "Zetterlund", "Åberg", "Ängman", "Öberg",
    ]  # fmt: skip


def test_the_database_sorts_names_as_in_swedish(school, as_org, seeding):
    names = ["Öst", "ek", "Äng", "Ås", "Zeta", "Édel", "efter", "Übel"]
    with seeding():
        for name in names:
            make_class(school, name)
    with as_org(school):
        found = list(SchoolClass.objects.order_by(swedish("name")).values_list("name", flat=True))
    assert found == sorted(names, key=swedish_key) == ["Édel", "efter", "ek", "Übel", "Zeta", "Ås", "Äng", "Öst"]


def test_classes_without_weeks_have_learners(school, as_org, seeding, weeks):
    with seeding():
        make_class(school, "8A")
        make_class(school, "8B", learners=1)
        make_period(make_class(school, "8C", learners=1), weeks)
    with as_org(school):
        found = classes_without_weeks(school.organisation, school_year=school_year(today()))
    assert [each.name for each in found] == ["8B"]


def test_classes_are_sorted_by_what_is_asked_for(school, as_org, seeding, weeks):
    with seeding():
        make_period(make_class(school, "8B", learners=1), weeks)
        make_class(school, "8A", learners=2)
    with as_org(school):
        orders = {
            sort: [
                each.name for each in found_classes(school.organisation, school_year=school_year(today()), sort=sort)
            ]
            for sort in ("", "-name", "learners", "-learners", "weeks", "-weeks", "no")
        }
    assert orders == {
        "": ["8A", "8B"],
        "-name": ["8B", "8A"],
        "learners": ["8B", "8A"],
        "-learners": ["8A", "8B"],
        "weeks": ["8B", "8A"],
        "-weeks": ["8A", "8B"],
        "no": ["8A", "8B"],
    }
