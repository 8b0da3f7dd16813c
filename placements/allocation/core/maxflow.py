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
MET, OPEN, DOUBT = 0, 1, 2


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
    """What the searches know of each node: which search saw it, and how that came there: by whom and over which arc.

    `met` lists the nodes that the present search saw and `open` those it has still to look at; `sizes` holds the two
    lengths, and whether the search stopped at a node that an earlier search of the same phase saw.
    """

    seen: Ids
    by: Ids
    over: Ints
    met: Ids
    open: Ids
    sizes: Ints


def new_trail(n_nodes: int) -> Trail:
    return Trail(
        seen=np.zeros(n_nodes + 1, np.int32),
        by=np.full(n_nodes + 1, NONE, np.int32),
        over=np.zeros(n_nodes + 1, np.int64),
        met=np.empty(n_nodes + 1, np.int32),
        open=np.empty(n_nodes + 1, np.int32),
        sizes=np.zeros(3, np.int64),
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
def fill_seats(rows: Rows, caps: Caps, places: Places, trail: Trail, waiting: Ids) -> None:
    """Place as many learners as possible. Afterwards `trail.seen` is DEAD on what the unplaced ones reach.

    `waiting` is scratch, one entry per learner. Searches share the marks of their phase, so that a phase looks at each
    node once; a failure that stopped at the mark of another search is tried again in the next phase.
    """
    count = 0
    for p in range(len(places.at)):
        for position in range(rows.start[p], rows.start[p + 1]):
            if has_free_way(caps, places, rows.seat[position]):
                take_free_way(caps, places, rows.seat[position])
                sit(rows, places, p, position)
                break
        if places.at[p] == NONE:
            waiting[count] = p
            count += 1
    search = 0
    while count > 0:
        phase = search + 1
        doubtful = 0
        for k in range(count):
            search += 1
            trail.sizes[:] = 0
            end = _look_along(rows, caps, places, trail, waiting[k], phase, search)
            if not _search(rows, caps, places, trail, phase, search, end) and trail.sizes[DOUBT]:
                waiting[doubtful] = waiting[k]
                doubtful += 1
        count = doubtful


@kernel
def route(rows: Rows, caps: Caps, places: Places, trail: Trail, v: int, search: int) -> bool:
    """Send one more up from node v, moving others to other ways if it helps."""
    trail.sizes[:] = 0
    end = _see(caps, places, trail, v, START, 0, search)
    return _search(rows, caps, places, trail, search, search, end)


@kernel
def _search(rows: Rows, caps: Caps, places: Places, trail: Trail, phase: int, search: int, end: int) -> bool:
    """Search on, newest node first, until an end is found, and carry out the path; else call what was seen dead."""
    while end == NONE and trail.sizes[OPEN] > 0:
        trail.sizes[OPEN] -= 1
        v = trail.open[trail.sizes[OPEN]]
        p = places.first[v]
        while p != NONE and end == NONE:
            end = _look_along(rows, caps, places, trail, p, phase, search)
            p = places.after[p]
        if end == NONE:
            end = _look_up_and_down(caps, places, trail, v, phase, search)
    if end != NONE:
        walk_back(rows, caps, places, trail.by, trail.over, end)
        return True
    if not trail.sizes[DOUBT]:
        for k in range(trail.sizes[MET]):
            trail.seen[trail.met[k]] = DEAD
    return False


@kernel
def _look_along(rows: Rows, caps: Caps, places: Places, trail: Trail, p: int, phase: int, search: int) -> int:
    for position in range(rows.start[p], rows.start[p + 1]):
        v = rows.seat[position]
        if _is_new(trail, v, phase, search) and _see(caps, places, trail, v, p, position, search) != NONE:
            return v
    return NONE


@kernel
def _look_up_and_down(caps: Caps, places: Places, trail: Trail, v: int, phase: int, search: int) -> int:
    sink = len(caps.up) - 2
    for arc in range(caps.up[v], caps.up[v + 1]):
        w = caps.head[arc]
        if w != sink and places.flow[arc] < caps.seats[arc] and _is_new(trail, w, phase, search):
            _see(caps, places, trail, w, FROM_BELOW, arc, search)  # v has no free way, so w has none
    for k in range(caps.down[v], caps.down[v + 1]):
        arc = caps.down_arc[k]
        w = caps.tail[arc]
        if (
            places.flow[arc] > 0
            and _is_new(trail, w, phase, search)
            and _see(caps, places, trail, w, FROM_ABOVE, arc, search) != NONE
        ):
            return w
    return NONE


@kernel
def _is_new(trail: Trail, v: int, phase: int, search: int) -> bool:
    """Whether no search of the phase has seen v; one that stops at another's mark knows less than it could."""
    seen = trail.seen[v]
    if phase <= seen < search:
        trail.sizes[DOUBT] = 1
    return seen < phase


@kernel
def _see(caps: Caps, places: Places, trail: Trail, v: int, by: int, over: int, search: int) -> int:
    """Note how the search came to v; v if there is a free way from it, else NONE, and v is to be looked at."""
    trail.seen[v], trail.by[v], trail.over[v] = search, by, over
    if has_free_way(caps, places, v):
        return v
    trail.met[trail.sizes[MET]] = v
    trail.sizes[MET] += 1
    trail.open[trail.sizes[OPEN]] = v
    trail.sizes[OPEN] += 1
    return NONE
