"""Capacities that cross: the flow does what it can prove, a search the learners whom a crossing capacity binds."""

from collections.abc import Callable, Sequence

import numpy as np

from placements.allocation import oracle
from placements.allocation.levels import FAIRNESS, Level, fairness_sum
from placements.allocation.problem import SINK, Bools, Ints, Problem
from placements.allocation.search import Part, search
from placements.allocation.serial import Progress

Solver = Callable[[Problem, list[Level], Progress], tuple[Ints, Ints, Ints]]
Vector = tuple[int, ...]

# A first good answer is looked for among so many learners around the capacities that are exceeded.
FEW_LEARNERS = 150
# So few choices are searched at once, without looking for that answer.
FEW_ARCS = 3_000
ARCS_AT_A_TIME = 1 << 20


def minimum(
    problem: Problem, levels: list[Level], report: Progress, solver: Solver = oracle.minimum
) -> tuple[tuple[Ints, Ints, Ints], Ints]:
    """The best places that keep the crossing capacities too: chosen, cap_flow, duals as of `solver`; and searched.

    `solver` first solves the problem without the crossing capacities. Where none of them is exceeded that is the
    answer, and its prices prove it. Otherwise the learners who could take part in a better answer are placed by an
    exact search (`searched`, learners in order): a good answer found near by bounds how much any choice may cost
    above its price (`still_open`), and only learners with a choice left, and bound to an exceeded capacity by
    capacities that can fill (`bound_to`), are searched. The others keep their places.

    The duals remain those of the problem without crossing capacities: they prove the places of the others and
    bound the whole from below; the search is proven by being done again (`verify`). Raises TooEntangled when too
    many learners hang together.
    """
    chosen, cap_flow, duals = solver(problem, levels, report)
    start = (chosen, cap_flow)
    load = _Market(problem, levels, duals, chosen)
    exceeded = over(problem, chosen)
    if not exceeded.any():
        return (chosen, cap_flow, duals), np.zeros(0, np.int64)
    report("search", 0.9)
    active = exceeded
    while True:
        (chosen, cap_flow), learners = _answer(load, start, active)
        exceeded = over(problem, chosen)
        if not exceeded.any():
            return (chosen, cap_flow, duals), np.flatnonzero(learners)
        active = active | exceeded


def over(problem: Problem, chosen: Ints) -> Bools:
    """Which crossing capacities hold more learners than they may; [r]."""
    assert problem.cross_seats is not None
    assert problem.cross_row is not None
    load = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.n_seats)[problem.cross_node]
    too_many: Bools = np.bincount(problem.cross_row, load, len(problem.cross_seats)) > problem.cross_seats
    return too_many


class _Market:
    """The problem with the prices of its flow: what each choice costs above them."""

    def __init__(self, problem: Problem, levels: list[Level], duals: Ints, chosen: Ints) -> None:
        self.problem, self.levels, self.duals = problem, levels, duals
        self.rows = [Level("unplaced", np.broadcast_to(np.int64(0), problem.n_arcs)), *levels]
        self.nodes, self.groups = duals[:, : problem.n_nodes], duals[:, problem.n_nodes :]
        self.allowed = problem.allowed()
        self.worth = worths(problem, self.rows, self.nodes, self.groups, chosen)
        self.least = value(problem, levels, chosen)

    def left(self, best: Ints | None) -> tuple[Bools, Bools]:
        """The arcs [m] and unplaced learners [n] that could be part of an answer as good as this one."""
        lock = self.problem.lock_arcs
        # An answer that breaks a lock is none, and says nothing of those that keep it.
        if best is None or (best[lock >= 0] != lock[lock >= 0]).any():
            return self.allowed, np.ones(self.problem.n_learners, np.bool_)
        gap = minus(value(self.problem, self.levels, best), self.least)
        return still_open(self.problem, self.rows, self.nodes, self.groups, self.worth, gap)


