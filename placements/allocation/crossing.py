"""Capacities that cross: priced where a price can hold them, searched where none can."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from placements.allocation import oracle
from placements.allocation.binding import Seeds, bound_to, inside, loose, over, row_nodes
from placements.allocation.bounds import (
    Prices,
    Vector,
    bound,
    minus,
    still_open,
    value,
    with_unplaced,
    worths,
)
from placements.allocation.errors import LockConflict
from placements.allocation.levels import Level
from placements.allocation.problem import SINK, Bools, Ints, Problem
from placements.allocation.reoptimise import Change, State, apply, seat_added, seat_withdrawn
from placements.allocation.search import Known, Part, search
from placements.allocation.serial import Progress, silent

Solver = Callable[[Problem, list[Level], Progress], tuple[Ints, Ints, Ints]]
LaidOut = Callable[[Problem, tuple[Ints, Ints, Ints]], State]

# How often new capacities may turn out to be exceeded, and how far a price may travel, before everything is searched.
MOST_TRIES = 30
MOST_ROUNDS = 500


@dataclass(frozen=True, eq=False)
class Answer:
    """Places that keep the crossing capacities, and what proves them.

    `prices` bound every answer from below. `searched` are the learners, in order, whose places they do not prove.
    """

    chosen: Ints
    cap_flow: Ints
    prices: Prices
    searched: Ints


def minimum(
    problem: Problem,
    levels: list[Level],
    report: Progress,
    solver: Solver = oracle.minimum,
    laid_out: LaidOut | None = None,
) -> Answer:
    """The best places that keep the crossing capacities too; `solver` gives flows and prices without them.

    `laid_out` makes what the solver found re-optimisable (`reoptimise`); without it more is searched.

    Where the flow exceeds no crossing capacity it is the answer. Otherwise seats are taken away where giving them up
    costs least, until none is exceeded: most often that is the best answer, and the cost of the last seat given up
    is the price of room in the crossing capacity, which proves it. Where a gap remains between the answer and what
    the prices prove, only choices within the gap can lead to anything better (`still_open`); the learners who have
    such choices, and hang together with an exceeded capacity by them (`bound_to`), are searched exactly.

    Raises TooEntangled when too many learners hang together.
    """
    market = _Market(problem, levels, solver, laid_out)
    report("place", 0.05)
    start, prices, active = market.answer()
    report("rank", 0.8)
    while True:
        answer = market.searched(start, prices, active)
        exceeded = over(problem, answer.chosen)
        if not exceeded.any():
            return answer
        active = active | exceeded


@dataclass(frozen=True, eq=False)
class _Bound:
    """Prices, what each learner's cheapest choice costs at them, and the least objective they allow."""

    prices: Prices
    worth: Ints
    least: Vector


def _least(one: _Bound) -> Vector:
    return one.least


