"""What a run is given, as arrays: the engine's problem, and what its numbers stand for.

An id is 16 bytes in an `S16` column. numpy takes trailing NUL bytes off such a value when it becomes a Python object:
ids leave a column through `core.columns.uuids` as UUIDs or `.view("V16")` as raw bytes, never by indexing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.columns import Ids, uuids
from placements.allocation import Problem, Wishes
from placements.travel import UNKNOWN, Travel, between

Weeks = tuple[date, ...]
Numbers = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RunSchool:
    """A school with learners in the run."""

    id: UUID
    name: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class RunClass:
    """A class of the round: its one period there, with kind and weeks. `school` is an index into `Columns.schools`."""

    id: UUID
    name: str
    grade_level: int
    school: int
    period_id: UUID
    kind: str
    weeks: Weeks


@dataclass(frozen=True, eq=False)
class Columns:
    """What the engine's numbers stand for. Learners are in order of their ids, and so are slots.

    | column | shape | meaning |
    |---|---|---|
    | `learner_id` | S16 [n] | |
    | `learner_class`, `learner_school` | int32 [n] | index into `classes`, `schools` |
    | `slot_id` | S16 [k] | every slot the run may use, and every wished one |
    | `slot_workplace` | int32 [k] | index into `workplace_id`; coordinates in `workplace_at` [·, 2], NaN unknown |
    | `seat_slot`, `seat_block` | int32 [seat nodes] | index into `slot_id`, `blocks` |
    """

    learner_id: Ids
    learner_class: Numbers
    learner_school: Numbers
    classes: Sequence[RunClass]
    schools: Sequence[RunSchool]
    slot_id: Ids
    slot_workplace: Numbers
    workplace_id: Ids
    workplace_at: Floats
    seat_slot: Numbers
    seat_block: Numbers
    blocks: Sequence[Weeks]


@dataclass(frozen=True, slots=True)
class Clause:
    """Why a rule stopped a wish: the rule's code and its clause for the page."""

    code: str
    text: str


@dataclass(frozen=True, eq=False)
class RunInputs:
    """The problem with what its numbers stand for.

    `wishes.rule[row]` is 0, or 1 + the index into `clauses`; `wish_slot[row]` is an index into `columns.slot_id`.
    `current[learner]` is the arc of the place the learner holds now (repairs), −1 for none or one that is lost;
    `held_slot[learner]` is that place's slot, lost or not, −1 for none.
    `unsent` counts lists never sent in, `silent` the learners without any, `placed_before` those left out.
    `digest` is what the run's `inputs_hash` is to be: `current_digest` gives the same until the round is edited.
    """

    problem: Problem
    digest: str
    columns: Columns
    wishes: Wishes
    wish_slot: Numbers
    clauses: Sequence[Clause]
    current: NDArray[np.int64]
    held_slot: Numbers
    travel: Travel
    placed_before: int
    unsent: int
    silent: int

    def slot_index(self, arcs: NDArray[np.int64]) -> Numbers:
        """Return for each arc its slot as an index into `columns.slot_id`; −1 for arc −1."""
        found = np.full(len(arcs), -1, np.int32)
        real = arcs >= 0
        found[real] = self.columns.seat_slot[self.problem.seat[arcs[real]]]
        return found

    def minutes(self, arcs: NDArray[np.int64]) -> Numbers:
        """Return for each learner in turn the minutes to the slot of an arc; −1 when unknown, and for arc −1."""
        columns, slot = self.columns, self.slot_index(arcs)
        start = np.array([(each.latitude, each.longitude) for each in columns.schools], np.float64)
        to = columns.workplace_at[columns.slot_workplace[slot]]
        found = between(start[columns.learner_school], to, self.travel)
        return np.where(slot >= 0, found, UNKNOWN)

    def slot_of(self, arc: int) -> UUID:
        """Return the slot an arc leads to."""
        return uuids(self.columns.slot_id[self.slot_index(np.array([arc]))])[0]

    def learner_ids(self, learners: Sequence[int] | NDArray[np.int64]) -> list[UUID]:
        """Return the ids of some learners."""
        return uuids(self.columns.learner_id[np.asarray(learners, np.int64)])