def _answer(load: _Market, start: tuple[Ints, Ints], active: Bools) -> tuple[tuple[Ints, Ints], Bools]:
    """The best that keeps the active capacities, and who was placed by search."""
    problem, levels = load.problem, load.levels
    arcs, may_miss = load.left(None)
    learners, above = bound_to(problem, arcs, may_miss, start[0], seats=row_nodes(problem, active))
    best: Ints | None = None
    if int((arcs & learners[problem.learner]).sum()) > FEW_ARCS:
        near = _near(problem, arcs, start[0], active)
        part = Part(near, arcs, may_miss, _above(problem, arcs, near), np.arange(len(active)))
        best = search(problem, levels, part, *start)[0]
        arcs, may_miss = load.left(best)
        learners, above = bound_to(problem, arcs, may_miss, start[0], seats=row_nodes(problem, active))
    rows = inside(problem, arcs, may_miss, learners)
    found = search(problem, levels, Part(learners, arcs, may_miss, above, rows), *start)
    # By what was found fewer choices remain: those that `verify` will search again.
    arcs, may_miss = load.left(found[0])
    learners, _ = bound_to(problem, arcs, may_miss, start[0], seats=row_nodes(problem, active))
    return found, learners


def _near(problem: Problem, arcs: Bools, chosen: Ints, active: Bools) -> Bools:
    """Those who sit in the exceeded capacities, and some who sit where they could go."""
    seats = np.zeros(problem.n_seats, np.bool_)
    seats[row_nodes(problem, active)] = True
    near = np.zeros(problem.n_learners, np.bool_)
    placed = np.flatnonzero(chosen >= 0)
    seat = problem.seat[chosen[placed]]
    while True:
        here = placed[seats[seat]]
        if near[here].all() or int(near.sum()) + len(here) > FEW_LEARNERS > int(near.sum()) > 0:
            return near
        near[here] = True
        seats[problem.seat[arcs & near[problem.learner]]] = True


def _above(problem: Problem, arcs: Bools, learners: Bools) -> Bools:
    above = np.zeros(problem.n_nodes + 1, np.bool_)
    above[problem.seat[arcs & learners[problem.learner]]] = True
    while True:
        before = int(above.sum())
        above[problem.cap_head[above[problem.cap_tail]]] = True
        above[SINK] = False
        if int(above.sum()) == before:
            return above[:-1]


def row_nodes(problem: Problem, rows: Bools) -> Ints:
    """The seat nodes of some crossing capacities."""
    assert problem.cross_row is not None
    assert problem.cross_node is not None
    return problem.cross_node[rows[problem.cross_row]].astype(np.int64)


def inside(problem: Problem, arcs: Bools, may_miss: Bools, learners: Bools) -> Ints:
    """The crossing capacities that only these learners can still move in."""
    assert problem.cross_row is not None
    assert problem.cross_node is not None
    assert problem.cross_seats is not None
    others = free(problem, arcs, may_miss) & ~learners
    moved = np.zeros(problem.n_seats, np.bool_)
    moved[problem.seat[arcs & others[problem.learner]]] = True
    outside = np.zeros(len(problem.cross_seats), np.bool_)
    outside[problem.cross_row[moved[problem.cross_node]]] = True
    return np.flatnonzero(~outside)


def value(problem: Problem, levels: Sequence[Level], chosen: Ints) -> Vector:
    """The objective of some places: number unplaced, then each level."""
    on = chosen[chosen >= 0]
    sums = [fairness_sum(problem, chosen) if level.name == FAIRNESS else int(level.of(on).sum()) for level in levels]
    return (problem.n_learners - len(on), *sums)


def minus(one: Vector, other: Vector) -> Vector:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def worths(problem: Problem, rows: Sequence[Level], nodes: Ints, groups: Ints, chosen: Ints) -> Ints:
    """What each learner's place, or lack of one, costs at these prices; [1 + K, learners]."""
    placed = np.flatnonzero(chosen >= 0)
    used = chosen[placed]
    worth = missing(problem, len(rows), groups)
    for row, level in enumerate(rows):
        worth[row][placed] = level.of(used) + nodes[row][problem.seat[used]]
    return worth


def missing(problem: Problem, rows: int, groups: Ints) -> Ints:
    """What it costs to leave each learner unplaced; [rows, learners]."""
    cost = np.zeros((rows, problem.n_learners), np.int64)
    cost[0] = 1
    if problem.group is not None:
        cost += groups[:, problem.group]
    return cost


