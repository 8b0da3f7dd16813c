"""The search state of a shortest-path search: distances, how each node was reached, and a heap of what is next."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import Index, kernel
from placements.allocation.core.words import Words, less, load, store

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]

# Marks nodes that a search must never enter.
BARRED = np.int32(2**31 - 1)
OUT = -1


class Search(NamedTuple):
    """`seen[v]` is the number of the search that last reached v; what else stands at v is from that search.

    `by`, `over` and `code` say who came there and how. `heap` is a binary heap of nodes by distance and `place[v]`
    where v stands in it, OUT when it is settled or an end. `settled` lists the nodes taken out.
    """

    distance: Ints
    seen: Ids
    by: Ids
    over: Ints
    code: Ids
    heap: Ids
    place: Ids
    settled: Ids


def new_search(n_nodes: int, words: int) -> Search:
    return Search(
        distance=np.zeros((n_nodes, words), np.int64),
        seen=np.zeros(n_nodes, np.int32),
        by=np.zeros(n_nodes, np.int32),
        over=np.zeros(n_nodes, np.int64),
        code=np.zeros(n_nodes, np.int32),
        heap=np.empty(n_nodes, np.int32),
        place=np.full(n_nodes, OUT, np.int32),
        settled=np.empty(n_nodes, np.int32),
    )


@kernel
def rise_to(s: Search, words: Words, v: Index, at: Index) -> None:
    """Put v at this place of the heap or nearer the top, where its distance belongs."""
    key = load(words, s.distance, v)
    while at > 0:
        parent = (at - 1) >> 1
        u = s.heap[parent]
        if not less(key, load(words, s.distance, u)):
            break
        s.heap[at] = u
        s.place[u] = at
        at = parent
    s.heap[at] = v
    s.place[v] = at


@kernel
def take_nearest(s: Search, words: Words, size: Index) -> Index:
    """Take the nearest node out of a heap of this size."""
    top = s.heap[0]
    s.place[top] = OUT
    size -= 1
    if size > 0:
        v: Any = s.heap[size]
        key = load(words, s.distance, v)
        at = 0
        child = 1
        while child < size:
            if child + 1 < size and less(
                load(words, s.distance, s.heap[child + 1]), load(words, s.distance, s.heap[child])
            ):
                child += 1
            u = s.heap[child]
            if not less(load(words, s.distance, u), key):
                break
            s.heap[at] = u
            s.place[u] = at
            at = child
            child = 2 * at + 1
        s.heap[at] = v
        s.place[v] = at
    return top


@kernel
def reach(s: Search, v: Index, distance: Words, by: Index, over: Index) -> None:
    """Write down a way to v."""
    store(s.distance, v, distance)
    s.by[v] = by
    s.over[v] = over
