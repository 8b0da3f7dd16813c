"""Lexicographic numbers: tuples of 64-bit words, added word by word and compared from the first.

Kernels take `words`, a tuple of zeros. Its length is a constant to the compiler, which unrolls every loop here.
"""

from typing import Any

import numpy as np
from numba.cpython.unsafe.tuple import tuple_setitem
from numpy.typing import NDArray

from placements.allocation.core.compiled import Index, kernel

Words = tuple[int, ...]
Rows = NDArray[np.int64]

# A copy of a tuple with one entry replaced; numba's own way to build tuples in a loop.
with_word: Any = tuple_setitem
# Half the range of a word: no sum of two costs in use comes near it.
INFINITE = 2**62


@kernel
def load(words: Words, rows: Rows, row: Index) -> Words:
    """The number in one row of a table [rows, words]."""
    value = words
    for k in range(len(words)):
        value = with_word(value, k, rows[row, k])
    return value


@kernel
def store(rows: Rows, row: Index, value: Words) -> None:
    for k in range(len(value)):
        rows[row, k] = value[k]


@kernel
def add(left: Words, right: Words) -> Words:
    value = left
    for k in range(len(left)):
        value = with_word(value, k, left[k] + right[k])
    return value


@kernel
def subtract(left: Words, right: Words) -> Words:
    value = left
    for k in range(len(left)):
        value = with_word(value, k, left[k] - right[k])
    return value


@kernel
def less(left: Words, right: Words) -> bool:
    for k in range(len(left)):
        if left[k] != right[k]:
            return left[k] < right[k]
    return False


@kernel
def infinite(words: Words) -> Words:
    return with_word(words, 0, INFINITE)
