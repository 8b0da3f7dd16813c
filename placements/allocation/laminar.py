"""Which sets of seat nodes lie inside which, and what to do with those that cross."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from placements.allocation.problem import Bools, Ints

NONE = -1


@dataclass(frozen=True, eq=False)
class Family:
    """Sets of seat nodes: set i holds `node[start[i]:start[i + 1]]`, ascending, never empty.

    `seats` [sets] learners fit in it; `label` [sets] is a number of the caller's.
    """

    seats: Ints
    label: Ints
    start: Ints
    node: Ints

    def __len__(self) -> int:
        return len(self.seats)

    @property
    def size(self) -> Ints:
        return np.diff(self.start)

    @property
    def of_entry(self) -> Ints:
        """The set each entry of `node` belongs to."""
        return np.repeat(np.arange(len(self)), self.size)

    def nodes(self, index: int) -> Ints:
        return self.node[self.start[index] : self.start[index + 1]]

    def take(self, rows: Ints) -> "Family":
        """Some of the sets, in the order asked for."""
        size = self.size[rows]
        start = np.append(0, np.cumsum(size))
        entry = np.arange(start[-1]) + np.repeat(self.start[rows] - start[:-1], size)
        return Family(self.seats[rows], self.label[rows], start, self.node[entry])

    def and_also(self, sets: Sequence["NodeSet"]) -> "Family":
        """The sets and some more."""
        more = [node for one in sets for node in one.nodes]
        ends = np.cumsum([len(one.nodes) for one in sets], dtype=np.int64)
        return Family(
            np.append(self.seats, np.array([one.seats for one in sets], np.int64)),
            np.append(self.label, np.array([one.label for one in sets], np.int64)),
            np.append(self.start, self.start[-1] + ends),
            np.append(self.node, np.array(more, np.int64)),
        )


@dataclass(frozen=True)
class NodeSet:
    """One set; nodes ascending."""

    nodes: tuple[int, ...]
    seats: int
    label: int


@dataclass(frozen=True)
class Split:
    """A family that nests, the sets left out of it, and which two labels crossed for each of those."""

    kept: Family
    left_out: list[NodeSet]
    crossed: list[tuple[int, int]]


def equals(family: Family) -> Ints:
    """For each set the first of those over the same nodes that has the fewest seats; [sets]."""
    if not len(family):
        return np.zeros(0, np.int64)
    mixed = np.add.reduceat(_stirred(family.node), family.start[:-1])
    order = np.lexsort((family.seats, mixed, family.size))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (np.diff(family.size[order]) != 0) | (mixed[order][1:] != mixed[order][:-1])
    first = np.empty(len(order), np.int64)
    first[order] = order[np.flatnonzero(fresh)[np.cumsum(fresh) - 1]]
    if not np.array_equal(family.node, family.take(first).node):
        raise AssertionError("two different sets of seat nodes have the same 64-bit sum")
    return first


def parents(family: Family) -> tuple[Ints, Bools]:
    """The smallest set around each set, NONE for the outermost, and which sets do not lie in one set only; [sets].

    Around each node the sets are put in order of size. The family nests exactly when every set has the same
    predecessor at all its nodes.
    """
    if not len(family):
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    of_entry = family.of_entry
    before = np.empty(len(of_entry), np.int64)
    order = around_nodes(family)
    before[order[1:]] = np.where(np.diff(family.node[order]) == 0, of_entry[order[:-1]], NONE)
    before[order[0]] = NONE
    lowest = np.minimum.reduceat(before, family.start[:-1])
    return lowest, lowest != np.maximum.reduceat(before, family.start[:-1])


def around_nodes(family: Family) -> Ints:
    """The entries node by node, the largest set around each node first."""
    size = family.size
    widest = int(size.max(initial=0))
    key = family.node * (widest + 1) + (widest - size)[family.of_entry]
    return np.argsort(key, kind="stable")


def split(family: Family) -> Split:
    """Keep sets that nest, the widest first; what crosses them is left out, save for the parts of it that nest.

    A part of a set has at most the set's seats, so each part is a true capacity, and it keeps the flow close to
    what is allowed.
    """
    _, bad = parents(family)
    if not bad.any():
        return Split(family, [], [])
    touched = _connected(family, bad)
    calm = family.take(np.flatnonzero(~touched))
    peel = _Peel(family, np.flatnonzero(touched))
    return Split(calm.and_also(peel.kept), peel.left_out, peel.crossed)


class _Peel:
    """Go through sets that hang together, the widest first, and keep each that crosses none of those kept."""

    def __init__(self, family: Family, rows: Ints) -> None:
        self.kept: list[NodeSet] = []
        self.left_out: list[NodeSet] = []
        self.crossed: list[tuple[int, int]] = []
        self.inner: dict[int, int] = {}  # the smallest kept set around each node
        self.heap = [
            (-len(nodes), nodes, False, seats, label)
            for nodes, seats, label in zip(
                (tuple(family.nodes(row).tolist()) for row in rows.tolist()),
                family.seats[rows].tolist(),
                family.label[rows].tolist(),
                strict=True,
            )
        ]
        heapify(self.heap)
        while self.heap:
            _, nodes, is_part, seats, label = heappop(self.heap)
            self._place(NodeSet(nodes, seats, label), is_part=is_part)

    def _place(self, one: NodeSet, *, is_part: bool) -> None:
        around: dict[int, list[int]] = {}
        for node in one.nodes:
            around.setdefault(self.inner.get(node, NONE), []).append(node)
        if len(around) == 1:
            self._keep(one, next(iter(around)))
            return
        if not is_part:
            self.left_out.append(one)
            # All kept sets are at least as wide: one that misses a node of this set crosses it.
            other = min(
                index for index in around if index != NONE and not set(one.nodes) <= set(self.kept[index].nodes)
            )
            self.crossed.append((self.kept[other].label, one.label))
        for nodes in around.values():
            heappush(self.heap, (-len(nodes), tuple(nodes), True, one.seats, one.label))

    def _keep(self, one: NodeSet, around: int) -> None:
        if around != NONE and self.kept[around].nodes == one.nodes:
            if one.seats < self.kept[around].seats:
                self.kept[around] = one
            return
        for node in one.nodes:
            self.inner[node] = len(self.kept)
        self.kept.append(one)


def _connected(family: Family, seeds: Bools) -> Bools:
    """The sets that hang together with the seeds by shared nodes; [sets]."""
    of_entry = family.of_entry
    sets = seeds.copy()
    while True:
        node = np.zeros(int(family.node.max()) + 1, np.bool_)
        node[family.node[sets[of_entry]]] = True
        grown = sets.copy()
        grown[of_entry[node[family.node]]] = True
        if np.array_equal(grown, sets):
            return sets
        sets = grown


def _stirred(number: Ints) -> NDArray[np.uint64]:
    """A 64-bit number for each node that adds up differently for different sets (SplitMix64)."""
    z = (number.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    stirred: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return stirred
