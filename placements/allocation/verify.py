"""Check a result against its problem from the output alone, without trusting or running the solver."""

import numpy as np

from placements.allocation.engine import ENGINES, Result, shortage
from placements.allocation.errors import VerificationError
from placements.allocation.levels import Level, Policy, objective
from placements.allocation.problem import SINK, Bools, Ints, Problem
from placements.allocation.serial import serial_lottery


def verify(problem: Problem, result: Result) -> None:
    """Recount places, seats, locks and sums, and check the proof that nothing better exists.

    The proof is the duals: with them no arc, used or not, could lower the objective, and primal equals dual
    in every level. A serial lottery is replayed instead. Raises VerificationError naming the first check that
    fails.
    """
    _check_shapes(problem, result)
    _check_places(problem, result)
    _check_seats(problem, result)
    if result.policy is Policy.SERIAL:
        _check_serial(problem, result)
        return
    levels = objective(problem, result.policy, result.seed)
    _check_sums(problem, result, levels)
    _check_shortage(problem, result)
    _check_duals(problem, result, levels)


def _require(holds: object, claim: str) -> None:
    if not holds:
        raise VerificationError(claim)


def _check_shapes(problem: Problem, result: Result) -> None:
    levels = len(result.objective_names)
    shapes = {
        "chosen": (problem.n_learners,),
        "level_sums": (problem.levels.shape[0],),
        "objective_sums": (levels,),
        "cap_flow": (len(problem.cap_tail),),
        "duals": (levels, problem.n_nodes),
        "group_price": (levels, problem.n_groups),
        "searched": (0,),
    }
    for name, shape in shapes.items():
        array: Ints = getattr(result, name)
        _require(array.dtype == np.int64 and array.shape == shape, f"{name} does not have the shape {shape}")
    engine = "serial" if result.policy is Policy.SERIAL else "ortools"
    _require(
        result.engine in ENGINES and result.engine == engine,
        f"no engine “{result.engine}” solves this policy",
    )
    _require(np.isfinite(result.seconds) and result.seconds >= 0, "seconds is not a duration")


def _check_places(problem: Problem, result: Result) -> None:
    chosen = result.chosen
    _require(((chosen >= -1) & (chosen < problem.n_arcs)).all(), "chosen names an arc that does not exist")
    holders = np.flatnonzero(chosen >= 0)
    own = problem.learner[chosen[holders]] == holders
    _require(own.all(), "a learner has a place that is not among its own arcs")
    lock = problem.lock_arcs
    _require((chosen[lock >= 0] == lock[lock >= 0]).all(), "a lock is not kept")
    _require(result.placed == len(holders), f"placed says {result.placed}, counted {len(holders)}")
    sums = problem.levels[:, chosen[holders]].sum(axis=1)
    _require((result.level_sums == sums).all(), "level_sums differ from the places")


def _check_seats(problem: Problem, result: Result) -> None:
    flow = result.cap_flow
    _require(((flow >= 0) & (flow <= problem.cap_seats)).all(), "more learners than seats on a capacity arc")
    inflow = np.bincount(problem.seat[result.chosen[result.chosen >= 0]], minlength=problem.n_nodes)
    to_node = problem.cap_head != SINK
    np.add.at(inflow, problem.cap_head[to_node], flow[to_node])
    np.subtract.at(inflow, problem.cap_tail, flow)
    _require(not inflow.any(), "cap_flow does not carry the learners from their seats to the sink")


def _check_serial(problem: Problem, result: Result) -> None:
    chosen, cap_flow = serial_lottery(problem, result.seed)
    _require(np.array_equal(chosen, result.chosen), "the drawn order leads to other places")
    _require(np.array_equal(cap_flow, result.cap_flow), "the drawn order leads to another flow")
    empty = not len(result.shortage_learners) and not len(result.shortage_seats)
    _require(empty, "a serial lottery has no shortage certificate")


def _check_sums(problem: Problem, result: Result, levels: list[Level]) -> None:
    names = ("unplaced", *(level.name for level in levels))
    _require(result.objective_names == names, "the objective is not that of the policy")
    on = result.chosen[result.chosen >= 0]
    sums = [problem.n_learners - len(on), *(int(level.cost[on].sum()) for level in levels)]
    _require(result.objective_sums.tolist() == sums, "objective_sums differ from the places")


def _check_shortage(problem: Problem, result: Result) -> None:
    """Hall's condition: these learners reach only these nodes, and the seats out of them are too few."""
    node = np.append(result.duals[0], 0)  # the entry −1 is the sink
    _require(np.isin(node, (0, 1)).all(), "the price of a place is neither 0 nor 1")
    learners, seats = shortage(problem, result.chosen, result.duals)
    _require(np.array_equal(learners, result.shortage_learners), "shortage_learners differ from the prices")
    _require(np.array_equal(seats, result.shortage_seats), "shortage_seats differ from the prices")
    leaving = (node[problem.cap_tail] == 1) & (node[problem.cap_head] == 0)
    reach_seats = np.minimum(problem.cap_seats, problem.n_learners + 1)[leaving].sum()
    unplaced = problem.n_learners - result.placed
    _require(len(learners) - reach_seats == unplaced, "the shortage does not explain the number unplaced")


def _check_duals(problem: Problem, result: Result, levels: list[Level]) -> None:
    """Lexicographic optimality: the first level in which a reduced cost is not zero decides its sign."""
    arcs = np.flatnonzero(problem.allowed())
    learner, seat = problem.learner[arcs], problem.seat[arcs]
    placed = result.chosen >= 0
    used = result.chosen[placed]
    room = result.cap_flow < np.minimum(problem.cap_seats, problem.n_learners + 1)
    carries = result.cap_flow > 0
    arc_open = np.ones(len(arcs), np.bool_)
    unplaced_open = placed.copy()
    cap_open = np.ones(len(problem.cap_tail), np.bool_)
    for row, level in enumerate([Level("unplaced", np.zeros(problem.n_arcs, np.int64)), *levels]):
        price = np.append(result.duals[row], 0)
        missing = 1 if row == 0 else 0
        _require(int(np.abs(price).max()) < 2**62, f"a price of “{level.name}” is out of range")
        worth = np.full(problem.n_learners, missing, np.int64)
        worth[placed] = level.cost[used] + price[problem.seat[used]]

        claim = f"the duals do not prove “{level.name}” optimal: "
        arc_open = _settle(level.cost[arcs] + price[seat] - worth[learner], arc_open, claim + "an arc is cheaper")
        unplaced_open = _settle(missing - worth, unplaced_open, claim + "a place costs more than it is worth")
        reduced = price[problem.cap_head] - price[problem.cap_tail]
        _settle(reduced, cap_open & room, claim + "a price on a capacity arc with room")
        _settle(-reduced, cap_open & carries, claim + "a capacity arc runs against its price")
        cap_open &= reduced == 0

        # Whole numbers of Python: the sum over a country can leave 64 bits, though no single price does.
        paid = sum(price * seats for price, seats in zip(reduced.tolist(), result.cap_flow.tolist(), strict=True))
        dual = sum(worth.tolist()) + paid
        _require(dual == int(result.objective_sums[row]), claim + "primal and dual differ")


def _settle(reduced: Ints, still_open: Bools, claim: str) -> Bools:
    """Refuse negative reduced costs where still open; what stays open is zero so far."""
    _require(not bool((reduced[still_open] < 0).any()), claim)
    zero: Bools = still_open & (reduced == 0)
    return zero
