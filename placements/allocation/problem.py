"""The allocation problem as arrays: who may sit where, at what cost, and how many fit."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placements.allocation.errors import CostTooLarge, ProblemError

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
Bools = NDArray[np.bool_]
Keys = NDArray[np.bytes_]

SINK = -1
MOST_LEARNERS = 10_000_000
MOST_GROUPS = 1_000_000
LARGEST_SUM = 2**60
ROWS_AT_A_TIME = 1 << 22


@dataclass(frozen=True, eq=False)
class Problem:
    """One allocation problem. Learners are 0 … n−1; a seat node is one slot in one week block.

    | field | shape | meaning |
    |---|---|---|
    | `learner`, `seat` | int32[m] | one arc per row: this learner may take this seat node; a pair occurs once |
    | `levels` | [L, m], ≥ 0 | costs, minimised in order after the number placed; row 0 is the rank cost |
    | `cap_tail`, `cap_head` | [q] | capacity arcs above the seat nodes; head −1 is the sink; no cycles |
    | `cap_seats` | [q], ≥ 0 | seats on that capacity arc |
    | `locked` | [n] or None | arc index the learner must have, or −1 |
    | `learner_key`, `seat_key` | [n], [seat nodes] | unique ASCII text for the lottery; default: the number |
    | `group` | int32[n] or None | the school of each learner, numbered from 0 |
    | `group_step` | [k] or [groups, k] | cost of a group's 1st, 2nd … unplaced learner; never falls; the last goes on |
    | `cross_seats` | [r] or None | at most so many learners together … |
    | `cross_row`, `cross_node` | int32[c] | … on the seat nodes paired with that row |

    Every seat node needs a capacity arc. `group` and `group_step` come together, and so do the three `cross_`
    arrays, which are for capacities that cross those above the seat nodes. One row of steps per group is an
    extension for groups of different sizes (`fairness_steps`). All other integers end up as int64, all
    keys as bytes. Arrays of the right type are kept as they are, not copied. `in_order` says whether the arcs
    are sorted by learner and seat.
    Raises ProblemError that names the array and the first bad row.
    """

    n_learners: int
    learner: Ids
    seat: Ids
    levels: Ints
    cap_tail: Ints
    cap_head: Ints
    cap_seats: Ints
    locked: Ints | None = None
    learner_key: Keys | None = None
    seat_key: Keys | None = None
    group: Ids | None = None
    group_step: Ints | None = None
    cross_seats: Ints | None = None
    cross_row: Ids | None = None
    cross_node: Ids | None = None
    in_order: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        for name, ndim in _DIMENSIONS.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _integers(name, value, ndim))
        self._check_arcs()
        self._check_capacities()
        self._check_locks()
        self._check_groups()
        self._check_crossing()
        for name in _DIMENSIONS:
            array = getattr(self, name)
            if array is not None:
                kind = np.int32 if name in _IDS else np.int64
                object.__setattr__(self, name, np.ascontiguousarray(array, kind))
        self._check_twins()
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
    def n_groups(self) -> int:
        """Groups that share out the unplaced; 0 without fairness."""
        if self.group is None or self.group_step is None:
            return 0
        return len(self.group_step) if self.group_step.ndim == 2 else int(self.group.max(initial=-1)) + 1

    @property
    def crosses(self) -> bool:
        """Whether there are capacities outside the network of capacity arcs."""
        return self.cross_seats is not None and len(self.cross_seats) > 0

    @property
    def lock_arcs(self) -> Ints:
        """Arc index each learner is locked to, −1 for none; shape [n]."""
        return np.full(self.n_learners, -1, np.int64) if self.locked is None else self.locked

    def allowed(self) -> Bools:
        """Which arcs the locks leave open; shape [m]."""
        if self.locked is None:
            return np.ones(self.n_arcs, np.bool_)
        open_arcs: Bools = (self.locked < 0)[self.learner]
        open_arcs[self.locked[self.locked >= 0]] = True
        return open_arcs

    def steps(self) -> Ints:
        """What each group's 1st, 2nd … unplaced learner costs; [groups, k]."""
        if self.group_step is None:
            return np.zeros((0, 1), np.int64)
        return np.broadcast_to(self.group_step, (self.n_groups, self.group_step.shape[-1]))

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

    def _check_twins(self) -> None:
        """A pair twice would be two ways to the same place. Rows in order show it next to each other."""
        for start in range(0, self.n_arcs, ROWS_AT_A_TIME):
            learner, seat = (array[start : start + ROWS_AT_A_TIME + 1] for array in (self.learner, self.seat))
            same = learner[1:] == learner[:-1]
            if not ((learner[1:] > learner[:-1]) | (same & (seat[1:] > seat[:-1]))).all():
                object.__setattr__(self, "in_order", False)
                break
        if self.in_order:
            return
        pair = self.learner.astype(np.int64)
        pair *= self.n_seats
        pair += self.seat
        pair.sort()
        twin = pair[1:] == pair[:-1]
        if twin.any():
            learner_number, seat_number = divmod(int(pair[np.argmax(twin)]), self.n_seats)
            raise ProblemError(f"learner {learner_number} has two arcs to seat node {seat_number}")

    def _check_capacities(self) -> None:
        if not len(self.cap_tail) == len(self.cap_head) == len(self.cap_seats):
            raise ProblemError("cap_tail, cap_head and cap_seats differ in length")
        # Every node has a capacity arc, so a number beyond them is wrong before anything is laid out for it.
        nodes = max(len(self.cap_tail), self.n_seats)
        _in_range("cap_tail", self.cap_tail, 0, nodes)
        _in_range("cap_head", self.cap_head, SINK, nodes)
        if len(self.cap_seats) and self.cap_seats.min() < 0:
            raise ProblemError(f"cap_seats is negative in row {int(np.argmin(self.cap_seats))}")
        has_way = np.zeros(min(self.n_nodes, len(self.cap_tail) + 1), np.bool_)
        has_way[self.cap_tail[self.cap_tail < len(has_way)]] = True
        if not has_way.all():
            raise ProblemError(f"node {int(np.argmin(has_way))} has no capacity arc")
        self._check_acyclic()

    def _check_acyclic(self) -> None:
        """Peel nodes whose every way up is already peeled; what never peels lies on or below a cycle."""
        nodes = self.n_nodes
        ways = np.bincount(self.cap_tail, minlength=nodes)
        open_arcs = np.ones(len(self.cap_tail), np.bool_)
        peeled = np.zeros(nodes + 1, np.bool_)
        peeled[SINK] = True
        while True:
            now = open_arcs & peeled[self.cap_head]
            if not now.any():
                break
            open_arcs &= ~now
            ways -= np.bincount(self.cap_tail[now], minlength=nodes)
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

    def _check_groups(self) -> None:
        if self.group is None or self.group_step is None:
            if self.group is not None or self.group_step is not None:
                raise ProblemError("group and group_step come together; one of them is missing")
            return
        if len(self.group) != self.n_learners:
            raise ProblemError("group must have one entry per learner")
        table = np.atleast_2d(self.group_step)
        groups = len(table) if self.group_step.ndim == 2 else MOST_GROUPS
        _in_range("group", self.group, 0, groups)
        if table.shape[1] == 0:
            raise ProblemError("group_step is empty; give at least the cost of the first unplaced learner")
        if table.size and table.min() < 0:
            raise ProblemError(f"group_step is negative in row {_row(table < 0, self.group_step)}")
        falls = table[:, 1:] < table[:, :-1]
        if falls.any():
            before = np.zeros((len(table), 1), np.bool_)
            raise ProblemError(f"group_step falls in row {_row(np.hstack([before, falls]), self.group_step)}")
        if int(table.max(initial=0)) * self.n_learners >= LARGEST_SUM:
            raise CostTooLarge("the costs of group_step could add up to more than 2^60")

    def _check_crossing(self) -> None:
        seats, rows, nodes = self.cross_seats, self.cross_row, self.cross_node
        if seats is None or rows is None or nodes is None:
            if not (seats is None and rows is None and nodes is None):
                raise ProblemError("cross_seats, cross_row and cross_node come together; one of them is missing")
            return
        if len(rows) != len(nodes):
            raise ProblemError("cross_row and cross_node differ in length")
        if len(seats) and seats.min() < 0:
            raise ProblemError(f"cross_seats is negative in row {int(np.argmin(seats))}")
        _in_range("cross_row", rows, 0, len(seats))
        _in_range("cross_node", nodes, 0, self.n_seats)
        order = np.lexsort((nodes, rows))
        twin = (np.diff(rows[order]) == 0) & (np.diff(nodes[order]) == 0)
        if twin.any():
            row = order[int(np.argmax(twin)) + 1]
            raise ProblemError(f"cross_node names seat node {nodes[row]} twice for one capacity, again in row {row}")


