"""Solve an allocation problem exactly, level by level, and return the proof with the places."""

from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import numpy as np

from placements.allocation import crossing, oracle
from placements.allocation.core import solver as core
from placements.allocation.errors import CostTooLarge, LockConflict, ProblemError
from placements.allocation.levels import FAIRNESS, Level, Policy, fairness_sum, objective
from placements.allocation.problem import LARGEST_SUM, Bools, Ints, Problem
from placements.allocation.serial import Progress, serial_lottery, silent
from placements.allocation.state import State

# What a result can come from; "auto", "core" and "ortools" can be asked for.
ENGINES = ("core", "ortools", "core+cp-sat", "ortools+cp-sat", "serial")
# With more learners than this to a seat node OR-Tools is the faster one.
CROWDED = 200
ASKED = ("auto", "core", "ortools")


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
    | `group_price` | [K, groups] | price of leaving one more learner of the group unplaced, per level |
    | `cross_price` | [K, r] | price of room in each crossing capacity, on top of those of its seat nodes |
    | `searched` | any | learners whose places a search found, since capacities cross there; no prices prove them |
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
    group_price: Ints
    cross_price: Ints
    searched: Ints
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
    """Row of the objective where ranks begin: after "unplaced" and, when there are any, locks and fairness."""
    return 1 + sum(name in ("locks", FAIRNESS) for name in names)


def solve(
    problem: Problem,
    policy: Policy = Policy.OPTIMUM,
    seed: str = "",
    *,
    engine: str = "auto",
    threads: int = 1,
    progress: Progress | None = None,
) -> Result:
    """Place as many learners as possible at the least cost, level by level; lottery decides the rest.

    The same problem, policy and seed give the same places whatever the order of rows, the engine and the number of
    threads. `engine` is "core" (compiled), "ortools", or "auto": the core wherever it can take the problem. `progress`
    is called between stages with the stage (check, place, rank, lottery, certificate, done) and the fraction done.

    Raises LockConflict when the locks do not fit together, CostTooLarge when a level could overflow,
    ProblemError for an engine or policy that cannot take the problem.
    """
    if engine not in ASKED:
        raise ProblemError(f"unknown engine “{engine}”; there are {', '.join(ASKED)}")
    if threads < 1:
        raise ProblemError(f"threads is {threads}; at least one is needed")
    began = perf_counter()
    report = progress or silent
    report("check", 0.0)
    searched, cross_price = np.zeros(0, np.int64), None
    if policy is Policy.SERIAL:
        engine, levels = "serial", list[Level]()
        found = (*serial_lottery(problem, seed, report), np.zeros((0, problem.n_nodes + problem.n_groups), np.int64))
    else:
        levels = objective(problem, policy, seed)
        for level in levels:
            _check_sums(level, problem.n_learners)
        engine = _engine_for(problem, engine)
        minimum = partial(core.minimum, threads=threads) if engine == "core" else oracle.minimum
        if problem.crosses:
            engine += "+cp-sat"

            def laid_out(bare: Problem, flow: tuple[Ints, Ints, Ints]) -> State:
                return State.of(bare, _result(bare, (policy, seed, engine), levels, flow, began))

            answer = crossing.minimum(problem, levels, report, minimum, laid_out)
            found = (answer.chosen, answer.cap_flow, np.hstack([answer.prices.nodes, answer.prices.groups]))
            searched, cross_price = answer.searched, answer.prices.crossing
        else:
            found = minimum(problem, levels, report)
        _check_locks_held(problem, found[0])
        report("certificate", 0.95)
    result = _result(problem, (policy, seed, engine), levels, found, began)
    if cross_price is not None:
        result = replace(result, searched=searched, cross_price=cross_price)
    report("done", 1.0)
    return result


def warm() -> None:
    """Compile the core, or load it from disk, so that no one waits for it later; workers call this when they start.

    For costs of two words and of three; a profile over many ranks takes more, and compiles when it first comes.
    """
    for wide in (1, 2**50):
        problem = Problem(
            n_learners=4,
            learner=np.array([0, 0, 1, 2, 3, 3]),
            seat=np.array([0, 1, 0, 0, 1, 2]),
            levels=np.array([[0, 1, 0, 0, 0, 1], [0, 1, 1, 1, 0, 1]]) * wide,
            cap_tail=np.array([0, 1, 1, 2, 3]),
            cap_head=np.array([3, 3, -1, -1, -1]),
            cap_seats=np.array([1, 1, 1, 1, 1]),
        )
        solve(problem, engine="core", threads=2)


