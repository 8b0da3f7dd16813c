"""From seats per week to capacity arcs: what nests becomes a network, what crosses stands beside it, named."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from placements.allocation import laminar, reserves
from placements.allocation.errors import NotLaminar, ProblemError
from placements.allocation.forest import Forest, Network
from placements.allocation.laminar import Family
from placements.allocation.problem import Ints
from placements.allocation.reserves import Kept, Limit, Week

Block = tuple[Hashable, Sequence[Hashable]]


@dataclass(frozen=True)
class Reserve:
    """`seats` of a capacity's seats are for learners on these of its seat nodes and nobody else.

    They may take the open seats besides; others get at most the capacity less what is reserved. An empty `nodes`
    keeps the seats from everybody. The reserves of one capacity share no seat node. Where more is reserved than
    there are seats, the reserves named first go first.
    """

    label: str
    seats: int
    nodes: Sequence[int]


@dataclass(frozen=True)
class Cap:
    """At most `seats` learners on these seat nodes together, some of the seats reserved."""

    label: str
    seats: int
    nodes: Sequence[int]
    reserves: Sequence[Reserve] = ()


def week_caps(
    blocks: Sequence[Block],
    slot_seats: Mapping[tuple[Hashable, Hashable], int],
    workplace: Mapping[Hashable, Hashable] | None = None,
    workplace_seats: Mapping[tuple[Hashable, Hashable], int | None] | None = None,
    names: Mapping[Hashable, str] | None = None,
    *,
    holder: Sequence[Hashable] | None = None,
    quotas: Mapping[tuple[Hashable, Hashable], Mapping[Any, int]] | None = None,
) -> list[Cap]:
    """Capacities per slot and week, and per workplace and week, over the seat nodes.

    `blocks[i]` is seat node i: its slot and all the weeks one learner takes. `slot_seats[slot, week]` are the
    seats left; a week the slot does not offer has none. `workplace_seats[workplace, week]` caps all the
    workplace's slots that week; missing or None is no cap. A workplace cap that its slots cannot exceed is
    left out, since it could only make capacities cross needlessly.

    Quotas need seat nodes per holder: where a slot keeps seats for an authority, give that authority's learners
    a seat node of their own per block, `holder[i]` = the authority, and everybody else one with `holder[i]` =
    None. `quotas[slot, week][authority]` = seats still kept for it that week (the quota less what its learners
    hold already). An authority without a seat node that week still has its seats kept from others.
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
    caps = []
    for key, nodes in by_slot_week.items():
        label = f"{names.get(key[0], key[0])}, {key[1]}"
        kept = quotas.get(key) if quotas else None
        caps.append(
            Cap(label, slot_seats.get(key, 0), nodes, _reserves(label, nodes, holder, kept, names) if kept else ())
        )
    for key, slot_weeks in by_workplace_week.items():
        seats = workplace_seats.get(key)
        if seats is not None and seats < sum(slot_seats.get(slot_week, 0) for slot_week in slot_weeks):
            inside = sorted({node for slot_week in slot_weeks for node in by_slot_week[slot_week]})
            caps.append(Cap(f"{names.get(key[0], key[0])}, {key[1]}", seats, inside))
    return caps


def _reserves(
    label: str,
    nodes: Sequence[int],
    holder: Sequence[Hashable] | None,
    kept: Mapping[Any, int],
    names: Mapping[Hashable, str],
) -> list[Reserve]:
    if holder is None:
        raise ProblemError("quotas need the holder of each seat node")
    return [
        Reserve(f"{label}, {names.get(who, who)}", seats, [node for node in nodes if holder[node] == who])
        for who, seats in kept.items()
        if seats > 0
    ]


def build_forest(n_seats: int, caps: Iterable[Cap]) -> Forest:
    """As `nest`, but refuse capacities that cross: NotLaminar names two that share some seat nodes but not all."""
    forest = nest(n_seats, caps)
    if forest.crossed:
        raise NotLaminar(*forest.crossed[0])
    return forest


