"""One arc for each learner and seat node that no rule stops, in order of learner and seat node."""

import numpy as np
from numpy.typing import NDArray

from placements.selectors.run_inputs.inputs import Numbers
from placements.selectors.run_inputs.reach import Reach
from placements.travel import Minutes

Ints = NDArray[np.int64]


class Arcs:
    """Arcs with their minutes of travel; learner i has `counts[i]` of them."""

    learner: Numbers
    seat: Numbers
    minutes: Minutes
    counts: Ints

    def __init__(self, reach: Reach) -> None:
        """Lay a group's row of seat nodes out for each learner of it, then take out what a rule stops for just one."""
        self._reach = reach
        rows, journeys = reach.rows()
        length = np.array([len(row) for row in rows], np.int64)
        self._row_start = np.cumsum(length) - length
        nodes = np.concatenate([np.zeros(0, np.int32), *rows])
        self._row_key = np.repeat(np.arange(len(rows)), length) * self._width + nodes
        self.counts = length[reach.group]
        self._start = np.cumsum(self.counts) - self.counts
        at = np.arange(int(self.counts.sum()))
        at += np.repeat(self._row_start[reach.group] - self._start, self.counts)
        self.seat = nodes[at]
        self.minutes = np.concatenate([np.zeros(0, np.int32), *journeys])[at]
        self.learner = np.repeat(np.arange(len(self.counts), dtype=np.int32), self.counts)
        self._dropped = np.zeros(0, np.int64)
        self._drop(*reach.stopped_pairs())

    @property
    def _width(self) -> int:
        return len(self._reach.seat_slot)

    def find(self, learner: Ints, slot: Ints) -> Ints:
        """Return the arc of each learner and slot (index, −1 for none), −1 where there is none."""
        found = self._laid_out(learner, slot)
        before = np.searchsorted(self._dropped, found)
        if len(self._dropped):
            found[self._dropped[np.minimum(before, len(self._dropped) - 1)] == found] = -1
        return np.where(found >= 0, found - before, -1)

    def _laid_out(self, learner: Ints, slot: Ints) -> Ints:
        """The place of each learner and slot among the rows as they were laid out."""
        if not len(self._row_key):
            return np.full(len(learner), -1, np.int64)
        reach = self._reach
        node = reach.node_of[reach.learners.of_block[learner], slot].astype(np.int64)
        key = reach.group[learner] * self._width + node
        at = np.minimum(np.searchsorted(self._row_key, key), len(self._row_key) - 1)
        there = (slot >= 0) & (node >= 0) & (self._row_key[at] == key)
        return np.where(there, self._start[learner] + at - self._row_start[reach.group[learner]], -1)

    def _drop(self, learner: Ints, slot: Ints) -> None:
        found = self._laid_out(learner, slot)
        self._dropped = np.unique(found[found >= 0])
        if len(self._dropped):
            self.counts = self.counts - np.bincount(self.learner[self._dropped], minlength=len(self.counts))
            for name in ("learner", "seat", "minutes"):
                setattr(self, name, np.delete(getattr(self, name), self._dropped))
