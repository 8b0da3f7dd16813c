"""One and the same flow above the seats for the same places, where a node has more than one way up."""

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import kernel
from placements.allocation.core.layout import Caps
from placements.allocation.core.places import FROM_ABOVE, FROM_BELOW, START, Places, has_free_way, take_free_way

Ids = NDArray[np.int32]


def branches(caps: Caps) -> bool:
    """Whether some node has several ways up; in a forest the places decide the flow."""
    return bool((np.diff(caps.up[:-1]) > 1).any())


@kernel
def routed(caps: Caps, empty: Places, occupied: Ids, trail: tuple[Ids, Ids, Ids, Ids]) -> bool:
    """Send `occupied[v]` learners up from each seat node in turn, into the flow of `empty`; whether they all fit.

    `trail` is scratch of one entry per node, all 0: when seen, how and over which arc; and a queue.
    """
    search = 0
    for v in range(len(occupied)):
        for _ in range(occupied[v]):
            if has_free_way(caps, empty, v):
                take_free_way(caps, empty, v)
            else:
                search += 1
                if not _reroute(caps, empty, v, search, trail):
                    return False
    return True


@kernel
def _reroute(caps: Caps, places: Places, root: int, search: int, trail: tuple[Ids, Ids, Ids, Ids]) -> bool:
    """Find room for one more at the root by sending others another way."""
    seen, by, over, queue = trail
    sink = len(caps.up) - 2
    seen[root], by[root], queue[0] = search, START, root
    done, count = 0, 1
    while done < count:
        v = queue[done]
        done += 1
        if has_free_way(caps, places, v):
            _walk_back(caps, places, by, over, v)
            return True
        for arc in range(caps.up[v], caps.up[v + 1]):
            w = caps.head[arc]
            if w != sink and seen[w] < search and places.flow[arc] < caps.seats[arc]:
                seen[w], by[w], over[w], queue[count] = search, FROM_BELOW, arc, w
                count += 1
        for k in range(caps.down[v], caps.down[v + 1]):
            arc = caps.down_arc[k]
            w = caps.tail[arc]
            if seen[w] < search and places.flow[arc] > 0:
                seen[w], by[w], over[w], queue[count] = search, FROM_ABOVE, arc, w
                count += 1
    return False


@kernel
def _walk_back(caps: Caps, places: Places, by: Ids, over: Ids, end: int) -> None:
    take_free_way(caps, places, end)
    v = end
    while by[v] != START:
        if by[v] == FROM_BELOW:
            places.flow[over[v]] += 1
            v = caps.tail[over[v]]
        else:
            places.flow[over[v]] -= 1
            v = caps.head[over[v]]
