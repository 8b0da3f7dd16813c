"""Sorting short stretches."""

import numpy as np
import pytest

from placements.allocation.core.sorting import DEEP, sort_pairs


@pytest.mark.parametrize("length", [0, 1, 2, 23, 24, 25, 200, 30_000])
@pytest.mark.parametrize("highest", [2, 2**60])
def test_sorts_keys_and_moves_items_along(length: int, highest: int) -> None:
    rng = np.random.default_rng(length)
    for keys in (rng.integers(0, highest, length), np.arange(length), np.arange(length)[::-1].copy()):
        key, item = keys.copy(), np.arange(length, dtype=np.int32)
        sort_pairs(key, item, length, np.empty(DEEP, np.int64), np.empty(DEEP, np.int64))
        assert np.array_equal(key, np.sort(keys))
        assert np.array_equal(keys[item], key)


def test_leaves_what_lies_beyond_alone() -> None:
    key, item = np.array([3, 1, 2, 0]), np.arange(4, dtype=np.int32)
    sort_pairs(key, item, 3, np.empty(DEEP, np.int64), np.empty(DEEP, np.int64))
    assert key.tolist() == [1, 2, 3, 0]
