"""One change at a time, and the same as solving from scratch."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.allocation import LockConflict, Policy, Problem, ProblemError, solve
from placements.allocation.reoptimise import (
    Change,
    Move,
    State,
    apply,
    late_learner,
    learner_left,
    moved,
    seat_added,
    seat_withdrawn,
    wish_forced,
)
from tests.placements.allocation.builders import from_lists, random_problem

SEEDS = st.integers(0, 2**32)


def test_a_late_learner_starts_a_chain_that_is_told_in_order() -> None:
    lists = {"A": "s1 s2", "B": "s2 s3", "C": "s3 s4"}
    problem = from_lists(lists, {"s1": 1, "s2": 1, "s3": 1, "s4": 1})
    state = State.of(problem, solve(problem, seed="seed"))
    change = late_learner(state, [0], np.array([[0]]), key="D")
    assert change.moves == (Move(3, -1, 6), Move(0, 0, 1), Move(1, 2, 3), Move(2, 4, 5))
    assert (change.placed, change.difference[:2]) == (1, (0, 3))
    assert state.chosen.tolist() == [0, 2, 4]
    apply(state, change)
    assert state.chosen.tolist() == [1, 3, 5, 6]


def test_what_a_wish_would_take() -> None:
    """B has only s1. A got s2 for its sake, and with s1 would leave B without a place."""
    problem = from_lists({"A": "s1 s2", "B": "s1"}, {"s1": 1, "s2": 1})
    state = State.of(problem, solve(problem, seed="seed"))
    change = wish_forced(state, 0, 0)
    assert change.moves == (Move(0, 1, 0), Move(1, 2, -1))
    assert (change.placed, change.difference[:2]) == (-1, (1, -1))


def test_a_withdrawn_seat_and_the_learner_who_takes_the_place_of_one_who_left() -> None:
    problem = from_lists({"A": "s1", "B": "s1 s2", "C": "s2"}, {"s1": 1, "s2": 1})
    result = solve(problem, seed="seed")
    assert result.chosen.tolist() in ([0, -1, 3], [0, 2, -1], [-1, 1, 3])
    state = State.of(problem, result)
    left = learner_left(state, 0)
    assert left.placed == (-1 if result.chosen[0] < 0 else 0) + (result.chosen[0] < 0)
    for seat in (0, 1):
        assert seat_withdrawn(state, seat).placed == -1
    apply(state, seat_withdrawn(state, 0))
    assert (state.chosen >= 0).sum() == 1
    with pytest.raises(ProblemError):
        seat_withdrawn(state, 0)
    with pytest.raises(ProblemError):
        apply(state, left)


def test_locks_stand_in_the_way() -> None:
    problem = from_lists({"A": "s1 s2", "D": "s1 s2"}, {"s1": 1, "s2": 1}, locks={"A": "s1"})
    state = State.of(problem, solve(problem, seed="seed"))
    before = state.chosen
    with pytest.raises(LockConflict):
        wish_forced(state, 1, 0)
    with pytest.raises(LockConflict):
        seat_withdrawn(state, 0)
    assert np.array_equal(state.chosen, before)


def test_what_cannot_be_asked() -> None:
    problem = from_lists({"A": "s1", "B": "s1 s2"}, {"s1": 1, "s2": 1})
    with pytest.raises(ProblemError):
        State.of(problem, solve(problem, Policy.SERIAL))
    state = State.of(problem, solve(problem, Policy.GREEDY))
    for ask in (
        lambda: wish_forced(state, 0, 1),
        lambda: learner_left(state, 2),
        lambda: seat_added(state, 2),
        lambda: late_learner(state, [2], np.array([[0]])),
        lambda: late_learner(state, [0, 0], np.array([[0, 1]])),
        lambda: late_learner(state, [0], np.array([[99]])),
        lambda: late_learner(state, [0], np.array([[0]]), group=1),
    ):
        with pytest.raises(ProblemError):
            ask()


def test_moved_names_those_whose_arc_differs() -> None:
    assert moved(np.array([1, -1, 3]), np.array([1, 2, -1])).tolist() == [1, 2]


@dataclass
class Book:
    """The problem as a book-keeper would keep it: learners by name, to be made into arrays from scratch."""

    problem: Problem
    arcs: dict[int, dict[int, tuple[int, tuple[int, ...]]]]  # learner → arc → (seat, costs)
    locks: dict[int, int]
    keys: dict[int, bytes]
    groups: dict[int, int]
    seats: list[int]

    @classmethod
    def of(cls, problem: Problem) -> "Book":
        arcs: dict[int, dict[int, tuple[int, tuple[int, ...]]]] = {who: {} for who in range(problem.n_learners)}
        for arc, (who, seat) in enumerate(zip(problem.learner.tolist(), problem.seat.tolist(), strict=True)):
            arcs[who][arc] = (seat, tuple(problem.levels[:, arc].tolist()))
        locks = {who: arc for who, arc in enumerate(problem.lock_arcs.tolist()) if arc >= 0}
        groups = {} if problem.group is None else dict(enumerate(problem.group.tolist()))
        return cls(problem, arcs, locks, dict(enumerate(problem.learner_key)), groups, problem.cap_seats.tolist())

    def made(self) -> tuple[Problem, list[int]]:
        """The problem from scratch, and the book's arc of each of its arcs."""
        rows = [(number, arc) for number, who in enumerate(self.arcs) for arc in self.arcs[who]]
        here = {arc: row for row, (_, arc) in enumerate(rows)}
        costs = [row[1] for arcs in self.arcs.values() for row in arcs.values()]
        locked = np.array([here.get(self.locks.get(who, -1), -1) for who in self.arcs], np.int64)
        problem = replace(
            self.problem,
            n_learners=len(self.arcs),
            learner=np.array([number for number, _ in rows], np.int32),
            seat=np.array([row[0] for arcs in self.arcs.values() for row in arcs.values()], np.int32),
            levels=np.array(costs, np.int64).reshape(len(rows), len(self.problem.levels)).T,
            cap_seats=np.array(self.seats),
            locked=locked if self.locks or self.problem.locked is not None else None,
            learner_key=np.array([self.keys[who] for who in self.arcs], np.bytes_).reshape(-1),
            group=None if self.problem.group is None else np.array([self.groups[who] for who in self.arcs], np.int32),
        )
        return problem, [arc for _, arc in rows]