_DIMENSIONS = {
    "learner": (1,),
    "seat": (1,),
    "levels": (2,),
    "cap_tail": (1,),
    "cap_head": (1,),
    "cap_seats": (1,),
    "locked": (1,),
    "group": (1,),
    "group_step": (1, 2),
    "cross_seats": (1,),
    "cross_row": (1,),
    "cross_node": (1,),
}
_IDS = {"learner", "seat", "group", "cross_row", "cross_node"}


def _integers(name: str, value: Any, dimensions: tuple[int, ...]) -> NDArray[Any]:
    """The value as an array of integers that all fit 64 bits, in whatever integer type it came."""
    array = np.asarray(value)
    if array.size == 0 and array.ndim in dimensions:
        array = array.astype(np.int64)
    if array.ndim not in dimensions or array.dtype.kind not in "iu":
        allowed = " or ".join(str(number) for number in dimensions)
        raise ProblemError(f"{name} must be a {allowed}-dimensional integer array")
    if array.dtype == np.uint64:
        if array.size and array.max() > np.iinfo(np.int64).max:
            raise ProblemError(f"{name} has a value outside 64-bit integers")
        # Mixed with signed numbers numpy would turn these into floats.
        array = array.astype(np.int64)
    return array


def _in_range(name: str, array: NDArray[Any], low: int, high: int) -> None:
    if not len(array) or (int(array.min()) >= low and int(array.max()) < high):
        return
    row = int(np.argmax((array < low) | (array >= high)))
    raise ProblemError(f"{name} has {array[row]} in row {row}; allowed is {low} … {high - 1}")


def _row(bad: Bools, array: NDArray[Any]) -> int:
    """The first bad row of a table, or the first bad entry when the array is a single row."""
    return int(np.argmax(bad.any(axis=0 if array.ndim == 1 else 1)))


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
