"""How many learners can have a seat at all, and which nodes the unplaced ones reach.

A greedy start gives most of them a place. Then searches back from each free seat look for a learner without a place:
a vacancy at a seat is filled by anyone who may sit there, whose own seat becomes the vacancy. Where there are more
learners than seats, someone without a place is never far away.

Invariant: a node that a failed search passed leads back to no unplaced learner, now or later, since all it reaches was
passed with it and no later path can enter. Such nodes are IDLE for good, so failed searches together cost one pass.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.columns import Columns
from placements.allocation.core.compiled import Index, kernel
from placements.allocation.core.layout import Caps, Rows
from placements.allocation.core.places import (
    FROM_ABOVE,
    FROM_BELOW,
    NONE,
    NOTHING,
    START,
    Places,
    has_free_way,
    take_free_way,
)

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

IDLE = 2**31 - 1


class Filling(NamedTuple):
    """A flow on its way to the maximum: `seat[p]` of each learner or NONE, and `flow` on the capacity arcs.

    `hope[v]` is the position in v's column before which everybody has a place; it only moves on, as nobody loses a
    place again. `seen`, `by` and `over` say which search came to a node last, and how.
    """

    columns: Columns
    caps: Caps
    flow: Ids
    seat: Ids
    hope: Ints
    seen: Ids
    by: Ids
    over: Ids
    queue: Ids
    size: Ints


def new_filling(columns: Columns, caps: Caps, n_learners: int, flow: Ids) -> Filling:
    """Nobody sits anywhere."""
    nodes = len(caps.up) - 2
    return Filling(
        columns=columns,
        caps=caps,
        flow=flow,
        seat=np.full(n_learners, NONE, np.int32),
        hope=columns.start[:-1].copy(),
        seen=np.zeros(nodes, np.int32),
        by=np.empty(nodes, np.int32),
        over=np.empty(nodes, np.int32),
        queue=np.empty(nodes, np.int32),
        size=np.zeros(1, np.int64),
    )


@kernel
def fill_greedily(rows: Rows, caps: Caps, places: Places, seat: Ids) -> None:
    """Give learners in turn the first seat with a free way."""
    for p in range(len(seat)):
        for position in range(rows.start[p], rows.start[p + 1]):
            v = rows.seat[position]
            if has_free_way(caps, places, v):
                take_free_way(caps, places, v)
                seat[p] = v
                break


@kernel
def fill_back(f: Filling) -> None:
    """Place as many more as possible, from each free unit of the arcs to the sink."""
    caps = f.caps
    sink = len(caps.up) - 2
    search = 0
    for k in range(caps.down[sink], caps.down[sink + 1]):
        arc = caps.down_arc[k]
        found = True
        while found and f.flow[arc] < caps.seats[arc] and f.seen[caps.tail[arc]] != IDLE:
            search += 1
            found = _augment(f, caps.tail[arc], search)
            f.flow[arc] += found


@kernel
def _augment(f: Filling, root: Index, search: Index) -> bool:
    """Search back from a vacancy at the root for an unplaced learner; on success everyone on the path moves."""
    f.size[0] = 0
    end = _see(f, root, START, NOTHING, search)
    done = 0
    while end == NONE and done < f.size[0]:
        v = f.queue[done]
        done += 1
        end = _look_down_and_up(f, v, search)
        if end == NONE and v < len(f.hope):
            end = _look_along(f, v, search)
    if end == NONE:
        for k in range(done):
            f.seen[f.queue[k]] = IDLE
        return False
    _walk_back(f, end)
    return True


@kernel
def _look_down_and_up(f: Filling, v: Index, search: Index) -> Index:
    """A vacancy at v is filled from below, or by one who goes up another way from v and leaves a vacancy there."""
    caps = f.caps
    sink = len(caps.up) - 2
    for k in range(caps.down[v], caps.down[v + 1]):
        arc = caps.down_arc[k]
        w = caps.tail[arc]
        if (
            f.seen[w] < search
            and f.flow[arc] < caps.seats[arc]
            and _see(f, w, FROM_ABOVE, np.int32(arc), search) != NONE
        ):
            return w
    for arc in range(caps.up[v], caps.up[v + 1]):
        w = caps.head[arc]
        if (
            w != sink
            and f.seen[w] < search
            and f.flow[arc] > 0
            and _see(f, w, FROM_BELOW, np.int32(arc), search) != NONE
        ):
            return w
    return NONE


@kernel
def _look_along(f: Filling, v: Index, search: Index) -> Index:
    """Everyone with an arc to v sits somewhere, or the search had ended there."""
    for position in range(f.columns.start[v], f.columns.start[v + 1]):
        p = f.columns.learner[position]
        w = f.seat[p]
        if f.seen[w] < search and _see(f, w, p, v, search) != NONE:
            return w
    return NONE


@kernel
def _see(f: Filling, v: Index, by: Index, over: Index, search: Index) -> Index:
    """Note how the search came to v; v if an unplaced learner can sit there, else NONE, and v joins the queue."""
    f.seen[v], f.by[v], f.over[v] = search, by, over
    if v < len(f.hope):
        position, last = f.hope[v], f.columns.start[v + 1]
        while position < last and f.seat[f.columns.learner[position]] != NONE:
            position += 1
        f.hope[v] = position
        if position < last:
            return v
    f.queue[f.size[0]] = v
    f.size[0] += 1
    return NONE


@kernel
def _walk_back(f: Filling, end: Index) -> None:
    f.seat[f.columns.learner[f.hope[end]]] = end
    v = end
    while f.by[v] != START:
        over = f.over[v]
        if f.by[v] == FROM_ABOVE:
            f.flow[over] += 1
            v = f.caps.head[over]
        elif f.by[v] == FROM_BELOW:
            f.flow[over] -= 1
            v = f.caps.tail[over]
        else:
            f.seat[f.by[v]] = over
            v = over


@kernel
def mark_shortage(rows: Rows, f: Filling, short: Bools, first: Ids, after: Ids) -> None:
    """Mark the nodes that the learners without a place reach. `first` and `after`, all NONE, become lists by seat."""
    f.size[0] = 0
    for p in range(len(f.seat)):
        if f.seat[p] == NONE:
            _reach_along(rows, f, p, short)
        else:
            after[p], first[f.seat[p]] = first[f.seat[p]], p
    caps = f.caps
    sink = len(caps.up) - 2
    done = 0
    while done < f.size[0]:
        v = f.queue[done]
        done += 1
        p = first[v]
        while p != NONE:
            _reach_along(rows, f, p, short)
            p = after[p]
        for arc in range(caps.up[v], caps.up[v + 1]):
            if caps.head[arc] != sink and f.flow[arc] < caps.seats[arc]:
                _reach(f, caps.head[arc], short)
        for k in range(caps.down[v], caps.down[v + 1]):
            if f.flow[caps.down_arc[k]] > 0:
                _reach(f, caps.tail[caps.down_arc[k]], short)


@kernel
def _reach_along(rows: Rows, f: Filling, p: Index, short: Bools) -> None:
    for position in range(rows.start[p], rows.start[p + 1]):
        _reach(f, rows.seat[position], short)


@kernel
def _reach(f: Filling, v: Index, short: Bools) -> None:
    if not short[v]:
        short[v] = True
        f.queue[f.size[0]] = v
        f.size[0] += 1
