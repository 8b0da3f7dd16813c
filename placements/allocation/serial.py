"""The serial lottery: learners choose in drawn order, each the best seat still within reach."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from placements.allocation.errors import LockConflict
from placements.allocation.levels import arc_draws, learner_order
from placements.allocation.problem import SINK, Ints, Problem

Progress = Callable[[str, float], None]


def silent(_stage: str, _fraction: float) -> None:
    """Report no progress."""


def serial_lottery(problem: Problem, seed: str, report: Progress = silent) -> tuple[Ints, Ints]:
    """Chosen arc per learner [n] and flow per capacity arc [q]. Locked learners sit first.

    A learner takes its cheapest arc, levels compared in order and equals by lottery, whose seat node still
    has a way to the sink. Raises LockConflict when the locks do not fit together.
    """
    seats = _Seats(problem)
    chosen = np.full(problem.n_learners, -1, np.int64)
    lock = problem.lock_arcs
    for learner in np.flatnonzero(lock >= 0).tolist():
        if seats.take(int(problem.seat[lock[learner]])):
            chosen[learner] = lock[learner]
    lost = np.flatnonzero((lock >= 0) & (chosen < 0))
    if len(lost):
        raise LockConflict(lost.tolist())

    best_first = np.lexsort((arc_draws(problem, seed), *problem.levels[::-1], problem.learner))
    first = np.searchsorted(problem.learner[best_first], np.arange(problem.n_learners + 1)).tolist()
    arc_list, seat_list = best_first.tolist(), problem.seat[best_first].tolist()
    order = [learner for learner in learner_order(problem, seed).tolist() if lock[learner] < 0]
    for turn, learner in enumerate(order):
        if turn % 4096 == 0:
            report("place", 0.05 + 0.9 * turn / len(order))
        for row in range(first[learner], first[learner + 1]):
            if seats.take(seat_list[row]):
                chosen[learner] = arc_list[row]
                break
    return chosen, np.array(seats.flow, np.int64)


class _Seats:
    """The capacity network with its flow. A node that once has no way to the sink never gets one again."""

    def __init__(self, problem: Problem) -> None:
        self.tail, self.head = problem.cap_tail.tolist(), problem.cap_head.tolist()
        self.seats = problem.cap_seats.tolist()
        self.flow = [0] * len(self.tail)
        self.full = [False] * problem.n_nodes
        self.up: defaultdict[int, list[int]] = defaultdict(list)
        self.down: defaultdict[int, list[int]] = defaultdict(list)
        for arc, (tail, head) in enumerate(zip(self.tail, self.head, strict=True)):
            self.up[tail].append(arc)
            self.down[head].append(arc)

    def take(self, seat: int) -> bool:
        """Send one learner from the seat node to the sink, moving earlier ones to other ways if it helps."""
        came: dict[int, tuple[int, int, int]] = {}  # node -> (previous node, arc, +1 or -1)
        queue = [seat]
        seen = {seat}
        while queue:
            node = queue.pop()
            if node == SINK:
                self._push(seat, came)
                return True
            if self.full[node]:
                continue
            steps = [(self.head[arc], arc, 1) for arc in self.up[node] if self.flow[arc] < self.seats[arc]]
            steps += [(self.tail[arc], arc, -1) for arc in self.down[node] if self.flow[arc] > 0]
            for following, arc, sign in steps:
                if following not in seen:
                    seen.add(following)
                    came[following] = (node, arc, sign)
                    queue.append(following)
        for node in seen:
            self.full[node] = True
        return False

    def _push(self, seat: int, came: dict[int, tuple[int, int, int]]) -> None:
        node = SINK
        while node != seat:
            node, arc, sign = came[node]
            self.flow[arc] += sign
