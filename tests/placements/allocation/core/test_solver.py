"""The compiled core against OR-Tools, on networks where a node may have several ways up, and against itself."""

from dataclasses import replace

import numpy as np
import pytest

from placements.allocation import CostTooLarge, LockConflict, Policy, Problem, Result, solve, verify
from placements.allocation.core.costs import Packing
from placements.allocation.levels import objective
from tests.placements.allocation.builders import from_lists, permuted, random_problem

SIZES = ({}, {"learners": 14, "seat_nodes": 9, "most_arcs": 6}, {"learners": 50, "seat_nodes": 20, "most_arcs": 12})
MINIMISED = (Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY)


def branching(number: int) -> Problem:
    """A random forest in which some seat nodes spill over: more ways up, also past the next floor."""
    problem = random_problem(number, **SIZES[number % 3])
    rng = np.random.default_rng(number)
    seats, nodes = problem.n_seats, problem.n_nodes
    extra = int(rng.integers(0, seats + 1))
    tail = rng.integers(0, seats, extra)
    head = rng.choice(np.append(np.arange(seats, nodes), -1), extra)
    # From one seat node into the next, as a reserve spills into the open pool; upwards only, so no cycle.
    head = np.where((rng.random(extra) < 0.4) & (tail + 1 < seats), tail + 1, head)
    return replace(
        problem,
        cap_tail=np.append(problem.cap_tail, tail),
        cap_head=np.append(problem.cap_head, head),
        cap_seats=np.append(problem.cap_seats, rng.integers(0, 3, extra)),
    )


def solved(problem: Problem, policy: Policy = Policy.OPTIMUM, **options) -> Result | None:
    """The verified result; None when the locks do not fit together."""
    try:
        result = solve(problem, policy, "seed", **options)
    except LockConflict:
        return None
    verify(problem, result)
    return result


def same(first: Result | None, second: Result | None) -> bool:
    if first is None or second is None:
        return first is second
    return (first.chosen.tolist(), first.objective_sums.tolist()) == (
        second.chosen.tolist(),
        second.objective_sums.tolist(),
    )


@pytest.mark.parametrize("policy", MINIMISED)
def test_equals_or_tools_where_reserves_spill_over(policy: Policy) -> None:
    met = set()
    for number in range(450):
        problem = branching(number)
        core = solved(problem, policy, engine="core", threads=1 + number % 2)
        assert same(core, solved(problem, policy, engine="ortools")), number
        if core is not None:
            met.add((core.placed < problem.n_learners, len(core.shortage_seats) > 0, problem.locked is not None))
    assert len(met) > 4


@pytest.mark.parametrize("seed", range(60))
def test_rows_numbering_and_threads_play_no_part(seed: int) -> None:
    problem = replace(branching(seed), locked=None)
    first = solved(problem, engine="core")
    assert first is not None
    again = solved(problem, engine="core", threads=2)
    assert again is not None
    for name in ("chosen", "cap_flow", "duals", "objective_sums", "shortage_learners", "shortage_seats"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    other = permuted(problem, seed)
    shuffled = solved(other, engine="core")
    assert shuffled is not None
    assert first.duals.tobytes() == shuffled.duals.tobytes()
    assert seats_by_learner(problem, first) == seats_by_learner(other, shuffled)
    flows = [
        sorted(zip(p.cap_tail.tolist(), p.cap_head.tolist(), p.cap_seats.tolist(), r.cap_flow.tolist(), strict=True))
        for p, r in ((problem, first), (other, shuffled))
    ]
    assert flows[0] == flows[1]


def seats_by_learner(problem: Problem, result: Result) -> dict[bytes, int]:
    assert problem.learner_key is not None
    return {
        bytes(problem.learner_key[learner]): int(problem.seat[arc]) if arc >= 0 else -1
        for learner, arc in enumerate(result.chosen)
    }


@pytest.mark.parametrize("scale", [2**20, 2**40])
def test_costs_too_wide_for_one_word_take_more(scale: int) -> None:
    words = set()
    for number in range(60):
        problem = random_problem(number, learners=14, seat_nodes=9, most_arcs=6)
        problem = replace(problem, levels=np.vstack([problem.levels * scale, problem.levels[:1] * (scale + 1)]))
        packing = Packing.of(objective(problem, Policy.OPTIMUM, "seed"), min(problem.n_learners, problem.n_seats) + 2)
        words.add(len(packing.words))
        assert same(solved(problem, engine="core"), solved(problem, engine="ortools"))
    assert max(words) > 2


@pytest.mark.parametrize("cost", [2**58, 2**62, 2**63 - 1])
def test_a_cost_that_no_word_holds_is_refused(cost: int) -> None:
    lists = dict.fromkeys("ABCD", "s1 s2 s3")
    costs = {(name, seat): cost for name in lists for seat in ("s1", "s2", "s3")}
    problem = from_lists(lists, {"s1": 1, "s2": 1, "s3": 1}, costs=costs)
    with pytest.raises(CostTooLarge):
        solve(problem, engine="core")


def test_many_seats_on_one_node_and_nodes_without_seats() -> None:
    lists = {f"L{k}": "big closed" if k % 2 else "closed big" for k in range(40)}
    problem = from_lists(lists, {"big": 30, "closed": 0, "unused": 7})
    core = solved(problem, engine="core")
    assert core is not None
    assert core.placed == 30
    assert same(core, solved(problem, engine="ortools"))


def test_equal_costs_are_settled_by_the_lottery_alone() -> None:
    lists = {f"L{k}": " ".join(f"s{seat}" for seat in range(30)) for k in range(35)}
    costs = {(name, f"s{seat}"): 0 for name in lists for seat in range(30)}
    problem = from_lists(lists, {f"s{seat}": 1 for seat in range(30)}, costs=costs)
    core = solved(problem, engine="core")
    assert same(core, solved(problem, engine="ortools"))


@pytest.mark.parametrize("policy", MINIMISED)
def test_nothing_to_place(policy: Policy) -> None:
    none = np.zeros(0, np.int64)
    for learners, seats in ((0, 0), (3, 0), (0, 2), (3, 2)):
        ends = np.arange(seats)
        problem = Problem(learners, none, none, none.reshape(1, 0), ends, np.full(seats, -1), ends + 1, seat_key=ends)
        result = solved(problem, policy, engine="core", threads=2)
        assert result is not None
        assert result.chosen.tolist() == [-1] * learners
