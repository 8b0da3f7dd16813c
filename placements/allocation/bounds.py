"""What prices prove where capacities cross: a bound on every answer, and which choices a good one may still make."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from placements.allocation.levels import FAIRNESS, Level, fairness_sum
from placements.allocation.problem import Bools, Ints, Problem

Vector = tuple[int, ...]

ARCS_AT_A_TIME = 1 << 20


@dataclass(frozen=True, eq=False)
class Prices:
    """One price per level of a seat at each node [levels, nodes], of one more unplaced learner in each group
    [levels, groups], and of room in each crossing capacity [levels, r]. The first level is the number unplaced.
    """

    nodes: Ints
    groups: Ints
    crossing: Ints

    def reduced(self, problem: Problem) -> Ints:
        """What one more learner on each capacity arc costs: less than nothing where it pays to fill it; [levels, q]."""
        price = np.hstack([self.nodes, np.zeros((len(self.nodes), 1), np.int64)])
        reduced: Ints = price[:, problem.cap_head] - price[:, problem.cap_tail]
        return reduced

    def at_seats(self, problem: Problem) -> Ints:
        """What a place at each seat node costs, room in the crossing capacities around it included; [levels, seats]."""
        price = self.nodes[:, : problem.n_seats]
        if problem.cross_node is None or not self.crossing.any():
            return price
        price = price.copy()
        for row, crossing in zip(price, self.crossing, strict=True):
            np.add.at(row, problem.cross_node, crossing[problem.cross_row])
        return price


def with_unplaced(problem: Problem, levels: Sequence[Level]) -> list[Level]:
    """The levels with the number unplaced before them: it costs nothing on any arc."""
    return [Level("unplaced", np.broadcast_to(np.int64(0), problem.n_arcs)), *levels]


def value(problem: Problem, rows: Sequence[Level], chosen: Ints) -> Vector:
    """The objective of some places: number unplaced, then each level."""
    on = chosen[chosen >= 0]
    sums = [fairness_sum(problem, chosen) if level.name == FAIRNESS else int(level.of(on).sum()) for level in rows[1:]]
    return (problem.n_learners - len(on), *sums)


def minus(one: Vector, other: Vector) -> Vector:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def missing(problem: Problem, prices: Prices) -> Ints:
    """What it costs to leave each learner unplaced; [levels, learners]."""
    cost = np.zeros((len(prices.nodes), problem.n_learners), np.int64)
    cost[0] = 1
    if problem.group is not None:
        cost += prices.groups[:, problem.group]
    return cost


def worths(problem: Problem, rows: Sequence[Level], prices: Prices, chosen: Ints) -> Ints:
    """What each learner's place, or lack of one, costs at these prices; [levels, learners]."""
    placed = np.flatnonzero(chosen >= 0)
    used = chosen[placed]
    worth = missing(problem, prices)
    seat = prices.at_seats(problem)
    for row, level in enumerate(rows):
        worth[row][placed] = level.of(used) + seat[row][problem.seat[used]]
    return worth


def cheapest(
    problem: Problem, rows: Sequence[Level], prices: Prices, worth: Ints, learners: Bools, arcs: Bools | None = None
) -> None:
    """Put into `worth` what the cheapest choice of these learners costs, levels compared in order.

    `arcs` [m] are those they may choose from, all of theirs unless given.
    """
    who = np.flatnonzero(learners)
    if not len(who):
        return
    arc = np.flatnonzero(problem.allowed() & learners[problem.learner] if arcs is None else arcs)
    seat = prices.at_seats(problem)
    costs = [level.of(arc) + seat[row][problem.seat[arc]] for row, level in enumerate(rows)]
    cost = np.hstack([np.vstack(costs), missing(problem, prices)[:, who]])
    learner = np.append(problem.learner[arc], who)
    order = np.lexsort((*cost[::-1], learner))
    first = order[np.flatnonzero(np.diff(learner[order], prepend=-1))]
    worth[:, learner[first]] = cost[:, first]


def bound(problem: Problem, rows: Sequence[Level], prices: Prices, worth: Ints) -> Vector:
    """The least objective that the prices allow: worth of the learners less what the seats earn, level by level."""
    total = [sum(one.tolist()) for one in worth]
    _earn(total, prices.reduced(problem), np.minimum(problem.cap_seats, problem.n_learners + 1))
    if problem.cross_seats is not None:
        _earn(total, -prices.crossing, problem.cross_seats)
    steps = problem.steps()
    number = np.ones(steps.shape[1], np.int64)
    number[-1] = problem.n_learners + 1
    fair = np.array([level.name == FAIRNESS for level in rows])
    for group in range(problem.n_groups):
        cost = np.repeat(-prices.groups[:, group : group + 1], len(number), axis=1)
        cost[fair] += steps[group]
        _earn(total, cost, number)
    return tuple(total)


def _earn(total: list[int], reduced: Ints, seats: Ints) -> None:
    gains = np.flatnonzero(below_zero(reduced))
    number = seats[gains].tolist()
    for row in range(len(total)):
        total[row] += sum(cost * many for cost, many in zip(reduced[row, gains].tolist(), number, strict=True))


def below_zero(vectors: Ints) -> Bools:
    """Which columns are less than zero, the first row that is not zero deciding."""
    negative = np.zeros(vectors.shape[1], np.bool_)
    undecided = np.ones(vectors.shape[1], np.bool_)
    for row in vectors:
        negative |= undecided & (row < 0)
        undecided &= row == 0
    return negative


def still_open(
    problem: Problem, rows: Sequence[Level], prices: Prices, worth: Ints, gap: Vector
) -> tuple[Bools, Bools]:
    """The arcs [m] and unplaced learners [n] that cost at most `gap` above the prices, levels compared in order.

    Every answer costs the least the prices allow plus what each of its choices costs above them, none of it less
    than nothing. So an answer within `gap` of that least has no choice that alone costs more.
    """
    arcs = problem.allowed()
    price = prices.at_seats(problem)
    for start in range(0, problem.n_arcs, ARCS_AT_A_TIME):
        arc = start + np.flatnonzero(arcs[start : start + ARCS_AT_A_TIME])
        learner, seat = problem.learner[arc], problem.seat[arc]
        for row, level in enumerate(rows):
            above = level.of(arc) + price[row][seat] - worth[row][learner] - gap[row]
            arcs[arc[above > 0]] = False
            tied = above == 0
            arc, learner, seat = arc[tied], learner[tied], seat[tied]
    may_miss = np.ones(problem.n_learners, np.bool_)
    tied = may_miss.copy()
    for row, cost in enumerate(missing(problem, prices)):
        above = cost - worth[row] - gap[row]
        may_miss &= ~(tied & (above > 0))
        tied &= above == 0
    return arcs, may_miss


def free(problem: Problem, arcs: Bools, may_miss: Bools) -> Bools:
    """The learners with more than one choice left; [n]."""
    choices: Bools = np.bincount(problem.learner[arcs], minlength=problem.n_learners) + may_miss > 1
    return choices
