"""Seats handed out one at a time: the capacities with what is taken of them, and the search for room."""

from typing import NamedTuple

import numpy as np

from placements.allocation.core.compiled import allocating
from placements.allocation.errors import LockConflict
from placements.allocation.graph import Indices, by_key
from placements.allocation.problem import SINK, Bools, Ints, Problem


class Seats(NamedTuple):
    """The capacity network with its flow. A node that once has no way to the sink (`full`) never gets one again.

    `left` is the room in each crossing capacity, whose nodes and rows `of_row` and `of_node` list; a seat node in one
    without room is `shut`: nobody more may sit there, though others may still be moved through it.
    """

    up: Ints
    up_arc: Indices
    down: Ints
    down_arc: Indices
    tail: Ints
    head: Ints
    seats: Ints
    flow: Ints
    full: Bools
    shut: Bools
    left: Ints
    of_row: Ints
    row_node: Indices
    of_node: Ints
    node_row: Indices
    came: Ints
    seen: Ints
    stamp: Ints


def make_seats(problem: Problem, flow: Ints | None = None) -> Seats:
    """All seats, with nobody on them or with the given flow."""
    nodes = problem.n_nodes
    none = np.zeros(0, np.int64)
    left = none if problem.cross_seats is None else problem.cross_seats.copy()
    row = none if problem.cross_row is None else problem.cross_row
    node = none if problem.cross_node is None else problem.cross_node
    (of_row, in_row), (of_node, at_node) = by_key(row, len(left)), by_key(node, nodes)
    shut = np.zeros(nodes, np.bool_)
    shut[node[left[row] == 0]] = True
    up, up_arc = by_key(problem.cap_tail, nodes)
    down, down_arc = by_key(np.where(problem.cap_head == SINK, nodes, problem.cap_head), nodes + 1)
    return Seats(
        up=up,
        up_arc=up_arc,
        down=down,
        down_arc=down_arc,
        tail=problem.cap_tail.astype(np.int64),
        head=problem.cap_head.astype(np.int64),
        seats=problem.cap_seats.astype(np.int64),
        flow=np.zeros(len(problem.cap_tail), np.int64) if flow is None else flow.astype(np.int64),
        full=np.zeros(nodes, np.bool_),
        shut=shut,
        left=left,
        of_row=of_row,
        row_node=node[in_row].astype(np.int32),
        of_node=of_node,
        node_row=row[at_node].astype(np.int32),
        came=np.zeros(nodes + 1, np.int64),
        seen=np.zeros(nodes + 1, np.int64),
        stamp=np.zeros(nodes + 2, np.int64),
    )


def seat_the_locked(problem: Problem, seats: Seats) -> Ints:
    """Give every locked learner its seat; chosen arc per learner. Raises LockConflict when they do not all fit."""
    lock = problem.lock_arcs
    chosen = np.full(problem.n_learners, -1, np.int64)
    lost = [learner for learner in np.flatnonzero(lock >= 0) if not take(seats, problem.seat[lock[learner]])]
    if lost:
        raise LockConflict([int(learner) for learner in lost])
    chosen[lock >= 0] = lock[lock >= 0]
    return chosen


@allocating
def take(s: Seats, seat: int) -> bool:
    """Send one learner from the seat node to the sink, moving earlier ones to other ways if it helps."""
    if s.full[seat] or s.shut[seat]:
        return False
    s.stamp[-1] += 1
    now, sink = s.stamp[-1], len(s.full)
    s.seen[0], s.stamp[seat] = seat, now
    done, count = 0, 1
    while done < count:
        node = s.seen[done]
        done += 1
        for k in range(s.up[node], s.up[node + 1]):
            arc = s.up_arc[k]
            target = s.head[arc] if s.head[arc] != SINK else sink
            if s.flow[arc] < s.seats[arc] and s.stamp[target] != now:
                s.came[target] = arc
                if target == sink:
                    _push(s, seat)
                    return True
                if not s.full[target]:
                    s.stamp[target], s.seen[count] = now, target
                    count += 1
        for k in range(s.down[node], s.down[node + 1]):
            arc = s.down_arc[k]
            target = s.tail[arc]
            if s.flow[arc] > 0 and s.stamp[target] != now and not s.full[target]:
                s.came[target] = ~arc
                s.stamp[target], s.seen[count] = now, target
                count += 1
    for k in range(count):
        s.full[s.seen[k]] = True
    return False


@allocating
def _push(s: Seats, seat: int) -> None:
    """One more learner along the way found; a step down a capacity arc (~arc) takes one off it."""
    node = len(s.full)
    while node != seat:
        arc = s.came[node]
        if arc >= 0:
            s.flow[arc] += 1
            node = s.tail[arc]
        else:
            s.flow[~arc] -= 1
            node = s.head[~arc]
    for row in s.node_row[s.of_node[seat] : s.of_node[seat + 1]]:
        s.left[row] -= 1
        if s.left[row] == 0:
            s.shut[s.row_node[s.of_row[row] : s.of_row[row + 1]]] = True


@allocating
def room(s: Seats) -> Bools:
    """Nodes from which one more learner finds a way to the sink, others moving to other ways if it helps; [nodes]."""
    found = np.zeros(len(s.full), np.bool_)
    count = 0
    for arc in range(len(s.tail)):
        if s.head[arc] == SINK and s.flow[arc] < s.seats[arc] and not found[s.tail[arc]]:
            found[s.tail[arc]] = True
            s.seen[count] = s.tail[arc]
            count += 1
    while count:
        count -= 1
        node = s.seen[count]
        for arc in s.down_arc[s.down[node] : s.down[node + 1]]:
            if s.flow[arc] < s.seats[arc] and not found[s.tail[arc]]:
                found[s.tail[arc]] = True
                s.seen[count] = s.tail[arc]
                count += 1
        for arc in s.up_arc[s.up[node] : s.up[node + 1]]:
            if s.flow[arc] > 0 and s.head[arc] != SINK and not found[s.head[arc]]:
                found[s.head[arc]] = True
                s.seen[count] = s.head[arc]
                count += 1
    return found
