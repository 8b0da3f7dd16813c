"""Which wishes could only be granted by leaving one more learner without a place: exact, for all at once."""

from typing import Any, NamedTuple

import numpy as np

from placements.allocation.core.compiled import allocating
from placements.allocation.graph import Graph, Indices, by_key, make_graph, short_nodes
from placements.allocation.problem import SINK, Bools, Ints, Problem

UNSEEN, OPEN, FREE, DONE = -1, -2, -3, -4
OCCUPANTS, UPWARDS, DOWNWARDS = range(3)
WORD = 64


def costs_a_place(problem: Problem, chosen: Ints, cap_flow: Ints, learner: Ints, seat: Ints) -> Bools:
    """Whether forcing each (learner, seat node) would lower the number placed; `chosen` must place the most.

    Forcing costs a place exactly when those displaced from the seat can neither pass on to a free seat nor to
    the seat the learner leaves, and nobody unplaced waits for that seat.
    """
    graph = make_graph(problem, chosen, cap_flow)
    return forced_out(graph, short_nodes(graph), np.asarray(learner, np.int64), np.asarray(seat, np.int64))


def forced_out(graph: Graph, short: Bools, learner: Ints, seat: Ints) -> Bools:
    """As `costs_a_place`, on a laid-out problem and its short nodes."""
    left = np.where(graph.chosen >= 0, graph.seat[np.maximum(graph.chosen, 0)], -1) if len(graph.seat) else graph.chosen
    left = left[learner]
    candidate = (left >= 0) & (left != seat)
    candidate[candidate] = ~short[left[candidate]]
    # The unplaced reach a short seat, so whoever is displaced from one could only pass on to another short seat.
    certain: Bools = candidate & short[seat]
    asked = np.flatnonzero(candidate & ~certain)
    part, edge_start, edges = _parts(graph, short, np.unique(seat[asked]), np.True_)
    origin, target = part[seat[asked]], part[left[asked]]
    stuck = origin != FREE
    asked, origin, target = asked[stuck], origin[stuck], target[stuck]
    # Parts are numbered after all parts they reach; the seat left may be free, or never reached at all.
    certain[asked] = ~((target >= 0) & (target <= origin))
    between = (target >= 0) & (target < origin)
    certain[asked[between]] = ~_reaches(edge_start, edges, origin[between], target[between])
    return certain


def free_nodes(graph: Graph, nodes: Ints) -> Bools:
    """Whether one more unit on each of the nodes (−1 = sink) finds a seat without displacing anybody for good."""
    part, _, _ = _parts(graph, np.zeros(len(graph.first) - 1, np.bool_), np.unique(nodes[nodes >= 0]), np.False_)
    free: Bools = (np.append(part, FREE))[nodes] == FREE
    return free


def _reaches(edge_start: Ints, edges: Ints, origin: Ints, target: Ints) -> Bools:
    """Whether each origin part reaches its target part: origins in words of 64, each one sweep down the parts."""
    origins, which = np.unique(origin, return_inverse=True)
    first, order = by_key(which, len(origins))
    answer = np.zeros(len(origin), np.bool_)
    _sweep(edge_start, edges, origins, first, order, target, answer)
    return answer


@allocating
def _sweep(
    edge_start: Ints, edges: Ints, origins: Ints, first: Ints, order: Indices, target: Ints, answer: Bools
) -> None:
    word = np.zeros(len(edge_start) - 1, np.uint64)
    for low in range(0, len(origins), WORD):
        high = min(low + WORD, len(origins))
        lowest = origins[low]
        for k in range(low, high):
            word[origins[k]] |= np.uint64(1) << np.uint64(k - low)
            for query in order[first[k] : first[k + 1]]:
                lowest = min(lowest, target[query])
        for part in range(origins[high - 1], lowest, -1):
            if word[part]:
                for edge in range(edge_start[part], edge_start[part + 1]):
                    word[edges[edge]] |= word[part]
        for k in range(low, high):
            for query in order[first[k] : first[k + 1]]:
                answer[query] = (word[target[query]] >> np.uint64(k - low)) & np.uint64(1)
        word[: origins[high - 1] + 1] = 0


class _Search(NamedTuple):
    """Tarjan's numbers and how far each node is scanned; the steps between closed parts, if they are wanted."""

    part: Ints
    number: Ints
    low: Ints
    phase: Ints
    who: Ints
    at: Ints
    stack: Ints
    path: Ints
    noted: Ints
    edge_start: list[Any]
    edges: list[Any]
    linked: np.bool_


