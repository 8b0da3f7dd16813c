"""The flow network, the optimal face it shrinks to level by level, and the prices that prove each level."""

from dataclasses import dataclass

import numpy as np

from placements.allocation.problem import SINK, Bools, Ints, Problem

UNPLACED = -1


@dataclass(frozen=True, eq=False)
class Network:
    """The arcs the locks leave open, sorted by (learner, seat) so that row order plays no part.

    `arc` maps back to the problem's arc index. Nodes are the problem's, the sink is node `n_nodes`.
    """

    n_learners: int
    n_nodes: int
    arc: Ints
    learner: Ints
    seat: Ints
    cap_tail: Ints
    cap_head: Ints
    cap_seats: Ints

    @classmethod
    def of(cls, problem: Problem) -> "Network":
        arc = np.arange(problem.n_arcs) if problem.in_order else np.lexsort((problem.seat, problem.learner))
        arc = arc[problem.allowed()[arc]]
        sink = problem.n_nodes
        return cls(
            n_learners=problem.n_learners,
            n_nodes=sink,
            arc=arc,
            learner=problem.learner[arc].astype(np.int64),
            seat=problem.seat[arc].astype(np.int64),
            cap_tail=problem.cap_tail,
            cap_head=np.where(problem.cap_head == SINK, sink, problem.cap_head),
            # More seats than learners bind nobody, and n + 1 keeps every sum small.
            cap_seats=np.minimum(problem.cap_seats, problem.n_learners + 1),
        )


@dataclass(eq=False)
class Flow:
    """Who sits where: `used` [n] is the network arc of each learner or UNPLACED, `cap` [q] the flow above."""

    used: Ints
    cap: Ints


@dataclass(eq=False)
class Face:
    """What every optimum of the levels so far still leaves open.

    `arcs` [m] and `unplaced` [n] may still be used. `cap_free` [q] may still change; other capacity arcs keep
    their flow.
    """

    arcs: Bools
    unplaced: Bools
    cap_free: Bools

    @classmethod
    def whole(cls, net: Network) -> "Face":
        return cls(
            np.ones(len(net.arc), np.bool_),
            np.ones(net.n_learners, np.bool_),
            np.ones(len(net.cap_tail), np.bool_),
        )

    def options(self, net: Network) -> Ints:
        """Number of choices each learner has left, staying unplaced included; [n]."""
        return np.bincount(net.learner[self.arcs], minlength=net.n_learners) + self.unplaced

    def keep_tight(self, net: Network, flow: Flow, cost: Ints, unplaced_cost: int, price: Ints) -> None:
        """Drop what has a positive reduced cost, hold what has a negative one: no optimum does otherwise."""
        worth = learner_worth(net, flow, cost, unplaced_cost, price)
        self.arcs &= cost + price[net.seat] == worth[net.learner]
        self.unplaced &= worth == unplaced_cost
        self.cap_free &= price[net.cap_tail] == price[net.cap_head]


def learner_worth(net: Network, flow: Flow, cost: Ints, unplaced_cost: int, price: Ints) -> Ints:
    """The dual value of each learner: what its place costs, seat price included; [n]."""
    worth = np.full(net.n_learners, unplaced_cost, np.int64)
    placed = flow.used >= 0
    used = flow.used[placed]
    worth[placed] = cost[used] + price[net.seat[used]]
    return worth


def shortage_price(net: Network, flow: Flow) -> Ints:
    """The price of the level "unplaced": 1 on every node an unplaced learner can reach, else 0; [nodes + 1].

    A maximum flow leaves no free seat among the reached nodes, so these learners reach only these seats. The
    nodes reached are the same for every maximum flow.
    """
    reached = np.zeros(net.n_nodes + 1, np.bool_)
    short = flow.used < 0
    used = np.maximum(flow.used, 0)
    while True:
        before = int(reached.sum())
        reached[net.seat[short[net.learner]]] = True
        up = reached[net.cap_tail] & (flow.cap < net.cap_seats)
        reached[net.cap_head[up]] = True
        down = reached[net.cap_head] & (flow.cap > 0)
        reached[net.cap_tail[down]] = True
        if int(reached.sum()) == before:
            return reached.astype(np.int64)
        if len(net.arc):
            short = (flow.used < 0) | reached[net.seat[used]]


def level_price(net: Network, face: Face, flow: Flow, cost: Ints) -> Ints:
    """Node prices of one further level: the least cost of passing one unit on from the node; [nodes + 1].

    Bellman–Ford over the residual graph of the face, in whole rounds: learners find their best other choice,
    seats the cheapest occupant to move, capacities pass prices up and down. Nodes that cannot pass anything
    on get a price above all sums of the level. Prices do not depend on which optimal flow is given.
    """
    never = 1 + 2 * int(np.maximum.reduceat(cost, _starts(net.learner)).sum()) if len(cost) else 1
    price = np.full(net.n_nodes + 1, never, np.int64)
    price[net.n_nodes] = 0
    other = face.arcs.copy()
    other[flow.used[flow.used >= 0]] = False
    other_cost, other_seat, other_learner = cost[other], net.seat[other], net.learner[other]
    starts = _starts(other_learner)
    choosers = other_learner[starts] if len(starts) else np.zeros(0, np.int64)
    best = np.full(net.n_learners, never * 2, np.int64)
    movable = np.flatnonzero((flow.used >= 0) & (face.options(net) > 1))
    held = flow.used[movable]
    up = face.cap_free & (flow.cap < net.cap_seats)
    down = face.cap_free & (flow.cap > 0) & (net.cap_head != net.n_nodes)
    for _ in range(net.n_learners + net.n_nodes + 2):
        before = price.copy()
        np.minimum.at(price, net.cap_tail[up], price[net.cap_head[up]])
        np.minimum.at(price, net.cap_head[down], price[net.cap_tail[down]])
        if len(starts):
            best[choosers] = np.minimum.reduceat(other_cost + price[other_seat], starts)
        best[face.unplaced] = np.minimum(best[face.unplaced], 0)
        np.minimum.at(price, net.seat[held], best[movable] - cost[held])
        if np.array_equal(before, price):
            return price
    raise AssertionError("prices do not settle: the flow is not optimal")


def _starts(sorted_ids: Ints) -> Ints:
    """Index of the first row of each run of equal ids."""
    if not len(sorted_ids):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.diff(sorted_ids, prepend=sorted_ids[0] - 1))
