"""The engine: mini cases with known answers, brute force, and properties that must hold for every problem."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.allocation import (
    Cap,
    CostTooLarge,
    LockConflict,
    Policy,
    Problem,
    ProblemError,
    solve,
    verify,
)
from placements.allocation.engine import CROWDED, crowd
from tests.placements.allocation.builders import (
    brute_force,
    fits,
    from_lists,
    permuted,
    places,
    random_problem,
)

NUMBERS = st.integers(0, 2**32)


def outcome(problem: Problem, policy: Policy = Policy.OPTIMUM) -> dict[str, str | None]:
    result = solve(problem, policy, "seed")
    verify(problem, result)
    return places(problem, result)


def test_greedy_trap_places_both() -> None:
    problem = from_lists({"A": "s1 s2", "B": "s1"}, {"s1": 1, "s2": 1})
    assert outcome(problem) == {"A": "s2", "B": "s1"}


@pytest.mark.parametrize("policy", [Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY])
def test_number_placed_goes_before_first_wishes(policy: Policy) -> None:
    problem = from_lists({"A": "s1 s2", "B": "x s1"}, {"s1": 1, "s2": 1, "x": 0})
    assert outcome(problem, policy) == {"A": "s2", "B": "s1"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy.OPTIMUM, {"A": "a", "B": "c", "C": "b"}),
        (Policy.GENEROUS, {"A": "a", "B": "c", "C": "b"}),
        (Policy.GREEDY, {"A": "a", "B": "b", "C": "c"}),
    ],
)
def test_policies_choose_their_profile(policy: Policy, expected: dict[str, str]) -> None:
    problem = from_lists({"A": "a", "B": "b c", "C": "a b c"}, {"a": 1, "b": 1, "c": 1})
    assert outcome(problem, policy) == expected


@pytest.mark.parametrize(("lists", "placed"), [("MO", 2), ("OO", 1), ("MMO", 2)])
@pytest.mark.parametrize("spill", [False, True])
def test_reserve_goes_first_to_those_it_is_for(lists: str, placed: int, *, spill: bool) -> None:
    """Two seats, one of them only for the municipality, as a forest and as a reserve that spills over."""
    caps = {False: ([0, 1, 2], [2, 2, -1], [2, 1, 2]), True: ([0, 0, 1, 2], [-1, 2, 2, -1], [1, 2, 1, 1])}[spill]
    tail, head, seats = (np.array(row) for row in caps)
    seat = np.array([0 if kind == "M" else 1 for kind in lists])
    n = len(lists)
    problem = Problem(
        n,
        np.arange(n),
        seat,
        np.zeros((1, n), np.int64),
        tail,
        head,
        seats,
        seat_key=np.array(["reserve", "open"]),
    )
    result = solve(problem)
    verify(problem, result)
    assert result.placed == placed
    assert solve(problem, Policy.SERIAL).placed == placed


def test_year_cap_couples_the_weeks() -> None:
    problem = from_lists({"A": "E14 f", "B": "E20"}, {"E14": 1, "E20": 1, "f": 1}, caps=[Cap("E, the year", 1, [0, 1])])
    assert outcome(problem) == {"A": "f", "B": "E20"}


def test_shortage_names_the_learners_and_the_seats_they_reach() -> None:
    lists = {"A": "s1 s2", "B": "s1 s2", "C": "s2 s1", "D": "s3 s1"}
    result = solve(from_lists(lists, {"s1": 1, "s2": 1, "s3": 1}))
    assert (result.placed, result.shortage_learners.tolist(), result.shortage_seats.tolist()) == (
        3,
        [0, 1, 2],
        [0, 1],
    )
    assert result.chosen[3] == 6
    assert solve(from_lists(lists, {"s1": 1, "s2": 1, "s3": 2})).placed == 3
    assert solve(from_lists(lists, {"s1": 1, "s2": 2, "s3": 1})).placed == 4


@pytest.mark.parametrize("large", [60, 10**9, 2**50])
def test_no_cost_outweighs_a_place(large: int) -> None:
    costs = {("A", "s1"): 0, ("A", "s2"): large, ("B", "s1"): large - 15}
    problem = from_lists({"A": "s1 s2", "B": "s1"}, {"s1": 1, "s2": 1}, costs=costs)
    assert outcome(problem) == {"A": "s2", "B": "s1"}


def test_chain_moves_everybody_one_step() -> None:
    problem = from_lists({"A": "s1 s2", "B": "s2 s3", "C": "s3 s4", "D": "s1"}, {"s1": 1, "s2": 1, "s3": 1, "s4": 1})
    assert outcome(problem) == {"A": "s2", "B": "s3", "C": "s4", "D": "s1"}


def test_lock_holds_though_it_costs_a_place() -> None:
    problem = from_lists({"A": "s1 s2", "D": "s1"}, {"s1": 1, "s2": 1}, locks={"A": "s1"})
    assert outcome(problem) == {"A": "s1", "D": None}
    assert outcome(problem, Policy.SERIAL) == {"A": "s1", "D": None}


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("seats", [0, 1])
def test_locks_that_do_not_fit_are_refused(policy: Policy, seats: int) -> None:
    problem = from_lists({"A": "s1 s2", "B": "s1 s2"}, {"s1": seats, "s2": 2}, locks={"A": "s1", "B": "s1"})
    with pytest.raises(LockConflict) as refused:
        solve(problem, policy)
    assert len(refused.value.learners) == 2 - seats


@pytest.mark.parametrize("policy", list(Policy))
def test_empty_round_and_learners_without_arcs(policy: Policy) -> None:
    none = np.zeros(0, np.int64)
    for n in (0, 3):
        problem = Problem(n, none, none, none.reshape(1, 0), none, none, none)
        result = solve(problem, policy)
        verify(problem, result)
        assert (result.placed, result.chosen.tolist()) == (0, [-1] * n)


def test_costs_that_could_overflow_are_refused() -> None:
    costs = {("A", "s1"): 2**62 - 1, ("B", "s1"): 2**62 - 2}
    problem = from_lists({"A": "s1", "B": "s1"}, {"s1": 1}, costs=costs)
    with pytest.raises(CostTooLarge):
        solve(problem)


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(ProblemError):
        solve(from_lists({"A": "s1"}, {"s1": 1}), engine="abacus")


def test_the_number_of_threads_is_at_least_one() -> None:
    with pytest.raises(ProblemError):
        solve(from_lists({"A": "s1"}, {"s1": 1}), threads=0)


@pytest.mark.parametrize(("seats", "engine"), [(5, "core"), (CROWDED, "core"), (CROWDED + 1, "ortools")])
def test_or_tools_takes_over_where_hundreds_share_a_seat_node(seats: int, engine: str) -> None:
    lists = {f"L{k}": "big small" for k in range(CROWDED + 20)}
    problem = from_lists(lists, {"big": seats, "small": 2})
    assert crowd(problem) == pytest.approx((seats**2 + 4) / (seats + 2))
    problem = from_lists(lists, {"big": seats, "small": 10**6})  # a node that nobody can fill does not count
    assert crowd(problem) == seats
    result = solve(problem, seed="seed")
    verify(problem, result)
    assert result.engine == engine


def test_serial_lottery_follows_the_drawn_order() -> None:
    problem = from_lists({"A": "s1 s2", "B": "s1 s2", "C": "s1 s2"}, {"s1": 1, "s2": 1})
    firsts = {solve(problem, Policy.SERIAL, str(seed)).chosen.tolist().index(-1) for seed in range(20)}
    assert firsts == {0, 1, 2}


@pytest.mark.parametrize("policy", [Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY])
def test_equals_brute_force(policy: Policy) -> None:
    for number in range(2000):
        problem = random_problem(number)
        expected = brute_force(problem, policy, "seed")
        if expected is None:
            with pytest.raises(LockConflict):
                solve(problem, policy, "seed")
            continue
        result = solve(problem, policy, "seed")
        verify(problem, result)
        value, attained = expected
        assert [tuple(result.chosen.tolist())] == attained, number
        assert -result.placed == value[0]
        assert result.level_sums.tolist()[1:] == list(value[-2:-1])


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.sampled_from(Policy))
def test_same_seed_same_result_and_row_order_plays_no_part(number: int, policy: Policy) -> None:
    problem = unlocked(random_problem(number, learners=12, seat_nodes=8, most_arcs=5))
    first, again = solve(problem, policy, "seed"), solve(problem, policy, "seed")
    assert np.array_equal(first.chosen, again.chosen)
    assert np.array_equal(first.duals, again.duals)
    other = permuted(problem, number)
    shuffled = solve(other, policy, "seed")
    assert places(problem, first) == dict(sorted(places(other, shuffled).items(), key=by_number))
    assert np.array_equal(first.duals, shuffled.duals)
    assert solve(problem, policy, "another").placed == first.placed or policy is Policy.SERIAL


def by_number(item: tuple[str, str | None]) -> int:
    return int(item[0].removeprefix("learner-"))


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.sampled_from(Policy))
def test_capacities_and_locks_hold_by_recount(number: int, policy: Policy) -> None:
    problem = random_problem(number, learners=12, seat_nodes=8, most_arcs=5)
    try:
        result = solve(problem, policy, "seed")
    except LockConflict:
        return
    verify(problem, result)
    assert fits(problem, result.chosen.tolist())


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.sampled_from(Policy))
def test_nobody_prefers_a_free_seat(number: int, policy: Policy) -> None:
    problem = unlocked(random_problem(number, learners=12, seat_nodes=8, most_arcs=5))
    chosen = solve(problem, policy, "seed").chosen
    for arc in range(problem.n_arcs):
        own = chosen[problem.learner[arc]]
        if own < 0 or problem.levels[0, arc] < problem.levels[0, own]:
            moved = chosen.copy()
            moved[problem.learner[arc]] = arc
            assert not fits(problem, moved.tolist())


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_one_seat_more_never_makes_it_worse(number: int) -> None:
    problem = unlocked(random_problem(number, learners=12, seat_nodes=8, most_arcs=5))
    seats = problem.cap_seats.copy()
    seats[number % len(seats)] += 1
    before, after = solve(problem), solve(replace(problem, cap_seats=seats))
    assert after.placed - before.placed in (0, 1)
    if after.placed == before.placed:
        assert after.level_sums.tolist() <= before.level_sums.tolist()


@settings(max_examples=30, deadline=None)
@given(NUMBERS, st.integers(2, 50))
def test_scaling_the_costs_changes_nobody(number: int, factor: int) -> None:
    problem = unlocked(random_problem(number, learners=12, seat_nodes=8, most_arcs=5))
    scaled = solve(replace(problem, levels=problem.levels * factor))
    assert np.array_equal(scaled.chosen, solve(problem).chosen)


def test_ten_thousand_learners_take_seconds_and_report_their_stages() -> None:
    rng = np.random.default_rng(1)
    n, seats = 10_000, 2_500
    choice = np.argsort(rng.random((n, 40)), axis=1)[:, :10]
    seat = (choice + rng.integers(0, seats - 40, n)[:, None]).ravel()
    wish = np.tile(np.arange(1, 11), n)
    problem = Problem(
        n,
        np.repeat(np.arange(n), 10),
        seat,
        (wish * (wish - 1) // 2)[None],
        np.arange(seats),
        np.full(seats, -1),
        rng.integers(1, 7, seats),
        seat_key=np.arange(seats),
    )
    stages: list[tuple[str, float]] = []
    result = solve(problem, seed="seed", progress=lambda stage, fraction: stages.append((stage, fraction)))
    verify(problem, result)
    assert list(dict.fromkeys(stage for stage, _ in stages)) == [
        "check",
        "place",
        "rank",
        "lottery",
        "certificate",
        "done",
    ]
    assert [fraction for _, fraction in stages] == sorted(fraction for _, fraction in stages)
    assert result.seconds < 10


def unlocked(problem: Problem) -> Problem:
    return replace(problem, locked=None)
