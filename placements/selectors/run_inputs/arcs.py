"""One arc for each learner and seat node that no rule stops, in order of learner and seat node."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from placements.selectors.run_inputs.inputs import Numbers
from placements.selectors.run_inputs.reach import Reach
from placements.travel import Minutes

Ints = NDArray[np.int64]
# So many learners are laid out at a time: a country's arcs fill memory, and what is worked with on the way must not.
AT_A_TIME: Final = 10_000


class Arcs:
    """The arcs; learner i has `counts[i]`. A group's row of seat nodes, with minutes, is shared by its learners."""

    learner: Numbers
    seat: Numbers
    counts: Ints

    def __init__(self, reach: Reach) -> None:
        """Lay each group's row out for its learners, but for what a rule stops for just one."""
        self._reach = reach
        rows, journeys = reach.rows()
        length = np.array([len(row) for row in rows], np.int64)
        self._nodes = np.concatenate([np.zeros(0, np.int32), *rows])
        self._row_start = np.cumsum(length) - length
        self._row_key = np.repeat(np.arange(len(rows)), length) * self._width + self._nodes
        self._laid = length[reach.group]
        self._start = np.cumsum(self._laid) - self._laid
        self.row_minutes: Minutes = np.concatenate([np.zeros(0, np.int32), *journeys])
        dropped = self._laid_out(*reach.stopped_pairs())
        self._dropped = np.unique(dropped[dropped >= 0])
        owner = np.searchsorted(self._start, self._dropped, side="right") - 1
        self.counts = self._laid - np.bincount(owner, minlength=len(self._laid))
        self.seat = self.of_rows(self._nodes)
        self.learner = self.of_learners(np.arange(len(self._laid), dtype=np.int32))

    def of_rows(self, values: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return, for each arc, the value of its place in the groups' rows."""
        start = self._row_start[self._reach.group] - self._start
        return self._kept(
            (
                values[np.arange(first, last) + np.repeat(start[part], self._laid[part])]
                for part, first, last in self._parts()
            ),
            values.dtype,
            out,
        )

    def of_learners(self, values: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return, for each arc, the value of its learner."""
        return self._kept(
            (np.repeat(values[part], self._laid[part]) for part, _first, _last in self._parts()), values.dtype, out
        )

    def find(self, learner: Ints, slot: Ints) -> Ints:
        """Return the arc of each learner and slot (index, −1 for none), −1 where there is none."""
        found = self._laid_out(learner, slot)
        before = np.searchsorted(self._dropped, found)
        if len(self._dropped):
            found[self._dropped[np.minimum(before, len(self._dropped) - 1)] == found] = -1
        return np.where(found >= 0, found - before, -1)

    @property
    def _width(self) -> int:
        return len(self._reach.seat_slot)

    def _parts(self) -> Iterator[tuple[slice, int, int]]:
        """Some learners at a time, with where their arcs as laid out begin and end."""
        ends = np.append(self._start, self._laid.sum())
        for first in range(0, len(self._laid), AT_A_TIME):
            last = min(first + AT_A_TIME, len(self._laid))
            yield slice(first, last), int(ends[first]), int(ends[last])

    def _kept(self, parts: Iterator[NDArray[Any]], kind: Any, out: NDArray[Any] | None) -> NDArray[Any]:
        """Put the parts one after the other, without the arcs dropped."""
        whole = np.empty(int(self.counts.sum()), kind) if out is None else out
        filled = begun = 0
        for part in parts:
            low, high = np.searchsorted(self._dropped, [begun, begun + len(part)])
            kept = np.delete(part, self._dropped[low:high] - begun) if high > low else part
            whole[filled : filled + len(kept)] = kept
            filled, begun = filled + len(kept), begun + len(part)
        return whole

    def _laid_out(self, learner: Ints, slot: Ints) -> Ints:
        """The place of each learner and slot among the rows as laid out, nothing dropped."""
        if not len(self._row_key):
            return np.full(len(learner), -1, np.int64)
        reach = self._reach
        node = reach.node_of[reach.learners.of_block[learner], slot].astype(np.int64)
        key = reach.group[learner] * self._width + node
        at = np.minimum(np.searchsorted(self._row_key, key), len(self._row_key) - 1)
        there = (slot >= 0) & (node >= 0) & (self._row_key[at] == key)
        return np.where(there, self._start[learner] + at - self._row_start[reach.group[learner]], -1)
