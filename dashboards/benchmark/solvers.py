"""Our engine and its peers on one and the same instance: seconds, memory, and what the learners get.

Each solver reads the instance from a file in a process of its own, so that its peak memory is its own. Seconds are the
median of several solves after a first one, which compiles; the ratio is to the first row.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from dashboards.benchmark.market import Instance, make_instance, make_market
from dashboards.benchmark.memory import resident_peak
from placements.allocation import Policy, Problem, explain, solve, verify
from placements.allocation.boston import boston
from placements.allocation.explain import Wishes
from placements.allocation.files import read_problem, write_problem
from placements.allocation.reoptimise import State, late_learner

Chosen = NDArray[np.int64]
Say = Callable[[str], None]
T = TypeVar("T")

SEED: Final = "2026"
# Against ten for a minute of travel, so that no journey outweighs a step in rank.
RANK_WEIGHT: Final = 1000
MOST_REPEATS: Final = 5
ENOUGH_SECONDS: Final = 10.0
LATE: Final = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """What one solver did. Seconds are the solver's own, a median; `peak` is the process's resident memory in bytes."""

    solver: str
    seconds: float
    peak: int
    placed: int
    first: int
    first_to_third: int
    outside: int
    engine: str


def readings(learners: int, *, scarcity: float, full_graph: bool, say: Say) -> tuple[Instance, list[Reading]]:
    """Draw an instance and let every solver have it."""
    started = perf_counter()
    instance = make_instance(make_market(learners, scarcity=scarcity), full_graph=full_graph)
    say(f"Drew {instance.problem.n_arcs:,} arcs: {perf_counter() - started:.1f} s".replace(",", " "))
    with TemporaryDirectory(prefix="bryggan-market-") as folder:
        path = Path(folder) / "problem.npz"
        write_problem(path, instance.problem)
        wishes = Path(folder) / "wishes.npy"
        np.save(wishes, np.array([instance.wishes.learner, instance.wishes.number, instance.wishes.arc]))
        found = []
        for solver in SOLVERS:
            found.append(_in_own_process(solver, path, wishes))
            say(f"{solver}: {found[-1].seconds:.2f} s")
    return instance, found


def _in_own_process(solver: str, problem: Path, wishes: Path) -> Reading:
    command = [sys.executable, "-m", __name__, solver, str(problem), str(wishes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Reading(**json.loads(done.stdout.splitlines()[-1]))


def _core(policy: Policy, threads: int = 1) -> Callable[[Problem, Wishes], tuple[float, Chosen, str]]:
    def run(problem: Problem, _wishes: Wishes) -> tuple[float, Chosen, str]:
        seconds, result = _timed(lambda: solve(problem, policy, SEED, threads=threads))
        verify(problem, result)
        return seconds, result.chosen, result.engine

    return run


def _explained(problem: Problem, wishes: Wishes) -> tuple[float, Chosen, str]:
    """The explanations of all learners, by themselves."""
    result = solve(problem, Policy.OPTIMUM, SEED, threads=2)
    seconds, _why = _timed(lambda: explain(problem, result, wishes))
    return seconds, result.chosen, ""


def _late(problem: Problem, _wishes: Wishes) -> tuple[float, Chosen, str]:
    """One learner more, like somebody who is there already, in the optimum as it is stored; the median of many."""
    result = solve(problem, Policy.OPTIMUM, SEED, threads=2)
    state = State.of(problem, result)
    start = np.searchsorted(problem.learner, np.arange(problem.n_learners + 1))
    laps: list[float] = []
    for number, like in enumerate(np.random.default_rng(1).integers(0, problem.n_learners, LATE + 1)):
        arcs = slice(start[like], start[like + 1])
        began = perf_counter()
        late_learner(state, problem.seat[arcs].tolist(), problem.levels[:, arcs], key=f"late-{number}")
        laps.append(perf_counter() - began)
    return median(laps[1:]), result.chosen, ""


def _wish_order(problem: Problem, wishes: Wishes) -> tuple[float, Chosen, str]:
    number = np.zeros(problem.n_arcs, np.int64)
    number[wishes.arc] = wishes.number
    seconds, (chosen, _flow) = _timed(lambda: boston(problem, number, SEED))
    return seconds, chosen, ""


def _or_tools(problem: Problem, _wishes: Wishes) -> tuple[float, Chosen, str]:
    """OR-Tools as its own users would call it: one weighted level, no lottery, no proof."""
    weights = [RANK_WEIGHT] + [10] * (problem.levels.shape[0] - 1)
    cost = sum(weight * level for weight, level in zip(weights, problem.levels, strict=True))
    seconds, on = _timed(lambda: _min_cost_flow(problem, cost))
    chosen = np.full(problem.n_learners, -1, np.int64)
    chosen[problem.learner[on]] = on
    return seconds, chosen, ""


def _min_cost_flow(problem: Problem, cost: NDArray[np.int64]) -> Chosen:
    """The arcs in use."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415 -- in this solver's process alone

    sink, first = problem.n_nodes, problem.n_nodes + 1
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        first + problem.learner, problem.seat, np.ones_like(problem.learner), cost
    )
    solver.add_arcs_with_capacity_and_unit_cost(
        problem.cap_tail,
        np.where(problem.cap_head < 0, sink, problem.cap_head),
        problem.cap_seats,
        np.zeros_like(problem.cap_tail),
    )
    learners = np.unique(problem.learner)
    solver.set_nodes_supplies(first + learners, np.ones_like(learners))
    solver.set_nodes_supplies(np.array([sink]), np.array([-len(learners)]))
    if solver.solve_max_flow_with_min_cost() != solver.OPTIMAL:
        raise RuntimeError("OR-Tools found no optimum.")
    return np.flatnonzero(solver.flows(arcs))


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Do the work once unmeasured, then up to five times while it does not take long; the median and an answer."""
    answer = work()
    laps: list[float] = []
    while len(laps) < MOST_REPEATS and sum(laps) < ENOUGH_SECONDS:
        started = perf_counter()
        answer = work()
        laps.append(perf_counter() - started)
    return median(laps), answer


SOLVERS: Final[dict[str, Callable[[Problem, Wishes], tuple[float, Chosen, str]]]] = {
    "optimum": _core(Policy.OPTIMUM, threads=2),
    "optimum, 1 thread": _core(Policy.OPTIMUM),
    "generous": _core(Policy.GENEROUS, threads=2),
    "greedy": _core(Policy.GREEDY, threads=2),
    "serial lottery": _core(Policy.SERIAL),
    "wish order with lottery": _wish_order,
    "explanations": _explained,
    "one late learner": _late,
    "OR-Tools, one level": _or_tools,
}


def _main(solver: str, problem_path: str, wishes_path: str) -> dict[str, Any]:
    problem = read_problem(problem_path)
    learner, number, arc = np.load(wishes_path)
    wishes = Wishes(learner, number, arc, np.zeros_like(arc))
    seconds, chosen, engine = SOLVERS[solver](problem, wishes)
    got = number[chosen[learner] == arc]
    placed = int((chosen >= 0).sum())
    return {
        "solver": solver,
        "seconds": seconds,
        "peak": resident_peak(),
        "placed": placed,
        "first": int((got == 1).sum()),
        "first_to_third": int((got <= 3).sum()),
        "outside": placed - len(got),
        "engine": engine,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_main(*sys.argv[1:])))
