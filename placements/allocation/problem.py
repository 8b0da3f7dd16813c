"""The allocation problem as arrays: who may sit where, at what cost, and how many fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placements.allocation.errors import ProblemError

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Keys = NDArray[np.bytes_]

SINK = -1
MOST_LEARNERS = 10_000_000


@dataclass(frozen=True, eq=False)
class Problem:
    """One allocation problem. Learners are 0 … n−1; a seat node is one slot in one week block.

    | field | shape | meaning |
    |---|---|---|
    | `learner`, `seat` | [m] | one arc per row: this learner may take this seat node; a pair occurs once |
    | `levels` | [L, m], ≥ 0 | costs, minimised in order after the number placed; row 0 is the rank cost |
    | `cap_tail`, `cap_head` | [q] | capacity arcs above the seat nodes; head −1 is the sink; no cycles |
    | `cap_seats` | [q], ≥ 0 | seats on that capacity arc |
    | `locked` | [n] or None | arc index the learner must have, or −1 |
    | `learner_key`, `seat_key` | [n], [seat nodes] | unique ASCII text for the lottery; default: the number |

    Every seat node needs a capacity arc. All integers end up as int64, all keys as bytes.
    Raises ProblemError that names the array and the first bad row.
    """

    n_learners: int
    learner: Ints
    seat: Ints
    levels: Ints
    cap_tail: Ints
    cap_head: Ints
    cap_seats: Ints
    locked: Ints | None = None
    learner_key: Keys | None = None
    seat_key: Keys | None = None

    def __post_init__(self) -> None:
        for name in ("learner", "seat", "cap_tail", "cap_head", "cap_seats"):
            object.__setattr__(self, name, _integers(name, getattr(self, name), 1))
        object.__setattr__(self, "levels", _integers("levels", self.levels, 2))
        if self.locked is not None:
            object.__setattr__(self, "locked", _integers("locked", self.locked, 1))
        self._check_arcs()
        self._check_capacities()
        self._check_locks()
        seats = self.n_seats
        object.__setattr__(self, "learner_key", _keys("learner_key", self.learner_key, self.n_learners))
        object.__setattr__(self, "seat_key", _keys("seat_key", self.seat_key, seats))

    @property
    def n_arcs(self) -> int:
        return len(self.learner)

    @property
    def n_seats(self) -> int:
        """Seat nodes: as many as there are keys, else up to the highest seat an arc mentions."""
        if self.seat_key is not None:
            return len(self.seat_key)
        return int(self.seat.max(initial=-1)) + 1

    @property
    def n_nodes(self) -> int:
        """Seat nodes and the capacity nodes above them, without the sink."""
        highest = max(self.cap_tail.max(initial=-1), self.cap_head.max(initial=-1))
        return max(self.n_seats, int(highest) + 1)

    @property
    def lock_arcs(self) -> Ints:
        """Arc index each learner is locked to, −1 for none; shape [n]."""
        return np.full(self.n_learners, -1, np.int64) if self.locked is None else self.locked

    def allowed(self) -> Bools:
        """Which arcs the locks leave open; shape [m]."""
        lock = self.lock_arcs[self.learner]
        open_arcs: Bools = (lock < 0) | (lock == np.arange(self.n_arcs))
        return open_arcs

    def _check_arcs(self) -> None:
        if not 0 <= self.n_learners <= MOST_LEARNERS:
            raise ProblemError(f"n_learners is {self.n_learners}; allowed is 0 … {MOST_LEARNERS}")
        if len(self.seat) != self.n_arcs or self.levels.shape[1] != self.n_arcs:
            raise ProblemError("learner, seat and levels differ in the number of arcs")
        if self.levels.shape[0] == 0:
            raise ProblemError("levels has no row; give at least the rank cost")
        _in_range("learner", self.learner, 0, self.n_learners)
        _in_range("seat", self.seat, 0, self.n_seats)
        if self.levels.size and self.levels.min() < 0:
            raise ProblemError("levels has a negative cost")
        order = np.lexsort((self.seat, self.learner))
        twin = (np.diff(self.learner[order]) == 0) & (np.diff(self.seat[order]) == 0)
        if twin.any():
            arc = order[int(np.argmax(twin))]
            raise ProblemError(f"learner {self.learner[arc]} has two arcs to seat node {self.seat[arc]}")

    def _check_capacities(self) -> None:
        if not len(self.cap_tail) == len(self.cap_head) == len(self.cap_seats):
            raise ProblemError("cap_tail, cap_head and cap_seats differ in length")
        # Every node has a capacity arc, so a number beyond them is wrong before anything is laid out for it.
        nodes = max(len(self.cap_tail), self.n_seats)
        _in_range("cap_tail", self.cap_tail, 0, nodes)
        _in_range("cap_head", self.cap_head, SINK, nodes)
        if len(self.cap_seats) and self.cap_seats.min() < 0:
            raise ProblemError(f"cap_seats is negative in row {int(np.argmin(self.cap_seats))}")
        has_way = np.zeros(self.n_nodes, np.bool_)
        has_way[self.cap_tail] = True
        if not has_way.all():
            raise ProblemError(f"node {int(np.argmin(has_way))} has no capacity arc")
        self._check_acyclic()

    def _check_acyclic(self) -> None:
        """Peel nodes whose every way up is already peeled; what never peels lies on or below a cycle."""
        ways = np.bincount(self.cap_tail, minlength=self.n_nodes)
        open_arcs = np.ones(len(self.cap_tail), np.bool_)
        peeled = np.zeros(self.n_nodes + 1, np.bool_)
        peeled[SINK] = True
        while True:
            now = open_arcs & peeled[self.cap_head]
            if not now.any():
                break
            open_arcs &= ~now
            ways -= np.bincount(self.cap_tail[now], minlength=self.n_nodes)
            peeled[:-1] = ways == 0
        if open_arcs.any():
            raise ProblemError(f"capacity arcs run in a cycle through node {self.cap_tail[np.argmax(open_arcs)]}")

    def _check_locks(self) -> None:
        if self.locked is None:
            return
        if len(self.locked) != self.n_learners:
            raise ProblemError("locked must have one entry per learner")
        _in_range("locked", self.locked, -1, self.n_arcs)
        holders = np.flatnonzero(self.locked >= 0)
        strange = self.learner[self.locked[holders]] != holders
        if strange.any():
            raise ProblemError(f"learner {holders[np.argmax(strange)]} is locked to another learner's arc")


def _integers(name: str, value: Any, ndim: int) -> Ints:
    array = np.asarray(value)
    if array.size == 0 and array.ndim == ndim:
        array = array.astype(np.int64)
    if array.ndim != ndim or array.dtype.kind not in "iu":
        raise ProblemError(f"{name} must be a {ndim}-dimensional integer array")
    if array.size and array.dtype == np.uint64 and array.max() > np.iinfo(np.int64).max:
        raise ProblemError(f"{name} has a value outside 64-bit integers")
    return np.ascontiguousarray(array, np.int64)


def _in_range(name: str, array: Ints, low: int, high: int) -> None:
    bad = (array < low) | (array >= high)
    if bad.any():
        row = int(np.argmax(bad))
        raise ProblemError(f"{name} has {array[row]} in row {row}; allowed is {low} … {high - 1}")


def _keys(name: str, value: Any, length: int) -> Keys:
    array = np.arange(length) if value is None else np.asarray(value)
    if array.ndim != 1 or len(array) != length or (length and array.dtype.kind not in "SUiu"):
        raise ProblemError(f"{name} must be {length} texts or whole numbers")
    try:
        keys: Keys = array.astype(np.bytes_)
    except UnicodeEncodeError as error:
        raise ProblemError(f"{name} must be ASCII text") from error
    if len(np.unique(keys)) != length:
        raise ProblemError(f"{name} has the same key twice")
    return keys
