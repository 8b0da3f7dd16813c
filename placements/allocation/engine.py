"""Solve an allocation problem exactly, level by level, and return the proof with the places."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from placements.allocation.errors import CostTooLarge, LockConflict, ProblemError
from placements.allocation.levels import FAIRNESS, Level, Policy, fairness_sum, objective
from placements.allocation.oracle import minimum
from placements.allocation.problem import Ints, Problem
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
    | `group_price` | [K, groups] | price of leaving one more learner of the group unplaced, per level |
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
        result = _result(
            problem,
            policy,
            seed,
            used,
            cap_flow,
            [],
            np.zeros((0, problem.n_nodes + problem.n_groups), np.int64),
            began,
        )
    else:
        levels = objective(problem, policy, seed)
        for level in levels:
            _check_sums(level)
        chosen, cap_flow, duals = minimum(problem, levels, report)
        _check_locks_held(problem, chosen)
        report("certificate", 0.95)
        result = _result(problem, policy, seed, chosen, cap_flow, levels, duals, began)
    report("done", 1.0)
    return result


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
    # The prices of the groups follow those of the nodes.
    duals, group_price = duals[:, : problem.n_nodes], duals[:, problem.n_nodes :]
    learners, seats = shortage(problem, chosen, duals)
    return Result(
        policy=policy,
        seed=seed,
        engine="serial" if policy is Policy.SERIAL else "ortools",
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
        searched=np.zeros(0, np.int64),
        shortage_learners=learners,
        shortage_seats=seats,
        seconds=perf_counter() - began,
    )


def _sum(problem: Problem, level: Level, chosen: Ints) -> int:
    if level.name == FAIRNESS:
        return fairness_sum(problem, chosen)
    return int(level.cost[chosen[chosen >= 0]].sum())


def shortage(problem: Problem, chosen: Ints, duals: Ints) -> tuple[Ints, Ints]:
    """The learners and the seat nodes of the shortage that the price of the first level marks."""
    if not len(duals):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    short_node = duals[0] > 0
    short = chosen < 0
    short[~short] = short_node[problem.seat[chosen[~short]]]
    return np.flatnonzero(short), np.flatnonzero(short_node[: problem.n_seats])
