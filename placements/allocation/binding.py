"""Who hangs together with a capacity that crosses others, by the choices that are left."""

from dataclasses import dataclass

import numpy as np

from placements.allocation.bounds import Prices, below_zero, free
from placements.allocation.problem import SINK, Bools, Ints, Problem


def over(problem: Problem, chosen: Ints) -> Bools:
    """Which crossing capacities hold more learners than they may; [r]."""
    assert problem.cross_seats is not None
    assert problem.cross_row is not None
    load = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.n_seats)[problem.cross_node]
    too_many: Bools = np.bincount(problem.cross_row, load, len(problem.cross_seats)) > problem.cross_seats
    return too_many


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


@dataclass(frozen=True, eq=False)
class Seeds:
    """Where the prices do not prove the places: seat nodes of crossing capacities, learners with a choice dearer than
    another, and nodes with a capacity arc that does not agree with its price.
    """

    seats: Ints
    learners: Ints
    nodes: Ints


def loose(problem: Problem, prices: Prices, cap_flow: Ints) -> Ints:
    """The nodes with a price for room on a capacity arc that has some, or with learners on one that is too dear."""
    reduced = prices.reduced(problem)
    room = cap_flow < np.minimum(problem.cap_seats, problem.n_learners + 1)
    return problem.cap_tail[(below_zero(reduced) & room) | (below_zero(-reduced) & (cap_flow > 0))]


def bound_to(problem: Problem, arcs: Bools, may_miss: Bools, chosen: Ints, seeds: Seeds) -> tuple[Bools, Bools]:
    """Who hangs together with the seeds, and the nodes above their seats: [n], [nodes].

    Learners with a choice left hang together when they can reach a common node with a capacity that so many could
    fill, or belong to one group. Whoever is left out chooses independently of them.
    """
    movable = free(problem, arcs, may_miss)
    arc = np.flatnonzero(arcs & movable[problem.learner])
    who, seat = problem.learner[arc].astype(np.int64), problem.seat[arc].astype(np.int64)
    fills = _can_fill(problem, movable, seat, chosen)
    inside = np.zeros(problem.n_learners, np.bool_)
    above, below = np.zeros(problem.n_nodes + 1, np.bool_), np.zeros(problem.n_nodes + 1, np.bool_)
    below[seeds.seats] = below[seeds.nodes] = above[seeds.nodes] = True
    inside[seeds.learners] = True
    inside &= movable
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
