"""Exact re-optimisation of a solved problem after one change: who moves where, and what it costs in every level.

An optimum with its prices is repaired by one or two shortest-path searches, so a question about one learner or one seat
is answered in a fraction of a millisecond. `State.of` lays a result out once; each question leaves it as it was, and
`apply` carries a change out. A State serves one thread at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from placements.allocation import reroute
from placements.allocation.errors import LockConflict, ProblemError
from placements.allocation.problem import Ints
from placements.allocation.reroute import GONE, NOBODY
from placements.allocation.state import Search, State, keep_late_learner, late_costs, with_late_learner

__all__ = [
    "Change",
    "Kind",
    "Move",
    "State",
    "apply",
    "late_learner",
    "learner_left",
    "moved",
    "seat_added",
    "seat_withdrawn",
    "wish_forced",
]


class Kind(StrEnum):
    """What was changed."""

    LATE_LEARNER = "late learner"
    LEARNER_LEFT = "learner left"
    SEAT_WITHDRAWN = "seat withdrawn"
    SEAT_ADDED = "seat added"
    WISH_FORCED = "wish forced"


@dataclass(frozen=True)
class Move:
    """A learner and its arc before and after, −1 for none."""

    learner: int
    before: int
    after: int


@dataclass(frozen=True)
class Change:
    """One change and all that follows from it in the new optimum.

    `moves` in the order in which one makes room for the next; the learner the change is about comes first.
    `difference` is new minus old in every level of the objective, the first being the number unplaced.
    """

    kind: Kind
    moves: tuple[Move, ...]
    difference: tuple[int, ...]
    version: int
    again: Callable[[State], None]

    @property
    def placed(self) -> int:
        """How many more have a place; a learner who leaves counts as neither placed nor unplaced."""
        left = {Kind.LATE_LEARNER: 1, Kind.LEARNER_LEFT: -1}.get(self.kind, 0)
        return left - self.difference[0]


def late_learner(
    state: State, seats: Sequence[int], levels: NDArray[np.integer], *, key: str = "", group: int = 0
) -> Change:
    """One more learner, with arcs to these seat nodes at these costs (`levels` [L, seats], as in Problem).

    The learner gets the next number, and its arcs the next arc numbers. `key` decides its draws. Raises ProblemError
    for a seat node that does not exist or is named twice, and under a profile for a rank cost nobody has.
    """
    if not 0 <= group < len(state.net.waiting):
        raise ProblemError(f"there is no group {group}")
    chosen = np.asarray(seats, np.int64)
    costs = late_costs(state, chosen, levels, key)

    def change(state: State) -> None:
        with_late_learner(state, chosen, costs, group)
        reroute.start_with(state.net, state.work, state.n_learners)
        state.search(Search.PUSH)

    return _asked(state, Kind.LATE_LEARNER, change)


def learner_left(state: State, learner: int) -> Change:
    """The learner is gone, with its place. Raises ProblemError when it was not there."""
    _require_learner(state, learner)

    def change(state: State) -> None:
        net, node = state.net, state.net.at[learner]
        reroute.note(state.work, reroute.GIVES_UP, learner, net.used[learner])
        reroute.sit(net, learner, GONE)
        reroute.start_at(state.work, node)
        state.search(Search.PULL)

    return _asked(state, Kind.LEARNER_LEFT, change)


def seat_withdrawn(state: State, cap_arc: int) -> Change:
    """One seat fewer on the capacity arc. Raises ProblemError when it has none, LockConflict when the locks need it."""
    if not 0 <= cap_arc < len(state.net.tail) or state.net.seats[cap_arc] == 0:
        raise ProblemError(f"capacity arc {cap_arc} has no seat to withdraw")

    def change(state: State) -> None:
        net, work = state.net, state.work
        state.change_seats(cap_arc, -1)
        if net.flow[cap_arc] <= net.seats[cap_arc]:
            return
        net.flow[cap_arc] -= 1
        reroute.note(work, reroute.DOWN, cap_arc, 0)
        if net.head[cap_arc] != state.sink:
            reroute.start_at(work, net.head[cap_arc])
            state.search(Search.PULL)
        reroute.start_at(work, net.tail[cap_arc])
        if state.search(Search.PUSH) == NOBODY:
            raise LockConflict(np.flatnonzero(net.fixed[: state.n_learners]).tolist())

    return _asked(state, Kind.SEAT_WITHDRAWN, change)


def seat_added(state: State, cap_arc: int) -> Change:
    """One seat more on the capacity arc. Raises ProblemError for an arc that does not exist."""
    if not 0 <= cap_arc < len(state.net.tail):
        raise ProblemError(f"there is no capacity arc {cap_arc}")

    def change(state: State) -> None:
        net, work = state.net, state.work
        state.change_seats(cap_arc, 1)
        tail, head = net.tail[cap_arc], net.head[cap_arc]
        if net.flow[cap_arc] + 1 < net.seats[cap_arc] or net.price[tail].tolist() <= net.price[head].tolist():
            return
        # Used first, then paid for: a unit is missing below it, and there is one too many above.
        net.flow[cap_arc] += 1
        reroute.note(work, reroute.UP, cap_arc, 0)
        reroute.start_at(work, tail)
        if state.search(Search.PULL, head) == state.sink != head:
            reroute.start_at(work, head)
            state.search(Search.PUSH)

    return _asked(state, Kind.SEAT_ADDED, change)


def wish_forced(state: State, learner: int, seat: int) -> Change:
    """The learner is locked to the seat node: exactly what granting that wish would take, and of whom.

    Raises ProblemError when the learner has no arc there, LockConflict when the seat is closed or held by locks.
    """
    _require_learner(state, learner)
    position = state.position_of(learner, seat)

    def change(state: State) -> None:
        net, work, node = state.net, state.work, state.net.at[learner]
        state.lock(learner)
        if net.used[learner] == position:
            return
        reroute.note(work, reroute.TAKES, position, net.used[learner])
        reroute.sit(net, learner, position)
        reroute.start_at(work, node)
        state.search(Search.PULL)
        reroute.start_at(work, seat)
        if state.search(Search.PUSH) == NOBODY:
            raise LockConflict([learner])

    return _asked(state, Kind.WISH_FORCED, change)


def apply(state: State, change: Change) -> None:
    """Carry a change out, so that the next question is about what it leads to.

    Raises ProblemError when the state has changed since the change was worked out.
    """
    if change.version != state.version:
        raise ProblemError("the change was worked out for another state")
    state.forget()
    change.again(state)
    if change.kind is Kind.LATE_LEARNER:
        keep_late_learner(state)
    state.sums += change.difference
    state.version += 1


def _asked(state: State, kind: Kind, change: Callable[[State], None]) -> Change:
    """Do it, note what happened, and undo it."""
    state.forget()
    try:
        change(state)
        moves = _moves(state)
        difference = _difference(state, moves)
    finally:
        state.undo()
    there = [Move(learner, state.arc_at(before), state.arc_at(after)) for learner, before, after in moves]
    there = [move for move in there if move.before != move.after]
    return Change(kind, tuple(there), difference, state.version, change)


def _moves(state: State) -> list[tuple[int, int, int]]:
    """(learner, used before, used now) of those involved: the cause, those it makes room, those who fill up."""
    steps = state.steps()
    first: dict[int, int] = {}
    for learner, was in steps:
        if learner != NOBODY:
            first.setdefault(learner, was)
    ordered = list(range(state.searches[0].begin if state.searches else len(steps)))
    for which in (Search.PUSH, Search.PULL):
        for search in state.searches:
            if search.which is which:
                # The compiled search notes its steps from the end of the way.
                ordered += range(search.end - 1, search.begin - 1, -1)
    chain = dict.fromkeys(steps[k][0] for k in ordered if steps[k][0] != NOBODY)
    return [(learner, first[learner], int(state.net.used[learner])) for learner in chain]


def _difference(state: State, moves: list[tuple[int, int, int]]) -> tuple[int, ...]:
    difference = np.zeros(len(state.names), np.int64)
    for _, before, now in moves:
        difference += state.cost(now) - state.cost(before)
    difference[state.net.step_level[0]] += state.fairness_difference()
    return tuple(difference.tolist())


def _require_learner(state: State, learner: int) -> None:
    if not 0 <= learner < state.n_learners or state.net.used[learner] == GONE:
        raise ProblemError(f"there is no learner {learner}")


def moved(before: Ints, after: Ints) -> Ints:
    """Learners whose arc differs between two columns of chosen arcs of the same problem."""
    return np.flatnonzero(before != after)