@allocating
def _parts(g: Graph, closed: Bools, roots: Ints, linked: np.bool_) -> tuple[Ints, Ints, Ints]:
    """Strongly connected part of every node the roots reach, FREE where a seat is free, and the steps between parts.

    Tarjan's algorithm without recursion. A node found free makes everything on the stack free: all of it leads there.
    Closed nodes are not entered. The steps are left out unless they are asked for (`linked`).
    """
    nodes = len(g.first) - 1
    number, low = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    phase, who, at = np.empty(nodes, np.int64), np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    stack, path = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    part, noted = np.full(nodes, UNSEEN, np.int64), np.full(nodes, -1, np.int64)
    edge_start, edges = [np.int64(0)], [np.int64(0) for _ in range(0)]
    s = _Search(part, number, low, phase, who, at, stack, path, noted, edge_start, edges, linked)
    count = 0
    for root in roots:
        if part[root] == UNSEEN and not closed[root]:
            count = _explore(g, closed, s, root, count)
    return part, np.array(edge_start), np.array(edges)


@allocating
def _explore(g: Graph, closed: Bools, s: _Search, root: int, count: int) -> int:
    """Settle everything the root reaches; returns the numbers given out so far."""
    height, depth, entering = 0, 0, root
    while True:
        if entering >= 0:
            s.part[entering] = OPEN
            s.number[entering] = s.low[entering] = count
            s.phase[entering], s.who[entering], s.at[entering] = OCCUPANTS, g.first[entering], -1
            s.stack[height] = s.path[depth] = entering
            height, depth, count, entering = height + 1, depth + 1, count + 1, -1
        node = s.path[depth - 1]
        target = _scan(g, closed, s, node)
        if target == FREE:
            s.part[s.stack[:height]] = FREE
            return count
        if target != DONE:
            entering = target
            continue
        depth -= 1
        if s.low[node] == s.number[node]:
            height = _close(g, s, height, node)
        if not depth:
            return count
        s.low[s.path[depth - 1]] = min(s.low[s.path[depth - 1]], s.low[node])


@allocating
def _scan(g: Graph, closed: Bools, s: _Search, node: int) -> int:
    """Go on with the node's steps: to the next node not seen yet, to FREE at the first that is free, or to DONE."""
    if s.phase[node] == OCCUPANTS:
        while s.who[node] < g.first[node + 1]:
            learner = g.sits[s.who[node]]
            at = max(s.at[node], g.row[learner])
            end = g.row[learner + 1] if not g.fixed[learner] else at
            while at < end:
                target = g.seat[g.order[at] if len(g.order) else at]
                at += 1
                state = s.part[target]
                if state == OPEN:
                    s.low[node] = min(s.low[node], s.number[target])
                elif state == FREE or (state == UNSEEN and not closed[target]):
                    s.at[node] = at
                    return target if state == UNSEEN else FREE
            s.who[node] += 1
            s.at[node] = -1
        s.phase[node], s.at[node] = UPWARDS, g.up[node]
    return _scan_capacities(g, closed, s, node)


@allocating
def _scan_capacities(g: Graph, closed: Bools, s: _Search, node: int) -> int:
    while True:
        upwards = s.phase[node] == UPWARDS
        if s.at[node] == (g.up if upwards else g.down)[node + 1]:
            if not upwards:
                return DONE
            s.phase[node], s.at[node] = DOWNWARDS, g.down[node]
            continue
        arc = (g.up_arc if upwards else g.down_arc)[s.at[node]]
        s.at[node] += 1
        if (g.flow[arc] < g.seats[arc]) if upwards else (g.flow[arc] > 0):
            target = g.head[arc] if upwards else g.tail[arc]
            if target == SINK or s.part[target] == FREE:
                return FREE
            if s.part[target] == OPEN:
                s.low[node] = min(s.low[node], s.number[target])
            elif s.part[target] == UNSEEN and not closed[target]:
                return target


@allocating
def _close(g: Graph, s: _Search, height: int, node: int) -> int:
    """Take the part that ends with `node` off the stack, noting its steps to other parts if wanted; the new height."""
    mine = len(s.edge_start) - 1
    bottom = height
    while bottom == height or s.stack[bottom] != node:
        bottom -= 1
        s.part[s.stack[bottom]] = mine
    for k in range(bottom, height if s.linked else bottom):
        member = s.stack[k]
        for learner in g.sits[g.first[member] : g.first[member + 1]]:
            if not g.fixed[learner]:
                for at in range(g.row[learner], g.row[learner + 1]):
                    _note(s, g.seat[g.order[at] if len(g.order) else at], mine)
        for arc in g.up_arc[g.up[member] : g.up[member + 1]]:
            if g.flow[arc] < g.seats[arc]:
                _note(s, g.head[arc], mine)
        for arc in g.down_arc[g.down[member] : g.down[member + 1]]:
            if g.flow[arc] > 0:
                _note(s, g.tail[arc], mine)
    s.edge_start.append(len(s.edges))
    return bottom


@allocating
def _note(s: _Search, node: int, mine: int) -> None:
    """A step from the part to the node's part, once. A node that reaches no free seat never steps to the sink."""
    other = s.part[node]
    if other >= 0 and other != mine and s.noted[other] != mine:
        s.noted[other] = mine
        s.edges.append(other)
