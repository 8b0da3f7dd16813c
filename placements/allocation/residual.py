"""The flow network, the optimal face it shrinks to level by level, and the prices that prove each level."""

from dataclasses import dataclass

import numpy as np

from placements.allocation.problem import SINK, Bools, Ints, Problem

UNPLACED = -1


class NotOptimal(AssertionError):
    """The flow whose prices were asked for is not the best there is."""


@dataclass(frozen=True, eq=False)
class Network:
    """The arcs the locks leave open, sorted by (learner, seat) so that row order plays no part.

    `arc` maps back to the problem's arc index. Nodes are the problem's, the sink is node `n_nodes`. With groups
    (`with_groups`) each group is a node more, every learner has an arc to its group's, mapping back to UNPLACED,
    and the steps are arcs from there to the sink. `cap_cost` is what they cost in the level of fairness.
    """

    n_learners: int
    n_nodes: int
    arc: Ints
    learner: Ints
    seat: Ints
    cap_tail: Ints
    cap_head: Ints
    cap_seats: Ints
    cap_cost: Ints

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
            cap_cost=np.zeros(len(problem.cap_tail), np.int64),
        )

    def with_groups(self, problem: Problem) -> "Network":
        """The same with the groups as nodes; here every learner always has a place to be."""
        assert problem.group is not None
        group, seats, cost = _step_arcs(problem)
        sink = self.n_nodes + problem.n_groups
        old, new = self.with_groups_at()
        arc, learner, seat = (np.empty(len(old) + len(new), np.int64) for _ in range(3))
        arc[old], arc[new] = self.arc, UNPLACED
        learner[old], learner[new] = self.learner, np.arange(self.n_learners)
        seat[old], seat[new] = self.seat, self.n_nodes + problem.group
        return Network(
            n_learners=self.n_learners,
            n_nodes=sink,
            arc=arc,
            learner=learner,
            seat=seat,
            cap_tail=np.append(self.cap_tail, self.n_nodes + group),
            cap_head=np.append(np.where(self.cap_head == self.n_nodes, sink, self.cap_head), np.full_like(group, sink)),
            cap_seats=np.append(self.cap_seats, seats),
            cap_cost=np.append(self.cap_cost, cost),
        )

    def with_groups_at(self) -> tuple[Ints, Ints]:
        """Where the arcs here, and the arc of each learner to its group, stand in the network with groups."""
        last = np.cumsum(np.bincount(self.learner, minlength=self.n_learners))
        return np.arange(len(self.arc)) + self.learner, last + np.arange(self.n_learners)


def _step_arcs(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Group, seats and cost of the arcs that make up the steps: one for each run of equal steps."""
    steps = problem.steps()
    fresh = np.ones(steps.shape, np.bool_)
    fresh[:, 1:] = steps[:, 1:] != steps[:, :-1]
    group, first = np.nonzero(fresh)
    until = np.append(first[1:], 0)
    # The last step of a group goes on for as many as there are.
    last = np.append(group[1:] != group[:-1], True)
    return group, np.where(last, problem.n_learners + 1, until - first), steps[group, first]


@dataclass(eq=False)
class Flow:
    """Who sits where: `used` [n] is the network arc of each learner or UNPLACED, `cap` [q] the flow above."""

    used: Ints
    cap: Ints

    def with_groups(self, net: Network, wider: Network) -> "Flow":
        """The same flow in the network with groups: the unplaced go to their group and fill its steps in order."""
        old, new = net.with_groups_at()
        used = np.where(self.used >= 0, old[self.used] if len(old) else 0, new)
        waiting = np.bincount(wider.seat[new[self.used < 0]], minlength=wider.n_nodes)
        cap = np.append(self.cap, np.zeros(len(wider.cap_tail) - len(net.cap_tail), np.int64))
        for arc in range(len(net.cap_tail), len(cap)):
            group = wider.cap_tail[arc]
            cap[arc] = min(waiting[group], wider.cap_seats[arc])
            waiting[group] -= cap[arc]
        return Flow(used, cap)


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

    def with_groups(self, net: Network, wider: Network) -> "Face":
        """The same face in the network with groups, whose steps are all open still."""
        old, new = net.with_groups_at()
        arcs = np.empty(len(wider.arc), np.bool_)
        arcs[old], arcs[new] = self.arcs, self.unplaced
        steps = np.ones(len(wider.cap_tail) - len(net.cap_tail), np.bool_)
        return Face(arcs, np.zeros(net.n_learners, np.bool_), np.append(self.cap_free, steps))

    def keep_tight(self, net: Network, flow: Flow, cost: Ints, unplaced_cost: int, price: Ints, cap_cost: Ints) -> None:
        """Drop what has a positive reduced cost, hold what has a negative one: no optimum does otherwise."""
        worth = learner_worth(net, flow, cost, unplaced_cost, price)
        self.arcs &= cost + price[net.seat] == worth[net.learner]
        self.unplaced &= worth == unplaced_cost
        self.cap_free &= price[net.cap_tail] == price[net.cap_head] + cap_cost


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


def level_price(
    net: Network, face: Face, flow: Flow, cost: Ints, cap_cost: Ints, unplaced_cost: int = 0, rounds: int | None = None
) -> Ints:
    """Node prices of one further level: the least cost of passing one unit on from the node; [nodes + 1].

    Bellman–Ford over the residual graph of the face, in whole rounds: learners find their best other choice,
    seats the cheapest occupant to move, capacities pass prices up and down. Nodes that cannot pass anything
    on get a price above all sums of the level. Prices do not depend on which optimal flow is given. Raises
    NotOptimal when they do not settle, in as many `rounds` as there are learners and nodes unless given.
    """
    most = int(np.maximum.reduceat(np.abs(cost), _starts(net.learner)).sum()) if len(cost) else 0
    never = 1 + 2 * (most + int(cap_cost.sum()))
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
    for _ in range(net.n_learners + net.n_nodes + 2 if rounds is None else rounds):
        before = price.copy()
        np.minimum.at(price, net.cap_tail[up], price[net.cap_head[up]] + cap_cost[up])
        np.minimum.at(price, net.cap_head[down], price[net.cap_tail[down]] - cap_cost[down])
        if len(starts):
            best[choosers] = np.minimum.reduceat(other_cost + price[other_seat], starts)
        best[face.unplaced] = np.minimum(best[face.unplaced], unplaced_cost)
        np.minimum.at(price, net.seat[held], best[movable] - cost[held])
        if np.array_equal(before, price):
            return price
    raise NotOptimal("prices do not settle: the flow is not optimal")


def _starts(sorted_ids: Ints) -> Ints:
    """Index of the first row of each run of equal ids."""
    if not len(sorted_ids):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.diff(sorted_ids, prepend=sorted_ids[0] - 1))