def still_open(
    problem: Problem, rows: Sequence[Level], nodes: Ints, groups: Ints, worth: Ints, gap: Vector
) -> tuple[Bools, Bools]:
    """The arcs [m] and unplaced learners [n] that cost at most `gap` above the prices, levels compared in order.

    Every answer costs the least the prices allow plus what each of its choices costs above them, none of it less
    than nothing. So an answer within `gap` of that least has no choice that alone costs more.
    """
    arcs = problem.allowed()
    for start in range(0, problem.n_arcs, ARCS_AT_A_TIME):
        arc = start + np.flatnonzero(arcs[start : start + ARCS_AT_A_TIME])
        learner, seat = problem.learner[arc], problem.seat[arc]
        for row, level in enumerate(rows):
            above = level.of(arc) + nodes[row][seat] - worth[row][learner] - gap[row]
            arcs[arc[above > 0]] = False
            tied = above == 0
            arc, learner, seat = arc[tied], learner[tied], seat[tied]
    may_miss = np.ones(problem.n_learners, np.bool_)
    tied = may_miss.copy()
    for row, cost in enumerate(missing(problem, len(rows), groups)):
        above = cost - worth[row] - gap[row]
        may_miss &= ~(tied & (above > 0))
        tied &= above == 0
    return arcs, may_miss


def free(problem: Problem, arcs: Bools, may_miss: Bools) -> Bools:
    """The learners with more than one choice left; [n]."""
    choices: Bools = np.bincount(problem.learner[arcs], minlength=problem.n_learners) + may_miss > 1
    return choices


def bound_to(
    problem: Problem,
    arcs: Bools,
    may_miss: Bools,
    chosen: Ints,
    *,
    seats: Ints | None = None,
    learners: Ints | None = None,
) -> tuple[Bools, Bools]:
    """Who hangs together with these seat nodes or learners, and the nodes above their seats: [n], [nodes].

    Learners with a choice left hang together when they can reach a common node with a capacity that so many could
    fill, or belong to one group. Whoever is left out chooses independently of them.
    """
    movable = free(problem, arcs, may_miss)
    arc = np.flatnonzero(arcs & movable[problem.learner])
    who, seat = problem.learner[arc].astype(np.int64), problem.seat[arc].astype(np.int64)
    fills = _can_fill(problem, movable, seat, chosen)
    inside = np.zeros(problem.n_learners, np.bool_)
    above, below = np.zeros(problem.n_nodes + 1, np.bool_), np.zeros(problem.n_nodes + 1, np.bool_)
    if seats is not None:
        below[seats] = True
    if learners is not None:
        inside[learners] = True
    while True:
        before = int(inside.sum()) + int(above.sum()) + int(below.sum())
        inside[who[below[seat]]] = True
        if problem.group is not None:
            group = np.zeros(problem.n_groups, np.bool_)
            missable = movable & may_miss
            group[problem.group[inside & missable]] = True
            inside |= missable & group[problem.group]
        above[seat[inside[who]]] = True
        above[problem.cap_head[above[problem.cap_tail]]] = True
        above[SINK] = False
        below[:-1] |= above[:-1] & fills
        below[problem.cap_tail[below[problem.cap_head]]] = True
        if int(inside.sum()) + int(above.sum()) + int(below.sum()) == before:
            return inside, above[:-1]


def _can_fill(problem: Problem, movable: Bools, seat: Ints, chosen: Ints) -> Bools:
    """The nodes where more learners could come than a capacity there holds; [nodes]."""
    settled = ~movable & (chosen >= 0)
    coming = np.bincount(problem.seat[chosen[settled]], minlength=problem.n_nodes)
    coming += np.bincount(seat, minlength=problem.n_nodes)
    most = coming.copy()
    to_node = np.flatnonzero(problem.cap_head != SINK)
    while True:
        through = np.minimum(most[problem.cap_tail], problem.cap_seats)
        again = coming.copy()
        np.add.at(again, problem.cap_head[to_node], through[to_node])
        if np.array_equal(again, most):
            break
        most = again
    fills = np.zeros(problem.n_nodes, np.bool_)
    fills[problem.cap_tail[most[problem.cap_tail] > problem.cap_seats]] = True
    return fills
