"""Outside the shortage everyone has a place: shortest augmenting paths from each learner to the nearest free seat.

Prices y ≥ 0 start at 0. A learner with place v pays u = c + y_v. Invariants after every path, for the learners so far:
c + y_w ≥ u for all their arcs; y_v ≤ y_h over a capacity arc v → h with room, y_v ≥ y_h over one in use. These are the
conditions of optimality, so the flow is a cheapest one for those learners. And the prices are the least there are:
every node with a price is reached at no cost from a free seat. So in the end they do not depend on the order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import Index, kernel
from placements.allocation.core.heap import OUT, Search, reach, rise_to, take_nearest
from placements.allocation.core.layout import Caps, Costs, Rows, arc_cost
from placements.allocation.core.places import (
    FROM_ABOVE,
    FROM_BELOW,
    NONE,
    START,
    Places,
    has_free_way,
    take_free_way,
    walk_back,
)
from placements.allocation.core.words import Words, add, infinite, less, load, store, subtract

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]
# Size of the heap, then distance and node of the nearest end.
Best = tuple[Index, Words, Index]


class Outside(NamedTuple):
    """What the searches outside the shortage work on."""

    words: Words
    rows: Rows
    costs: Costs
    caps: Caps
    places: Places
    price: Ints
    search: Search


@kernel
def place_outside(o: Outside, learners: Ids, inflow: Ids) -> Index:
    """Give each of `learners` a place at the least total cost; how many found none, which is 0 after a maximum flow.

    `search.seen` is BARRED on the nodes of the shortage. `inflow[v]` of its learners come up into node v.
    """
    lost = 0
    number = 0
    for v in range(len(inflow)):
        for _ in range(inflow[v]):
            if has_free_way(o.caps, o.places, v):
                take_free_way(o.caps, o.places, v)
            else:
                number += 1
                root = np.int32(v)
                best = _see(o, number, root, load(o.words, o.price, root), START, np.int64(0), _no_end(o.words))
                lost += not _augment(o, number, best)
    for p in learners:
        number += 1
        best = _look_along(o, number, p, o.words, _no_end(o.words))
        lost += not _augment(o, number, best)
    return lost


@kernel
def _no_end(words: Words) -> Best:
    return (np.int64(0), infinite(words), NONE)


@kernel
def _augment(o: Outside, number: Index, best: Best) -> bool:
    """Search on from what is in the heap to the nearest end; move everyone on the path, raise the prices."""
    words, s = o.words, o.search
    count = 0
    while best[0] > 0 and less(load(words, s.distance, s.heap[0]), best[1]):
        v = take_nearest(s, words, best[0])
        best = (best[0] - 1, best[1], best[2])
        s.settled[count] = v
        count += 1
        way = subtract(load(words, s.distance, v), load(words, o.price, v))
        p = o.places.first[v]
        while p != NONE:
            paid = arc_cost(words, o.costs, o.rows.code[o.places.at[p]], p, v)
            best = _look_along(o, number, p, subtract(way, paid), best)
            p = o.places.after[p]
        best = _look_up_and_down(o, number, v, way, best)
    if best[2] == NONE:
        return False
    for k in range(count):
        v = s.settled[k]
        risen = subtract(best[1], load(words, s.distance, v))
        store(o.price, v, add(load(words, o.price, v), risen))
    walk_back(o.rows, o.caps, o.places, s.by, s.over, best[2])
    return True


@kernel
def _look_along(o: Outside, number: Index, p: Index, way: Words, best: Best) -> Best:
    """Where else learner p could go, `way` being the cost so far; the row is sorted and prices are ≥ 0."""
    for position in range(o.rows.start[p], o.rows.start[p + 1]):
        code = o.rows.code[position]
        first = way[0] + o.costs.table[code, 0]
        if first > best[1][0]:
            break
        v = o.rows.seat[position]
        # Most arcs fall at the first word, before anything is drawn.
        if o.search.seen[v] > number or first + o.price[v, 0] > best[1][0]:
            continue
        reached = add(way, arc_cost(o.words, o.costs, code, p, v))
        if not less(reached, best[1]):
            break
        reached = add(reached, load(o.words, o.price, v))
        if less(reached, best[1]):
            best = _see(o, number, v, reached, p, position, best)
    return best


@kernel
def _look_up_and_down(o: Outside, number: Index, v: Index, way: Words, best: Best) -> Best:
    """On over capacity arcs with room, and back over arcs in use: one who came that way goes another."""
    caps, flow, seen = o.caps, o.places.flow, o.search.seen
    sink = len(caps.up) - 2
    for arc in range(caps.up[v], caps.up[v + 1]):
        w = caps.head[arc]
        if w != sink and flow[arc] < caps.seats[arc] and seen[w] <= number:
            reached = add(way, load(o.words, o.price, w))
            if less(reached, best[1]):
                best = _see(o, number, w, reached, FROM_BELOW, np.int64(arc), best)
    for k in range(caps.down[v], caps.down[v + 1]):
        arc = caps.down_arc[k]
        w = caps.tail[arc]
        if flow[arc] > 0 and seen[w] <= number:
            reached = add(way, load(o.words, o.price, w))
            if less(reached, best[1]):
                best = _see(o, number, w, reached, FROM_ABOVE, np.int64(arc), best)
    return best


@kernel
def _see(o: Outside, number: Index, v: Index, distance: Words, by: Index, over: Index, best: Best) -> Best:
    """Note a way to v if it is the shortest so far, and queue v, or make it the nearest end if its way is free."""
    s, size = o.search, best[0]
    if s.seen[v] == number:
        if not less(distance, load(o.words, s.distance, v)):
            return best
        reach(s, v, distance, by, over)
        if s.place[v] != OUT:
            rise_to(s, o.words, v, np.int64(s.place[v]))
            return best
        return (size, distance, v)  # an end seen before
    s.seen[v] = number
    reach(s, v, distance, by, over)
    if has_free_way(o.caps, o.places, v):
        s.place[v] = OUT
        return (size, distance, v)
    rise_to(s, o.words, v, size)
    return (size + 1, best[1], best[2])
