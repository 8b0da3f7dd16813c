"""Seats per slot and week, and per workplace and week, as the engine's capacity arcs.

Where a block shares no week with another (almost always) the arcs are laid out at once by numpy: each seat node under
its workplace, if that has a cap that can bind. Overlapping blocks go through `week_caps` and `nest`, which also handle
capacities that cross.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from placements.allocation.capacity import nest, week_caps
from placements.allocation.problem import SINK
from placements.selectors.run_inputs.inputs import Numbers, Weeks
from placements.selectors.run_inputs.offers import NO_CAP, Offers

Ints = NDArray[np.int64]


def capacity_arrays(offers: Offers, blocks: list[Weeks], slot: Numbers, block: Numbers) -> dict[str, Any]:
    """Return the capacity arrays of Problem for seat nodes given by slot and block."""
    shared = [any(set(one) & set(other) for other in blocks if other != one) for one in blocks]
    overlapping = np.array(shared)[block]
    plain = np.flatnonzero(~overlapping)
    tail, head, seats, nodes = _plain(offers, blocks, slot, block, plain)
    if not overlapping.any():
        return {"cap_tail": tail, "cap_head": head, "cap_seats": seats}
    rest = np.flatnonzero(overlapping)
    found = _nested(offers, blocks, slot[rest], block[rest])

    def renumbered(node: NDArray[Any]) -> Ints:
        """Seat nodes back to their own numbers, capacity nodes after those above."""
        own = np.append(rest, SINK)[np.where((node >= 0) & (node < len(rest)), node, -1)]
        return np.where(node >= len(rest), node - len(rest) + nodes, own)

    arrays = {
        "cap_tail": np.concatenate([tail, renumbered(found["cap_tail"])]),
        "cap_head": np.concatenate([head, renumbered(found["cap_head"])]),
        "cap_seats": np.concatenate([seats, found["cap_seats"]]),
    }
    if "cross_node" in found:
        arrays |= {name: found[name] for name in ("cross_seats", "cross_row")}
        arrays["cross_node"] = renumbered(found["cross_node"]).astype(np.int32)
    return arrays


def _plain(
    offers: Offers, blocks: list[Weeks], slot: Numbers, block: Numbers, nodes: Ints
) -> tuple[Ints, Ints, Ints, int]:
    """Tails, heads and seats of nodes in blocks that share no week, and the number of nodes so far."""
    seats, room = np.zeros(len(nodes), np.int64), np.full(len(nodes), NO_CAP, np.int64)
    for number, weeks in enumerate(blocks):
        here, columns = block[nodes] == number, offers.week_numbers(weeks)
        seats[here] = offers.left[slot[nodes[here]]][:, columns].min(axis=1)
        room[here] = offers.room[offers.workplace[slot[nodes[here]]]][:, columns].min(axis=1)
    place = block[nodes] * np.int64(len(offers.workplace_ids)) + offers.workplace[slot[nodes]]
    _places, first, of_node, count = np.unique(place, return_index=True, return_inverse=True, return_counts=True)
    # A cap over one node is that node's own; one that its nodes cannot exceed is none.
    alone = count[of_node] == 1
    seats[alone] = np.minimum(seats[alone], room[alone])
    binds = (count > 1) & (room[first] < np.bincount(of_node, seats, len(count)))
    above = len(slot) + np.cumsum(binds) - 1
    head = np.where(binds[of_node], above[of_node], SINK)
    caps = np.flatnonzero(binds)
    return (
        np.concatenate([nodes, above[caps]]),
        np.concatenate([head, np.full(len(caps), SINK)]),
        np.concatenate([seats, room[first[caps]]]),
        len(slot) + len(caps),
    )


def _nested(offers: Offers, blocks: list[Weeks], slot: Numbers, block: Numbers) -> dict[str, Any]:
    columns = [offers.week_numbers(weeks) for weeks in blocks]
    nodes = [(one, columns[number]) for one, number in zip(slot.tolist(), block.tolist(), strict=True)]
    asked = {(one, week) for one, weeks in nodes for week in weeks}
    workplace = {one: int(offers.workplace[one]) for one, _weeks in nodes}
    capped = {(workplace[one], week) for one, week in asked if offers.room[workplace[one], week] != NO_CAP}
    caps = week_caps(
        nodes,
        {key: int(offers.left[key]) for key in asked},
        workplace,
        {key: int(offers.room[key]) for key in capped},
    )
    return nest(len(nodes), caps).arrays()