class _Market:
    def __init__(self, problem: Problem, levels: list[Level], solver: Solver, laid_out: LaidOut | None) -> None:
        self.problem, self.levels, self.solver, self.laid_out = problem, levels, solver, laid_out
        self.rows = with_unplaced(problem, levels)
        assert problem.cross_node is not None
        self.entered = np.unique(problem.cross_node).astype(np.int64)  # the seat nodes in crossing capacities

    def answer(self) -> tuple[tuple[Ints, Ints, Bools], _Bound, Bools]:
        """Places, flow and whether they keep all capacities; the best bound met; and the capacities ever exceeded."""
        problem = self.problem
        assert problem.cross_seats is not None
        found = self.solver(problem, self.levels, silent)
        chosen, cap_flow, duals = found
        plain = self._bound(chosen, duals, np.zeros((len(self.rows), len(problem.cross_seats)), np.int64))
        active = over(problem, chosen)
        if not active.any():
            return (chosen, cap_flow, np.array(True)), plain, active
        if self.laid_out is None:
            return (chosen, cap_flow, np.array(False)), plain, active
        try:
            state = self.laid_out(*self._with_entries(found))
            active, tolls = self._give_up(state)
        except LockConflict:
            return (chosen, cap_flow, np.array(False)), plain, active
        kept = np.array(not over(problem, state.chosen).any())
        given_up = (state.chosen, state.net.flow[: len(cap_flow)].copy(), kept)
        best = plain
        for tried in [*tolls, self._dearest(state, active)]:
            if best.least == value(problem, self.rows, state.chosen):
                break
            toll = Prices(np.zeros_like(duals[:, : problem.n_nodes]), duals[:, :0], tried).at_seats(problem)
            proof = oracle.tolled_prices(problem, self.levels, *given_up[:2], toll, MOST_ROUNDS)
            if proof is not None:
                best = max(best, self._bound(state.chosen, proof, tried), key=_least)
        return given_up, best, active

    def _bound(self, chosen: Ints, duals: Ints, crossing: Ints) -> _Bound:
        nodes = self.problem.n_nodes
        prices = Prices(duals[:, :nodes], duals[:, nodes:], crossing.copy())
        worth = worths(self.problem, self.rows, prices, chosen)
        return _Bound(prices, worth, bound(self.problem, self.rows, prices, worth))

    def _give_up(self, state: State) -> tuple[Bools, list[Ints]]:
        """Withdraw seats of exceeded capacities where that costs least, until none is exceeded; which ever were, and
        prices of room that may prove it: what the last seat given up cost, and what one given back would gain.
        """
        problem = self.problem
        assert problem.cross_seats is not None
        active = np.zeros(len(problem.cross_seats), np.bool_)
        cost = np.zeros((len(self.rows), len(active)), np.int64)
        gain = np.zeros_like(cost)
        for _ in range(MOST_TRIES):
            exceeded = over(problem, state.chosen)
            active |= exceeded
            for row in np.flatnonzero(exceeded).tolist():
                nodes = row_nodes(problem, np.arange(len(exceeded)) == row)
                arcs = self._entry(nodes)
                # Nobody moves within the capacity, or the seat given up would only be another.
                state.net.seats[arcs] = np.minimum(state.net.seats[arcs], state.net.flow[arcs])
                for _unit in range(int(state.net.flow[arcs].sum() - problem.cross_seats[row])):
                    least = min(self._withdrawals(state, arcs), key=lambda way: way.difference)
                    apply(state, least)
                    cost[:, row] = max(tuple(cost[:, row].tolist()), least.difference)
            if not exceeded.any() and not self._exchange(state, gain, active):
                break
        return active, [cost, gain]

    def _dearest(self, state: State, active: Bools) -> Ints:
        """What one more seat given up would cost in each capacity; [levels, r]."""
        cost = np.zeros((len(self.rows), len(active)), np.int64)
        for row in np.flatnonzero(active).tolist():
            ways = self._withdrawals(state, self._entry(row_nodes(self.problem, np.arange(len(active)) == row)))
            cost[:, row] = min((way.difference for way in ways), default=(0,) * len(cost))
        return cost

    def _exchange(self, state: State, crossing: Ints, active: Bools) -> bool:
        """In each capacity give one seat back where it helps most and take one where it costs least, which is the price
        of room there; True when that made anything better. Seats in several of the capacities stay as they are.
        """
        problem = self.problem
        assert problem.cross_seats is not None
        assert problem.cross_row is not None
        assert problem.cross_node is not None
        shared = np.bincount(problem.cross_node[active[problem.cross_row]], minlength=problem.n_seats) > 1
        better = False
        for row in np.flatnonzero(active).tolist():
            nodes = row_nodes(problem, np.arange(len(active)) == row)
            arcs = self._entry(nodes)
            full = int(state.net.seats[arcs].sum()) >= problem.cross_seats[row]
            ways = [seat_added(state, arc) for arc in self._entry(nodes[~shared[nodes]]).tolist()]
            gain = min(ways, key=lambda way: way.difference, default=None)
            crossing[:, row] = 0
            if gain is None or gain.difference >= (0,) * len(crossing):
                continue
            apply(state, gain)
            if full:
                least = min(self._withdrawals(state, arcs), key=lambda way: way.difference)
                apply(state, least)
                crossing[:, row] = least.difference
                better |= least.difference < tuple(-cost for cost in gain.difference)
            else:
                better = True
        return better

    def _withdrawals(self, state: State, arcs: Ints) -> list[Change]:
        return [seat_withdrawn(state, arc) for arc in arcs.tolist() if state.net.flow[arc] > 0]

    def _entry(self, nodes: Ints) -> Ints:
        """The arc that carries the learners of each seat node alone (`_with_entries`)."""
        arcs: Ints = len(self.problem.cap_tail) + np.searchsorted(self.entered, nodes)
        return arcs

    def _with_entries(self, flow: tuple[Ints, Ints, Ints]) -> tuple[Problem, tuple[Ints, Ints, Ints]]:
        """Problem and flow without crossing capacities, but with an arc that carries the learners of each seat node in
        one alone: a node above takes over its capacity arcs. Those arcs come last, in the order of `entered`.
        """
        problem, nodes = self.problem, self.entered
        chosen, cap_flow, duals = flow
        above = problem.n_nodes + np.arange(len(nodes))
        new = np.arange(problem.n_nodes)
        new[nodes] = above
        seats = np.full(len(nodes), problem.n_learners + 1)
        load = np.bincount(problem.seat[chosen[chosen >= 0]], minlength=problem.n_seats)
        bare = replace(
            problem,
            cap_tail=np.append(new[problem.cap_tail], nodes),
            cap_head=np.append(np.where(problem.cap_head == SINK, SINK, new[problem.cap_head]), above),
            cap_seats=np.append(problem.cap_seats, seats),
            cross_seats=None,
            cross_row=None,
            cross_node=None,
        )
        split = np.split(duals, [problem.n_nodes], axis=1)
        return bare, (chosen, np.append(cap_flow, load[nodes]), np.hstack([split[0], split[0][:, nodes], split[1]]))

    def searched(self, start: tuple[Ints, Ints, Bools], best: _Bound, active: Bools) -> Answer:
        """The best that keeps the active capacities, searched where the bound does not prove it."""
        problem = self.problem
        chosen, cap_flow, keeps = start
        learners, above, (arcs, may_miss) = self._bound_learners(chosen, cap_flow, best, active, known=bool(keeps))
        gap = minus(value(problem, self.rows, chosen), best.least)
        known = Known(best.prices, best.worth, gap) if keeps and self._keeps_locks(chosen) else None
        if learners.any():
            rows = inside(problem, arcs, may_miss, learners)
            part = Part(learners, arcs, may_miss, above, rows, known)
            chosen, cap_flow = search(problem, self.levels, part, chosen, cap_flow)
            # By what was found fewer choices remain: those that `verify` will search again.
            learners, _, _ = self._bound_learners(chosen, cap_flow, best, active, known=True)
        return Answer(chosen, cap_flow, best.prices, np.flatnonzero(learners))

    def _keeps_locks(self, chosen: Ints) -> bool:
        """Places that break a lock are no answer, and say nothing of those that keep it."""
        lock = self.problem.lock_arcs
        return bool((chosen[lock >= 0] == lock[lock >= 0]).all())

    def _bound_learners(
        self, chosen: Ints, cap_flow: Ints, best: _Bound, active: Bools, *, known: bool
    ) -> tuple[Bools, Bools, tuple[Bools, Bools]]:
        problem = self.problem
        arcs, may_miss = problem.allowed(), np.ones(problem.n_learners, np.bool_)
        if known and self._keeps_locks(chosen):
            gap = minus(value(problem, self.rows, chosen), best.least)
            if not any(gap):
                return np.zeros_like(may_miss), np.zeros(problem.n_nodes, np.bool_), (arcs, may_miss)
            arcs, may_miss = still_open(problem, self.rows, best.prices, best.worth, gap)
        dearer = (worths(problem, self.rows, best.prices, chosen) != best.worth).any(axis=0)
        seeds = Seeds(row_nodes(problem, active), np.flatnonzero(dearer), loose(problem, best.prices, cap_flow))
        learners, above = bound_to(problem, arcs, may_miss, chosen, seeds)
        return learners, above, (arcs, may_miss)
