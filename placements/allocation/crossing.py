"""Capacities that cross: priced where a price can hold them, searched where none can."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from placements.allocation import oracle
from placements.allocation.bounds import (
    Prices,
    Vector,
    below_zero,
    bound,
    cheapest,
    free,
    minus,
    still_open,
    value,
    with_unplaced,
    worths,
)
from placements.allocation.levels import Level
from placements.allocation.problem import SINK, Bools, Ints, Problem
from placements.allocation.search import Part, search
from placements.allocation.serial import Progress, silent

Solver = Callable[[Problem, list[Level], Progress], tuple[Ints, Ints, Ints]]

# How often seats are taken away in exceeded capacities before everything is searched.
MOST_TRIES = 30


@dataclass(frozen=True, eq=False)
class Answer:
    """Places that keep the crossing capacities, and what proves them.

    `prices` bound every answer from below. `searched` are the learners, in order, whose places they do not prove.
    """

    chosen: Ints
    cap_flow: Ints
    prices: Prices
    searched: Ints


def minimum(problem: Problem, levels: list[Level], report: Progress, solver: Solver = oracle.minimum) -> Answer:
    """The best places that keep the crossing capacities too; `solver` gives flows and prices without them.

    Where the flow exceeds no crossing capacity it is the answer. Otherwise seats are taken away where giving them up
    costs least, until none is exceeded: most often that is the best answer, and the cost of the last seat given up
    is the price of room in the crossing capacity, which proves it. Where a gap remains between the answer and what
    the prices prove, only choices within the gap can lead to anything better (`still_open`); the learners who have
    such choices, and hang together with an exceeded capacity by them (`bound_to`), are searched exactly.

    Raises TooEntangled when too many learners hang together.
    """
    market = _Market(problem, levels, solver)
    report("place", 0.05)
    start, prices, active = market.answer()
    report("rank", 0.8)
    while True:
        answer = market.searched(start, prices, active)
        exceeded = over(problem, answer.chosen)
        if not exceeded.any():
            return answer
        active = active | exceeded


def over(problem: Problem, chosen: Ints) -> Bools:
    """Which crossing capacities hold more learners than they may; [r]."""
    assert problem.cross_seats is not None
    assert problem.cross_row is not None
    load = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.n_seats)[problem.cross_node]
    too_many: Bools = np.bincount(problem.cross_row, load, len(problem.cross_seats)) > problem.cross_seats
    return too_many


@dataclass(frozen=True, eq=False)
class _Bound:
    """Prices, what each learner's cheapest choice costs at them, and the least objective they allow."""

    prices: Prices
    worth: Ints
    least: Vector


