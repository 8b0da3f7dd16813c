"""Who drew what: the lottery among those to whom a seat was worth the same."""

from typing import NamedTuple

import numpy as np

from placements.allocation.engine import Result
from placements.allocation.levels import Lottery, learner_order
from placements.allocation.problem import Bools, Ints, Problem

LARGEST_KEY = 2**62


class Draws(NamedTuple):
    """Per wish row: place in the drawn order 1 …, how many drew, and the last place that got a seat; 0 = no lottery."""

    number: Ints
    equals: Ints
    last: Ints


def draws_among_equals(problem: Problem, result: Result, arc: Ints, wanted: Bools, others: Ints) -> Draws:
    """The lottery of each `wanted` row of the wish arcs. The arcs in `others` were drawn too.

    Equals are arcs to the same seat node at the same cost in every level.
    """
    rows = np.flatnonzero(wanted)
    arcs = np.concatenate([arc[rows], others])
    learner = problem.learner[arcs]
    kind = _kinds(problem, arcs)
    order = np.lexsort((Lottery(problem, result.seed).of(arcs), kind))
    begins = np.flatnonzero(np.diff(kind[order], prepend=-1))
    size = np.diff(begins, append=len(order))
    number = np.empty(len(arcs), np.int64)
    number[order] = np.arange(1, len(order) + 1) - np.repeat(begins, size)
    got = np.where(result.chosen[learner] == arcs, number, 0)
    last = np.maximum.reduceat(got[order], begins) if len(begins) else got
    of_group = np.empty(len(arcs), np.int64)
    of_group[order] = np.repeat(np.arange(len(begins)), size)
    drawn = np.where(last[of_group[: len(rows)]] > 0, rows, len(arc))  # nothing was drawn where none of them got it
    return Draws(*(_at(drawn, column[: len(rows)], len(arc)) for column in (number, size[of_group], last[of_group])))


def turns_at_seats(problem: Problem, result: Result, arc: Ints, wanted: Bools) -> Draws:
    """The serial lottery: the learner's turn, the number of learners, the latest turn that got a seat there."""
    turn = np.empty(problem.n_learners, np.int64)
    turn[learner_order(problem, result.seed)] = np.arange(1, problem.n_learners + 1)
    seated = np.flatnonzero((result.chosen >= 0) & (problem.lock_arcs < 0))
    latest = np.zeros(problem.n_seats, np.int64)
    np.maximum.at(latest, problem.seat[result.chosen[seated]], turn[seated])
    rows = np.flatnonzero(wanted)
    number, last = turn[problem.learner[arc[rows]]], latest[problem.seat[arc[rows]]]
    equals = np.full(len(rows), problem.n_learners)
    return Draws(*(_at(rows, column, len(arc)) for column in (number, equals, last)))


def _at(rows: Ints, column: Ints, length: int) -> Ints:
    """The column at these rows and 0 at all others; row `length` stands for none."""
    whole = np.zeros(length + 1, np.int64)
    whole[rows] = column
    return whole[:-1]


def _kinds(problem: Problem, arcs: Ints) -> Ints:
    """One number per seat node and costs in all levels: equal numbers mean equal in all of them."""
    kind, largest = problem.seat[arcs].astype(np.int64), problem.n_seats
    for row in problem.levels:
        cost = row[arcs]
        most = int(cost.max(initial=0)) + 1
        if largest * most >= LARGEST_KEY:
            kind, largest = _renumbered(kind)
        if largest * most >= LARGEST_KEY:
            cost, most = _renumbered(cost)
        kind = kind * most + cost
        largest *= most
    return kind


def _renumbered(values: Ints) -> tuple[Ints, int]:
    different, place = np.unique(values, return_inverse=True)
    return place, len(different)
