"""Class lists count everybody and name only those who may be named."""

from core.weeks import WEEK, monday, school_year, today
from schools.selectors.classes import class_roll, class_rows, learners_of_class, swedish_key
from tests.factories.schools import make_class, make_learner, make_period


def statuses(school):
    return {
        row.school_class.name: row.status
        for row in class_rows([school], school_year=school_year(today()), today=today())
    }


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
        [row] = class_rows([school], school_year=school_year(today()), today=today())
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
