"""Check a result whose capacities cross: prices for most learners, and for the rest the search done again."""

import numpy as np

from placements.allocation.binding import Seeds, bound_to, inside, loose, row_nodes
from placements.allocation.bounds import Prices, below_zero, bound, free, minus, still_open, value, worths
from placements.allocation.engine import Result
from placements.allocation.errors import VerificationError
from placements.allocation.levels import Level
from placements.allocation.problem import Bools, Ints, Problem
from placements.allocation.search import Known, Part, search


def check_search(problem: Problem, result: Result, rows: list[Level], prices: Prices, worth: Ints) -> Bools:
    """Search again what was searched; returns the nodes above the searched, whose flow no price proves; [nodes].

    The prices bound the objective from below. Without a search the places must cost just that. Otherwise what the
    result costs above that bound limits every choice of any better answer, so most learners have one choice left.
    The searched must be all those who hang together with a crossing capacity, or with a choice dearer than another,
    by the choices that are left, and searching them must give the same places.
    """
    _require(not below_zero(prices.crossing).any(), "room in a crossing capacity costs less than nothing")
    gap = minus(value(problem, rows, result.chosen), bound(problem, rows, prices, worth))
    if not len(result.searched):
        _require(not any(gap), "the prices do not prove the places: primal and dual differ")
        return np.zeros(problem.n_nodes, np.bool_)
    _require(any(gap), "learners were searched whose places the prices prove")
    _require(gap > (0,) * len(gap), "the places cost less than the prices allow")
    arcs, may_miss = still_open(problem, rows, prices, worth, gap)
    mine = np.zeros(problem.n_learners, np.bool_)
    mine[result.searched] = True
    _require(free(problem, arcs, may_miss)[result.searched].all(), "a learner with one choice left was searched")
    within = inside(problem, arcs, may_miss, mine)
    dearer = (worths(problem, rows, prices, result.chosen) != worth).any(axis=0)
    seeds = Seeds(
        row_nodes(problem, _touched(problem, arcs, mine, within)),
        np.flatnonzero(dearer),
        loose(problem, prices, result.cap_flow),
    )
    again, above = bound_to(problem, arcs, may_miss, result.chosen, seeds)
    _require(np.array_equal(again, mine), "those searched are not those that a crossing capacity binds")
    part = Part(mine, arcs, may_miss, above, within, Known(prices, worth, gap))
    chosen, _ = search(problem, rows[1:], part, result.chosen, result.cap_flow)
    _require(np.array_equal(chosen, result.chosen), "the search leads to other places")
    return above


def _touched(problem: Problem, arcs: Bools, learners: Bools, rows: Ints) -> Bools:
    """Which of these crossing capacities the learners can still reach; [r]."""
    assert problem.cross_seats is not None
    assert problem.cross_row is not None
    seats = np.zeros(problem.n_seats, np.bool_)
    seats[problem.seat[arcs & learners[problem.learner]]] = True
    touched = np.zeros(len(problem.cross_seats), np.bool_)
    touched[problem.cross_row[seats[problem.cross_node]]] = True
    touched &= np.isin(np.arange(len(touched)), rows)
    return touched


def _require(holds: object, claim: str) -> None:
    if not holds:
        raise VerificationError(claim)
