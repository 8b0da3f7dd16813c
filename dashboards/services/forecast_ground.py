"""What all draws of a forecast have in common: the nodes of a piece of the season, who reaches what, and the seats.

Pure: arrays in, arrays out. A piece is blocks of weeks that share weeks with each other and with no others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.selectors.forecast_inputs import NO_CAP, ForecastInputs, Ints
from dashboards.services.forecast_wishes import NONE
from placements.allocation import build_forest, week_caps
from placements.allocation.problem import SINK


@dataclass(frozen=True, eq=False, slots=True)
class Seats:
    """Seats left [S, W] and room left at the workplaces [workplaces, W]."""

    left: Ints
    room: Ints

    def take(self, slots: Ints, weeks: Sequence[int], counts: Ints, workplace: Ints) -> None:
        """Take seats of slots in each of the weeks, and the room they fill."""
        for week in weeks:
            self.left[slots, week] -= counts
            filled = np.bincount(workplace[slots], weights=counts, minlength=len(self.room)).astype(np.int64)
            capped = self.room[:, week] != NO_CAP
            self.room[capped, week] -= filled[capped]


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """The nodes of some blocks: first pairs of a slot and a block, then the whole reach of some groups, then caps.

    | field | shape | meaning |
    |---|---|---|
    | `slot`, `block` | [pairs] | what a pair is |
    | `number` | [B, S] | the pair's node, −1 for none |
    | `groups`, `reach_of` | [groups] | the groups out in these blocks; the number of each one's reach, −1 for nothing |
    | `tail`, `head`, `seats` | [q] | the engine's capacity arcs; `free` of them lead from a reach and never bind |
    """

    slot: Ints
    block: Ints
    number: Ints
    groups: Ints
    reach_of: Ints
    tail: Ints
    head: Ints
    seats: Ints
    free: int

    @property
    def pairs(self) -> int:
        """Return how many pairs there are."""
        return len(self.slot)

    @property
    def reaches(self) -> int:
        """Return how many different reaches the groups have."""
        return int(self.reach_of.max(initial=NONE)) + 1


def lay_ground(inputs: ForecastInputs, seats: Seats, blocks: Sequence[int]) -> Ground:
    """Lay out some blocks.

    Raises:
        NotLaminar: two of the blocks overlap without one lying inside the other.
    """
    slot, block, number = _pairs(inputs, seats, blocks)
    groups = np.flatnonzero(np.isin(inputs.group_block, blocks))
    reach_of, tails, heads = _reach(inputs, number, groups)
    lift = int(reach_of.max(initial=NONE)) + 1
    pairs = len(slot)
    flat = len(blocks) == 1
    caps = _flat_caps(inputs, seats, slot, blocks[0]) if flat else _nested_caps(inputs, seats, slot, block)

    def lifted(nodes: Ints) -> Ints:
        return np.where(nodes >= pairs, nodes + lift, nodes)

    return Ground(
        slot=slot,
        block=block,
        number=number,
        groups=groups,
        reach_of=reach_of,
        tail=np.concatenate([lifted(caps[0]), pairs + tails]),
        head=np.concatenate([lifted(caps[1]), heads]),
        seats=caps[2],
        free=len(tails),
    )


def pieces(blocks: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Group the blocks that share weeks, directly or through others."""
    found: list[tuple[set[int], list[int]]] = []
    for number, block in enumerate(blocks):
        weeks, members = set(block), [number]
        apart = []
        for other_weeks, others in found:
            if weeks & other_weeks:
                weeks, members = weeks | other_weeks, [*others, *members]
            else:
                apart.append((other_weeks, others))
        found = [*apart, (weeks, members)]
    return [sorted(members) for _weeks, members in found]


def _pairs(inputs: ForecastInputs, seats: Seats, blocks: Sequence[int]) -> tuple[Ints, Ints, Ints]:
    """Return slot and block of each pair with a seat left in all its weeks, and the pairs' numbers."""
    number = np.full((len(inputs.blocks), len(inputs.left)), NONE, np.int64)
    for block in blocks:
        here = (seats.left[:, list(inputs.blocks[block])] > 0).all(axis=1)
        number[block, here] = 0
    block_of, slot_of = np.nonzero(number == 0)
    number[block_of, slot_of] = np.arange(len(slot_of))
    return slot_of, block_of, number


def _reach(inputs: ForecastInputs, number: Ints, groups: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the number of each group's whole reach (−1 for nothing), and the arcs from those reaches to the pairs."""
    pair = number[inputs.group_block[groups]]
    open_to = inputs.fits[groups] & (pair >= 0)
    alike = np.hstack([inputs.group_block[groups][:, np.newaxis], np.packbits(open_to, axis=1).astype(np.int64)])
    _rows, example, of_group = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    some = open_to[example].any(axis=1)
    reach = np.where(some, np.cumsum(some) - 1, NONE)
    row, slot = np.nonzero(open_to[example])
    return reach[of_group.ravel()], reach[row], pair[example[row], slot]


def _flat_caps(inputs: ForecastInputs, seats: Seats, slots: Ints, block: int) -> tuple[Ints, Ints, Ints]:
    """Capacities where everybody is out in the same weeks: the least of the weeks, for slots and for workplaces."""
    weeks = list(inputs.blocks[block])
    own = seats.left[slots][:, weeks].min(axis=1)
    room = seats.room[:, weeks]
    room = np.where(room == NO_CAP, np.iinfo(np.int64).max, room).min(axis=1)
    asked = np.bincount(inputs.workplace[slots], weights=own, minlength=len(room))
    node = np.full(len(room), SINK, np.int64)
    capped = np.flatnonzero(room < asked)
    node[capped] = len(slots) + np.arange(len(capped))
    return (
        np.concatenate([np.arange(len(slots)), node[capped]]),
        np.concatenate([node[inputs.workplace[slots]], np.full(len(capped), SINK)]),
        np.concatenate([own, room[capped]]),
    )


def _nested_caps(inputs: ForecastInputs, seats: Seats, slots: Ints, blocks: Ints) -> tuple[Ints, Ints, Ints]:
    """Capacities where some are out in some of the weeks of others."""
    nodes = [(slot, inputs.blocks[block]) for slot, block in zip(slots.tolist(), blocks.tolist(), strict=True)]
    weeks = sorted({week for block in set(blocks.tolist()) for week in inputs.blocks[block]})
    offered = np.unique(slots).tolist()
    left: dict[Any, int] = {
        (slot, week): int(seats.left[slot, week]) for slot in offered for week in weeks if seats.left[slot, week] >= 0
    }
    workplace: dict[Any, Any] = {slot: int(inputs.workplace[slot]) for slot in offered}
    room: dict[Any, int | None] = {
        (owner, week): int(seats.room[owner, week])
        for owner in set(workplace.values())
        for week in weeks
        if seats.room[owner, week] != NO_CAP
    }
    forest = build_forest(len(nodes), week_caps(nodes, left, workplace, room))
    return forest.cap_tail, forest.cap_head, forest.cap_seats
