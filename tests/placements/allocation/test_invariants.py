"""What must hold for every problem, whichever engine solves it: counted anew here, never read from the solver."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python import max_flow

from placements.allocation import LockConflict, Policy, Problem, Result, solve, verify
from placements.allocation.levels import objective
from tests.placements.allocation.builders import random_problem

NUMBERS = st.integers(0, 2**32)
ENGINES = pytest.mark.parametrize("engine", ["core", "ortools"])
SEED = "invariants"


def problem_of(number: int, **sizes: int) -> Problem:
    return random_problem(number, **{"learners": 9, "seat_nodes": 6, "most_arcs": 4, **sizes})


def solved(problem: Problem, engine: str = "core", policy: Policy = Policy.OPTIMUM, seed: str = SEED) -> Result | None:
    """The verified result; None when the locks do not fit together."""
    try:
        result = solve(problem, policy, seed, engine=engine)
    except LockConflict:
        return None
    verify(problem, result)
    return result


def without_locks(problem: Problem) -> Problem:
    return replace(problem, locked=None)


def value(result: Result) -> tuple[int, ...]:
    """The objective without the lottery: unplaced, then the levels."""
    return (len(result.chosen) - result.placed, *result.level_sums.tolist())


def costs(problem: Problem) -> list[tuple[int, ...]]:
    """Every level of each arc, the lottery among them."""
    return list(zip(*(level.cost.tolist() for level in objective(problem, Policy.OPTIMUM, SEED)), strict=True))


def room(problem: Problem, chosen: np.ndarray) -> list[int]:
    """Seats left on each capacity arc of a forest, recounted from the places."""
    left = problem.cap_seats.tolist()
    row = {int(tail): number for number, tail in enumerate(problem.cap_tail)}
    for arc in chosen[chosen >= 0]:
        node = int(problem.seat[arc])
        while node >= 0:
            left[row[node]] -= 1
            node = int(problem.cap_head[row[node]])
    return left


def has_room(problem: Problem, left: list[int], seat: int, freed: int | None = None) -> bool:
    """Whether one more learner fits on the seat node, when another leaves the seat node `freed`."""
    row = {int(tail): number for number, tail in enumerate(problem.cap_tail)}
    left = list(left)
    node = -1 if freed is None else freed
    while node >= 0:
        left[row[node]] += 1
        node = int(problem.cap_head[row[node]])
    node = seat
    while node >= 0:
        if left[row[node]] < 1:
            return False
        node = int(problem.cap_head[row[node]])
    return True


@ENGINES
@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_no_capacity_is_exceeded_by_recount(engine: str, number: int) -> None:
    problem = problem_of(number)
    result = solved(problem, engine)
    assert result is None or min(room(problem, result.chosen)) >= 0


@ENGINES
@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_placed_is_the_maximum_flow(engine: str, number: int) -> None:
    problem = without_locks(problem_of(number))
    flow = max_flow.SimpleMaxFlow()
    sink, source, first = problem.n_nodes, problem.n_nodes + 1, problem.n_nodes + 2
    for who in range(problem.n_learners):
        flow.add_arc_with_capacity(source, first + who, 1)
    for who, seat in zip(problem.learner.tolist(), problem.seat.tolist(), strict=True):
        flow.add_arc_with_capacity(first + who, seat, 1)
    for tail, head, seats in zip(problem.cap_tail, problem.cap_head, problem.cap_seats, strict=True):
        flow.add_arc_with_capacity(int(tail), sink if head < 0 else int(head), int(seats))
    assert flow.solve(source, sink) == flow.OPTIMAL
    result = solved(problem, engine)
    assert result is not None
    assert result.placed == flow.optimal_flow()


@ENGINES
@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_prices_prove_the_places(engine: str, number: int) -> None:
    """Dual feasibility, tightness and primal = dual, level by level as one lexicographic number."""
    problem = without_locks(problem_of(number))
    result = solved(problem, engine)
    assert result is not None
    price = [tuple(column) for column in result.duals.T.tolist()]
    nothing = (0,) * len(result.duals)
    missing = (1, *nothing[1:])

    def of(arc: int) -> tuple[int, ...]:
        seat = price[problem.seat[arc]]
        return tuple(cost + extra for cost, extra in zip((0, *cost_of[arc]), seat, strict=True))

    cost_of = costs(problem)
    worth = [of(arc) if arc >= 0 else missing for arc in result.chosen.tolist()]
    assert all(of(arc) >= worth[who] for arc, who in enumerate(problem.learner.tolist()))
    assert all(each <= missing for each in worth)
    left = room(problem, result.chosen)
    rows = zip(problem.cap_tail.tolist(), problem.cap_head.tolist(), left, result.cap_flow.tolist(), strict=True)
    gain = [0] * len(nothing)
    for tail, head, free, used in rows:
        above = price[head] if head >= 0 else nothing
        assert free == 0 or price[tail] <= above
        assert used == 0 or price[tail] >= above
        gain = [total + (mine - theirs) * used for total, mine, theirs in zip(gain, price[tail], above, strict=True)]
    dual = [sum(column) - paid for column, paid in zip(zip(*worth, strict=True), gain, strict=True)]
    assert dual == result.objective_sums.tolist()


@ENGINES
@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_nobody_prefers_a_free_seat_and_no_two_gain_by_swapping(engine: str, number: int) -> None:
    problem = without_locks(problem_of(number))
    result = solved(problem, engine)
    assert result is not None
    cost, left = costs(problem), room(problem, result.chosen)
    arc_of = {pair: arc for arc, pair in enumerate(zip(problem.learner.tolist(), problem.seat.tolist(), strict=True))}
    for (who, seat), arc in arc_of.items():
        mine = int(result.chosen[who])
        own_seat = int(problem.seat[mine]) if mine >= 0 else None
        if has_room(problem, left, seat, own_seat):
            assert mine >= 0
            assert cost[arc] >= cost[mine]
    placed = np.flatnonzero(result.chosen >= 0).tolist()
    for one, two in combinations(placed, 2):
        mine, yours = int(result.chosen[one]), int(result.chosen[two])
        swapped = arc_of.get((one, int(problem.seat[yours]))), arc_of.get((two, int(problem.seat[mine])))
        if None not in swapped and problem.seat[mine] != problem.seat[yours]:
            now, then = ([cost[arc] for arc in pair] for pair in ((mine, yours), swapped))
            assert tuple(map(sum, zip(*then, strict=True))) > tuple(map(sum, zip(*now, strict=True)))


@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_equals_envy_only_a_better_draw(number: int) -> None:
    """Two learners with the same seats at the same costs: who sits better drew better, in sum with the other."""
    problem = without_locks(problem_of(number, learners=5))
    twice = twins(problem)
    result = solved(twice)
    assert result is not None
    draw = [cost[-1] for cost in costs(twice)]
    arcs = problem.n_arcs
    for who in range(problem.n_learners):
        mine, yours = int(result.chosen[who]), int(result.chosen[who + problem.n_learners])
        if mine >= 0 and yours >= 0 and twice.seat[mine] != twice.seat[yours]:
            assert draw[mine] + draw[yours] <= draw[yours - arcs] + draw[mine + arcs]


def twins(problem: Problem) -> Problem:
    """Every learner twice."""
    n = problem.n_learners
    return replace(
        problem,
        n_learners=2 * n,
        learner=np.concatenate([problem.learner, problem.learner + n]),
        seat=np.tile(problem.seat, 2),
        levels=np.tile(problem.levels, 2),
        learner_key=np.arange(2 * n),
    )


def shuffled(problem: Problem, number: int) -> tuple[Problem, np.ndarray, np.ndarray, np.ndarray]:
    """The problem with learners, seat nodes, upper nodes, arcs and capacity rows in another order; and the orders."""
    rng = np.random.default_rng(number)
    who, arc, row = (rng.permutation(size) for size in (problem.n_learners, problem.n_arcs, len(problem.cap_tail)))
    node = np.concatenate(
        [rng.permutation(problem.n_seats), problem.n_seats + rng.permutation(problem.n_nodes - problem.n_seats)]
    )
    new_who, new_arc, new_node = np.argsort(who), np.append(np.argsort(arc), -1), np.append(np.argsort(node), -1)
    other = Problem(
        n_learners=problem.n_learners,
        learner=new_who[problem.learner[arc]],
        seat=new_node[problem.seat[arc]],
        levels=problem.levels[:, arc],
        cap_tail=new_node[problem.cap_tail[row]],
        cap_head=new_node[problem.cap_head[row]],
        cap_seats=problem.cap_seats[row],
        locked=None if problem.locked is None else new_arc[problem.locked[who]],
        learner_key=problem.learner_key[who],
        seat_key=problem.seat_key[node[: problem.n_seats]],
    )
    return other, who, arc, node


@pytest.mark.parametrize("policy", list(Policy))
@settings(deadline=None, max_examples=40)
@given(NUMBERS)
def test_order_and_threads_play_no_part(policy: Policy, number: int) -> None:
    problem = problem_of(number)
    first = solved(problem, "auto", policy)
    other, who, arc, node = shuffled(problem, number)
    second = solved(other, "auto", policy)
    if first is None or second is None:
        assert first is second
        return
    back = np.append(arc, -1)[second.chosen]
    assert back.tolist() == first.chosen[who].tolist()
    assert second.duals.tolist() == first.duals[:, node].tolist()
    threaded = solve(problem, policy, SEED, threads=2)
    for name in ("chosen", "level_sums", "objective_sums", "cap_flow", "duals", "shortage_learners", "shortage_seats"):
        assert np.array_equal(getattr(threaded, name), getattr(first, name))


@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_another_seed_gives_the_same_objective(number: int) -> None:
    problem = problem_of(number)
    first, second = solved(problem), solved(problem, seed="another")
    assert (first and value(first)) == (second and value(second))


@settings(deadline=None, max_examples=80)
@given(NUMBERS)
def test_one_wish_less_never_helps_and_a_closed_one_more_changes_nothing(number: int) -> None:
    problem = without_locks(problem_of(number))
    if not problem.n_arcs:
        return
    result = solved(problem)
    keep = np.arange(problem.n_arcs) != number % problem.n_arcs
    less = replace(problem, learner=problem.learner[keep], seat=problem.seat[keep], levels=problem.levels[:, keep])
    assert value(solved(less)) >= value(result)
    closed = with_closed_seat(problem, number % problem.n_learners)
    assert value(solved(closed)) == value(result)


def with_closed_seat(problem: Problem, who: int) -> Problem:
    """One more seat node, with no seats, that one learner would like best."""
    seat, shift = problem.n_seats, lambda nodes: np.where(nodes >= problem.n_seats, nodes + 1, nodes)
    return Problem(
        n_learners=problem.n_learners,
        learner=np.append(problem.learner, who),
        seat=np.append(problem.seat, seat),
        levels=np.hstack([problem.levels, np.zeros((problem.levels.shape[0], 1), np.int64)]),
        cap_tail=np.append(shift(problem.cap_tail), seat),
        cap_head=np.append(shift(problem.cap_head), -1),
        cap_seats=np.append(problem.cap_seats, 0),
        learner_key=problem.learner_key,
        seat_key=np.append(problem.seat_key, b"closed"),
    )


@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_a_slot_of_two_is_two_slots_of_one(number: int) -> None:
    """A seat node with two seats, and two nodes with one each under the same roof."""
    problem = without_locks(problem_of(number))
    seats = problem.cap_seats.copy()
    row = int(np.flatnonzero(problem.cap_tail == 0)[0])
    seats[row] = 2
    whole = replace(problem, cap_seats=seats)
    result = solved(whole)
    seats = seats.copy()
    seats[row] = 1
    twin, at_first = problem.n_seats, problem.seat == 0
    shift = lambda nodes: np.where(nodes >= twin, nodes + 1, nodes)  # noqa: E731 -- used twice, below
    split = Problem(
        n_learners=problem.n_learners,
        learner=np.append(problem.learner, problem.learner[at_first]),
        seat=np.append(problem.seat, np.full(at_first.sum(), twin)),
        levels=np.hstack([problem.levels, problem.levels[:, at_first]]),
        cap_tail=np.append(shift(problem.cap_tail), twin),
        cap_head=np.append(shift(problem.cap_head), shift(problem.cap_head)[row]),
        cap_seats=np.append(seats, 1),
        learner_key=problem.learner_key,
        seat_key=np.append(problem.seat_key, b"twin"),
    )
    assert value(solved(split)) == value(result)


@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_a_constant_for_one_learner_who_is_always_placed_moves_nobody(number: int) -> None:
    problem = without_locks(problem_of(number))
    result = solved(problem)
    roomy = replace(problem, cap_seats=np.full_like(problem.cap_seats, problem.n_learners))
    result = solved(roomy)
    raised = roomy.levels + np.where(roomy.learner == number % roomy.n_learners, 7, 0)
    assert solved(replace(roomy, levels=raised)).chosen.tolist() == result.chosen.tolist()


@settings(deadline=None, max_examples=40)
@given(NUMBERS, NUMBERS)
def test_regions_apart_are_solved_apart(one: int, two: int) -> None:
    first, second = (without_locks(problem_of(number)) for number in (one, two))
    apart = [solved(problem).chosen for problem in (first, second)]
    joined = union(first, second)
    keyed = [
        replace(first, learner_key=joined.learner_key[: first.n_learners], seat_key=joined.seat_key[: first.n_seats])
    ]
    keyed.append(
        replace(second, learner_key=joined.learner_key[first.n_learners :], seat_key=joined.seat_key[first.n_seats :])
    )
    apart = [solved(problem).chosen for problem in keyed]
    shifted = np.where(apart[1] >= 0, apart[1] + first.n_arcs, -1)
    assert solved(joined).chosen.tolist() == [*apart[0].tolist(), *shifted.tolist()]


def union(first: Problem, second: Problem) -> Problem:
    """Two problems side by side: seat nodes of both first, then the upper nodes of both."""
    seats = first.n_seats + second.n_seats
    upper = first.n_nodes - first.n_seats

    def place(problem: Problem, nodes: np.ndarray) -> np.ndarray:
        of_first = problem is first
        seat = nodes + (0 if of_first else first.n_seats)
        above = nodes - problem.n_seats + seats + (0 if of_first else upper)
        return np.where(nodes < 0, -1, np.where(nodes < problem.n_seats, seat, above))

    both = (first, second)
    return Problem(
        n_learners=first.n_learners + second.n_learners,
        learner=np.concatenate([first.learner, second.learner + first.n_learners]),
        seat=np.concatenate([place(problem, problem.seat) for problem in both]),
        levels=np.hstack([first.levels, second.levels]),
        cap_tail=np.concatenate([place(problem, problem.cap_tail) for problem in both]),
        cap_head=np.concatenate([place(problem, problem.cap_head) for problem in both]),
        cap_seats=np.concatenate([first.cap_seats, second.cap_seats]),
        learner_key=np.arange(first.n_learners + second.n_learners),
        seat_key=np.arange(seats),
    )


@settings(deadline=None, max_examples=40)
@given(NUMBERS)
def test_stickiness_keeps_people_and_grows_with_its_weight(number: int) -> None:
    """A re-run with the first run's places as the cheaper ones moves nobody; with a withdrawn seat, fewer."""
    problem = without_locks(problem_of(number, learners=12, seat_nodes=8))
    before = solved(problem).chosen
    again = sticky(problem, before, weight=1)
    assert solved(again).chosen.tolist() == before.tolist()
    withdrawn = problem.cap_seats.copy()
    withdrawn[number % len(withdrawn)] = max(0, withdrawn[number % len(withdrawn)] - 1)
    moves = []
    for weight in (0, 1, 5, 10**6):
        after = solved(replace(sticky(problem, before, weight=weight), cap_seats=withdrawn)).chosen
        moves.append(
            int(((after >= 0) & (before >= 0) & (after != before)).sum() + ((after >= 0) & (before < 0)).sum())
        )
    assert moves == sorted(moves, reverse=True)