def varied_problem(number: int, *, groups: bool = False) -> Problem:
    """A random forest, in half of the cases with ways from one seat node to another; sometimes with groups."""
    rng = np.random.default_rng(number)
    problem = random_problem(number, learners=9, seat_nodes=6, most_arcs=4)
    if rng.random() < 0.5 and problem.n_seats > 1:
        low = np.sort(rng.integers(0, problem.n_seats, (3, 2)), axis=1)
        low = low[low[:, 0] < low[:, 1]]
        problem = replace(
            problem,
            cap_tail=np.append(problem.cap_tail, low[:, 0]),
            cap_head=np.append(problem.cap_head, low[:, 1]),
            cap_seats=np.append(problem.cap_seats, rng.integers(0, 2, len(low))),
        )
    if groups:
        steps = np.cumsum(rng.integers(0, 3, (3, 3)), axis=1)
        group = rng.integers(0, 3, problem.n_learners).astype(np.int32)
        problem = replace(problem, group=group, group_step=steps)
    return problem


def ask(rng: np.random.Generator, state: State, book: Book) -> Change | None:
    """Ask one random question, and enter it in the book; None when the locks forbid it."""
    kind = rng.choice(["late", "left", "withdrawn", "added", "forced"], p=[0.3, 0.2, 0.2, 0.1, 0.2])
    if kind == "late":
        seats = rng.permutation(book.problem.n_seats)[: rng.integers(0, 4)]
        levels = rng.integers(0, 5, (len(book.problem.levels), len(seats)))
        if state.policy is not Policy.OPTIMUM:
            levels[0] = rng.choice(book.problem.levels[0], len(seats)) if len(book.problem.levels[0]) else 0
            seats, levels = (seats, levels) if book.problem.n_arcs else (seats[:0], levels[:, :0])
        who, first, group = state.n_learners, int(state.net.row[state.n_learners]), int(rng.integers(0, 3))
        group = 0 if book.problem.group is None else group
        costs = [tuple(column) for column in levels.T.tolist()]
        book.arcs[who] = {first + k: (int(seat), costs[k]) for k, seat in enumerate(seats)}
        book.keys[who], book.groups[who] = f"late-{who}".encode(), group
        return late_learner(state, seats.tolist(), levels, key=f"late-{who}", group=group)
    if kind in {"withdrawn", "added"}:
        arc = int(rng.integers(len(book.seats)))
        if kind == "withdrawn" and not book.seats[arc]:
            return None
        book.seats[arc] += 1 if kind == "added" else -1
        return (seat_added if kind == "added" else seat_withdrawn)(state, arc)
    who = int(rng.choice(list(book.arcs)))
    if kind == "left":
        del book.arcs[who]
        book.locks.pop(who, None)
        return learner_left(state, who)
    if not book.arcs[who]:
        return None
    arc = int(rng.choice(list(book.arcs[who])))
    book.locks[who] = arc
    return wish_forced(state, who, book.arcs[who][arc][0])


