"""The serial lottery: learners choose in drawn order, each the best seat still within reach."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from placements.allocation.errors import LockConflict
from placements.allocation.graph import Indices, arcs_by_learner, by_key
from placements.allocation.levels import arc_draws, learner_order
from placements.allocation.problem import SINK, Bools, Ints, Problem

Progress = Callable[[str, float], None]

TURNS = 16_384


def silent(_stage: str, _fraction: float) -> None:
    """Report no progress."""


def serial_lottery(problem: Problem, seed: str, report: Progress = silent) -> tuple[Ints, Ints]:
    """Chosen arc per learner [n] and flow per capacity arc [q]. Locked learners sit first.

    A learner takes its cheapest arc, levels compared in order and equals by lottery, whose seat node still
    has a way to the sink. Raises LockConflict when the locks do not fit together.
    """
    seats = make_seats(problem)
    chosen = seat_the_locked(problem, seats)
    row, order = arcs_by_learner(problem)
    seat = np.ascontiguousarray(problem.seat, np.int32)
    draws = arc_draws(problem, seed)
    turns = learner_order(problem, seed)
    turns = turns[chosen[turns] < 0]
    for begin in range(0, len(turns), TURNS):
        report("place", 0.05 + 0.9 * begin / len(turns))
        _take_turns(seats, turns[begin : begin + TURNS], row, order, seat, problem.levels, draws, chosen)
    return chosen, seats.flow


class Seats(NamedTuple):
    """The capacity network with its flow. A node that once has no way to the sink (`full`) never gets one again."""

    up: Ints
    up_arc: Indices
    down: Ints
    down_arc: Indices
    tail: Ints
    head: Ints
    seats: Ints
    flow: Ints
    full: Bools
    came: Ints
    seen: Ints
    stamp: Ints


def make_seats(problem: Problem) -> Seats:
    """All seats, nobody on them."""
    nodes = problem.n_nodes
    up, up_arc = by_key(problem.cap_tail, nodes)
    down, down_arc = by_key(np.where(problem.cap_head == SINK, nodes, problem.cap_head), nodes + 1)
    return Seats(
        up=up,
        up_arc=up_arc,
        down=down,
        down_arc=down_arc,
        tail=problem.cap_tail.astype(np.int64),
        head=problem.cap_head.astype(np.int64),
        seats=problem.cap_seats.astype(np.int64),
        flow=np.zeros(len(problem.cap_tail), np.int64),
        full=np.zeros(nodes, np.bool_),
        came=np.zeros(nodes + 1, np.int64),
        seen=np.zeros(nodes + 1, np.int64),
        stamp=np.zeros(nodes + 2, np.int64),
    )


def seat_the_locked(problem: Problem, seats: Seats) -> Ints:
    """Give every locked learner its seat; chosen arc per learner. Raises LockConflict when they do not all fit."""
    lock = problem.lock_arcs
    chosen = np.full(problem.n_learners, -1, np.int64)
    lost = [learner for learner in np.flatnonzero(lock >= 0) if not take(seats, problem.seat[lock[learner]])]
    if lost:
        raise LockConflict([int(learner) for learner in lost])
    chosen[lock >= 0] = lock[lock >= 0]
    return chosen


@njit(cache=True, nogil=True)
def take(s: Seats, seat: int) -> bool:
    """Send one learner from the seat node to the sink, moving earlier ones to other ways if it helps."""
    if s.full[seat]:
        return False
    s.stamp[-1] += 1
    now, sink = s.stamp[-1], len(s.full)
    s.seen[0], s.stamp[seat] = seat, now
    done, count = 0, 1
    while done < count:
        node = s.seen[done]
        done += 1
        for k in range(s.up[node], s.up[node + 1]):
            arc = s.up_arc[k]
            target = s.head[arc] if s.head[arc] != SINK else sink
            if s.flow[arc] < s.seats[arc] and s.stamp[target] != now:
                s.came[target] = arc
                if target == sink:
                    _push(s, seat)
                    return True
                if not s.full[target]:
                    s.stamp[target], s.seen[count] = now, target
                    count += 1
        for k in range(s.down[node], s.down[node + 1]):
            arc = s.down_arc[k]
            target = s.tail[arc]
            if s.flow[arc] > 0 and s.stamp[target] != now and not s.full[target]:
                s.came[target] = ~arc
                s.stamp[target], s.seen[count] = now, target
                count += 1
    for k in range(count):
        s.full[s.seen[k]] = True
    return False


@njit(cache=True, nogil=True)
def _push(s: Seats, seat: int) -> None:
    """One more learner along the way found; a step down a capacity arc (~arc) takes one off it."""
    node = len(s.full)
    while node != seat:
        arc = s.came[node]
        if arc >= 0:
            s.flow[arc] += 1
            node = s.tail[arc]
        else:
            s.flow[~arc] -= 1
            node = s.head[~arc]


@njit(cache=True, nogil=True)
def _take_turns(
    s: Seats,
    turns: Ints,
    row: Ints,
    order: Indices,
    seat: Indices,
    levels: Ints,
    draws: NDArray[np.uint64],
    chosen: Ints,
) -> None:
    for learner in turns:
        while chosen[learner] < 0:
            best = -1
            for at in range(row[learner], row[learner + 1]):
                arc = order[at] if len(order) else at
                if not s.full[seat[arc]] and (best < 0 or _cheaper(levels, draws, arc, best)):
                    best = arc
            if best < 0:
                break
            if take(s, seat[best]):
                chosen[learner] = best


@njit(cache=True, nogil=True)
def _cheaper(levels: Ints, draws: NDArray[np.uint64], arc: int, other: int) -> bool:
    for level in range(len(levels)):
        if levels[level, arc] != levels[level, other]:
            return levels[level, arc] < levels[level, other]
    return draws[arc] < draws[other]
