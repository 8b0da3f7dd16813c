"""Numbering the different values in order."""

import numpy as np
import pytest

from placements.allocation.core.codes import distinct


@pytest.mark.parametrize("highest", [1, 50, 2**21, 2**62])
@pytest.mark.parametrize("length", [0, 1, 20_000])
def test_agrees_with_numpy(highest: int, length: int) -> None:
    values = np.random.default_rng(length).integers(0, highest, length)
    for row in (values, np.repeat(values, 3)):
        found, code = distinct(row)
        wanted, place = np.unique(row, return_inverse=True)
        assert np.array_equal(found, wanted)
        assert np.array_equal(code, place)
