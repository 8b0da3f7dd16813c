"""Check a result whose capacities cross: prices for most learners, and for the rest the search done again."""

import numpy as np

from placements.allocation.crossing import bound_to, free, inside, minus, missing, still_open, value, worths
from placements.allocation.engine import Result
from placements.allocation.errors import VerificationError
from placements.allocation.levels import Level
from placements.allocation.problem import Bools, Ints, Problem
from placements.allocation.search import Part, search


def worths_of(problem: Problem, result: Result, rows: list[Level]) -> Ints:
    """What each learner's place costs at the prices, for the searched the cheapest choice they had; [1 + K, n]."""
    worth = worths(problem, rows, result.duals, result.group_price, result.chosen)
    if not len(result.searched):
        return worth
    searched = np.zeros(problem.n_learners, np.bool_)
    searched[result.searched] = True
    arc = np.flatnonzero(problem.allowed() & searched[problem.learner])
    absent = missing(problem, len(rows), result.group_price)[:, result.searched]
    learner = np.append(problem.learner[arc], result.searched)
    cost = np.vstack([level.of(arc) + result.duals[row][problem.seat[arc]] for row, level in enumerate(rows)])
    cost = np.hstack([cost, absent])
    order = np.lexsort((*cost[::-1], learner))
    first = order[np.flatnonzero(np.diff(learner[order], prepend=-1))]
    worth[:, learner[first]] = cost[:, first]
    return worth


def check_search(problem: Problem, result: Result, rows: list[Level], worth: Ints) -> Bools:
    """Search again what was searched; returns the nodes above the searched, whose flow no price proves; [nodes].

    The prices bound the objective from below. What the result costs above that bound limits every choice of any
    better answer, so most learners have one choice left. The searched must be all those who hang together with a
    crossing capacity by the choices that are left, and searching them must give the same places.
    """
    nobody = np.zeros(problem.n_nodes, np.bool_)
    searched = result.searched
    if not len(searched):
        return nobody
    gap = minus(value(problem, rows[1:], result.chosen), bound(problem, result, rows, worth))
    _require(gap >= (0,) * len(gap), "the places cost less than the prices allow")
    arcs, may_miss = still_open(problem, rows, result.duals, result.group_price, worth, gap)
    mine = np.zeros(problem.n_learners, np.bool_)
    mine[searched] = True
    _require(free(problem, arcs, may_miss)[searched].all(), "a learner with one choice left was searched")
    within = inside(problem, arcs, may_miss, mine)
    open_seats = np.zeros(problem.n_seats, np.bool_)
    open_seats[problem.seat[arcs & mine[problem.learner]]] = True
    assert problem.cross_row is not None
    assert problem.cross_node is not None
    own = np.isin(problem.cross_row, within) & open_seats[problem.cross_node]
    seeds = problem.cross_node[np.isin(problem.cross_row, problem.cross_row[own])].astype(np.int64)
    again, above = bound_to(problem, arcs, may_miss, result.chosen, seats=seeds)
    _require(np.array_equal(again, mine), "those searched are not those that a crossing capacity binds")
    part = Part(mine, arcs, may_miss, above, within)
    chosen, _ = search(problem, rows[1:], part, result.chosen, result.cap_flow)
    _require(np.array_equal(chosen, result.chosen), "the search leads to other places")
    return above


def bound(problem: Problem, result: Result, rows: list[Level], worth: Ints) -> tuple[int, ...]:
    """The least objective the prices allow, crossing capacities aside, level by level."""
    total = [sum(one.tolist()) for one in worth]
    price = np.hstack([result.duals, np.zeros((len(rows), 1), np.int64)])
    reduced = price[:, problem.cap_head] - price[:, problem.cap_tail]
    gains = np.flatnonzero(_below_zero(reduced))
    seats = np.minimum(problem.cap_seats[gains], problem.n_learners + 1).tolist()
    for row in range(len(rows)):
        total[row] += sum(cost * number for cost, number in zip(reduced[row, gains].tolist(), seats, strict=True))
    steps = problem.steps()
    for group in range(problem.n_groups):
        own = steps[group]
        cost = np.broadcast_to(-result.group_price[:, group : group + 1], (len(rows), len(own))).copy()
        cost[[level.name == "fairness" for level in rows]] += own
        pays = _below_zero(cost)
        number = np.where(np.arange(len(own)) == len(own) - 1, problem.n_learners + 1, 1)
        for row in range(len(rows)):
            total[row] += sum(a * b for a, b in zip(cost[row, pays].tolist(), number[pays].tolist(), strict=True))
    return tuple(total)


def _below_zero(vectors: Ints) -> Bools:
    """Which columns are less than zero, the first row that is not zero deciding."""
    negative = np.zeros(vectors.shape[1], np.bool_)
    undecided = np.ones(vectors.shape[1], np.bool_)
    for row in vectors:
        negative |= undecided & (row < 0)
        undecided &= row == 0
    return negative


def _require(holds: object, claim: str) -> None:
    if not holds:
        raise VerificationError(claim)
