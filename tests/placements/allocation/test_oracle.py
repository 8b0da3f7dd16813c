"""OR-Tools alone: that it agrees with the core, and the prices it is asked for."""

from dataclasses import replace

import numpy as np

from placements.allocation import Policy, Problem, solve, verify
from placements.allocation.levels import objective
from placements.allocation.oracle import minimum, tolled_prices
from placements.allocation.serial import silent
from tests.placements.allocation.builders import from_lists, random_problem


def test_both_engines_give_the_same_places() -> None:
    for number in range(150):
        problem = replace(random_problem(number, learners=12, seat_nodes=8, most_arcs=5), locked=None)
        for policy in (Policy.OPTIMUM, Policy.GREEDY):
            by_core, by_oracle = (solve(problem, policy, "seed", engine=name) for name in ("core", "ortools"))
            assert np.array_equal(by_core.chosen, by_oracle.chosen), number
            assert np.array_equal(by_core.objective_sums, by_oracle.objective_sums), number
            verify(problem, by_oracle)


def found(problem: Problem) -> tuple[list, np.ndarray, np.ndarray]:
    levels = objective(problem, Policy.OPTIMUM, "seed")
    chosen, cap_flow, _ = minimum(problem, levels, silent)
    return levels, chosen, cap_flow


def test_prices_without_a_toll_prove_the_places_again() -> None:
    for number in range(150):
        problem = replace(random_problem(number, learners=10, seat_nodes=6, most_arcs=4), locked=None)
        levels, chosen, cap_flow = found(problem)
        none = np.zeros((1 + len(levels), problem.n_seats), np.int64)
        duals = tolled_prices(problem, levels, chosen, cap_flow, none, 1000)
        assert duals is not None
        result = solve(problem, seed="seed", engine="ortools")
        short = duals[0][problem.seat] > 0
        learners = [who for who in range(problem.n_learners) if short[problem.learner == who].all()]
        nodes = np.flatnonzero(duals[0][: problem.n_seats] > 0)
        verify(problem, replace(result, duals=duals, shortage_learners=np.array(learners, int), shortage_seats=nodes))


def test_a_toll_that_makes_other_places_better_has_no_proof() -> None:
    problem = from_lists({"A": "s1 s2"}, {"s1": 1, "s2": 1})
    levels, chosen, cap_flow = found(problem)
    toll = np.zeros((1 + len(levels), 2), np.int64)
    assert chosen.tolist() == [0]
    toll[1, 0] = 2
    assert tolled_prices(problem, levels, chosen, cap_flow, toll, 1000) is None
    toll[:] = 0
    toll[0, :] = 2  # dearer than going without
    assert tolled_prices(problem, levels, chosen, cap_flow, toll, 1000) is None
