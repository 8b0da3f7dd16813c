"""The lottery number of an arc, from the hashes of its learner and its seat."""

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import kernel

UInts = NDArray[np.uint64]
Ints = NDArray[np.int64]
Ids = NDArray[np.integer]

LOTTERY_BITS = 40
_SHIFT = np.uint64(64 - LOTTERY_BITS)
_3, _27, _30, _31 = np.uint64(3), np.uint64(27), np.uint64(30), np.uint64(31)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@kernel
def stirred(learner_hash: np.uint64, seat_hash: np.uint64) -> np.uint64:
    """Run a + 3·b through the finaliser of SplitMix64."""
    z = learner_hash + _3 * seat_hash
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@kernel
def draw(learner_hash: np.uint64, seat_hash: np.uint64) -> np.int64:
    """What the arc costs in the lottery: the highest bits."""
    return np.int64(stirred(learner_hash, seat_hash) >> _SHIFT)


def numbers(learner: Ids, seat: Ids, learner_hash: UInts, seat_hash: UInts) -> UInts:
    """All 64 bits for each pair of learner and seat."""
    found = np.empty(len(learner), np.uint64)
    _numbers(learner, seat, learner_hash, seat_hash, found)
    return found


def costs(learner: Ids, seat: Ids, learner_hash: UInts, seat_hash: UInts) -> Ints:
    """The lottery cost for each pair of learner and seat."""
    found = np.empty(len(learner), np.int64)
    _costs(learner, seat, learner_hash, seat_hash, found)
    return found


@kernel
def _numbers(learner: Ids, seat: Ids, learner_hash: UInts, seat_hash: UInts, found: UInts) -> None:
    for arc in range(len(learner)):
        found[arc] = stirred(learner_hash[learner[arc]], seat_hash[seat[arc]])


@kernel
def _costs(learner: Ids, seat: Ids, learner_hash: UInts, seat_hash: UInts, found: Ints) -> None:
    for arc in range(len(learner)):
        found[arc] = draw(learner_hash[learner[arc]], seat_hash[seat[arc]])
