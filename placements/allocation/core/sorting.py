"""Sort short stretches of keys together with what they belong to."""

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import kernel

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]

SHORT = 24
DEEP = 128


@kernel
def sort_pairs(key: Ints, item: Ids, count: int, low_of: Ints, high_of: Ints) -> None:
    """Sort the first `count` keys in place and move the items along; quicksort, insertion for short stretches.

    `low_of` and `high_of` are scratch of length DEEP.
    """
    low_of[0], high_of[0], open_stretches = 0, count - 1, 1
    while open_stretches > 0:
        open_stretches -= 1
        low, high = low_of[open_stretches], high_of[open_stretches]
        while high - low >= SHORT:
            left, right = _parted(key, item, low, high)
            # The longer part waits, so that few ever do.
            if right - low > high - left:
                low_of[open_stretches], high_of[open_stretches] = low, right
                low = left
            else:
                low_of[open_stretches], high_of[open_stretches] = left, high
                high = right
            open_stretches += 1
        _insert(key, item, low, high)


@kernel
def _parted(key: Ints, item: Ids, low: int, high: int) -> tuple[int, int]:
    """Hoare's partition around the middle of three."""
    first, middle, last = key[low], key[(low + high) >> 1], key[high]
    pivot = max(min(first, middle), min(max(first, middle), last))
    left, right = low, high
    while left <= right:
        while key[left] < pivot:
            left += 1
        while key[right] > pivot:
            right -= 1
        if left <= right:
            key[left], key[right] = key[right], key[left]
            item[left], item[right] = item[right], item[left]
            left += 1
            right -= 1
    return left, right


@kernel
def _insert(key: Ints, item: Ids, low: int, high: int) -> None:
    for row in range(low + 1, high + 1):
        value, moved = key[row], item[row]
        place = row
        while place > low and key[place - 1] > value:
            key[place], item[place] = key[place - 1], item[place - 1]
            place -= 1
        key[place], item[place] = value, moved
