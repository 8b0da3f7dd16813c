"""The unplaced are shared out between schools: against brute force, with its proof, and by share of the school."""

from dataclasses import replace

import numpy as np
import pytest

from placements.allocation import (
    LockConflict,
    Policy,
    Problem,
    ProblemError,
    VerificationError,
    fairness_steps,
    solve,
    verify,
)
from tests.placements.allocation.builders import brute_force, from_lists, places, random_problem


def grouped(number: int, *, each: bool = False) -> Problem:
    """A random problem whose learners belong to up to three groups; with `each`, every group has its own steps."""
    problem = random_problem(number, learners=6)
    rng = np.random.default_rng(number)
    group = rng.integers(0, 3, problem.n_learners)
    shape = (3, 3) if each else (int(rng.integers(1, 4)),)
    return replace(problem, group=group, group_step=np.sort(rng.integers(0, 5, shape)))


def test_the_unplaced_are_spread_over_the_schools() -> None:
    lists = {"A1": "s", "A2": "s", "A3": "s", "B1": "s", "B2": "s", "B3": "s"}
    problem = replace(from_lists(lists, {"s": 2}), group=np.array([0, 0, 0, 1, 1, 1]), group_step=np.array([0, 1, 2]))
    seen = set()
    for seed in range(10):
        result = solve(problem, seed=str(seed))
        verify(problem, result)
        got = [who[0] for who, seat in places(problem, result).items() if seat]
        assert sorted(got) == ["A", "B"]
        assert result.objective_names[:3] == ("unplaced", "fairness", "rank")
        assert result.objective_sums[:2].tolist() == [4, 2]
        seen.add(tuple(result.chosen.tolist()))
    assert len(seen) > 1


def test_fairness_goes_before_rank_but_never_before_a_place() -> None:
    """B would take the first wish of all; the school with nobody placed goes first, but not at the cost of a place."""
    lists = {"A1": "s1", "A2": "s1", "B1": "s2 s1"}
    problem = from_lists(lists, {"s1": 1, "s2": 1})
    fair = replace(problem, group=np.array([0, 0, 1]), group_step=np.array([1, 5]))
    assert solve(fair).placed == 2
    lists = {"A1": "s1", "A2": "x s1", "B1": "x s1"}
    problem = from_lists(lists, {"s1": 1, "x": 0})
    fair = replace(problem, group=np.array([0, 0, 1]), group_step=np.array([0, 1]))
    result = solve(fair)
    verify(fair, result)
    assert places(fair, solve(problem))["A1"] == "s1"
    assert result.objective_sums.tolist()[:2] == [2, 0]
    assert places(fair, result)["B1"] is None


@pytest.mark.parametrize("policy", [Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY])
@pytest.mark.parametrize("each", [False, True])
def test_equals_brute_force(policy: Policy, *, each: bool) -> None:
    for number in range(250):
        problem = grouped(number, each=each)
        expected = brute_force(problem, policy, "seed")
        if expected is None:
            with pytest.raises(LockConflict):
                solve(problem, policy, "seed")
            continue
        result = solve(problem, policy, "seed")
        verify(problem, result)
        assert [tuple(result.chosen.tolist())] == expected[1], number


def test_group_prices_that_prove_nothing_are_refused() -> None:
    accepted = total = 0
    for number in range(60):
        problem = replace(grouped(number), locked=None)
        result = solve(problem, seed="seed")
        for index in np.ndindex(result.group_price.shape):
            for change in (-3, 3):
                price = result.group_price.copy()
                price[index] += change
                total += 1
                try:
                    verify(problem, replace(result, group_price=price))
                except VerificationError:
                    continue
                # Another price may prove as much, but nobody unplaced is ever worth more than a place.
                accepted += 1
                assert index[0] > 0 or change < 0
    assert accepted < total / 4


def test_a_less_fair_result_is_refused() -> None:
    refused = 0
    for number in range(400):
        problem = replace(grouped(number), locked=None)
        result = solve(problem, seed="seed")
        unfair = solve(replace(problem, group=None, group_step=None), seed="seed")
        if np.array_equal(unfair.chosen, result.chosen):
            continue
        refused += 1
        forged = replace(
            result, chosen=unfair.chosen, level_sums=unfair.level_sums, cap_flow=unfair.cap_flow,
            shortage_learners=unfair.shortage_learners, shortage_seats=unfair.shortage_seats,
        )  # fmt: skip
        with pytest.raises(VerificationError):
            verify(problem, forged)
    assert refused > 5


def test_steps_by_share_leave_schools_of_any_size_the_same_share() -> None:
    """60 learners for 42 seats, schools of 10, 20 and 30: three tenths of each go without."""
    sizes = [10, 20, 30]
    n = sum(sizes)
    group = np.repeat(np.arange(3), sizes)
    problem = Problem(
        n, np.arange(n), np.zeros(n, np.int64), np.zeros((1, n), np.int64), np.array([0]), np.array([-1]),
        np.array([42]), group=group, group_step=fairness_steps(sizes),
    )  # fmt: skip
    result = solve(problem)
    verify(problem, result)
    assert np.bincount(group[result.chosen < 0]).tolist() == [3, 6, 9]
    heads = replace(problem, group_step=fairness_steps([30]).ravel())
    assert np.bincount(group[solve(heads).chosen < 0]).tolist() == [6, 6, 6]


def test_steps_grow_and_a_school_without_learners_has_some() -> None:
    steps = fairness_steps([0, 2, 4])
    assert steps.tolist()[1:] == [[50_000, 150_000, 250_000, 350_000], [25_000, 75_000, 125_000, 175_000]]
    assert (np.diff(steps) > 0).all()
    assert fairness_steps([]).shape == (0, 1)
    with pytest.raises(ProblemError):
        fairness_steps([1, -1])
