"""Which wishes could only be granted by leaving one more learner without a place: exact, for all at once."""

from collections import defaultdict

import numpy as np

from placements.allocation.problem import SINK, Bools, Ints, Problem
from placements.allocation.residual import Flow, Network, shortage_price


def costs_a_place(problem: Problem, chosen: Ints, cap_flow: Ints, learner: Ints, seat: Ints) -> Bools:
    """Whether forcing each (learner, seat node) would lower the number placed; `chosen` must place the most.

    Forcing costs a place exactly when those displaced from the seat can neither pass on to a free seat nor to
    the seat the learner leaves, and nobody unplaced waits for that seat.
    """
    net = Network.of(problem)
    flow = _flow(problem, net, chosen, cap_flow)
    short = shortage_price(net, flow)[:-1] > 0
    free = _reaches_a_free_seat(net, flow)
    leaves = np.where(chosen >= 0, problem.seat[np.maximum(chosen, 0)], -1)[learner]
    candidate = (leaves >= 0) & (leaves != seat) & ~free[seat]
    candidate[candidate] = ~short[leaves[candidate]]
    certain: Bools = candidate & (free[leaves] | short[seat])
    balanced = np.flatnonzero(candidate & ~certain)
    passes_on = _Passing(net, flow, ~free & ~short)
    certain[balanced] = [
        not passes_on.reaches(origin, target)
        for origin, target in zip(seat[balanced].tolist(), leaves[balanced].tolist(), strict=True)
    ]
    return certain


def _flow(problem: Problem, net: Network, chosen: Ints, cap_flow: Ints) -> Flow:
    position = np.full(problem.n_arcs + 1, -1)
    position[net.arc] = np.arange(len(net.arc))
    return Flow(position[chosen], cap_flow)


def _moves(net: Network, flow: Flow) -> tuple[Ints, Ints]:
    """Steps (from node, to node) of a unit of flow: to an occupant's other seats, up and down capacities."""
    sits = flow.used[net.learner] >= 0
    other = np.flatnonzero(sits & (flow.used[net.learner] != np.arange(len(net.arc))))
    up, down = flow.cap < net.cap_seats, flow.cap > 0
    origin = [net.seat[flow.used[net.learner[other]]], net.cap_tail[up], net.cap_head[down]]
    target = [net.seat[other], net.cap_head[up], net.cap_tail[down]]
    return np.concatenate(origin), np.concatenate(target)


def _reaches_a_free_seat(net: Network, flow: Flow) -> Bools:
    origin, target = _moves(net, flow)
    free = np.zeros(net.n_nodes + 1, np.bool_)
    free[SINK] = True
    while True:
        before = int(free.sum())
        free[origin[free[target]]] = True
        if int(free.sum()) == before:
            return free[:-1]


class _Passing:
    """Reachability among some nodes: strongly connected parts (Tarjan), and per part a bit set of parts."""

    def __init__(self, net: Network, flow: Flow, among: Bools) -> None:
        origin, target = _moves(net, flow)
        inside = np.append(among, False)
        keep = inside[origin] & inside[target]
        self.steps: defaultdict[int, list[int]] = defaultdict(list)
        for start, end in zip(origin[keep].tolist(), target[keep].tolist(), strict=True):
            self.steps[start].append(end)
        self.part: dict[int, int] = {}
        self.reached: list[int] = []

    def reaches(self, origin: int, target: int) -> bool:
        for node in (origin, target):
            if node not in self.part:
                self._explore(node)
        return bool(self.reached[self.part[origin]] >> self.part[target] & 1)

    def _explore(self, root: int) -> None:
        """Tarjan's algorithm without recursion; parts are numbered only after all parts they reach."""
        order: dict[int, int] = {root: 0}
        low: dict[int, int] = {root: 0}
        stack = [root]
        path = [(root, iter(self.steps[root]))]
        while path:
            node, ends = path[-1]
            for end in ends:
                if end in self.part:
                    continue
                if end not in order:
                    order[end] = low[end] = len(order)
                    stack.append(end)
                    path.append((end, iter(self.steps[end])))
                    break
                low[node] = min(low[node], order[end])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    self._close(stack, node)

    def _close(self, stack: list[int], node: int) -> None:
        number = len(self.reached)
        members: list[int] = []
        while node not in members[-1:]:
            members.append(stack.pop())
            self.part[members[-1]] = number
        reached = 1 << number
        for member in members:
            for end in self.steps[member]:
                if self.part[end] != number:
                    reached |= self.reached[self.part[end]]
        self.reached.append(reached)
