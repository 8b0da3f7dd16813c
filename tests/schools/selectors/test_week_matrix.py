"""The matrix: own school first, the rest folded, and what a booking would do."""

import pytest

from core.weeks import WEEK, monday, today
from schools.selectors.week_matrix import ROWS_SHOWN, booking_outlook, school_week_matrix
from tests.factories.schools import make_class, make_closed_week, make_period, make_school


@pytest.fixture
def term():
    first = monday(today()) + 4 * WEEK
    return [first + WEEK * step for step in range(8)]


@pytest.fixture
def matrix_of(school, as_org, term):
    def build(seats, **changes):
        values = {
            "weeks": term,
            "kind": "prao",
            "seats": dict(zip(term, seats, strict=False)),
            "own": [school.pk],
            "municipality_code": "1490",
            "today": today(),
        }
        with as_org(school):
            return school_week_matrix(**{**values, **changes})

    return build


def outlook(matrix, school, weeks, learners, taken=()):
    return booking_outlook(matrix, weeks=weeks, learners=learners, unit_id=school.pk, taken=taken)


def test_own_school_comes_first_and_seats_meet_demand(matrix_of, school, school_class, stranger_school, seeding, term):
    with seeding():
        make_period(school_class, term[:1], learners=22)
        make_period(make_class(stranger_school), term[:2], learners=30)
    matrix = matrix_of([40, 40])
    assert [(one.name, one.own, dict(one.learners)) for one in matrix.schools] == [
        ("Norrängsskolan", True, {term[0]: 22}),
        ("Kvarnholmsskolan", False, {term[0]: 30, term[1]: 30}),
    ]
    assert [(week.booked, week.free) for week in matrix.weeks[:3]] == [(52, -12), (30, 10), (0, 0)]


def test_more_schools_than_fit_are_folded_with_their_learners(matrix_of, authority, seeding, term):
    with seeding():
        for number in range(ROWS_SHOWN + 3):
            make_period(make_class(make_school(authority, f"Skola {number:02}")), term[:1], learners=10)
    folded = matrix_of([0])
    assert (len(folded.schools), folded.folded, dict(folded.folded_learners)) == (ROWS_SHOWN, 4, {term[0]: 40})
    everyone = matrix_of([0], everyone=True)
    assert (len(everyone.schools), everyone.folded) == (ROWS_SHOWN + 4, 0)


def test_very_many_own_schools_are_folded_too(matrix_of, school, authority, seeding, term, monkeypatch):
    monkeypatch.setattr("schools.selectors.week_matrix.OWN_SHOWN", ROWS_SHOWN + 1)
    with seeding():
        own = [school, *(make_school(authority, f"Skola {number:02}") for number in range(ROWS_SHOWN + 3))]
    ids = [unit.pk for unit in own]
    folded = matrix_of([0], own=ids)
    assert (len(folded.schools), folded.folded) == (ROWS_SHOWN + 1, 3)
    assert len(matrix_of([0], own=ids, everyone=True).schools) == ROWS_SHOWN + 4


def test_other_kinds_stand_by_themselves(matrix_of, school_class, seeding, term):
    with seeding():
        make_period(school_class, term[:1], learners=22)
    matrix = matrix_of([40], kind="apl")
    assert (matrix.weeks[0].booked, matrix.other_schools, dict(matrix.other_learners)) == (0, 1, {term[0]: 22})


@pytest.mark.parametrize("schools", [1, 3])
def test_three_queries_however_many_schools(
    authority, school, as_org, seeding, term, schools, django_assert_num_queries
):
    with seeding():
        for number in range(schools):
            make_period(make_class(make_school(authority, f"Skola {number}")), term, learners=10)
    with as_org(school), django_assert_num_queries(3):
        school_week_matrix(weeks=term, kind="prao", seats={}, own=[school.pk], municipality_code="1490", today=today())


def test_a_collision_counts_missing_seats_per_week_and_who_is_there(matrix_of, school, stranger_school, seeding, term):
    with seeding():
        make_period(make_class(stranger_school), term[2:4], learners=30)
    found = outlook(matrix_of([0, 0, 36, 42, 0, 0, 0, 0]), school, term[2:4], 22)
    assert (found.missing, found.other_schools, found.collides) == ({term[2]: 16, term[3]: 10}, 1, True)


def test_alternatives_are_the_nearest_unbroken_weeks_with_room(matrix_of, school, region, seeding, term):
    with seeding():
        make_closed_week(region, term[3], "lov")
    matrix = matrix_of([25, 30, 0, 90, 33, 42, 48, 50])
    found = outlook(matrix, school, term[2:4], 22)
    assert [(one.weeks, one.free) for one in found.alternatives] == [
        (tuple(term[0:2]), 25),
        (tuple(term[4:6]), 33),
    ]


def test_weeks_the_class_has_already_are_no_alternative(matrix_of, school, term):
    matrix = matrix_of([0, 30, 30, 0, 0, 0, 0, 0])
    found = outlook(matrix, school, term[:1], 22, taken=[term[1]])
    assert [one.weeks for one in found.alternatives] == [(term[2],)]


def test_a_booking_that_fits_tells_what_is_left(matrix_of, school, term):
    found = outlook(matrix_of([30, 25, 0, 0, 0, 0, 0, 0]), school, term[:2], 22)
    assert (found.collides, found.free_after) == (False, 3)
