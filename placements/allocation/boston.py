"""The rule of the systems in use today, as a baseline: wish by wish, by lottery among equals (Boston mechanism)."""

import numpy as np

from placements.allocation.core.compiled import allocating
from placements.allocation.graph import Indices, arcs_by_learner
from placements.allocation.levels import arc_draws
from placements.allocation.problem import Ints, Problem
from placements.allocation.seats import Seats, make_seats, seat_the_locked, take


def boston(problem: Problem, wish: Ints, seed: str) -> tuple[Ints, Ints]:
    """Chosen arc per learner [n] and flow per capacity arc [q]; `wish` [m] is each arc's wish number, 0 outside.

    All first wishes are dealt with before any second wish, and so on; who comes first among those with the same
    number is drawn. Those left without a wish then get seats outside, the cheapest arc of all first. Nobody moves
    again. Raises LockConflict when the locks do not fit together.
    """
    seats = make_seats(problem)
    chosen = seat_the_locked(problem, seats)
    seat = np.ascontiguousarray(problem.seat, np.int32)
    draws = arc_draws(problem, seed)
    wished = np.flatnonzero(wish > 0)
    in_turn = wished[np.lexsort((draws[wished], np.asarray(wish)[wished]))]
    _hand_out(seats, in_turn, problem.learner, seat, chosen)
    outside = _rows_of_unplaced(*arcs_by_learner(problem), chosen, seats, seat)
    in_turn = outside[np.lexsort((draws[outside], *problem.levels[::-1, outside]))]
    _hand_out(seats, in_turn, problem.learner, seat, chosen)
    return chosen, seats.flow


@allocating
def _hand_out(s: Seats, in_turn: Ints, learner: Indices, seat: Indices, chosen: Ints) -> None:
    for arc in in_turn:
        if chosen[learner[arc]] < 0 and take(s, seat[arc]):
            chosen[learner[arc]] = arc


@allocating
def _rows_of_unplaced(row: Ints, order: Indices, chosen: Ints, s: Seats, seat: Indices) -> Ints:
    """Arcs of learners without a place whose seat is not known to be full."""
    found = [np.int64(0) for _ in range(0)]
    for learner in range(len(chosen)):
        if chosen[learner] < 0:
            for at in range(row[learner], row[learner + 1]):
                arc = np.int64(order[at] if len(order) else at)
                if not (s.full[seat[arc]] or s.shut[seat[arc]]):
                    found.append(arc)
    return np.array(found)