def run_of_changes(number: int, policy: Policy, *, groups: bool, steps: int = 5) -> int:
    """Compare every step of a random run with solving from scratch; how many moved."""
    rng = np.random.default_rng(number)
    problem = varied_problem(number, groups=groups)
    try:
        state = State.of(problem, solve(problem, policy, "seed", engine="ortools"))
    except LockConflict:
        return 0
    book, count = Book.of(problem), 0
    for _ in range(steps):
        if not book.arcs:
            break
        before, sums = state.chosen.tolist(), state.sums.copy()
        try:
            change = ask(rng, state, book)
        except LockConflict:
            with pytest.raises(LockConflict):
                solve(book.made()[0], policy, "seed", engine="ortools")
            assert state.chosen.tolist() == before
            return count
        if change is None:
            continue
        assert state.chosen.tolist() == before
        apply(state, change)
        count += len(change.moves)
        after = state.chosen.tolist()
        expected = {
            who: (was, now) for who, (was, now) in enumerate(zip([*before, -1], after, strict=False)) if was != now
        }
        assert {move.learner: (move.before, move.after) for move in change.moves} == expected
        check_against_scratch(state, book, policy, change, sums)
    return count


def check_against_scratch(state: State, book: Book, policy: Policy, change: Change, sums: np.ndarray) -> None:
    problem, arcs = book.made()
    scratch = solve(problem, policy, "seed", engine="ortools")
    chosen = [arcs[row] if row >= 0 else -1 for row in scratch.chosen.tolist()]
    assert [int(state.chosen[who]) for who in book.arcs] == chosen
    # A learner locked in the meantime counts otherwise among the locks, which is no matter of degree.
    now = dict(zip(state.names, state.sums.tolist(), strict=True))
    fresh = dict(zip(scratch.objective_names, scratch.objective_sums.tolist(), strict=True))
    if policy is Policy.OPTIMUM:
        assert {name: now[name] for name in now if name != "locks"} == {
            name: fresh[name] for name in fresh if name != "locks"
        }
    assert (state.sums - sums).tolist() == list(change.difference)
    check_prices(state)


def check_prices(state: State) -> None:
    """No step of one unit has a negative reduced cost, so nothing better is one search away next time."""
    net = state.net
    price = net.price
    first_group, zero = len(net.head_of) - len(net.waiting), [0] * price.shape[1]
    for who in range(state.n_learners):
        used = int(net.used[who])
        if used == -2 or net.fixed[who]:
            continue
        here = state.cost(used) + price[net.at[who]]
        ways = [state.cost(arc) + price[net.seat[arc]] for arc in range(net.row[who], net.row[who + 1])]
        ways.append(state.cost(-1) + price[first_group + net.group[who]])
        assert min((way - here).tolist() for way in ways) >= zero
    for arc in range(len(net.tail)):
        reduced = (price[net.head[arc]] - price[net.tail[arc]]).tolist()
        assert net.flow[arc] >= net.seats[arc] or reduced >= zero
        assert net.flow[arc] == 0 or reduced <= zero


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_incremental_is_from_scratch(number: int) -> None:
    run_of_changes(number, Policy.OPTIMUM, groups=False)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from([Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY]))
def test_incremental_is_from_scratch_with_groups_and_profiles(number: int, policy: Policy) -> None:
    run_of_changes(number, policy, groups=policy is Policy.OPTIMUM, steps=3)


def test_the_random_runs_do_move_learners() -> None:
    assert sum(run_of_changes(number, Policy.OPTIMUM, groups=False) for number in range(60)) > 40
