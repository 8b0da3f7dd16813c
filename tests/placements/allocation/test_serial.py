"""The two baselines: the serial lottery, and the wish by wish rule of the systems in use."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.allocation import LockConflict, Policy, Problem, solve, verify
from placements.allocation.boston import boston
from placements.allocation.levels import arc_draws, learner_order
from placements.allocation.serial import serial_lottery
from tests.placements.allocation.builders import fits, from_lists, random_problem, wishes_of

NUMBERS = st.integers(0, 2**32)


@settings(max_examples=200, deadline=None)
@given(NUMBERS)
def test_deferred_acceptance_with_one_lottery_gives_the_same(number: int) -> None:
    problem = replace(random_problem(number, learners=12, seat_nodes=7, most_arcs=4), locked=None)
    chosen, _ = serial_lottery(problem, "seed")
    assert chosen.tolist() == deferred_acceptance(problem, "seed")


def deferred_acceptance(problem: Problem, seed: str) -> list[int]:
    """Learners propose in their own order; of all proposals those drawn first are kept as long as they fit."""
    draws = arc_draws(problem, seed)
    order = learner_order(problem, seed).tolist()
    lists = {
        who: sorted(
            np.flatnonzero(problem.learner == who).tolist(),
            key=lambda arc: (*problem.levels[:, arc].tolist(), int(draws[arc])),
        )
        for who in order
    }
    while True:
        kept = [-1] * problem.n_learners
        refused = False
        for who in order:
            if not lists[who]:
                continue
            kept[who] = lists[who][0]
            if not fits(problem, kept):
                kept[who] = -1
                lists[who].pop(0)
                refused = True
        if not refused:
            return kept


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.sampled_from(["serial", "boston"]))
def test_both_keep_capacities_locks_and_crossing_capacities(number: int, rule: str) -> None:
    rng = np.random.default_rng(number)
    problem = random_problem(number, learners=10, seat_nodes=6, most_arcs=4)
    rows = rng.integers(0, 2, (2, problem.n_seats)).nonzero()
    problem = replace(
        problem,
        cross_seats=rng.integers(0, 4, 2),
        cross_row=rows[0].astype(np.int32),
        cross_node=rows[1].astype(np.int32),
    )
    number_of = wishes_of(problem).number
    try:
        chosen, _ = serial_lottery(problem, "seed") if rule == "serial" else boston(problem, number_of, "seed")
    except LockConflict:
        return
    assert fits(problem, chosen.tolist())
    on = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.n_seats)
    for row, seats in enumerate(problem.cross_seats.tolist()):
        assert on[problem.cross_node[problem.cross_row == row]].sum() <= seats


def test_with_one_drawn_order_nobody_later_is_served_before() -> None:
    problem = from_lists(dict.fromkeys("ABCDEF", "s1 s2 s3"), {"s1": 2, "s2": 1, "s3": 1})
    chosen, flow = serial_lottery(problem, "seed")
    turns = [chosen[who] - 3 * who if chosen[who] >= 0 else 3 for who in learner_order(problem, "seed").tolist()]
    assert turns == [0, 0, 1, 2, 3, 3]
    assert flow.tolist() == [2, 1, 1]
    verify(problem, solve(problem, Policy.SERIAL, "seed"))


def test_boston_serves_first_wishes_before_anybodys_second() -> None:
    """C has s1 as its second wish and finds it gone, whoever is drawn first."""
    problem = from_lists({"A": "s1 s2", "B": "s2 s1", "C": "x s1 s2"}, {"s1": 1, "s2": 1, "x": 0})
    for seed in ("1", "2", "3", "4"):
        chosen, flow = boston(problem, wishes_of(problem).number, seed)
        assert (chosen.tolist(), flow.tolist()) == ([0, 2, -1], [1, 1, 0])


def test_boston_draws_among_equals_and_fills_up_outside_by_cost() -> None:
    """Two want s1. The one without it gets a seat outside its wishes: the cheaper s3, not s2."""
    costs = {("A", "s1"): 0, ("A", "s2"): 9, ("A", "s3"): 5, ("B", "s1"): 0, ("B", "s2"): 9, ("B", "s3"): 5}
    problem = from_lists({"A": "s1 s2 s3", "B": "s1 s2 s3"}, {"s1": 1, "s2": 1, "s3": 1}, costs=costs)
    wish = np.array([1, 0, 0, 1, 0, 0])
    found = {tuple(boston(problem, wish, str(seed))[0].tolist()) for seed in range(12)}
    assert found == {(0, 5), (2, 3)}


@pytest.mark.parametrize("rule", ["serial", "boston"])
def test_locks_that_do_not_fit_are_refused(rule: str) -> None:
    problem = from_lists({"A": "s1", "B": "s1"}, {"s1": 1}, locks={"A": "s1", "B": "s1"})
    with pytest.raises(LockConflict):
        _ = serial_lottery(problem, "seed") if rule == "serial" else boston(problem, np.array([1, 1]), "seed")
