"""Small allocation problems, from wish lists or from a number, and a brute-force solver."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from placements.allocation import Cap, Policy, Problem, Result, Wishes, build_forest, rank_costs
from placements.allocation.levels import objective


def from_lists(
    lists: Mapping[str, str],
    seats: Mapping[str, int],
    caps: Sequence[Cap] = (),
    costs: Mapping[tuple[str, str], int] | None = None,
    locks: Mapping[str, str] | None = None,
) -> Problem:
    """`lists` is {"A": "s1 s2"}: learner and wishes in order; `seats` the seats of each seat node."""
    names = list(seats)
    pairs = [
        (who, seat, number) for who, wishes in lists.items() for number, seat in enumerate(wishes.split(), start=1)
    ]
    learners = list(lists)
    made = np.array([len(lists[who].split()) for who, _, _ in pairs], np.int64)
    level = rank_costs(np.array([number for _, _, number in pairs], np.int64), made)
    if costs is not None:
        level = np.array([costs[who, seat] for who, seat, _ in pairs], np.int64)
    forest = build_forest(len(names), [*(Cap(name, seats[name], [k]) for k, name in enumerate(names)), *caps])
    arc = {(who, seat): row for row, (who, seat, _) in enumerate(pairs)}
    locked = [arc[who, locks[who]] if who in locks else -1 for who in learners] if locks else None
    return Problem(
        n_learners=len(learners),
        learner=np.array([learners.index(who) for who, _, _ in pairs], np.int64),
        seat=np.array([names.index(seat) for _, seat, _ in pairs], np.int64),
        levels=level[np.newaxis],
        cap_tail=forest.cap_tail,
        cap_head=forest.cap_head,
        cap_seats=forest.cap_seats,
        locked=None if locked is None else np.array(locked, np.int64),
        learner_key=np.array(learners),
        seat_key=np.array(names),
    )


def places(problem: Problem, result: Result) -> dict[str, str | None]:
    """{"A": "s2", "B": None}: the keys of who got what."""
    return {
        key.decode(): problem.seat_key[problem.seat[arc]].decode() if arc >= 0 else None
        for key, arc in zip(problem.learner_key, result.chosen.tolist(), strict=True)
    }


def wishes_of(problem: Problem) -> Wishes:
    """Each arc a wish, numbered in the order of the rows."""
    arc = np.arange(problem.n_arcs)
    first = np.searchsorted(problem.learner, problem.learner)
    return Wishes(problem.learner, arc - first + 1, arc, np.zeros_like(arc))


def random_problem(number: int, learners: int = 5, seat_nodes: int = 4, most_arcs: int = 3) -> Problem:
    """A random problem with a random capacity forest of up to three floors, two levels and some locks."""
    rng = np.random.default_rng(number)
    n, seats = int(rng.integers(1, learners + 1)), int(rng.integers(1, seat_nodes + 1))
    pairs = [(who, int(seat)) for who in range(n) for seat in rng.permutation(seats)[: rng.integers(0, most_arcs + 1)]]
    learner, seat = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    workplaces = int(rng.integers(1, 4))
    head = [
        *(seats + rng.integers(-1, workplaces, seats)),
        *rng.choice([-1, seats + workplaces], workplaces),
        -1,
    ]
    head = np.where(np.array(head) == seats - 1, -1, head)
    q = len(head)
    locked = None
    if pairs and rng.random() < 0.3:
        locked = np.full(n, -1, np.int64)
        arc = int(rng.integers(len(pairs)))
        locked[learner[arc]] = arc
    return Problem(
        n_learners=n,
        learner=learner,
        seat=seat,
        levels=rng.integers(0, rng.choice([2, 4, 20]), (2, len(pairs))),
        cap_tail=np.arange(q),
        cap_head=head,
        cap_seats=rng.integers(0, rng.choice([2, 3, 4]), q),
        locked=locked,
        learner_key=np.array([f"learner-{k}" for k in range(n)]),
        seat_key=np.array([f"seat-{k}" for k in range(seats)]),
    )


def fits(problem: Problem, chosen: Sequence[int]) -> bool:
    """Recount of a forest and what crosses it: no capacity is exceeded and every lock is kept."""
    left = problem.cap_seats.tolist()
    arcs = zip(problem.cap_tail.tolist(), problem.cap_head.tolist(), strict=True)
    up = {tail: (row, head) for row, (tail, head) in enumerate(arcs)}
    for arc in chosen:
        node = int(problem.seat[arc]) if arc >= 0 else -1
        while node >= 0:
            row, node = up[node]
            left[row] -= 1
            if left[row] < 0:
                return False
    crossing = zip(problem.cross_row.tolist(), problem.cross_node.tolist(), strict=True) if problem.crosses else ()
    load = [0] * len(problem.cross_seats) if problem.crosses else []
    for row, node in crossing:
        load[row] += sum(arc >= 0 and int(problem.seat[arc]) == node for arc in chosen)
    if any(taken > seats for taken, seats in zip(load, problem.cross_seats.tolist() if load else [], strict=True)):
        return False
    return all(lock in (-1, arc) for lock, arc in zip(problem.lock_arcs.tolist(), chosen, strict=True))


def brute_force(problem: Problem, policy: Policy, seed: str) -> tuple[tuple[int, ...], list[tuple[int, ...]]] | None:
    """Over all assignments: the least objective and who attain it; None when the locks do not fit."""
    lottery = [level.cost.tolist() for level in objective(problem, policy, seed)[-1:]]
    levels = problem.levels.tolist()
    ranks = sorted(set(levels[0]))
    arcs = [[-1, *np.flatnonzero(problem.learner == who).tolist()] for who in range(problem.n_learners)]
    best: tuple[int, ...] | None = None
    attained: list[tuple[int, ...]] = []
    for chosen in product(*arcs):
        on = [arc for arc in chosen if arc >= 0]
        if best is not None and -len(on) > best[0]:
            continue
        profile = [sum(levels[0][arc] == rank for arc in on) for rank in ranks]
        first = {
            Policy.OPTIMUM: [sum(levels[0][arc] for arc in on)],
            Policy.GENEROUS: profile[::-1],
            Policy.GREEDY: [-count for count in profile],
        }[policy]
        rest = [sum(row[arc] for arc in on) for row in (*levels[1:], *lottery)]
        fairness = _fairness(problem, chosen)
        value = (-len(on), *fairness, *first, *rest)
        if (best is None or value <= best) and fits(problem, chosen):
            attained = [chosen] if best is None or value < best else [*attained, chosen]
            best = value
    return None if best is None else (best, attained)


def _fairness(problem: Problem, chosen: Sequence[int]) -> list[int]:
    if problem.group is None or problem.group_step is None:
        return []
    steps = problem.group_step.tolist()
    total = 0
    for group in range(problem.n_groups):
        own = steps[group] if isinstance(steps[0], list) else steps
        members = np.flatnonzero(problem.group == group).tolist()
        count = sum(chosen[who] < 0 for who in members)
        total += sum(own[min(number, len(own) - 1)] for number in range(count))
    return [total]


def permuted(problem: Problem, number: int) -> Problem:
    """The same problem with learners, arcs and capacity rows in another order."""
    rng = np.random.default_rng(number)
    who, arc, cap = (rng.permutation(size) for size in (problem.n_learners, problem.n_arcs, len(problem.cap_tail)))
    new_learner, new_arc = np.argsort(who), np.append(np.argsort(arc), -1)
    return Problem(
        n_learners=problem.n_learners,
        learner=new_learner[problem.learner[arc]],
        seat=problem.seat[arc],
        levels=problem.levels[:, arc],
        cap_tail=problem.cap_tail[cap],
        cap_head=problem.cap_head[cap],
        cap_seats=problem.cap_seats[cap],
        locked=None if problem.locked is None else new_arc[problem.locked[who]],
        learner_key=problem.learner_key[who],
        seat_key=problem.seat_key,
        group=None if problem.group is None else problem.group[who],
        group_step=problem.group_step,
        cross_seats=problem.cross_seats,
        cross_row=problem.cross_row,
        cross_node=problem.cross_node,
    )