def sticky(problem: Problem, before: np.ndarray, *, weight: int) -> Problem:
    """Every other place than the earlier one costs `weight` more in the first level."""
    other = before[problem.learner] != np.arange(problem.n_arcs)
    levels = problem.levels.copy()
    levels[0] += weight * other
    return replace(problem, levels=levels)


@ENGINES
@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_the_shortage_counts_and_a_seat_in_it_places_one_more(engine: str, number: int) -> None:
    problem = without_locks(problem_of(number))
    result = solved(problem, engine)
    assert result is not None
    unplaced = problem.n_learners - result.placed
    inside = np.zeros(problem.n_nodes + 1, np.bool_)
    inside[: problem.n_nodes] = result.duals[0] > 0
    leaving = inside[problem.cap_tail] & ~inside[problem.cap_head]
    assert len(result.shortage_learners) - int(problem.cap_seats[leaving].sum()) == unplaced
    for row in range(len(problem.cap_tail)):
        more = problem.cap_seats.copy()
        more[row] += 1
        gained = solve(replace(problem, cap_seats=more), engine=engine).placed - result.placed
        # Above the arc another capacity may be full too; over the last one nothing is.
        assert gained in ({1} if leaving[row] and problem.cap_head[row] < 0 else {0, int(leaving[row])})


@ENGINES
@settings(deadline=None, max_examples=40)
@given(NUMBERS)
def test_a_level_does_not_depend_on_those_after_it(engine: str, number: int) -> None:
    problem = problem_of(number)
    whole, first = solved(problem, engine), solved(replace(problem, levels=problem.levels[:1]), engine)
    assert (whole and value(whole)[:2]) == (first and value(first))


@pytest.mark.parametrize("policy", [Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY])
def test_three_thousand_laminar_problems_agree_between_the_engines(policy: Policy) -> None:
    """The core and OR-Tools give the same places: the lottery leaves one optimum only."""
    for number in range(1000):
        problem = random_problem(number, learners=14, seat_nodes=9, most_arcs=6)
        ours, theirs = (solved(problem, engine, policy) for engine in ("core", "ortools"))
        if ours is None or theirs is None:
            assert ours is theirs
            continue
        assert (ours.chosen.tolist(), ours.objective_sums.tolist()) == (
            theirs.chosen.tolist(),
            theirs.objective_sums.tolist(),
        )
