"""Sharing out the learners left without a place, so that no school is left behind: its cost as steps."""

import numpy as np
from numpy.typing import ArrayLike

from placements.allocation.errors import ProblemError
from placements.allocation.problem import Ints

SCALE = 100_000


def fairness_steps(sizes: ArrayLike) -> Ints:
    """Steps that spread the unplaced evenly by share, for `Problem.group_step`; int64[groups, k].

    `sizes[g]` learners belong to group g. Its j-th unplaced learner costs (2j − 1) / size, in whole parts of
    100,000, so that j of them cost j² / size together: the least sum leaves every group the same share unplaced, as
    far as places allow. One row of steps for all groups, int64[k], would count heads instead: five unplaced of 20
    would weigh as much as five of 200.
    """
    size = np.asarray(sizes)
    if size.ndim != 1 or (size.size and (size.dtype.kind not in "iu" or size.min() < 0)):
        raise ProblemError("sizes must be whole numbers, none negative, one per group")
    size = np.maximum(size.astype(np.int64), 1)
    number = np.arange(int(size.max(initial=1)))
    steps: Ints = SCALE * (2 * number + 1) // size[:, np.newaxis]
    return steps
