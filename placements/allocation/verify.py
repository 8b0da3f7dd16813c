"""Check a result against its problem from the output alone, without trusting or running the solver."""

from operator import mul

import numpy as np

from placements.allocation.binding import over
from placements.allocation.bounds import Prices, cheapest, missing, with_unplaced, worths
from placements.allocation.engine import Result, seats_out_of, shortage
from placements.allocation.errors import VerificationError
from placements.allocation.levels import FAIRNESS, Level, Policy, fairness_sum, objective, unplaced_by_group
from placements.allocation.problem import SINK, Bools, Ints, Problem
from placements.allocation.serial import serial_lottery
from placements.allocation.verify_search import check_search

# Sums of a level stay below 2^60; with prices below this no difference leaves 64 bits.
MOST_PRICE = 3 * 2**60
ARCS_AT_A_TIME = 1 << 20
FLOW_ENGINES = ("core", "ortools")


def verify(problem: Problem, result: Result) -> None:
    """Recount places, seats, locks and sums, and check the proof that nothing better exists.

    The proof is the duals: with them no arc, used or not, could lower the objective, and primal equals dual
    in every level. A serial lottery is replayed instead. Where capacities cross, no prices prove the learners in
    `searched`: that they are all who had to be searched is recomputed from the duals, and that nothing better
    exists for them by searching once more, which trusts the search. Raises VerificationError naming the first
    check that fails.
    """
    _check_shapes(problem, result)
    _check_places(problem, result)
    _check_seats(problem, result)
    if problem.crosses:
        _require(not over(problem, result.chosen).any(), "more learners than seats in a crossing capacity")
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
        "cross_price": (levels, 0 if problem.cross_seats is None else len(problem.cross_seats)),
        "searched": result.searched.shape if problem.crosses else (0,),
    }
    for name, shape in shapes.items():
        array: Ints = getattr(result, name)
        _require(array.dtype == np.int64 and array.shape == shape, f"{name} does not have the shape {shape}")
    searched = np.concatenate([[-1], result.searched, [problem.n_learners]])
    _require((np.diff(searched) > 0).all(), "searched are not learners in order")
    engines = FLOW_ENGINES if not problem.crosses else tuple(f"{engine}+cp-sat" for engine in FLOW_ENGINES)
    engines = ("serial",) if result.policy is Policy.SERIAL else engines
    _require(result.engine in engines, f"no engine “{result.engine}” solves this problem by this policy")
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
    sums = [problem.n_learners - len(on)]
    for level in levels:
        fair = level.name == FAIRNESS
        sums.append(fairness_sum(problem, result.chosen) if fair else int(level.of(on).sum()))
    _require(result.objective_sums.tolist() == sums, "objective_sums differ from the places")


def _check_shortage(problem: Problem, result: Result) -> None:
    """Hall's condition: these learners reach only these nodes, and the seats out of them are too few."""
    node = result.duals[0]
    _require(problem.crosses or np.isin(node, (0, 1)).all(), "the price of a place is neither 0 nor 1")
    learners, seats = shortage(problem, result.chosen, result.duals)
    _require(np.array_equal(learners, result.shortage_learners), "shortage_learners differ from the prices")
    _require(np.array_equal(seats, result.shortage_seats), "shortage_seats differ from the prices")
    unplaced = problem.n_learners - result.placed
    if problem.crosses:
        # Some may go without for other reasons than this, and then it may explain nobody.
        unplaced = min(unplaced, len(learners) - seats_out_of(problem, node > 0)) if len(learners) else 0
    explained = len(learners) - seats_out_of(problem, node > 0) if len(learners) else 0
    _require(explained == unplaced, "the shortage does not explain the number unplaced")


def _check_duals(problem: Problem, result: Result, levels: list[Level]) -> None:
    """Lexicographic optimality: the first level in which a reduced cost is not zero decides its sign."""
    rows = with_unplaced(problem, levels)
    prices = Prices(result.duals, result.group_price, result.cross_price)
    for row, level in enumerate(rows):
        most = max(int(np.abs(one[row]).max(initial=0)) for one in (prices.nodes, prices.groups, prices.crossing))
        _require(most < MOST_PRICE, f"a price of “{level.name}” is out of range")
    worth = worths(problem, rows, prices, result.chosen)
    searched = np.zeros(problem.n_learners, np.bool_)
    searched[result.searched] = True
    cheapest(problem, rows, prices, worth, searched)
    _check_arcs(problem, prices, rows, worth)
    _check_unplaced(problem, prices, rows, worth)
    proven = np.ones(len(problem.cap_tail), np.bool_)
    if problem.crosses:
        proven = ~check_search(problem, result, rows, prices, worth)[problem.cap_tail]
    _check_capacity_prices(problem, result, rows, proven)
    if not problem.crosses:
        # A bound that is reached says this already.
        _check_steps(problem, result, rows)
        _check_sum(problem, result, rows, worth)