class _Market:
    def __init__(self, problem: Problem, levels: list[Level], solver: Solver) -> None:
        self.problem, self.levels, self.solver = problem, levels, solver
        self.rows = with_unplaced(problem, levels)
        self.by_tail = np.argsort(problem.cap_tail, kind="stable")

    def answer(self) -> tuple[tuple[Ints, Ints, Bools], _Bound, Bools]:
        """Places, flow and whether they keep all capacities; the best bound met; and the capacities ever exceeded."""
        problem = self.problem
        assert problem.cross_seats is not None
        seats = problem.cap_seats.copy()
        crossing = np.zeros((len(self.rows), len(problem.cross_seats)), np.int64)
        active = np.zeros(len(problem.cross_seats), np.bool_)
        chosen, cap_flow, duals = self.solver(problem, self.levels, silent)
        first, best = (chosen, cap_flow), self._bound(chosen, duals, crossing, seats)
        for _ in range(MOST_TRIES):
            exceeded = over(problem, chosen)
            if not exceeded.any():
                return (chosen, cap_flow, np.array(True)), best, active
            active |= exceeded
            self._tighten(seats, crossing, (chosen, cap_flow, duals), exceeded)
            best = max(best, self._bound(chosen, duals, crossing, seats), key=lambda one: one.least)
            chosen, cap_flow, duals = self.solver(replace(problem, cap_seats=seats), self.levels, silent)
            best = max(best, self._bound(chosen, duals, crossing, seats), key=lambda one: one.least)
        return (*first, np.array(False)), best, active

    def _bound(self, chosen: Ints, duals: Ints, crossing: Ints, seats: Ints) -> _Bound:
        """What these prices prove of the whole problem, seats taken away given back, room in crossing ones priced.

        A seat node in a crossing capacity costs at least what the way from it and that room cost together; its own
        price pays for the rest. Whom that touches chooses anew.
        """
        problem = self.problem
        nodes = duals[:, : problem.n_nodes].copy()
        priced = np.flatnonzero(crossing.any(axis=0))
        touched = np.zeros(problem.n_learners, np.bool_)
        if len(priced):
            at = np.unique(row_nodes(problem, np.isin(np.arange(crossing.shape[1]), priced)))
            free_prices = Prices(np.zeros_like(nodes), duals[:, problem.n_nodes :], crossing)
            room = free_prices.at_seats(problem)[:, at]
            arc = self._first_arc(at)
            head = np.append(duals[:, : problem.n_nodes], np.zeros((len(nodes), 1), np.int64), axis=1)
            onward = head[:, problem.cap_head[arc]] + room
            kept = (seats[arc] == problem.cap_seats[arc]) & below_zero(onward - nodes[:, at])
            before = nodes[:, at]
            nodes[:, at] = np.where(kept, before, onward) - room
            changed = np.zeros(problem.n_seats, np.bool_)
            changed[at[(nodes[:, at] + room != before).any(axis=0)]] = True
            touched[problem.learner[changed[problem.seat]]] = True
        prices = Prices(nodes, duals[:, problem.n_nodes :], crossing.copy())
        worth = worths(problem, self.rows, prices, chosen)
        cheapest(problem, self.rows, prices, worth, touched)
        return _Bound(prices, worth, bound(problem, self.rows, prices, worth))

    def _tighten(self, seats: Ints, crossing: Ints, flow: tuple[Ints, Ints, Ints], exceeded: Bools) -> None:
        """Take seats away in each exceeded capacity from those who give them up at the least cost."""
        problem = self.problem
        chosen, cap_flow, duals = flow
        chosen = chosen.copy()  # who gave up a seat for one capacity need not do so for the next
        assert problem.cross_seats is not None
        load = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.n_seats)
        for row in np.flatnonzero(exceeded).tolist():
            nodes = row_nodes(problem, np.arange(len(exceeded)) == row)
            excess = int(load[nodes].sum() - problem.cross_seats[row])
            if excess <= 0:
                continue
            who, loss = self._losses(chosen, duals, nodes)
            for learner, cost in zip(who[:excess].tolist(), loss[:, :excess].T, strict=True):
                node = int(problem.seat[chosen[learner]])
                chosen[learner] = -1
                load[node] -= 1
                self._take(seats, cap_flow, node)
                if below_zero((crossing[:, row] - cost)[:, np.newaxis])[0]:
                    crossing[:, row] = cost

    def _first_arc(self, nodes: Ints) -> Ints:
        """The first capacity arc out of each node, the only one in a forest."""
        arcs: Ints = self.by_tail[np.searchsorted(self.problem.cap_tail, nodes, sorter=self.by_tail)]
        return arcs

    def _take(self, seats: Ints, cap_flow: Ints, node: int) -> None:
        low, high = (
            int(np.searchsorted(self.problem.cap_tail, node, side=side, sorter=self.by_tail))
            for side in ("left", "right")
        )  # fmt: skip
        arcs = self.by_tail[low:high]
        seats[arcs] = np.minimum(seats[arcs], cap_flow[arcs])
        seats[arcs[np.argmax(seats[arcs])]] -= 1

    def _losses(self, chosen: Ints, duals: Ints, nodes: Ints) -> tuple[Ints, Ints]:
        """Who sits on these nodes, the cheapest to move away first, and what moving each costs [levels, those]."""
        problem = self.problem
        here = np.zeros(problem.n_seats, np.bool_)
        here[nodes] = True
        placed = np.flatnonzero(chosen >= 0)
        who = placed[here[problem.seat[chosen[placed]]]]
        mine = np.zeros(problem.n_learners, np.bool_)
        mine[who] = True
        elsewhere = problem.allowed() & ~here[problem.seat] & mine[problem.learner]
        none = np.zeros((len(self.rows), 0), np.int64)
        prices = Prices(duals[:, : problem.n_nodes], duals[:, problem.n_nodes :], none)
        worth = np.zeros((len(self.rows), problem.n_learners), np.int64)
        cheapest(problem, self.rows, prices, worth, mine, elsewhere)
        own = np.vstack([level.of(chosen[who]) for level in self.rows])
        loss = worth[:, who] - own
        order = np.lexsort(loss[::-1])
        return who[order], loss[:, order]

    def searched(self, start: tuple[Ints, Ints, Bools], best: _Bound, active: Bools) -> Answer:
        """The best that keeps the active capacities, searched where the bound does not prove it."""
        problem = self.problem
        chosen, cap_flow, keeps = start
        learners, above, (arcs, may_miss) = self._bound_learners(chosen, cap_flow, best, active, known=bool(keeps))
        if learners.any():
            rows = inside(problem, arcs, may_miss, learners)
            part = Part(learners, arcs, may_miss, above, rows)
            chosen, cap_flow = search(problem, self.levels, part, chosen, cap_flow)
            # By what was found fewer choices remain: those that `verify` will search again.
            learners, _, _ = self._bound_learners(chosen, cap_flow, best, active, known=True)
        return Answer(chosen, cap_flow, best.prices, np.flatnonzero(learners))

    def _bound_learners(
        self, chosen: Ints, cap_flow: Ints, best: _Bound, active: Bools, *, known: bool
    ) -> tuple[Bools, Bools, tuple[Bools, Bools]]:
        problem = self.problem
        lock = problem.lock_arcs
        arcs, may_miss = problem.allowed(), np.ones(problem.n_learners, np.bool_)
        # Places that break a lock are no answer, and say nothing of those that keep it.
        if known and (chosen[lock >= 0] == lock[lock >= 0]).all():
            gap = minus(value(problem, self.rows, chosen), best.least)
            if not any(gap):
                return np.zeros_like(may_miss), np.zeros(problem.n_nodes, np.bool_), (arcs, may_miss)
            arcs, may_miss = still_open(problem, self.rows, best.prices, best.worth, gap)
        dearer = (worths(problem, self.rows, best.prices, chosen) != best.worth).any(axis=0)
        seeds = Seeds(row_nodes(problem, active), np.flatnonzero(dearer), loose(problem, best.prices, cap_flow))
        learners, above = bound_to(problem, arcs, may_miss, chosen, seeds)
        return learners, above, (arcs, may_miss)


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
    price = np.hstack([prices.nodes, np.zeros((len(prices.nodes), 1), np.int64)])
    reduced = price[:, problem.cap_head] - price[:, problem.cap_tail]
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