def _engine_for(problem: Problem, asked: str) -> str:
    if asked == "auto":
        return "ortools" if problem.n_groups or crowd(problem) > CROWDED else "core"
    if asked == "core" and problem.n_groups:
        raise ProblemError("the core does not spread the unplaced over groups; let the engine be chosen")
    return asked


def crowd(problem: Problem) -> float:
    """How many share a seat node with a learner on average, counting the nodes that can be full.

    The core looks at each of them when a search passes the node, so a few nodes with thousands of seats slow it down.
    """
    wanted = np.bincount(problem.seat, minlength=problem.n_nodes)
    seats = np.bincount(problem.cap_tail, np.minimum(problem.cap_seats, problem.n_learners), problem.n_nodes)
    seats = seats[seats < wanted]
    return float((seats**2).sum() / seats.sum()) if seats.any() else 0.0


def _check_sums(level: Level, n_learners: int) -> None:
    if level.largest * (n_learners + 1) >= LARGEST_SUM:
        raise CostTooLarge(f"the costs of “{level.name}” could add up to more than 2^60")


def _check_locks_held(problem: Problem, chosen: Ints) -> None:
    lock = problem.lock_arcs
    lost = np.flatnonzero((lock >= 0) & (chosen != lock))
    if len(lost):
        raise LockConflict(lost.tolist())


def _result(
    problem: Problem, asked: tuple[Policy, str, str], levels: list[Level], found: tuple[Ints, Ints, Ints], began: float
) -> Result:
    policy, seed, engine = asked
    chosen, cap_flow, duals = found
    on = chosen[chosen >= 0]
    unplaced = problem.n_learners - len(on)
    # The prices of the groups follow those of the nodes.
    duals, group_price = duals[:, : problem.n_nodes], duals[:, problem.n_nodes :]
    learners, seats = shortage(problem, chosen, duals)
    return Result(
        policy=policy,
        seed=seed,
        engine=engine,
        chosen=chosen,
        placed=len(on),
        level_sums=problem.levels[:, on].sum(axis=1),
        objective_names=("unplaced", *(level.name for level in levels)) if levels else (),
        objective_sums=np.array(
            [unplaced, *(_sum(problem, level, chosen) for level in levels)] if levels else [], np.int64
        ),
        cap_flow=cap_flow,
        duals=duals,
        group_price=group_price,
        cross_price=np.zeros((len(duals), 0 if problem.cross_seats is None else len(problem.cross_seats)), np.int64),
        searched=np.zeros(0, np.int64),
        shortage_learners=learners,
        shortage_seats=seats,
        seconds=perf_counter() - began,
    )


def _sum(problem: Problem, level: Level, chosen: Ints) -> int:
    if level.name == FAIRNESS:
        return fairness_sum(problem, chosen)
    return int(level.of(chosen[chosen >= 0]).sum())


def seats_out_of(problem: Problem, nodes: Bools) -> int:
    """The seats on the capacity arcs that lead out of some nodes."""
    inside = np.append(nodes, False)
    leaving = inside[problem.cap_tail] & ~inside[problem.cap_head]
    return int(np.minimum(problem.cap_seats, problem.n_learners + 1)[leaving].sum())


def shortage(problem: Problem, chosen: Ints, duals: Ints) -> tuple[Ints, Ints]:
    """The learners and the seat nodes of the shortage that the price of the first level marks."""
    if not len(duals):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    short_node = duals[0] > 0
    if problem.crosses:
        # A learner that a crossing capacity leaves out may well reach other seats.
        short = np.ones(problem.n_learners, np.bool_)
        short[problem.learner[problem.allowed() & ~short_node[problem.seat]]] = False
        if int(short.sum()) <= seats_out_of(problem, short_node):
            short[:], short_node = False, np.zeros_like(short_node)
    else:
        short = chosen < 0
        short[~short] = short_node[problem.seat[chosen[~short]]]
    return np.flatnonzero(short), np.flatnonzero(short_node[: problem.n_seats])
