"""How many learners can have a seat at all, and which nodes the others reach: augmenting paths, breadth first.

Invariant: a node that a failed search reached leads to no free seat, now or later, since everything it reaches was
reached with it and no later path can enter. Such nodes are dead for good, so failed searches together cost one pass.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import kernel
from placements.allocation.core.layout import Caps, Rows

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]

NONE = -1
# How a search came to a node, where no learner moved there: from below, from above, or it began there.
FROM_BELOW, FROM_ABOVE, START = -2, -3, -4
DEAD = np.int32(2**31 - 1)


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


class Trail(NamedTuple):
    """What a search knows of each node: when it was seen, and how it came there: by whom and over which arc."""

    seen: Ids
    by: Ids
    over: Ints
    queue: Ids


def new_trail(n_nodes: int) -> Trail:
    return Trail(
        seen=np.zeros(n_nodes + 1, np.int32),
        by=np.full(n_nodes + 1, NONE, np.int32),
        over=np.zeros(n_nodes + 1, np.int64),
        queue=np.empty(n_nodes + 1, np.int32),
    )


@kernel
def has_free_way(caps: Caps, places: Places, v: int) -> bool:
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
def take_free_way(caps: Caps, places: Places, v: int) -> None:
    """Send one more along the way that `has_free_way` has just found."""
    sink = len(caps.up) - 2
    while v != sink:
        arc = places.way[v]
        places.flow[arc] += 1
        v = caps.head[arc]


@kernel
def sit(rows: Rows, places: Places, p: int, position: int) -> None:
    """Put a learner who sits nowhere on the seat at this position of its row."""
    v = rows.seat[position]
    places.at[p] = position
    places.before[p] = NONE
    places.after[p] = places.first[v]
    if places.first[v] != NONE:
        places.before[places.first[v]] = p
    places.first[v] = p


@kernel
def rise(rows: Rows, places: Places, p: int) -> int:
    """Take a learner off its seat; the seat it had, or −1."""
    if places.at[p] < 0:
        return NONE
    v = int(rows.seat[places.at[p]])
    if places.before[p] == NONE:
        places.first[v] = places.after[p]
    else:
        places.after[places.before[p]] = places.after[p]
    if places.after[p] != NONE:
        places.before[places.after[p]] = places.before[p]
    places.at[p] = NONE
    return v


@kernel
def walk_back(rows: Rows, caps: Caps, places: Places, by: Ids, over: Ints, end: int) -> None:
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


@kernel
def fill_seats(rows: Rows, caps: Caps, places: Places, trail: Trail) -> None:
    """Place as many learners as possible. Afterwards `trail.seen` is DEAD on what the unplaced ones reach."""
    n_learners = len(places.at)
    for p in range(n_learners):
        for position in range(rows.start[p], rows.start[p + 1]):
            if has_free_way(caps, places, rows.seat[position]):
                take_free_way(caps, places, rows.seat[position])
                sit(rows, places, p, position)
                break
    search = 0
    for p in range(n_learners):
        if places.at[p] == NONE:
            search += 1
            _augment(rows, caps, places, trail, p, search)


@kernel
def _augment(rows: Rows, caps: Caps, places: Places, trail: Trail, learner: int, search: int) -> bool:
    """Search from the learner for a seat with a free way; on success everyone on the path moves."""
    return _search(rows, caps, places, trail, search, _look_along(rows, caps, places, trail, learner, search, 0))


@kernel
def route(rows: Rows, caps: Caps, places: Places, trail: Trail, v: int, search: int) -> bool:
    """Send one more up from node v, moving others to other ways if it helps."""
    return _search(rows, caps, places, trail, search, _see(caps, places, trail, v, START, 0, search, 0))


@kernel
def _search(rows: Rows, caps: Caps, places: Places, trail: Trail, search: int, count: int) -> bool:
    """Search on from what is queued, or carry out the path when `count` says that an end is found."""
    done = 0
    while done < count:
        v = trail.queue[done]
        done += 1
        p = places.first[v]
        while p != NONE and count >= 0:
            count = _look_along(rows, caps, places, trail, p, search, count)
            p = places.after[p]
        if count >= 0:
            count = _look_up_and_down(caps, places, trail, v, search, count)
    if count < 0:
        walk_back(rows, caps, places, trail.by, trail.over, ~count)
        return True
    for k in range(count):
        trail.seen[trail.queue[k]] = DEAD
    return False


@kernel
def _look_up_and_down(caps: Caps, places: Places, trail: Trail, v: int, search: int, count: int) -> int:
    sink = len(caps.up) - 2
    for arc in range(caps.up[v], caps.up[v + 1]):
        w = caps.head[arc]
        if w != sink and trail.seen[w] < search and places.flow[arc] < caps.seats[arc]:
            count = _see(caps, places, trail, w, FROM_BELOW, arc, search, count)
            if count < 0:
                return count
    for k in range(caps.down[v], caps.down[v + 1]):
        arc = caps.down_arc[k]
        w = caps.tail[arc]
        if trail.seen[w] < search and places.flow[arc] > 0:
            count = _see(caps, places, trail, w, FROM_ABOVE, arc, search, count)
            if count < 0:
                return count
    return count


@kernel
def _look_along(rows: Rows, caps: Caps, places: Places, trail: Trail, p: int, search: int, count: int) -> int:
    for position in range(rows.start[p], rows.start[p + 1]):
        v = rows.seat[position]
        if trail.seen[v] < search:
            count = _see(caps, places, trail, v, p, position, search, count)
            if count < 0:
                return count
    return count


@kernel
def _see(caps: Caps, places: Places, trail: Trail, v: int, by: int, over: int, search: int, count: int) -> int:
    """Note how the search came to v and queue it; the new length of the queue, or ~v where a way is free."""
    trail.seen[v], trail.by[v], trail.over[v] = search, by, over
    if has_free_way(caps, places, v):
        return ~v
    trail.queue[count] = v
    return count + 1
