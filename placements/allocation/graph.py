"""The same problem laid out for compiled code: arcs by learner, occupants by seat node, capacities by node."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import allocating
from placements.allocation.problem import SINK, Bools, Ints, Problem

Indices = NDArray[np.int32]


class Graph(NamedTuple):
    """Who sits where and how a unit of flow can pass on. Nodes as in Problem, the sink is −1.

    | field | shape | meaning |
    |---|---|---|
    | `row`, `order` | [n + 1], [m] or [0] | arcs of learner i: order[row[i] … row[i + 1]]; no order: rows are sorted |
    | `seat` | [m] | of each arc |
    | `chosen`, `fixed` | [n] | arc or −1; whether a lock holds the learner where it is |
    | `first`, `sits` | [nodes + 1], [placed] | occupants of each node (of seat nodes; the others have none) |
    | `up`, `up_arc`, `down`, `down_arc` | [nodes + 1], [q] | capacity arcs out of and into each node |
    | `tail`, `head`, `seats`, `flow` | [q] | the capacity arcs |
    """

    row: Ints
    order: Indices
    seat: Indices
    chosen: Ints
    fixed: Bools
    first: Ints
    sits: Indices
    up: Ints
    up_arc: Indices
    down: Ints
    down_arc: Indices
    tail: Indices
    head: Indices
    seats: Ints
    flow: Ints


def make_graph(problem: Problem, chosen: Ints, cap_flow: Ints) -> Graph:
    """Lay out a problem with a flow in it. Costs no memory beyond int32 per arc, and none when types and order fit."""
    row, order = arcs_by_learner(problem)
    seat = np.ascontiguousarray(problem.seat, np.int32)
    placed = np.flatnonzero(chosen >= 0)
    first, sits = by_key(seat[chosen[placed]], problem.n_nodes)
    up, up_arc = by_key(problem.cap_tail, problem.n_nodes)
    below_sink = problem.cap_head == SINK
    down, down_arc = by_key(np.where(below_sink, problem.n_nodes, problem.cap_head), problem.n_nodes + 1)
    return Graph(
        row=row,
        order=order,
        seat=seat,
        chosen=np.ascontiguousarray(chosen, np.int64),
        fixed=problem.lock_arcs >= 0,
        first=first,
        sits=placed[sits].astype(np.int32),
        up=up,
        up_arc=up_arc,
        down=down[:-1].copy(),
        down_arc=down_arc,
        tail=np.ascontiguousarray(problem.cap_tail, np.int32),
        head=np.ascontiguousarray(problem.cap_head, np.int32),
        seats=np.minimum(problem.cap_seats, problem.n_learners + 1),
        flow=np.ascontiguousarray(cap_flow, np.int64),
    )


def arcs_by_learner(problem: Problem) -> tuple[Ints, Indices]:
    """Where each learner's arcs begin, and the arcs in that order; an empty order when the rows already have it."""
    learner = np.ascontiguousarray(problem.learner)
    if is_sorted(learner):
        return starts(learner, problem.n_learners), np.zeros(0, np.int32)
    return by_key(learner, problem.n_learners)


def by_key(key: NDArray[np.integer], size: int) -> tuple[Ints, Indices]:
    """Group the positions of `key` by its value 0 … size − 1: where each group begins [size + 1], and the positions."""
    first = starts(np.ascontiguousarray(key), size)
    return first, _spread(np.ascontiguousarray(key), first.copy())


@allocating
def is_sorted(key: NDArray[np.integer]) -> bool:
    k = 1
    while k < len(key) and key[k - 1] <= key[k]:
        k += 1
    return k >= len(key)


@allocating
def starts(key: NDArray[np.integer], size: int) -> Ints:
    """Where each value's group begins when the keys are sorted; [size + 1]."""
    first = np.zeros(size + 1, np.int64)
    for k in range(len(key)):
        first[key[k] + 1] += 1
    for value in range(size):
        first[value + 1] += first[value]
    return first


@allocating
def _spread(key: NDArray[np.integer], place: Ints) -> Indices:
    order = np.empty(len(key), np.int32)
    for k in range(len(key)):
        order[place[key[k]]] = k
        place[key[k]] += 1
    return order


@allocating
def short_nodes(g: Graph) -> Bools:
    """Nodes an unplaced learner reaches: in a maximum matching all of them are full; [nodes]."""
    reached = np.zeros(len(g.first) - 1, np.bool_)
    waiting = np.empty(len(reached), np.int64)
    count = 0
    for learner in range(len(g.chosen)):
        if g.chosen[learner] < 0 and not g.fixed[learner]:
            count = _reach_seats(g, learner, reached, waiting, count)
    while count:
        count -= 1
        node = waiting[count]
        for learner in g.sits[g.first[node] : g.first[node + 1]]:
            if not g.fixed[learner]:
                count = _reach_seats(g, learner, reached, waiting, count)
        for arc in g.up_arc[g.up[node] : g.up[node + 1]]:
            if g.flow[arc] < g.seats[arc] and g.head[arc] != SINK and not reached[g.head[arc]]:
                reached[g.head[arc]], waiting[count] = True, g.head[arc]
                count += 1
        for arc in g.down_arc[g.down[node] : g.down[node + 1]]:
            if g.flow[arc] > 0 and not reached[g.tail[arc]]:
                reached[g.tail[arc]], waiting[count] = True, g.tail[arc]
                count += 1
    return reached


@allocating
def _reach_seats(g: Graph, learner: int, reached: Bools, waiting: Ints, count: int) -> int:
    """Mark the learner's seats and put the new ones in the queue; the queue's new length."""
    for at in range(g.row[learner], g.row[learner + 1]):
        seat = g.seat[g.order[at] if len(g.order) else at]
        if not reached[seat]:
            reached[seat], waiting[count] = True, seat
            count += 1
    return count
