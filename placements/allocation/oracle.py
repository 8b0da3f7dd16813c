"""OR-Tools' min-cost flow, level by level on the optimal face: slower than the core, and independent of it."""

import numpy as np
from ortools.graph.python import min_cost_flow

from placements.allocation.errors import CostTooLarge
from placements.allocation.levels import Level
from placements.allocation.problem import Ints, Problem
from placements.allocation.residual import UNPLACED, Face, Flow, Network, level_price, shortage_price
from placements.allocation.serial import Progress


def minimum(problem: Problem, levels: list[Level], report: Progress) -> tuple[Ints, Ints, Ints]:
    """Place as many as possible at the least cost: chosen arcs [n], flow per capacity arc [q], duals [1 + K, nodes].

    Raises CostTooLarge when OR-Tools refuses a level's costs.
    """
    net = Network.of(problem)
    flow, duals = _lexicographic(net, levels, report)
    chosen = np.where(flow.used >= 0, net.arc[flow.used] if len(net.arc) else UNPLACED, UNPLACED)
    return chosen, flow.cap, duals


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
