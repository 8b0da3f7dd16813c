"""A run's stored optimum laid out again, with what its numbers stand for: the file itself names nobody."""

from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from employers.models import SlotWeek
from placements.allocation import Problem, Result
from placements.allocation.files import read_problem, read_result
from placements.allocation.reoptimise import State
from placements.models import AllocationRun, Assignment, RunFile
from placements.selectors.run_inputs import Weeks, period_weeks
from placements.selectors.run_inputs.keys import learners_by_key, slots_by_key

NOWHERE = -1


class Replay:
    """Learners, slots and seat nodes of a run (its round joined) by their ids and by their numbers in the file.

    Raises FileError for a damaged file and ProblemError for a result that cannot be re-optimised.
    """

    def __init__(self, run: AllocationRun) -> None:
        self.run = run
        saved = RunFile.objects.get(run=run)
        self.problem, result = _unpacked(bytes(saved.problem), bytes(saved.result))
        self.state = State.of(self.problem, result)

    def learner(self, learner_id: UUID) -> int:
        """Return the number of a learner, −1 for one that the run does not know."""
        return self._number_of.get(learner_id, NOWHERE)

    def learner_at(self, number: int) -> UUID:
        """Return the learner with the number."""
        return self._learner_of[bytes(_column(self.problem.learner_key)[number])]

    def slot_at(self, node: int) -> UUID:
        """Return the slot of a seat node."""
        return self._slot_of[bytes(_column(self.problem.seat_key)[node])]

    def seats_of(self, learner: int) -> list[int]:
        """Return the seat nodes that a learner may sit on."""
        return self.problem.seat[self.problem.learner == learner].tolist()

    def seats_named(self, keys: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Return the seat node of each key, −1 where the run had none."""
        node = {key: number for number, key in enumerate(_column(self.problem.seat_key).tolist())}
        return np.array([node.get(key, NOWHERE) for key in keys.tolist()], np.int64)

    def node_of(self, slot_id: UUID, block: Weeks) -> int:
        """Return the seat node of a slot in a block of weeks, −1 where the run had none."""
        (key,) = slots_by_key(self.run.round, [slot_id], [block])
        return int(self.seats_named(np.array([key], "S24"))[0])

    @cached_property
    def blocks(self) -> list[Weeks]:
        """The round's blocks of weeks, in order."""
        return sorted({weeks for _period, _kind, weeks in period_weeks(self.run.round).values()})

    @cached_property
    def _learner_of(self) -> dict[bytes, UUID]:
        ids = Assignment.objects.filter(run=self.run).values_list("learner_id", flat=True)
        return learners_by_key(self.run.round, ids)

    @cached_property
    def _number_of(self) -> dict[UUID, int]:
        keys = _column(self.problem.learner_key).tolist()
        return {self._learner_of[key]: number for number, key in enumerate(keys) if key in self._learner_of}

    @cached_property
    def _slot_of(self) -> dict[bytes, UUID]:
        weeks = {week for block in self.blocks for week in block}
        ids = SlotWeek.objects.filter(week_on__in=weeks).values_list("slot_id", flat=True).distinct()
        return slots_by_key(self.run.round, ids, self.blocks)


def _unpacked(problem_file: bytes, result_file: bytes) -> tuple[Problem, Result]:
    with TemporaryDirectory() as folder:
        problem_path, result_path = Path(folder) / "problem.npz", Path(folder) / "result.npz"
        problem_path.write_bytes(problem_file)
        result_path.write_bytes(result_file)
        problem = read_problem(problem_path)
        return problem, read_result(result_path, problem)


def _column(keys: NDArray[np.bytes_] | None) -> NDArray[np.bytes_]:
    assert keys is not None  # a problem gives every learner and seat node a key
    return keys
