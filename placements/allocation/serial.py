"""The serial lottery: learners choose in drawn order, each the best seat still within reach."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import allocating
from placements.allocation.graph import Indices, arcs_by_learner
from placements.allocation.levels import arc_draws, learner_order
from placements.allocation.problem import Ints, Problem
from placements.allocation.seats import Seats, make_seats, seat_the_locked, take

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


@allocating
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
                open_seat = not (s.full[seat[arc]] or s.shut[seat[arc]])
                if open_seat and (best < 0 or _cheaper(levels, draws, arc, best)):
                    best = arc
            if best < 0:
                break
            if take(s, seat[best]):
                chosen[learner] = best


@allocating
def _cheaper(levels: Ints, draws: NDArray[np.uint64], arc: int, other: int) -> bool:
    for level in range(len(levels)):
        if levels[level, arc] != levels[level, other]:
            return levels[level, arc] < levels[level, other]
    return draws[arc] < draws[other]
