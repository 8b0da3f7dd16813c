"""Solve an allocation problem exactly, level by level, and return the proof with the places."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from ortools.graph.python import min_cost_flow

from placements.allocation.errors import CostTooLarge, LockConflict, ProblemError
from placements.allocation.levels import Level, Policy, objective
from placements.allocation.problem import Ints, Problem
from placements.allocation.residual import UNPLACED, Face, Flow, Network, level_price, shortage_price
from placements.allocation.serial import Progress, serial_lottery, silent

ENGINES = ("ortools", "serial")
LARGEST_SUM = 2**60


@dataclass(frozen=True, eq=False)
class Result:
    """Who gets which place, and why nothing better exists.

    | field | shape | meaning |
    |---|---|---|
    | `chosen` | [n] | arc index or −1 |
    | `level_sums` | [L] | sum of the problem's levels over the chosen arcs |
    | `objective_names`, `objective_sums` | [K] | every level minimised, in order; the first is "unplaced" |
    | `cap_flow` | [q] | learners through each capacity arc |
    | `duals` | [K, nodes] | price of a seat at each node, per level; compared as one lexicographic number |
    | `shortage_learners`, `shortage_seats` | any | these learners reach only these seat nodes, all full |
    | `seconds` | | wall clock of the whole solve |

    With the serial lottery nothing is minimised: K = 0, no duals and no shortage.
    """

    policy: Policy
    seed: str
    engine: str
    chosen: Ints
    placed: int
    level_sums: Ints
    objective_names: tuple[str, ...]
    objective_sums: Ints
    cap_flow: Ints
    duals: Ints
    shortage_learners: Ints
    shortage_seats: Ints
    seconds: float

    @property
    def price(self) -> Ints:
        """The price of a seat at each node in the rank level, or its first profile; [nodes]."""
        if not len(self.duals):
            return np.zeros(self.duals.shape[1], np.int64)
        row: Ints = self.duals[rank_row(self.objective_names)]
        return row


def rank_row(names: tuple[str, ...]) -> int:
    """Row of the objective where ranks begin: after "unplaced" and, when there are any, the locks."""
    return 2 if names[1] == "locks" else 1


def solve(
    problem: Problem,
    policy: Policy = Policy.OPTIMUM,
    seed: str = "",
    *,
    engine: str = "ortools",
    progress: Progress | None = None,
) -> Result:
    """Place as many learners as possible at the least cost, level by level; lottery decides the rest.

    The same problem, policy and seed give the same places whatever the order of rows. `progress` is called
    between stages with the stage (check, place, rank, lottery, certificate, done) and the fraction done.

    Raises LockConflict when the locks do not fit together, CostTooLarge when a level could overflow,
    ProblemError for an engine or policy that cannot take the problem.
    """
    if engine != "ortools":
        raise ProblemError(f"unknown engine “{engine}”; there is “ortools”")
    began = perf_counter()
    report = progress or silent
    report("check", 0.0)
    if policy is Policy.SERIAL:
        used, cap_flow = serial_lottery(problem, seed, report)
        result = _result(problem, policy, seed, used, cap_flow, [], np.zeros((0, problem.n_nodes), np.int64), began)
    else:
        levels = objective(problem, policy, seed)
        net = Network.of(problem)
        for level in levels:
            _check_sums(level)
        flow, duals = _lexicographic(net, levels, report)
        chosen = np.where(flow.used >= 0, net.arc[flow.used] if len(net.arc) else UNPLACED, UNPLACED)
        _check_locks_held(problem, chosen)
        report("certificate", 0.95)
        result = _result(problem, policy, seed, chosen, flow.cap, levels, duals, began)
    report("done", 1.0)
    return result


def _lexicographic(net: Network, levels: list[Level], report: Progress) -> tuple[Flow, Ints]:
    """Solve each level on the optimal face of those before; returns the flow and the duals [1 + K, nodes]."""
    report("place", 0.05)
    costs = [level.cost[net.arc] for level in levels]
    duals = np.zeros((1 + len(levels), net.n_nodes), np.int64)
    face = Face.whole(net)
    flow = _first_flow(net, costs[0], levels[0].name)
    price = shortage_price(net, flow)
    duals[0] = price[:-1]
    face.keep_tight(net, flow, np.zeros(len(net.arc), np.int64), 1, price)
    for row, (level, cost) in enumerate(zip(levels, costs, strict=True), start=1):
        report("lottery" if level.name.startswith("lottery") else "rank", 0.1 + 0.8 * row / len(levels))
        if (face.options(net) <= 1).all():
            break  # nothing is left to choose, so the remaining prices are zero
        if row > 1:
            flow = _face_flow(net, face, flow, cost, level.name)
        price = level_price(net, face, flow, cost)
        duals[row] = price[:-1]
        face.keep_tight(net, flow, cost, 0, price)
    return flow, duals


def _first_flow(net: Network, cost: Ints, name: str) -> Flow:
    """A maximum flow of least cost in the first level."""
    sink, first_learner = net.n_nodes, net.n_nodes + 1
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        first_learner + net.learner, net.seat, np.ones_like(net.learner), cost
    )
    caps = solver.add_arcs_with_capacity_and_unit_cost(
        net.cap_tail, net.cap_head, net.cap_seats, np.zeros_like(net.cap_tail)
    )
    with_arcs = np.unique(net.learner)
    solver.set_nodes_supplies(first_learner + with_arcs, np.ones_like(with_arcs))
    solver.set_nodes_supplies(np.array([sink]), np.array([-len(with_arcs)]))
    _require(solver, solver.solve_max_flow_with_min_cost(), name)
    used = np.full(net.n_learners, UNPLACED, np.int64)
    on = np.flatnonzero(solver.flows(arcs))
    used[net.learner[on]] = on
    return Flow(used, solver.flows(caps).astype(np.int64))


def _face_flow(net: Network, face: Face, before: Flow, cost: Ints, name: str) -> Flow:
    """A flow of least cost in one level among those on the face.

    Learners with one choice left and capacity arcs that keep their flow enter as supplies, so that the
    network shrinks with every level.
    """
    sink, first_learner = net.n_nodes, net.n_nodes + 1
    choosing = face.options(net) > 1
    open_arc = np.flatnonzero(face.arcs & choosing[net.learner])
    may_miss = np.flatnonzero(face.unplaced & choosing)
    held = ~face.cap_free
    supply = np.zeros(first_learner + net.n_learners, np.int64)
    supply[first_learner:][choosing] = 1
    settled = before.used[~choosing & (before.used >= 0)]
    np.add.at(supply, net.seat[settled], 1)
    np.subtract.at(supply, net.cap_tail[held], before.cap[held])
    np.add.at(supply, net.cap_head[held], before.cap[held])
    supply[sink] -= supply.sum()

    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        first_learner + net.learner[open_arc], net.seat[open_arc], np.ones_like(open_arc), cost[open_arc]
    )
    misses = solver.add_arcs_with_capacity_and_unit_cost(
        first_learner + may_miss,
        np.full_like(may_miss, sink),
        np.ones_like(may_miss),
        np.zeros_like(may_miss),
    )
    free = face.cap_free
    caps = solver.add_arcs_with_capacity_and_unit_cost(
        net.cap_tail[free], net.cap_head[free], net.cap_seats[free], np.zeros(int(free.sum()), np.int64)
    )
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    _require(solver, solver.solve(), name)
    used, cap = before.used.copy(), before.cap.copy()
    on = open_arc[solver.flows(arcs) > 0]
    used[net.learner[on]] = on
    used[may_miss[solver.flows(misses) > 0]] = UNPLACED
    cap[free] = solver.flows(caps)
    return Flow(used, cap)


def _require(solver: min_cost_flow.SimpleMinCostFlow, status: object, name: str) -> None:
    """Asking for flows on any other status would end the process (google/or-tools#3947)."""
    if status == solver.BAD_COST_RANGE:
        raise CostTooLarge(f"the costs of “{name}” are too large for this many learners and seats")
    if status != solver.OPTIMAL:
        raise AssertionError(f"the solver ended with {status} on “{name}”")


def _check_sums(level: Level) -> None:
    if int(level.cost.max(initial=0)) * (len(level.cost) + 1) < LARGEST_SUM:
        return
    if sum(level.cost.tolist()) >= LARGEST_SUM:
        raise CostTooLarge(f"the costs of “{level.name}” add up to more than 2^60")


def _check_locks_held(problem: Problem, chosen: Ints) -> None:
    lock = problem.lock_arcs
    lost = np.flatnonzero((lock >= 0) & (chosen != lock))
    if len(lost):
        raise LockConflict(lost.tolist())


def _result(
    problem: Problem,
    policy: Policy,
    seed: str,
    chosen: Ints,
    cap_flow: Ints,
    levels: list[Level],
    duals: Ints,
    began: float,
) -> Result:
    on = chosen[chosen >= 0]
    unplaced = problem.n_learners - len(on)
    learners, seats = shortage(problem, chosen, duals)
    return Result(
        policy=policy,
        seed=seed,
        engine="serial" if policy is Policy.SERIAL else "ortools",
        chosen=chosen,
        placed=len(on),
        level_sums=problem.levels[:, on].sum(axis=1),
        objective_names=("unplaced", *(level.name for level in levels)) if levels else (),
        objective_sums=np.array([unplaced, *(level.cost[on].sum() for level in levels)] if levels else [], np.int64),
        cap_flow=cap_flow,
        duals=duals,
        shortage_learners=learners,
        shortage_seats=seats,
        seconds=perf_counter() - began,
    )


def shortage(problem: Problem, chosen: Ints, duals: Ints) -> tuple[Ints, Ints]:
    """The learners and the seat nodes of the shortage that the price of the first level marks."""
    if not len(duals):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    short_node = duals[0] > 0
    short = chosen < 0
    short[~short] = short_node[problem.seat[chosen[~short]]]
    return np.flatnonzero(short), np.flatnonzero(short_node[: problem.n_seats])
