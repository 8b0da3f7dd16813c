"""Whose only place it is: exact, also where reserves spill over and chains are long."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.allocation import LockConflict, Problem, solve
from placements.allocation.graph import make_graph, short_nodes
from placements.allocation.only_place import costs_a_place, free_nodes
from tests.placements.allocation.builders import permuted, random_problem

NUMBERS = st.integers(0, 2**32)


def spilling(number: int) -> Problem:
    """A random forest with some ways from one seat node to another."""
    rng = np.random.default_rng(number)
    problem = replace(random_problem(number, learners=9, seat_nodes=6, most_arcs=4), locked=None)
    ways = np.sort(rng.integers(0, problem.n_seats, (3, 2)), axis=1)
    ways = ways[ways[:, 0] < ways[:, 1]]
    return replace(
        problem,
        cap_tail=np.append(problem.cap_tail, ways[:, 0]),
        cap_head=np.append(problem.cap_head, ways[:, 1]),
        cap_seats=np.append(problem.cap_seats, rng.integers(0, 3, len(ways))),
    )


@settings(max_examples=150, deadline=None)
@given(NUMBERS)
def test_forcing_lowers_the_number_placed_exactly_where_it_is_said(number: int) -> None:
    problem = spilling(number)
    result = solve(problem)
    said = costs_a_place(problem, result.chosen, result.cap_flow, problem.learner, problem.seat)
    for arc in range(problem.n_arcs):
        locked = np.full(problem.n_learners, -1)
        locked[problem.learner[arc]] = arc
        try:
            forced = solve(replace(problem, locked=locked)).placed
        except LockConflict:
            continue  # a closed seat, which is said before this is asked
        assert said[arc] == (forced < result.placed)


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_row_order_plays_no_part(number: int) -> None:
    problem = spilling(number)
    result, other = solve(problem), permuted(problem, number)
    again = solve(other)
    said = costs_a_place(problem, result.chosen, result.cap_flow, problem.learner, problem.seat)
    shuffled = costs_a_place(other, again.chosen, again.cap_flow, other.learner, other.seat)

    def named(of: Problem, flags: np.ndarray) -> set[tuple[bytes, int]]:
        return {(of.learner_key[of.learner[arc]], int(of.seat[arc])) for arc in np.flatnonzero(flags)}

    assert named(problem, said) == named(other, shuffled)


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_short_and_free_nodes_are_what_one_more_learner_there_does(number: int) -> None:
    """One more learner with that seat node alone: placed without cost to anybody exactly where the node is free."""
    problem = spilling(number)
    result = solve(problem)
    graph = make_graph(problem, result.chosen, result.cap_flow)
    free, short = free_nodes(graph, np.arange(problem.n_seats)), short_nodes(graph)
    for seat in range(problem.n_seats):
        more = replace(
            problem,
            n_learners=problem.n_learners + 1,
            learner=np.append(problem.learner, np.int32(problem.n_learners)),
            seat=np.append(problem.seat, np.int32(seat)),
            levels=np.hstack([problem.levels, [[0], [0]]]),
            learner_key=np.append(problem.learner_key, b"one more"),
        )
        assert (solve(more).placed == result.placed + 1) == free[seat]
        assert not (free[seat] and short[seat])


def test_ten_thousand_in_a_ring_are_one_part() -> None:
    """Everybody sits on the own seat and may move to the next; only those who want two steps cost nobody a place."""
    n = 10_000
    own = np.arange(n, dtype=np.int32)
    problem = Problem(
        n,
        np.repeat(own, 2),
        np.column_stack([own, (own + 1) % n]).ravel(),
        np.tile([0, 1], n)[np.newaxis],
        own,
        np.full(n, -1),
        np.ones(n, np.int64),
    )
    result = solve(problem)
    assert result.level_sums.tolist() == [0]
    said = costs_a_place(problem, result.chosen, result.cap_flow, own, (own + 1) % n)
    assert not said.any()
    chain = replace(problem, cap_seats=np.where(own == n - 1, 2, 1))
    result = solve(chain)
    said = costs_a_place(chain, result.chosen, result.cap_flow, own, (own + 1) % n)
    assert not said.any()


def test_a_long_line_without_a_way_back() -> None:
    """The line ends in a full seat: whoever moves one step on pushes the last one out of every place."""
    n = 5_000
    own = np.arange(n, dtype=np.int32)
    learner = np.append(np.repeat(own[:-1], 2), np.int32(n - 1))
    seat = np.append(np.column_stack([own[:-1], own[1:]]).ravel(), np.int32(n - 1))
    level = np.append(np.tile([0, 1], n - 1), 0)[np.newaxis]
    problem = Problem(n, learner, seat, level, own, np.full(n, -1), np.ones(n, np.int64))
    result = solve(problem)
    said = costs_a_place(problem, result.chosen, result.cap_flow, own[:-1], own[1:])
    assert said.all()
