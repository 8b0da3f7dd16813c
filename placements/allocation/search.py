"""The part of a problem where capacities cross, as an integer program (OR-Tools CP-SAT), level by level."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from placements.allocation.bounds import Prices, missing, with_unplaced
from placements.allocation.errors import TooEntangled
from placements.allocation.levels import FAIRNESS, Level, unplaced_by_group
from placements.allocation.problem import SINK, Bools, Ints, Problem

# Above this many ways to choose a search would take hours, if it ended at all.
MOST_ARCS = 400_000
# For one level, in the solver's own measure, which is the same on every machine: some minutes.
MOST_WORK = 30.0


@dataclass(frozen=True, eq=False)
class Part:
    """Learners to place anew [n] among the arcs left open to them [m], `may_miss` [n] also among no place.

    `above` [nodes] are the nodes their seat nodes lead to, which are routed anew; `rows` the crossing capacities
    to keep. Everybody else stays.
    """

    learners: Bools
    arcs: Bools
    may_miss: Bools
    above: Bools
    rows: Ints
    known: "Known | None" = None


@dataclass(frozen=True, eq=False)
class Known:
    """Prices that bound every answer from below, what each learner's cheapest choice costs at them [levels, n], and
    how much the best answer so far costs above that bound, level by level.
    """

    prices: Prices
    worth: Ints
    gap: tuple[int, ...]

    @property
    def first(self) -> int:
        """The first level in which anything better could differ."""
        return next((row for row, more in enumerate(self.gap) if more), len(self.gap))


def search(problem: Problem, levels: Sequence[Level], part: Part, chosen: Ints, cap_flow: Ints) -> tuple[Ints, Ints]:
    """The best places of the part's learners, everybody else staying: chosen [n] and flow per capacity arc [q].

    Exact, and the same every time: one worker, a fixed seed, and in the lottery a level that leaves one answer.
    Raises TooEntangled for a part too large to search.
    """
    arcs = np.flatnonzero(part.arcs & part.learners[problem.learner])
    if len(arcs) > MOST_ARCS:
        raise TooEntangled(int(part.learners.sum()), len(arcs))
    model = _Model(problem, part, arcs, chosen, cap_flow)
    # In a flow locks that fit never cost a place; where capacities cross they may, and hold all the same.
    locked = problem.lock_arcs >= 0
    if (locked & part.learners).any():
        model.least(model.missing(locked))
    rows = with_unplaced(problem, levels)
    if part.known is None or problem.n_groups:
        for row, level in enumerate(rows):
            model.least(model.fairness() if level.name == FAIRNESS else model.total(level.of(arcs), 0 if row else 1))
    else:
        model.hold(part.known)
        for row in range(part.known.first, len(rows)):
            model.least(model.above_prices(rows[row], row, part.known))
    return model.chosen(), model.cap_flow()


class _Model:
    def __init__(self, problem: Problem, part: Part, arcs: Ints, chosen: Ints, cap_flow: Ints) -> None:
        self.problem, self.part, self.arcs = problem, part, arcs
        self.before, self.flow_before = chosen, cap_flow
        self.model = cp_model.CpModel()
        self.take = [self.model.new_bool_var("") for _ in arcs]
        who = np.flatnonzero(part.learners)
        self.who = who.tolist()
        self.miss = {one: self.model.new_bool_var("") for one in who[part.may_miss[who]].tolist()}
        own: defaultdict[int, list[Any]] = defaultdict(list)
        self.into: defaultdict[int, list[Any]] = defaultdict(list)
        for take, learner, seat in zip(
            self.take, problem.learner[arcs].tolist(), problem.seat[arcs].tolist(), strict=True
        ):
            own[learner].append(take)
            self.into[seat].append(take)
        for one in self.who:
            self.model.add_exactly_one([*own[one], *([self.miss[one]] if one in self.miss else [])])
        settled = ~part.learners & (chosen >= 0)
        self.settled = np.bincount(problem.seat[chosen[settled]], minlength=problem.n_nodes)
        self._capacities()
        self._crossing()
        self._hint(arcs, chosen)

    def _capacities(self) -> None:
        """What comes into a node goes out of it; from below the part it comes as before."""
        problem, above = self.problem, self.part.above
        out: defaultdict[int, list[Any]] = defaultdict(list)
        coming = self.settled.tolist()
        self.flow: dict[int, Any] = {}
        inward: defaultdict[int, list[Any]] = defaultdict(list)
        touched = above[problem.cap_tail] | np.append(above, False)[problem.cap_head]
        for arc in np.flatnonzero(touched).tolist():
            tail, head = int(problem.cap_tail[arc]), int(problem.cap_head[arc])
            if not above[tail]:
                coming[head] += int(self.flow_before[arc])
                continue
            most = int(min(problem.cap_seats[arc], problem.n_learners))
            self.flow[arc] = self.model.new_int_var(0, most, "")
            out[tail].append(self.flow[arc])
            if head != SINK:
                inward[head].append(self.flow[arc])
        for node in np.flatnonzero(above).tolist():
            self.model.add(sum(self.into[node]) + sum(inward[node]) + coming[node] == sum(out[node]))

    def _crossing(self) -> None:
        problem = self.problem
        self.loads: dict[int, Any] = {}
        self.left: dict[int, int] = {}
        if not len(self.part.rows):
            return
        assert problem.cross_seats is not None
        assert problem.cross_row is not None
        assert problem.cross_node is not None
        kept = set(self.part.rows.tolist())
        nodes: defaultdict[int, list[int]] = defaultdict(list)
        for row, node in zip(problem.cross_row.tolist(), problem.cross_node.tolist(), strict=True):
            if row in kept:
                nodes[row].append(node)
        for row, inside in nodes.items():
            left = int(problem.cross_seats[row]) - int(self.settled[inside].sum())
            here = [take for node in inside for take in self.into[node]]
            if here:
                self.loads[row], self.left[row] = sum(here), left
                self.model.add(self.loads[row] <= left)

    def missing(self, among: Bools) -> Any:
        return cp_model.LinearExpr.sum([miss for one, miss in self.miss.items() if among[one]])

    def total(self, cost: Ints, missing: int) -> Any:
        misses = list(self.miss.values())
        return cp_model.LinearExpr.weighted_sum([*self.take, *misses], [*cost.tolist(), *[missing] * len(misses)])

    def hold(self, known: Known) -> None:
        """Whatever costs more than the prices in a level before the first that can differ cannot be in the answer:
        there a capacity arc or a crossing capacity with a price is full, and one dearer than its way is empty.
        """
        problem = self.problem
        reduced = known.prices.reduced(problem)[: known.first]
        for arc, flow in self.flow.items():
            sign = next((cost for cost in reduced[:, arc].tolist() if cost), 0)
            if sign:
                self.model.add(flow == (int(problem.cap_seats[arc]) if sign < 0 else 0))
        for row in self.loads:
            if known.prices.crossing[: known.first, row].any():
                self.model.add(self.loads[row] == self.left[row])

    def above_prices(self, level: Level, row: int, known: Known) -> Any:
        """What the part costs in the level, but for a constant, as costs above the prices: mostly zeros."""
        problem, arcs = self.problem, self.arcs
        # Not what the seat costs as a part of crossing capacities: their price is paid by nobody.
        cost = level.of(arcs) + known.prices.nodes[row][problem.seat[arcs]] - known.worth[row][problem.learner[arcs]]
        who = np.array(list(self.miss), np.int64)
        absent = missing(problem, known.prices)[row][who] - known.worth[row][who]
        reduced = known.prices.reduced(problem)[row]
        variables = [*self.take, *self.miss.values(), *self.flow.values()]
        return cp_model.LinearExpr.weighted_sum(
            variables, [*cost.tolist(), *absent.tolist(), *(int(reduced[arc]) for arc in self.flow)]
        )

    def fairness(self) -> Any:
        """Each group goes on from the step it stands on; steps never fall, so the least sum takes them in order."""
        problem, steps = self.problem, self.problem.steps()
        assert problem.group is not None
        stays = np.where(self.part.learners, 0, self.before)  # those of the part count as placed here
        standing = unplaced_by_group(problem, stays).tolist()
        by_group: defaultdict[int, list[Any]] = defaultdict(list)
        for one, miss in self.miss.items():
            by_group[int(problem.group[one])].append(miss)
        total: list[Any] = []
        for group, misses in by_group.items():
            taken = [self.model.new_bool_var("") for _ in misses]
            self.model.add(sum(taken) == sum(misses))
            for number, step in enumerate(taken, start=standing[group]):
                total.append(int(steps[group, min(number, steps.shape[1] - 1)]) * step)
        return cp_model.LinearExpr.sum(total)

    def least(self, total: Any) -> None:
        """Minimise, and hold what was reached from here on."""
        self.model.minimize(total)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = MOST_WORK
        status = solver.solve(self.model)
        if status in (cp_model.FEASIBLE, cp_model.UNKNOWN):
            raise TooEntangled(len(self.who), len(self.arcs))
        if status != cp_model.OPTIMAL:
            raise AssertionError(f"the search ended with {solver.status_name(status)}")
        self.model.clear_objective()  # type: ignore[no-untyped-call]
        # Not objective_value, a float that would round the sums of the lottery.
        self.model.add(total == solver.value(total))
        self._keep(solver)

    def _keep(self, solver: cp_model.CpSolver) -> None:
        self.taken = np.array([solver.boolean_value(take) for take in self.take], np.bool_)
        self.routed = {arc: solver.value(flow) for arc, flow in self.flow.items()}
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for take, on in zip(self.take, self.taken.tolist(), strict=True):
            self.model.add_hint(take, on)

    def _hint(self, arcs: Ints, chosen: Ints) -> None:
        self.taken = chosen[self.problem.learner[arcs]] == arcs
        self.routed = {arc: int(self.flow_before[arc]) for arc in self.flow}
        for take, on in zip(self.take, self.taken.tolist(), strict=True):
            self.model.add_hint(take, on)

    def chosen(self) -> Ints:
        chosen = np.where(self.part.learners, -1, self.before)
        on = self.arcs[self.taken]
        chosen[self.problem.learner[on]] = on
        return chosen

    def cap_flow(self) -> Ints:
        flow = self.flow_before.copy()
        flow[list(self.routed)] = list(self.routed.values())
        return flow
