"""From seats per week to a capacity forest, or a clear word on which two capacities cross."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from placements.allocation.errors import NotLaminar, ProblemError
from placements.allocation.problem import SINK, Ints

Block = tuple[Hashable, Sequence[Hashable]]


@dataclass(frozen=True)
class Cap:
    """At most `seats` learners on these seat nodes together."""

    label: str
    seats: int
    nodes: Sequence[int]


@dataclass(frozen=True, eq=False)
class Forest:
    """Capacity arcs for Problem; `label[k]` says in words what the arc out of node `cap_tail[k]` limits."""

    cap_tail: Ints
    cap_head: Ints
    cap_seats: Ints
    label: tuple[str, ...]


def week_caps(
    blocks: Sequence[Block],
    slot_seats: Mapping[tuple[Hashable, Hashable], int],
    workplace: Mapping[Hashable, Hashable] | None = None,
    workplace_seats: Mapping[tuple[Hashable, Hashable], int | None] | None = None,
    names: Mapping[Hashable, str] | None = None,
) -> list[Cap]:
    """Capacities per slot and week, and per workplace and week, over the seat nodes.

    `blocks[i]` is seat node i: its slot and all the weeks one learner takes. `slot_seats[slot, week]` are the
    seats left; a week the slot does not offer has none. `workplace_seats[workplace, week]` caps all the
    workplace's slots that week; missing or None is no cap. A workplace cap that its slots cannot exceed is
    left out, since it could only make capacities cross needlessly.
    """
    workplace, workplace_seats, names = workplace or {}, workplace_seats or {}, names or {}
    by_slot_week: defaultdict[tuple[Hashable, Hashable], list[int]] = defaultdict(list)
    by_workplace_week: defaultdict[tuple[Hashable, Hashable], set[tuple[Hashable, Hashable]]] = defaultdict(set)
    for node, (slot, weeks) in enumerate(blocks):
        if not weeks:
            raise ProblemError(f"seat node {node} has no weeks")
        for week in weeks:
            by_slot_week[slot, week].append(node)
            if slot in workplace:
                by_workplace_week[workplace[slot], week].add((slot, week))
    caps = [
        Cap(f"{names.get(key[0], key[0])}, {key[1]}", slot_seats.get(key, 0), nodes)
        for key, nodes in by_slot_week.items()
    ]
    for key, slot_weeks in by_workplace_week.items():
        seats = workplace_seats.get(key)
        if seats is not None and seats < sum(slot_seats.get(slot_week, 0) for slot_week in slot_weeks):
            nodes = sorted({node for slot_week in slot_weeks for node in by_slot_week[slot_week]})
            caps.append(Cap(f"{names.get(key[0], key[0])}, {key[1]}", seats, nodes))
    return caps


def build_forest(n_seats: int, caps: Iterable[Cap]) -> Forest:
    """Nest the capacities: the smallest around a seat node first, the widest ends in the sink.

    Capacities over the same seat nodes become one with the fewest seats. Raises NotLaminar naming two that
    share some seat nodes but not all, and ProblemError for a seat node that no capacity covers.
    """
    widest_first = sorted(_merged(caps).items(), key=lambda item: (-len(item[0]), sorted(item[0])))
    inner = [SINK] * n_seats  # the smallest capacity so far around each seat node, as an index in widest_first
    parent = []
    for index, (nodes, cap) in enumerate(widest_first):
        around = {inner[node] for node in nodes}
        if len(around) > 1:
            # All capacities here are at least as wide as this one: one that misses a node of it crosses it.
            crossed = next(other for other in sorted(around) if other != SINK and not nodes <= widest_first[other][0])
            raise NotLaminar(widest_first[crossed][1].label, cap.label)
        parent.append(around.pop())
        for node in nodes:
            inner[node] = index
    if SINK in inner:
        raise ProblemError(f"seat node {inner.index(SINK)} lies in no capacity")
    return _numbered(n_seats, [cap for _, cap in widest_first], parent, inner)


def _merged(caps: Iterable[Cap]) -> dict[frozenset[int], Cap]:
    merged: dict[frozenset[int], Cap] = {}
    for cap in caps:
        nodes = frozenset(cap.nodes)
        if nodes and (nodes not in merged or cap.seats < merged[nodes].seats):
            merged[nodes] = cap
    return merged


def _numbered(n_seats: int, caps: list[Cap], parent: list[int], inner: list[int]) -> Forest:
    """A capacity over one seat node is that node's own arc; the others get nodes after the seat nodes."""
    node_of = [n_seats] * len(caps)
    following = n_seats
    for index, cap in enumerate(caps):
        if len(set(cap.nodes)) == 1:
            node_of[index] = cap.nodes[0]
        else:
            node_of[index], following = following, following + 1
    rows = [
        (node_of[index], SINK if up == SINK else node_of[up], cap.seats, cap.label)
        for index, (cap, up) in enumerate(zip(caps, parent, strict=True))
    ]
    # A seat node without a capacity of its own is bounded by the one around it.
    rows += [
        (node, node_of[index], caps[index].seats, caps[index].label)
        for node, index in enumerate(inner)
        if node_of[index] != node
    ]
    rows.sort(key=lambda row: row[0])
    return Forest(
        cap_tail=np.array([row[0] for row in rows], np.int64),
        cap_head=np.array([row[1] for row in rows], np.int64),
        cap_seats=np.array([row[2] for row in rows], np.int64),
        label=tuple(row[3] for row in rows),
    )