def _claim(level: Level, what: str) -> str:
    return f"the duals do not prove “{level.name}” optimal: {what}"


def _check_arcs(problem: Problem, prices: Prices, rows: list[Level], worth: Ints) -> None:
    """No arc is cheaper than what its learner has. Some arcs at a time, and of these only those still equal."""
    price = prices.at_seats(problem)
    open_arcs = None if problem.locked is None else problem.allowed()
    for start in range(0, problem.n_arcs, ARCS_AT_A_TIME):
        arc = np.arange(start, min(start + ARCS_AT_A_TIME, problem.n_arcs))
        if open_arcs is not None:
            arc = arc[open_arcs[arc]]
        learner, seat = problem.learner[arc].astype(np.int64), problem.seat[arc].astype(np.int64)
        for row, level in enumerate(rows):
            reduced = price[row][seat]
            reduced += level.of(arc)
            reduced -= worth[row][learner]
            _require(reduced.min(initial=0) >= 0, _claim(level, "an arc is cheaper"))
            equal = np.flatnonzero(reduced == 0)
            arc, learner, seat = arc[equal], learner[equal], seat[equal]


def _check_unplaced(problem: Problem, prices: Prices, rows: list[Level], worth: Ints) -> None:
    absent = missing(problem, prices)
    still_open = np.ones(problem.n_learners, np.bool_)
    for row, level in enumerate(rows):
        reduced = absent[row] - worth[row]
        still_open = _settle(reduced, still_open, _claim(level, "a place costs more than it is worth"))


def _check_steps(problem: Problem, result: Result, rows: list[Level]) -> None:
    """Each group climbs to where its price lies: the step it last took is not above, the next one not below."""
    steps = problem.steps()
    count = unplaced_by_group(problem, result.chosen)
    group, last = np.arange(problem.n_groups), steps.shape[1] - 1
    may_climb = np.ones(problem.n_groups, np.bool_)
    may_descend = count > 0
    for row, level in enumerate(rows):
        price = result.group_price[row]
        fair = level.name == FAIRNESS
        next_step = steps[group, np.minimum(count, last)] if fair else 0
        last_step = steps[group, np.clip(count - 1, 0, last)] if fair else 0
        may_climb = _settle(next_step - price, may_climb, _claim(level, "a group could have fewer placed"))
        may_descend = _settle(price - last_step, may_descend, _claim(level, "a group could have more placed"))


def _check_capacity_prices(problem: Problem, result: Result, rows: list[Level], still_open: Bools) -> None:
    room = result.cap_flow < np.minimum(problem.cap_seats, problem.n_learners + 1)
    carries = result.cap_flow > 0
    for row, level in enumerate(rows):
        price = np.append(result.duals[row], 0)
        reduced = price[problem.cap_head] - price[problem.cap_tail]
        _settle(reduced, still_open & room, _claim(level, "a price on a capacity arc with room"))
        _settle(-reduced, still_open & carries, _claim(level, "a capacity arc runs against its price"))
        still_open = still_open & (reduced == 0)


def _check_sum(problem: Problem, result: Result, rows: list[Level], worth: Ints) -> None:
    count = unplaced_by_group(problem, result.chosen)
    for row, level in enumerate(rows):
        price = np.append(result.duals[row], 0)
        reduced = price[problem.cap_head] - price[problem.cap_tail]
        dual = sum(worth[row].tolist()) + _dot(reduced, result.cap_flow) - _dot(result.group_price[row], count)
        if level.name == FAIRNESS:
            dual += fairness_sum(problem, result.chosen)
        _require(dual == int(result.objective_sums[row]), _claim(level, "primal and dual differ"))


def _dot(some: Ints, others: Ints) -> int:
    """The sum of the products in whole numbers of any size."""
    rows = np.flatnonzero((some != 0) & (others != 0))
    return sum(map(mul, some[rows].tolist(), others[rows].tolist()))


def _settle(reduced: Ints, still_open: Bools, claim: str) -> Bools:
    """Refuse negative reduced costs where still open; what stays open is zero so far."""
    _require(not bool((reduced[still_open] < 0).any()), claim)
    zero: Bools = still_open & (reduced == 0)
    return zero
