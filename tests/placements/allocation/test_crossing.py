"""Capacities that cross: against brute force, with both engines, and the check of what a search found."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from placements.allocation import LockConflict, Policy, Problem, VerificationError, nest, solve, verify, week_caps
from tests.placements.allocation.builders import brute_force, from_lists, permuted, places, random_problem


def crossed(number: int, *, groups: bool = False) -> Problem:
    """A random problem with one to three capacities over any of the seat nodes."""
    problem = random_problem(number, learners=6, seat_nodes=5)
    rng = np.random.default_rng(number)
    rows = int(rng.integers(1, 4))
    nodes = [np.flatnonzero(rng.random(problem.n_seats) < 0.6) for _ in range(rows)]
    problem = replace(
        problem,
        cap_seats=problem.cap_seats + 1,
        cross_seats=rng.integers(0, 3, rows),
        cross_row=np.repeat(np.arange(rows), [len(one) for one in nodes]),
        cross_node=np.concatenate(nodes),
    )
    if groups:
        group = rng.integers(0, 2, problem.n_learners)
        problem = replace(problem, group=group, group_step=np.sort(rng.integers(0, 4, 3)))
    return problem


def pairs() -> Problem:
    """Three want the same slot, of each two at most one: a node each, and a capacity over each pair."""
    lists = {"A": "sA", "B": "sB", "C": "sC"}
    problem = from_lists(lists, {"sA": 1, "sB": 1, "sC": 1})
    return replace(
        problem,
        cross_seats=np.array([1, 1, 1]),
        cross_row=np.array([0, 0, 1, 1, 2, 2]),
        cross_node=np.array([0, 1, 1, 2, 0, 2]),
    )


@pytest.mark.parametrize("engine", ["core", "ortools"])
def test_at_most_one_of_each_pair_leaves_one(engine: str) -> None:
    problem = pairs()
    seen = set()
    for seed in range(12):
        result = solve(problem, seed=str(seed), engine=engine)
        verify(problem, result)
        assert (result.placed, result.engine, result.searched.tolist()) == (1, f"{engine}+cp-sat", [0, 1, 2])
        seen.add(int(np.argmax(result.chosen)))
    assert seen == {0, 1, 2}


@pytest.mark.parametrize("policy", [Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY])
@pytest.mark.parametrize("groups", [False, True])
def test_equals_brute_force(policy: Policy, *, groups: bool) -> None:
    searched = 0
    for number in range(100):
        problem = crossed(number, groups=groups)
        expected = brute_force(problem, policy, "seed")
        if expected is None:
            with pytest.raises(LockConflict):
                solve(problem, policy, "seed")
            continue
        result = solve(problem, policy, "seed")
        verify(problem, result)
        assert [tuple(result.chosen.tolist())] == expected[1], number
        assert -result.placed == expected[0][0]
        searched += len(result.searched) > 0
    assert searched > 5


def test_the_order_of_rows_plays_no_part() -> None:
    for number in range(60):
        problem = replace(crossed(number), locked=None)
        other = permuted(problem, number)
        assert places(problem, solve(problem, seed="seed")) == places(other, solve(other, seed="seed"))


def test_where_no_crossing_capacity_is_exceeded_prices_prove_it_all() -> None:
    problem = replace(pairs(), cross_seats=np.array([2, 2, 2]))
    result = solve(problem)
    verify(problem, result)
    assert (result.placed, result.searched.tolist()) == (3, [])


def test_a_block_of_weeks_beside_single_weeks() -> None:
    """One seat a week: whoever takes both weeks leaves nothing to the two who want one each, so those two get it."""
    blocks = [("kök", (41, 42)), ("kök", (41,)), ("kök", (42,)), ("sal", (41, 42))]
    seats = {(slot, week): 1 for slot in ("kök", "sal") for week in (41, 42)}
    forest = nest(4, week_caps(blocks, seats))
    assert len(forest.crossed) == 1
    rows = [(0, 0, 0), (0, 3, 1), (1, 1, 0), (2, 2, 0)]
    learner, seat, cost = (np.array(column) for column in zip(*rows, strict=True))
    problem = Problem(3, learner, seat, cost[None], **forest.arrays())
    result = solve(problem)
    verify(problem, result)
    assert result.chosen.tolist() == [1, 2, 3]
    # With a first wish for the block that weighs nothing against two places, but nowhere else to go, it goes without.
    alone = Problem(
        3, learner[[0, 2, 3]], seat[[0, 2, 3]], cost[[0, 2, 3]][None], seat_key=np.arange(4), **forest.arrays()
    )
    result = solve(alone)
    verify(alone, result)
    assert result.chosen.tolist() == [-1, 1, 2]


def chained() -> Problem:
    """A crossing capacity of one seat over two: a price of that room proves who goes without."""
    lists = {"A": "s1 s2", "B": "s1 s2", "C": "s2 s3", "D": "s3 s4", "E": "s4 s3"}
    return replace(
        from_lists(lists, {"s1": 1, "s2": 1, "s3": 1, "s4": 1}),
        cross_seats=np.array([1]),
        cross_row=np.array([0, 0]),
        cross_node=np.array([0, 1]),
    )


def test_room_in_a_crossing_capacity_has_a_price() -> None:
    problem = chained()
    result = solve(problem, seed="seed")
    verify(problem, result)
    assert (result.placed, result.searched.tolist(), bool(result.cross_price.any())) == (3, [], True)
    for changed in (result.cross_price * 0, -result.cross_price, result.cross_price + 1):
        with pytest.raises(VerificationError):
            verify(problem, replace(result, cross_price=changed))


@pytest.mark.parametrize("make", [pairs, chained])
def test_every_single_forgery_is_refused(make: Callable[[], Problem]) -> None:
    problem = make()
    result = solve(problem, seed="seed")
    verify(problem, result)
    accepted = []
    for name in (
        "chosen",
        "searched",
        "cap_flow",
        "level_sums",
        "objective_sums",
        "shortage_learners",
        "shortage_seats",
    ):
        value = getattr(result, name)
        for index in np.ndindex(value.shape):
            for other in {-1, 0, 1, value[index] + 1, value[index] - 1} - {int(value[index])}:
                forged = value.copy()
                forged[index] = other
                try:
                    verify(problem, replace(result, **{name: forged}))
                except VerificationError:
                    continue
                accepted.append((name, index, other))
    assert accepted == []
    for changes in ({"engine": "core"}, {"searched": np.append(result.searched, 2)[:1] * 0}, {"placed": 0}):
        with pytest.raises(VerificationError):
            verify(problem, replace(result, **changes))


def test_a_worse_answer_within_the_crossing_capacities_is_refused() -> None:
    problem = pairs()
    result = solve(problem, seed="seed")
    winner = int(np.argmax(result.chosen))
    for other in {0, 1, 2} - {winner}:
        chosen = np.full(3, -1)
        chosen[other] = other
        sums = result.objective_sums.copy()
        forged = replace(result, chosen=chosen, cap_flow=(chosen >= 0).astype(np.int64), objective_sums=sums)
        with pytest.raises(VerificationError):
            verify(problem, forged)


def test_two_thousand_learners_are_proven_by_prices() -> None:
    """A search would have to go through all of them: they hang together in one market."""
    problem = replace(market(2_000), locked=None)
    free = solve(problem, seed="seed")
    rng = np.random.default_rng(1)
    load = np.bincount(problem.seat[free.chosen[free.chosen >= 0]], minlength=problem.n_seats)
    nodes = [np.sort(rng.choice(problem.n_seats, 4, replace=False)) for _ in range(6)]
    seats = np.array([max(int(load[some].sum()) - 1, 1) for some in nodes])
    row = np.repeat(np.arange(6), 4)
    crossed = replace(problem, cross_seats=seats, cross_row=row, cross_node=np.concatenate(nodes))
    result = solve(crossed, seed="seed")
    verify(crossed, result)
    assert not np.array_equal(result.chosen, free.chosen)
    assert len(result.searched) < 200
    assert result.objective_sums.tolist() > free.objective_sums.tolist()


def market(learners: int) -> Problem:
    """Ten wishes each among forty seat nodes nearby, about one seat to a learner."""
    rng = np.random.default_rng(7)
    seats = learners // 4
    nearby = np.argsort(rng.random((learners, 40)), axis=1)[:, :10]
    seat = nearby + rng.integers(0, seats - 40, learners)[:, None]
    wish = np.tile(np.arange(10), learners)
    return Problem(
        learners, np.repeat(np.arange(learners), 10), seat.ravel(), (wish * (wish + 1) // 2)[None],
        np.arange(seats), np.full(seats, -1), rng.integers(2, 7, seats), seat_key=np.arange(seats),
    )  # fmt: skip
