"""The arcs by seat, which searches from the seats' side go along."""

import itertools
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import allocating, kernel
from placements.allocation.core.draws import LOTTERY_BITS, draw
from placements.allocation.core.layout import Costs, Rows, draw_bits
from placements.allocation.core.sorting import DEEP, sort_pairs
from placements.allocation.core.threads import side_by_side

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Columns(NamedTuple):
    """Arcs by seat: those into v are `start[v]` … `end[v]`, in the learners' order until they are sorted."""

    start: Ints
    end: Ints
    learner: Ids
    code: Ids


def columns_of(rows: Rows, n_seats: int) -> Columns:
    """The same arcs by seat."""
    start = np.zeros(n_seats + 1, np.int64)
    _count(rows.seat, start)
    start = np.cumsum(start)
    columns = Columns(start, start[:-1].copy(), np.empty(start[-1], np.int32), np.empty(start[-1], np.int32))
    _transpose(rows, columns)
    return columns


@kernel
def _count(seat: Ids, start: Ints) -> None:
    for v in seat:
        start[v + 1] += 1


@kernel
def _transpose(rows: Rows, columns: Columns) -> None:
    for p in range(len(rows.start) - 1):
        for position in range(rows.start[p], rows.start[p + 1]):
            place = columns.end[rows.seat[position]]
            columns.end[rows.seat[position]] += 1
            columns.learner[place], columns.code[place] = p, rows.code[position]


def sort_columns(columns: Columns, costs: Costs, inside: Bools, threads: int) -> None:
    """Keep only the learners `inside`, and sort each column by cost, the lottery included."""
    shift = draw_bits(len(costs.table))
    share = np.linspace(0, len(columns.end), threads + 1).astype(np.int64).tolist()
    side_by_side(
        threads,
        *(
            partial(_sort_columns, columns, costs, inside, shift, first, last)
            for first, last in itertools.pairwise(share)
        ),
    )


@allocating
def _sort_columns(columns: Columns, costs: Costs, inside: Bools, shift: int, first: int, last: int) -> None:
    longest = 0
    for v in range(first, last):
        longest = max(longest, columns.end[v] - columns.start[v])
    key, item = np.empty(longest, np.int64), np.empty(longest, np.int32)
    learner, code = np.empty(longest, np.int32), np.empty(longest, np.int32)
    low_of, high_of = np.empty(DEEP, np.int64), np.empty(DEEP, np.int64)
    for v in range(first, last):
        start, count = columns.start[v], 0
        for position in range(start, columns.end[v]):
            p = columns.learner[position]
            if inside[p]:
                learner[count], code[count] = p, columns.code[position]
                low = draw(costs.learner[p], costs.seat[v]) >> (LOTTERY_BITS - shift)
                key[count], item[count] = (np.int64(code[count]) << shift) | low, count
                count += 1
        sort_pairs(key, item, count, low_of, high_of)
        for k in range(count):
            columns.learner[start + k], columns.code[start + k] = learner[item[k]], code[item[k]]
        columns.end[v] = start + count
