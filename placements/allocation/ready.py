"""Everything compiled that a run or a question about one needs, so that nobody waits for it later."""

from itertools import product

import numpy as np

from placements.allocation.engine import solve, warm
from placements.allocation.explain import Wishes, explain
from placements.allocation.levels import Policy
from placements.allocation.problem import Problem
from placements.allocation.reoptimise import State, late_learner, learner_left, seat_added, seat_withdrawn, wish_forced


def compile_all() -> None:
    """Solve, explain and ask about a problem of three learners by every rule: compiled now, or loaded from disk."""
    warm()
    learner, seat = np.array(list(product(range(3), range(2)))).T
    problem = Problem(
        n_learners=3,
        learner=learner,
        seat=seat,
        levels=np.array([[0, 1] * 3, [5, 6] * 3]),
        cap_tail=np.array([0, 1]),
        cap_head=np.array([-1, -1]),
        cap_seats=np.array([1, 1]),
    )
    wishes = Wishes(learner=learner, number=seat + 1, arc=np.arange(6), rule=np.zeros(6, np.int64))
    for policy in Policy:
        explain(problem, solve(problem, policy), wishes)
    state = State.of(problem, solve(problem))
    wish_forced(state, 0, 1)
    learner_left(state, 0)
    seat_withdrawn(state, 0)
    seat_added(state, 0)
    late_learner(state, [0, 1], problem.levels[:, :2])
