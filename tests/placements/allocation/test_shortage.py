"""The shortage in pieces, and where one more seat helps."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.allocation import Cap, Policy, Problem, solve
from placements.allocation.shortage import pieces, worth
from tests.placements.allocation.builders import from_lists, random_problem

NUMBERS = st.integers(0, 2**32)


def test_two_shortages_that_nothing_connects_are_two_pieces() -> None:
    lists = {"A": "s1 s2", "B": "s1 s2", "C": "s2 s1", "D": "s3", "E": "s3", "F": "s3", "G": "s4", "H": ""}
    problem = from_lists(lists, {"s1": 1, "s2": 1, "s3": 1, "s4": 1})
    found = pieces(problem, solve(problem))
    assert [(one.learners.tolist(), one.seat_nodes.tolist(), one.seats, one.missing) for one in found] == [
        ([3, 4, 5], [2], 1, 2),
        ([7], [], 0, 1),
        ([0, 1, 2], [0, 1], 2, 1),
    ]


def test_a_shared_capacity_connects_two_slots() -> None:
    lists = {"A": "s1", "B": "s2", "C": "s3"}
    problem = from_lists(lists, {"s1": 1, "s2": 1, "s3": 1}, caps=[Cap("s1 and s2", 1, [0, 1])])
    found = pieces(problem, solve(problem))
    assert [(one.learners.tolist(), one.seat_nodes.tolist(), one.seats) for one in found] == [([0, 1], [0, 1], 1)]


def test_one_more_seat_counts_only_where_nothing_else_binds() -> None:
    """Over s1 lies a workplace that is full too; s3 is short by itself; s4 has room."""
    lists = {"A": "s1", "B": "s2", "C": "s3", "D": "s3", "E": "s4", "F": "s1"}
    seats = {"s1": 1, "s2": 1, "s3": 1, "s4": 2}
    problem = from_lists(lists, seats, caps=[Cap("s1 and s2", 2, [0, 1])])
    assert worth(problem, solve(problem)).places.tolist() == [False, False, True, False]


def test_a_serial_lottery_has_neither() -> None:
    problem = from_lists({"A": "s1", "B": "s1"}, {"s1": 1})
    result = solve(problem, Policy.SERIAL)
    assert pieces(problem, result) == []
    assert worth(problem, result).places.tolist() == [False]


@settings(max_examples=100, deadline=None)
@given(NUMBERS)
def test_pieces_count_the_unplaced_and_reach_nothing_outside(number: int) -> None:
    problem = random_problem(number, learners=14, seat_nodes=9, most_arcs=3)
    problem = replace(problem, locked=None)
    result = solve(problem)
    found = pieces(problem, result)
    assert sum(one.missing for one in found) == problem.n_learners - result.placed
    learners = np.concatenate([one.learners for one in found]) if found else np.zeros(0, np.int64)
    assert sorted(learners.tolist()) == result.shortage_learners.tolist()
    for one in found:
        assert np.isin(problem.seat[np.isin(problem.learner, one.learners)], one.seat_nodes).all()
        assert one.missing > 0
        assert solve(_only(problem, one.learners)).placed == one.seats


def _only(problem: Problem, learners: np.ndarray) -> Problem:
    rows = np.isin(problem.learner, learners)
    return replace(problem, learner=problem.learner[rows], seat=problem.seat[rows], levels=problem.levels[:, rows])


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_worth_is_what_solving_again_says(number: int) -> None:
    problem = replace(random_problem(number, learners=10, seat_nodes=5, most_arcs=3), locked=None)
    result = solve(problem, seed="seed")
    value = worth(problem, result)
    for seat in range(problem.n_seats):
        seats = problem.cap_seats.copy()
        seats[value.cap_arc[seat]] += 1
        again = solve(replace(problem, cap_seats=seats), seed="seed")
        assert again.placed - result.placed == value.places[seat]
        saved = (result.objective_sums - again.objective_sums).tolist()
        assert [0] * len(saved) <= saved <= value.saves[:, seat].tolist()
