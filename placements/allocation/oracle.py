"""OR-Tools' min-cost flow, level by level on the optimal face: slower than the core, and independent of it."""

import numpy as np
from ortools.graph.python import min_cost_flow

from placements.allocation.errors import CostTooLarge
from placements.allocation.levels import FAIRNESS, Level
from placements.allocation.problem import Ints, Problem
from placements.allocation.residual import (
    UNPLACED,
    Face,
    Flow,
    Network,
    NotOptimal,
    learner_worth,
    level_price,
    shortage_price,
)
from placements.allocation.serial import Progress


def minimum(problem: Problem, levels: list[Level], report: Progress) -> tuple[Ints, Ints, Ints]:
    """Place as many as possible at the least cost: chosen arcs [n], flow per capacity arc [q], duals [1 + K, nodes].

    With groups the duals go on with the price of each group, [1 + K, nodes + groups]. Capacities that cross are
    not seen here (`crossing`). Raises CostTooLarge when OR-Tools refuses a level's costs.
    """
    net = Network.of(problem)
    report("place", 0.05)
    first = levels[0].of(net.arc)
    flow = _first_flow(net, first, levels[0].name)
    price = shortage_price(net, flow)
    face = Face.whole(net)
    face.keep_tight(net, flow, np.zeros(len(net.arc), np.int64), 1, price, net.cap_cost)
    duals = np.zeros((1 + len(levels), problem.n_nodes + problem.n_groups), np.int64)
    duals[0, : problem.n_nodes] = price[:-1]
    if problem.n_groups:
        wider = net.with_groups(problem)
        net, face, flow = wider, face.with_groups(net, wider), flow.with_groups(net, wider)
    flow = _lexicographic(net, levels, face, flow, duals, report)
    chosen = np.where(flow.used >= 0, net.arc[flow.used] if len(net.arc) else UNPLACED, UNPLACED)
    return chosen, flow.cap[: len(problem.cap_tail)], duals


def tolled_prices(
    problem: Problem, levels: list[Level], chosen: Ints, cap_flow: Ints, toll: Ints, rounds: int
) -> Ints | None:
    """Duals that prove these places, where a place at each seat node costs a toll besides [1 + K, seat nodes].

    None when they are not the best at that toll, or the prices need more rounds.
    """
    net = Network.of(problem)
    position = np.full(problem.n_arcs + 1, UNPLACED)
    position[net.arc] = np.arange(len(net.arc))
    flow, face = Flow(position[chosen], cap_flow), Face.whole(net)
    toll = np.hstack([toll, np.zeros((len(toll), problem.n_nodes - toll.shape[1] + problem.n_groups), np.int64)])
    if problem.n_groups:
        wider = net.with_groups(problem)
        net, face, flow = wider, face.with_groups(net, wider), flow.with_groups(net, wider)
    own = net.arc >= 0
    duals = np.zeros((1 + len(levels), problem.n_nodes + problem.n_groups), np.int64)
    for row in range(1 + len(levels)):
        cost = toll[row][net.seat]
        if row:
            cost[own] += levels[row - 1].of(net.arc[own])
        else:
            cost[~own] += 1
        fair = row and levels[row - 1].name == FAIRNESS
        cap_cost = net.cap_cost if fair else np.zeros_like(net.cap_cost)
        missing = 0 if row else 1
        try:
            price = level_price(net, face, flow, cost, cap_cost, missing, rounds)
        except NotOptimal:
            return None
        if not _agrees(net, face, flow, (cost, cap_cost), missing, price):
            return None
        duals[row] = price[:-1]
        face.keep_tight(net, flow, cost, missing, price, cap_cost)
    return duals


def _agrees(net: Network, face: Face, flow: Flow, costs: tuple[Ints, Ints], missing: int, price: Ints) -> bool:
    """Whether nobody has a cheaper choice and no capacity arc in use is dearer than its way, on the face."""
    cost, cap_cost = costs
    worth = learner_worth(net, flow, cost, missing, price)
    cheaper = face.arcs & (cost + price[net.seat] < worth[net.learner])
    dear = face.cap_free & (flow.cap > 0) & (price[net.cap_tail] < price[net.cap_head] + cap_cost)
    return not (cheaper.any() or (face.unplaced & (worth > missing)).any() or dear.any())


def _lexicographic(net: Network, levels: list[Level], face: Face, flow: Flow, duals: Ints, report: Progress) -> Flow:
    """Solve each level on the optimal face of those before; fills in the duals [1 + K, nodes + groups]."""
    names = [level.name for level in levels]
    fair = names.index(FAIRNESS) + 1 if FAIRNESS in names else 0
    for row, level in enumerate(levels, start=1):
        report("lottery" if level.name.startswith("lottery") else "rank", 0.1 + 0.8 * row / len(levels))
        if row > fair and (face.options(net) <= 1).all():
            break  # nothing is left to choose, so the remaining prices are zero
        cost = np.zeros(len(net.arc), np.int64)
        cost[net.arc >= 0] = level.of(net.arc[net.arc >= 0])
        cap_cost = net.cap_cost if row == fair else np.zeros_like(net.cap_cost)
        # The first flow is at its least in the first level already, but it knows of no groups.
        if row > 1 or row == fair:
            flow = _face_flow(net, face, flow, (cost, cap_cost), level.name)
        price = level_price(net, face, flow, cost, cap_cost)
        duals[row] = price[:-1]
        face.keep_tight(net, flow, cost, 0, price, cap_cost)
    return flow


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


def _face_flow(net: Network, face: Face, before: Flow, costs: tuple[Ints, Ints], name: str) -> Flow:
    """A flow of least cost in one level among those on the face.

    Learners with one choice left and capacity arcs that keep their flow enter as supplies, so that the
    network shrinks with every level. `costs` are those of the learners' arcs and of the capacity arcs.
    """
    cost, cap_cost = costs
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
        net.cap_tail[free], net.cap_head[free], net.cap_seats[free], cap_cost[free]
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
