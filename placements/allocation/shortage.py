"""Where seats are missing: the shortage piece by piece, and what one more seat would be worth."""

from dataclasses import dataclass

import numpy as np

from placements.allocation.core.compiled import allocating
from placements.allocation.engine import Result
from placements.allocation.graph import Graph, by_key, make_graph
from placements.allocation.only_place import free_nodes
from placements.allocation.problem import SINK, Bools, Ints, Problem

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Piece:
    """These learners reach only these seat nodes, and no more than `seats` seats lead out of them.

    `missing` of the learners therefore have no place, whoever gets one. Learners to whom nothing is allowed form a
    piece of their own without seat nodes.
    """

    learners: Ints
    seat_nodes: Ints
    seats: int
    missing: int


@dataclass(frozen=True, eq=False)
class Worth:
    """What one more seat would do, at each seat node by itself; nothing where other capacities bind too.

    | field | shape | meaning |
    |---|---|---|
    | `cap_arc` | [seat nodes] | the capacity arc out of the node that would get the seat |
    | `places` | [seat nodes] | whether one more learner would then have a place |
    | `saves` | [K, seat nodes] | at most so much less in each level, as one lexicographic number |

    The exact saving is `reoptimise.seat_added`.
    """

    cap_arc: Ints
    places: Bools
    saves: Ints


def pieces(problem: Problem, result: Result) -> list[Piece]:
    """The shortage certificate split where nothing connects its parts; the most missing first.

    The sum of `missing` is the number unplaced. None for the serial lottery, whose unplaced need no shortage.
    """
    if not len(result.duals):
        return []
    graph = make_graph(problem, result.chosen, result.cap_flow)
    short = result.duals[0] > 0
    piece = _connected(graph, short, result.shortage_learners)
    leaves = short[problem.cap_tail] & ~np.append(short, False)[problem.cap_head]
    roots, number = np.unique(piece[short], return_inverse=True)
    of_node = np.full(problem.n_nodes, NOWHERE, np.int64)
    of_node[short] = number
    seats = np.zeros(len(roots), np.int64)
    np.add.at(seats, of_node[problem.cap_tail[leaves]], graph.seats[leaves])

    home = _first_seat(graph, result.shortage_learners)
    at = np.where(home == NOWHERE, len(roots), np.append(of_node, NOWHERE)[home])
    first, order = by_key(at, len(roots) + 1)
    on_seats = np.flatnonzero(short[: problem.n_seats])
    first_seat, seat_order = by_key(of_node[on_seats], len(roots) + 1)
    found = []
    for k, count in enumerate([*seats.tolist(), 0]):
        learners = result.shortage_learners[order[first[k] : first[k + 1]]]
        nodes = on_seats[seat_order[first_seat[k] : first_seat[k + 1]]]
        found.append(Piece(learners, nodes, count, len(learners) - count))
    lacking = [one for one in found if len(one.learners)]
    return sorted(lacking, key=lambda one: (-one.missing, one.seat_nodes[:1].tolist()))


def worth(problem: Problem, result: Result) -> Worth:
    """What one more seat at each seat node would do. Exact in `places`, a bound in `saves`.

    One more seat places one more learner exactly where the unplaced reach the node, and a learner passing through
    the new seat finds room all the way.
    """
    levels, nodes = result.duals.shape
    price = np.hstack([result.duals, np.zeros((levels, 1), np.int64)])
    tail, head = problem.cap_tail, problem.cap_head
    saves = _gains(price[:, tail] - price[:, head])
    if not levels:
        return Worth(_an_arc_each(problem), np.zeros(problem.n_seats, np.bool_), saves[:, : problem.n_seats])
    graph = make_graph(problem, result.chosen, result.cap_flow)
    cut = np.flatnonzero(saves[0] > 0)
    opens = np.zeros(len(tail), np.bool_)
    opens[cut] = free_nodes(graph, head[cut])
    # Last wins: of several arcs out of a node the one that saves most stands for it.
    order = np.lexsort((*saves[::-1], tail))
    cap_arc = np.full(nodes, NOWHERE, np.int64)
    cap_arc[tail[order]] = order
    cap_arc = cap_arc[: problem.n_seats]
    return Worth(cap_arc, opens[cap_arc], saves[:, cap_arc])


def _gains(difference: Ints) -> Ints:
    """Columns whose first number that is not zero is positive; the others become zero."""
    leading = np.zeros(difference.shape[1], np.int64)
    for row in difference[::-1]:
        leading = np.where(row == 0, leading, np.sign(row))
    return np.where(leading > 0, difference, 0)


def _an_arc_each(problem: Problem) -> Ints:
    arc = np.full(problem.n_nodes, NOWHERE, np.int64)
    arc[problem.cap_tail] = np.arange(len(problem.cap_tail))
    return arc[: problem.n_seats]


@allocating
def _root(above: Ints, node: int) -> int:
    while above[node] != node:
        above[node] = above[above[node]]
        node = above[node]
    return node


@allocating
def _connected(g: Graph, inside: Bools, learners: Ints) -> Ints:
    """One node for each connected set of inside nodes, joined by the learners' arcs and by capacities; [nodes]."""
    above = np.arange(len(inside))
    for learner in learners:
        first = -1
        for at in range(g.row[learner], g.row[learner + 1]):
            arc = g.order[at] if len(g.order) else at
            if g.fixed[learner] and arc != g.chosen[learner]:
                continue
            node = _root(above, g.seat[arc])
            if first < 0:
                first = node
            above[node] = first
    for arc in range(len(g.tail)):
        if g.head[arc] != SINK and inside[g.tail[arc]] and inside[g.head[arc]]:
            above[_root(above, g.tail[arc])] = _root(above, g.head[arc])
    for node in range(len(above)):
        above[node] = _root(above, node)
    return above


@allocating
def _first_seat(g: Graph, learners: Ints) -> Ints:
    """A seat node of each learner, NOWHERE when it has none; a locked learner's own."""
    found = np.full(len(learners), NOWHERE, np.int64)
    for k in range(len(learners)):
        learner = learners[k]
        if g.chosen[learner] >= 0:
            found[k] = g.seat[g.chosen[learner]]
        elif g.row[learner] < g.row[learner + 1]:
            at = g.row[learner]
            found[k] = g.seat[g.order[at] if len(g.order) else at]
    return found
