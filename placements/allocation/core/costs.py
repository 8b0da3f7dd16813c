"""Pack the levels of an objective into words, as codes on the arcs, and unpack prices into levels again.

Prices and distances are sums of at most `hops` arc costs with either sign, a few of them added, so a level whose arcs
cost at most c needs room for 8·hops·c. Levels share a word while they fit; the lottery has the last word to itself and
is drawn anew wherever an arc is looked at. The other words of an arc are a row of a table, which the arc's code names.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.codes import distinct
from placements.allocation.core.compiled import kernel
from placements.allocation.errors import CostTooLarge
from placements.allocation.levels import Graded, Level, Lottery

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Arcs = NDArray[np.integer] | None

WORD_BITS = 63
MOST_CODES = 1 << 31
SMALL_TABLE = 1 << 22


@dataclass(frozen=True)
class Packing:
    """Which levels each word holds, as (level, bits), the most important first; the lottery is the last word."""

    words: tuple[tuple[tuple[int, int], ...], ...]

    @classmethod
    def of(cls, levels: list[Level], hops: int) -> "Packing":
        """Raises CostTooLarge for a level that no word can hold."""
        words: list[list[tuple[int, int]]] = [[]]
        for row, level in enumerate(levels):
            bits = (8 * hops * level.largest).bit_length()
            if bits > WORD_BITS:
                raise CostTooLarge(f"the costs of “{level.name}” are too large for this many learners and seats")
            if isinstance(level, Lottery) or sum(held for _, held in words[-1]) + bits > WORD_BITS:
                words.append([])
            words[-1].append((row, bits))
        return cls(tuple(tuple(word) for word in words))

    def pack(self, costs: Ints) -> Ints:
        """The words of some arcs without the lottery, from their costs [levels, arcs]; [arcs, words − 1]."""
        table = np.zeros((costs.shape[1], len(self.words) - 1), np.int64)
        for word, held in enumerate(self.words[:-1]):
            for row, bits in held:
                table[:, word] = (table[:, word] << bits) + costs[row]
        return table

    def unpack(self, price: Ints, n_levels: int) -> Ints:
        """The prices [nodes, words] level by level; [levels, nodes]."""
        levels = np.zeros((n_levels, len(price)), np.int64)
        for word, held in enumerate(self.words):
            rest = price[:, word].copy()
            for row, bits in held[:0:-1]:
                half = (1 << bits) >> 1
                levels[row] = ((rest + half) & ((1 << bits) - 1)) - half
                rest = (rest - levels[row]) >> bits
            for row, _ in held[:1]:
                levels[row] = rest
        return levels


def coded(levels: list[Level], arcs: Arcs, n_arcs: int) -> tuple[Codes, Ints]:
    """A code for each of the arcs, in the lexicographic order of their costs, and their costs [levels, codes].

    `levels` without the lottery; `arcs` None means all.
    """
    code: Codes = np.zeros(n_arcs, np.int32)
    size = 1
    for level in levels:
        digit, base = _digits(level, arcs)
        if base == 1:
            continue
        if size * base > SMALL_TABLE:
            code, size = _squeezed(code, size)
        if size * base < MOST_CODES:
            _join(code, digit, base)
            size *= base
        else:
            values, code = distinct((code * np.int64(base) + digit).astype(np.int64))
            size = len(values)
    code, size = _squeezed(code, size)
    example = np.zeros(size, np.int64)
    _examples(code, example)
    if arcs is not None and len(arcs):
        example = arcs[example].astype(np.int64)
    costs = np.zeros((len(levels), size), np.int64)
    for row, level in enumerate(levels):
        costs[row] = level.of(example)
    return code, costs


def _digits(level: Level, arcs: Arcs) -> tuple[NDArray[np.integer], int]:
    """Numbers that sort arcs as the level does, and how many there are at most."""
    if isinstance(level, Graded):
        values, rank = np.unique(level.value, return_inverse=True)
        grade = level.grade if arcs is None else level.grade[arcs]
        return rank.astype(np.int32)[grade], len(values)
    cost = level.cost if arcs is None else level.cost[arcs]
    largest = int(cost.max(initial=0))
    if largest < 1024:
        return cost, largest + 1
    found, code = distinct(cost)
    return code, len(found)


def _squeezed(code: Codes, size: int) -> tuple[Codes, int]:
    """The same order with no code unused."""
    if not len(code):
        return code, 0
    if size <= SMALL_TABLE:
        place = np.zeros(size, np.int32)
        size = _squeeze(code, place)
        return code, size
    values, code = distinct(code.astype(np.int64))
    return code, len(values)


@kernel
def _squeeze(code: Codes, place: Codes) -> int:
    for row in range(len(code)):
        place[code[row]] = 1
    count = 0
    for k in range(len(place)):
        if place[k]:
            place[k] = count
            count += 1
    for row in range(len(code)):
        code[row] = place[code[row]]
    return count


@kernel
def _join(code: Codes, digit: NDArray[np.integer], base: int) -> None:
    for row in range(len(code)):
        code[row] = code[row] * base + digit[row]


@kernel
def _examples(code: Codes, example: Ints) -> None:
    for row in range(len(code)):
        example[code[row]] = row
