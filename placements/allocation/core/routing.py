"""One and the same flow above the seats for the same places, where a node has more than one way up."""

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import kernel
from placements.allocation.core.layout import Caps, Rows
from placements.allocation.core.maxflow import Places, Trail, route

Ids = NDArray[np.int32]


def branches(caps: Caps) -> bool:
    """Whether some node has several ways up; in a forest the places decide the flow."""
    return bool((np.diff(caps.up[:-1]) > 1).any())


@kernel
def routed(rows: Rows, caps: Caps, empty: Places, trail: Trail, occupied: Ids) -> bool:
    """Send `occupied[v]` learners up from each seat node in turn, into the flow of `empty`; whether they all fit."""
    search = 0
    for v in range(len(occupied)):
        for _ in range(occupied[v]):
            search += 1
            if not route(rows, caps, empty, trail, v, search):
                return False
    return True
