"""Two runs side by side: who moves, in which direction, and for whom to see."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from placements.models import AllocationRun
from placements.selectors.run_compare import chosen_pair, figure_rows, move_rows, moves_between, school_pairs
from schools.enums import ProtectionMode
from schools.models import Learner
from tests.factories import employers, placements, schools


@pytest.fixture
def case(school: Any, authority: Any, employer: Any, weeks: Any, scoped: None) -> Any:
    """Four learners. Amina gets better, Bo worse, Cia a place, Dag stays; the protected one would move."""
    klass = schools.make_class(school)
    period = schools.make_period(klass, weeks, learners=4)
    made = placements.make_round(period, phase="closed")
    slots = [
        employers.make_slot(employers.make_workplace(employer), title=title) for title in ("Bageri", "Såg", "Åkeri")
    ]
    names = ("Amina", "Bo", "Cia", "Dag")
    people = {name: schools.make_learner(klass, name) for name in names}
    hidden = schools.make_learner(klass, "Eva", protection_mode=ProtectionMode.ALIAS)
    a, b = (placements.make_run(made, status="draft") for _ in range(2))
    given = {
        "Amina": ((slots[1], 2), (slots[0], 1)),
        "Bo": ((slots[0], 1), (slots[2], None)),
        "Cia": ((None, None), (slots[1], 3)),
        "Dag": ((slots[2], 1), (slots[2], 1)),
    }
    for name, places in given.items():
        for run, (slot, rank) in zip((a, b), places, strict=True):
            placements.make_assignment(run, people[name], period, slot, rank)
    placements.make_assignment(a, hidden, period, slots[0], 1)
    placements.make_assignment(b, hidden, period, slots[1], 2)
    return SimpleNamespace(
        a=a, b=b, round=made, period=period, slots=slots, school=school.organisation, authority=authority.organisation,
        klass=klass, owner=authority,
    )  # fmt: skip


def moved(case: Any, organisation: Organisation | None = None, **asked: Any) -> list[tuple[str, ...]]:
    rows = move_rows(moves_between(case.a, case.b, organisation or case.school, **asked))
    return [(row.name.split()[0], row.place_a, row.wish_a, row.place_b, row.wish_b, row.better) for row in rows]


def test_those_who_move_are_listed_with_both_places(case):
    assert sorted(moved(case)) == [
        ("Amina", "Såg", "val 2", "Bageri", "val 1", "b"),
        ("Bo", "Bageri", "val 1", "Åkeri", "utanför valen", "a"),
        ("Cia", "", "utan plats", "Såg", "val 3", "b"),
    ]


@pytest.mark.parametrize(
    ("direction", "names"),
    [("better", {"Amina", "Cia"}), ("worse", {"Bo"}), ("gains", {"Cia"}), ("loses", set())],
)
def test_the_direction_is_a_filter(case, direction, names):
    assert {row[0] for row in moved(case, direction=direction)} == names


def test_search_class_and_order(case):
    assert [row[0] for row in moved(case, search="cia")] == ["Cia"]
    assert moved(case, class_id=case.round.pk) == []
    assert [row[0] for row in moved(case, sort="a")] == ["Bo", "Amina", "Cia"]
    assert [row[0] for row in moved(case, sort="-b")] == ["Bo", "Cia", "Amina"]


def test_a_learner_in_one_run_only_is_told_so(case):
    late = schools.make_learner(case.klass, "Frida")
    placements.make_assignment(case.b, late, case.period, case.slots[0], 1)
    assert moved(case, search="frida") == [("Frida", "", "inte med i körningen", "Bageri", "val 1", "b")]


def test_a_school_sees_its_own_learners_and_the_authority_all(case, weeks):
    other = schools.make_school(case.owner, "Ängsskolan")
    theirs = schools.make_learner(schools.make_class(other, "8E"), "Gun")
    placements.make_assignment(case.a, theirs, case.period, case.slots[0], 1)
    placements.make_assignment(case.b, theirs, case.period, None, None)
    assert "Gun" not in {row[0] for row in moved(case)}
    assert "Gun" in {row[0] for row in moved(case, case.authority)}


def test_figures_mark_the_better_run():
    base = {"learners": 10, "placed": 8, "first": 4, "first_to_third": 7, "outside": 1, "furthest": 5}
    a, b = (AllocationRun(summary={**base, **more}) for more in ({}, {"placed": 9, "first": 3, "furthest": 6}))
    found = {str(row.label): (row.a, row.b, row.better) for row in figure_rows(a, b)}
    assert found == {
        "Har plats": (8, 9, "b"),
        "Förstahandsval": (4, 3, "a"),
        "Något av val 1–3": (7, 7, ""),
        "Utanför valen": (1, 1, ""),
        "Längst ner: val": (5, 6, "a"),
        "Utan plats": (2, 1, "b"),
    }


def test_schools_that_differ_most_come_first_and_a_school_sees_itself(case):
    def rows(*placed: int) -> dict[str, Any]:
        ids = (str(case.school.pk), "other", "third")
        return {
            "schools": [
                {"id": pk, "name": name, "learners": 9, "placed": number, "first": 1}
                for pk, name, number in zip(ids, "ABC", placed, strict=True)
            ]
        }

    a, b = AllocationRun(summary=rows(5, 6, 7)), AllocationRun(summary=rows(5, 9, 8))
    assert [(pair.name, pair.better_placed) for pair in school_pairs(a, b, case.authority)] == [
        ("B", "b"),
        ("C", "b"),
        ("A", ""),
    ]
    assert [pair.name for pair in school_pairs(a, b, case.school)] == ["A"]


def test_the_pair_is_the_one_asked_for_or_the_two_newest(case):
    runs = [case.b, case.a]
    assert chosen_pair(runs, "", "") == (case.a, case.b)
    assert chosen_pair(runs, str(case.b.pk), str(case.a.pk)) == (case.b, case.a)
    assert chosen_pair(runs, str(case.b.pk), "nonsense") == (case.b, case.a)
    assert chosen_pair(runs[:1], "", "") is None


def test_the_list_takes_two_queries_whatever_its_length(case):
    with CaptureQueriesContext(connection) as few:
        moved(case)
    for number in range(4):
        learner: Learner = schools.make_learner(case.klass, f"Elev{number}")
        placements.make_assignment(case.a, learner, case.period, case.slots[0], 1)
        placements.make_assignment(case.b, learner, case.period, case.slots[1], 2)
    with CaptureQueriesContext(connection) as many:
        assert len(moved(case)) == 7
    assert (len(few), len(many)) == (2, 2)
