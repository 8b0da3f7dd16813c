"""Capacity arcs over seat nodes: sets that nest, numbered and wired, with what crosses them beside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from placements.allocation import laminar
from placements.allocation.errors import ProblemError
from placements.allocation.laminar import NONE, Family
from placements.allocation.problem import SINK, Ids, Ints
from placements.allocation.reserves import Kept, Limit


@dataclass(frozen=True, eq=False)
class Forest:
    """Capacities for Problem: `Problem(…, **forest.arrays())`.

    `label[k]` says in words what capacity arc k limits, `cross_label[r]` what crossing capacity r does. `crossed`
    names the two that cross, the one in the network first, once for each crossing capacity.
    """

    cap_tail: Ints
    cap_head: Ints
    cap_seats: Ints
    label: tuple[str, ...]
    cross_seats: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    cross_row: Ids = field(default_factory=lambda: np.zeros(0, np.int32))
    cross_node: Ids = field(default_factory=lambda: np.zeros(0, np.int32))
    cross_label: tuple[str, ...] = ()
    crossed: list[tuple[str, str]] = field(default_factory=list)

    def arrays(self) -> dict[str, Any]:
        """The arguments of Problem that say how many fit."""
        arrays: dict[str, Any] = {name: getattr(self, name) for name in ("cap_tail", "cap_head", "cap_seats")}
        if len(self.cross_seats):
            arrays |= {name: getattr(self, name) for name in ("cross_seats", "cross_row", "cross_node")}
        return arrays


class Network:
    """Sets that nest, being numbered and wired. A set of one seat node is that node's own arc."""

    def __init__(self, n_seats: int, family: Family, names: Sequence[str]) -> None:
        self.n_seats, self.family, self.names = n_seats, family, names
        self.parent, bad = laminar.parents(family)
        if bad.any():
            raise AssertionError("the sets kept do not nest")
        self.inner = np.full(n_seats, NONE, np.int64)
        order = laminar.around_nodes(family)
        self.inner[family.node[order]] = family.of_entry[order]  # the smallest comes last
        if len(self.inner) and self.inner.min() == NONE:
            raise ProblemError(f"seat node {int(np.argmin(self.inner))} lies in no capacity")
        size, lowest = family.size, family.node[family.start[:-1]]
        self.number = lowest.copy()
        wide = np.flatnonzero(size > 1)
        wide = wide[np.lexsort((lowest[wide], -size[wide]))]
        self.number[wide] = n_seats + np.arange(len(wide))
        self.following = n_seats + len(wide)
        self.set_head = np.where(self.parent == NONE, SINK, self.number[self.parent])
        # A seat node without a capacity of its own is bounded by the one around it.
        self.bare = np.flatnonzero(size[self.inner] > 1) if n_seats else np.zeros(0, np.int64)
        self.bare_head = np.zeros(n_seats, np.int64)
        self.bare_head[self.bare] = self.number[self.inner[self.bare]]
        self.extra: list[tuple[int, int, int, str]] = []

    @cached_property
    def by_parent(self) -> Ints:
        return np.argsort(self.parent, kind="stable")

    @cached_property
    def by_inner(self) -> Ints:
        return np.argsort(self.inner, kind="stable")

    def hold(self, nodes: tuple[int, ...], seats: int, kept: Sequence[Kept]) -> Sequence[Kept]:
        """Wire the reserves of the capacity over these nodes; returns them when they do not nest."""
        whole = self._find(nodes)
        parts = [self._parts(whole, one.nodes) for one in kept] if whole != NONE else []
        if not kept or any(part is None for part in parts) or whole == NONE:
            return kept
        label = self.names[self.family.label[whole]]
        top, pool = int(self.number[whole]), self.following
        self.set_head[_members(self.by_parent, self.parent, whole)] = pool
        self.bare_head[_members(self.by_inner, self.inner, whole)] = pool
        # Of the seats the reserves were made out of: the set may since have got fewer, as part of a crossing one.
        open_seats = seats - sum(one.seats for one in kept)
        self.extra.append((pool, top, open_seats, label))
        self.following += 1
        for one, part in zip(kept, parts, strict=True):
            assert part is not None
            sets, bare = part
            self.set_head[sets] = self.bare_head[bare] = self.following
            self.extra.append((self.following, top, one.seats, one.label))
            self.extra.append((self.following, pool, open_seats, one.label))
            self.following += 1
        return ()

    def forest(self, limits: Sequence[Limit], crossed: list[tuple[str, str]]) -> Forest:
        family, around = self.family, self.inner[self.bare]
        tail = np.concatenate([self.number, self.bare, np.array([row[0] for row in self.extra], np.int64)])
        head = np.concatenate(
            [self.set_head, self.bare_head[self.bare], np.array([row[1] for row in self.extra], np.int64)]
        )
        seats = np.concatenate([family.seats, family.seats[around], np.array([row[2] for row in self.extra], np.int64)])
        label = [*map(self.names.__getitem__, np.append(family.label, family.label[around]).tolist())]
        label += [row[3] for row in self.extra]
        order = np.argsort(tail, kind="stable")
        limits = [limit for limit in limits if limit.nodes]
        return Forest(
            cap_tail=tail[order],
            cap_head=head[order],
            cap_seats=seats[order],
            label=tuple(map(label.__getitem__, order.tolist())),
            cross_seats=np.array([limit.seats for limit in limits], np.int64),
            cross_row=np.repeat(np.arange(len(limits), dtype=np.int32), [len(limit.nodes) for limit in limits]),
            cross_node=np.array([node for limit in limits for node in limit.nodes], np.int32),
            cross_label=tuple(limit.label for limit in limits),
            crossed=crossed,
        )

    def _find(self, nodes: tuple[int, ...]) -> int:
        """The set over exactly these nodes, NONE when it was left out."""
        at = int(self.inner[nodes[0]])
        while at != NONE and self.family.start[at + 1] - self.family.start[at] < len(nodes):
            at = int(self.parent[at])
        return at if at != NONE and tuple(self.family.nodes(at).tolist()) == nodes else NONE

    def _parts(self, whole: int, nodes: tuple[int, ...]) -> tuple[list[int], list[int]] | None:
        """The sets and bare seat nodes next below `whole` that make up `nodes`, or None when one is cut through."""
        sets, bare = set[int](), []
        for node in nodes:
            at = int(self.inner[node])
            if at == whole:
                bare.append(node)
                continue
            while self.parent[at] != whole:
                at = int(self.parent[at])
            sets.add(at)
        inside = sum(int(self.family.start[at + 1] - self.family.start[at]) for at in sets)
        return (sorted(sets), bare) if inside + len(bare) == len(nodes) else None


def _members(order: Ints, group: Ints, wanted: int) -> Ints:
    """Where `group` is `wanted`, by bisection in the sorted order."""
    low = np.searchsorted(group, wanted, sorter=order)
    members: Ints = order[low : np.searchsorted(group, wanted, side="right", sorter=order)]
    return members
