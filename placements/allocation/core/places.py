"""Who sits where and what flows above the seats, while learners move along paths."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import Index, kernel
from placements.allocation.core.layout import Caps, Rows

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]

# Of a fixed width, so that numba compiles what takes them once.
NONE: Any = np.int32(-1)
# How a search came to a node, where no learner moved there: from below, from above, or it began there.
FROM_BELOW: Any = np.int32(-2)
FROM_ABOVE: Any = np.int32(-3)
START: Any = np.int32(-4)
NOTHING: Any = np.int32(0)


class Places(NamedTuple):
    """Who sits where. `at[p]` is the learner's position in the rows or −1; each seat's occupants are a linked list.

    `flow[q]` counts the learners through a capacity arc. `way[v]` is the first arc out of v that may still have a free
    way to the sink: room on every arc. Such a way once lost never comes back, as paths only ever make use of them.
    """

    at: Ints
    first: Ids
    after: Ids
    before: Ids
    flow: Ids
    way: Ids


def empty_places(caps: Caps, n_learners: int) -> Places:
    """Nobody sits anywhere."""
    nodes = len(caps.up) - 2
    return Places(
        at=np.full(n_learners, NONE, np.int64),
        first=np.full(nodes, NONE, np.int32),
        after=np.full(n_learners, NONE, np.int32),
        before=np.full(n_learners, NONE, np.int32),
        flow=np.zeros(len(caps.tail), np.int32),
        way=caps.up[:-1].copy(),
    )


@kernel
def has_free_way(caps: Caps, places: Places, v: Index) -> bool:
    """Whether room on every arc leads from v to the sink. Forgets for good the arcs that lead nowhere."""
    sink = len(caps.up) - 2
    node = v
    while node != sink:
        arc = places.way[node]
        if arc == caps.up[node + 1]:
            if node == v:
                return False
            node = v
        elif places.flow[arc] >= caps.seats[arc] or (
            caps.head[arc] != sink and places.way[caps.head[arc]] == caps.up[caps.head[arc] + 1]
        ):
            places.way[node] += 1
        else:
            node = caps.head[arc]
    return True


@kernel
def take_free_way(caps: Caps, places: Places, v: Index) -> None:
    """Send one more along the way that `has_free_way` has just found."""
    sink = len(caps.up) - 2
    while v != sink:
        arc = places.way[v]
        places.flow[arc] += 1
        v = caps.head[arc]


@kernel
def sit(rows: Rows, places: Places, p: Index, position: Index) -> None:
    """Put a learner who sits nowhere on the seat at this position of its row."""
    v = rows.seat[position]
    places.at[p] = position
    places.before[p] = NONE
    places.after[p] = places.first[v]
    if places.first[v] != NONE:
        places.before[places.first[v]] = p
    places.first[v] = p


@kernel
def rise(rows: Rows, places: Places, p: Index) -> Index:
    """Take a learner off its seat; the seat it had, or −1."""
    if places.at[p] < 0:
        return NONE
    v = rows.seat[places.at[p]]
    if places.before[p] == NONE:
        places.first[v] = places.after[p]
    else:
        places.after[places.before[p]] = places.after[p]
    if places.after[p] != NONE:
        places.before[places.after[p]] = places.before[p]
    places.at[p] = NONE
    return v


@kernel
def walk_back(rows: Rows, caps: Caps, places: Places, by: Ids, over: Ints, end: Index) -> None:
    """Carry out a path found by a search that ended at a node with a free way: everyone on it moves one step."""
    take_free_way(caps, places, end)
    v = end
    while v != NONE and by[v] != START:
        if by[v] == FROM_BELOW:
            places.flow[over[v]] += 1
            v = caps.tail[over[v]]
        elif by[v] == FROM_ABOVE:
            places.flow[over[v]] -= 1
            v = caps.head[over[v]]
        else:
            p = by[v]
            left = rise(rows, places, p)
            sit(rows, places, p, over[v])
            v = left