def nest(n_seats: int, caps: Iterable[Cap]) -> Forest:
    """Nest the capacities: the smallest around a seat node first, the widest ends in the sink.

    Capacities over the same seat nodes become one with the fewest seats. Those that cross one that nests are not
    refused but returned beside the network, to be given to Problem as `cross_seats`, `cross_row`, `cross_node`
    (`Forest.arrays`); learners who reach them are then placed by search, everybody else still by flow.

    A reserve becomes a node with an arc to its capacity for the reserved seats and one into the open pool, whose
    own arc carries the seats nobody reserved. A reserve that no network can hold, because another capacity cuts
    through it, becomes crossing limits on those outside it.

    Raises ProblemError for a seat node that no capacity covers, or that does not exist.
    """
    caps = list(caps)
    family = _family(n_seats, caps)
    first = laminar.equals(family)
    merged = family.take(np.unique(first))
    parted = laminar.split(merged)
    rows = [Limit(caps[one.label].label, one.seats, one.nodes) for one in parted.left_out]
    crossed = [(caps[one].label, caps[other].label) for one, other in parted.crossed]
    network = Network(n_seats, parted.kept, [cap.label for cap in caps])
    for label, nodes, seats, kept, beside in _reserved(caps, family, first):
        left = network.hold(nodes, seats, kept)
        beside = [*beside, *reserves.limits(nodes, seats, left)]
        rows += beside
        crossed += [(label, limit.label) for limit in beside]
    return network.forest(rows, crossed)


def _family(n_seats: int, caps: Sequence[Cap]) -> Family:
    """The capacities as sets; `label` is the number of the capacity. Seats kept from everybody are taken off."""
    full = np.fromiter((len(cap.nodes) for cap in caps), np.int64, len(caps))
    node = np.fromiter(chain.from_iterable(cap.nodes for cap in caps), np.int64, int(full.sum()))
    row = np.repeat(np.arange(len(caps)), full)
    strange = (node < 0) | (node >= n_seats)
    if strange.any():
        at = int(np.argmax(strange))
        raise ProblemError(f"“{caps[row[at]].label}” names seat node {node[at]}; allowed is 0 … {n_seats - 1}")
    key = row * n_seats + node
    if (np.diff(key) <= 0).any():
        key = np.unique(key)
        row, node = np.divmod(key, n_seats)
    used, size = np.unique(row, return_counts=True)
    seats = np.fromiter((_open(cap) if cap.reserves else cap.seats for cap in caps), np.int64, len(caps))
    return Family(seats[used], used, np.append(0, np.cumsum(size)), node)


def _open(cap: Cap) -> int:
    return cap.seats - sum(seats for one, seats in _granted(cap) if not len(one.nodes))


def _granted(cap: Cap) -> list[tuple[Reserve, int]]:
    """What each reserve gets: where more is reserved than there are seats, those named first go first."""
    granted, left = [], cap.seats
    for one in cap.reserves:
        granted.append((one, min(max(one.seats, 0), left)))
        left -= granted[-1][1]
    return granted


def _reserved(
    caps: Sequence[Cap], family: Family, first: Ints
) -> Iterable[tuple[str, tuple[int, ...], int, tuple[Kept, ...], list[Limit]]]:
    """For each set of nodes with reserves: label, nodes, seats, its reserves, and the limits they do not cover."""
    with_some = [row for row, index in enumerate(family.label.tolist()) if caps[index].reserves]
    if not with_some:
        return
    members: defaultdict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(first, first[with_some])).tolist():
        members[int(first[row])].append(row)
    for row, same in members.items():
        nodes = tuple(family.nodes(row).tolist())
        weeks = [Week(int(family.seats[one]), _kept(caps[int(family.label[one])])) for one in same]
        kept, beside = reserves.together(nodes, weeks)
        yield caps[int(family.label[row])].label, nodes, int(family.seats[row]), kept, beside


def _kept(cap: Cap) -> tuple[Kept, ...]:
    """The reserves that keep anybody out, with every node checked."""
    inside, taken = set(cap.nodes), set[int]()
    kept = []
    for reserve, seats in _granted(cap):
        nodes = set(reserve.nodes)
        if not nodes <= inside:
            raise ProblemError(f"“{reserve.label}” reserves a seat node outside “{cap.label}”")
        if nodes & taken:
            raise ProblemError(f"“{reserve.label}” shares a seat node with another reserve")
        taken |= nodes
        if nodes and nodes != inside and seats:
            kept.append(Kept(reserve.label, seats, tuple(sorted(nodes))))
    return tuple(kept)
