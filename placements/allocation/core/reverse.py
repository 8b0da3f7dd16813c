"""Inside the shortage every seat goes: from each seat unit a search back to the nearest learner without a place.

Every arc out of the shortage X is full in every maximum flow, so its units are sent one by one, each found a learner:
a vacancy at a seat is filled by an unplaced learner, which ends the search, or by one placed elsewhere, whose old
seat becomes the vacancy. There are more learners than seats here, so these searches are short, exactly where searching
from the learners is slow.

Prices y ≤ 0 start at 0 and an unplaced learner is worth 0. Invariants after every path: c + y_v ≥ u for all arcs of
the learners in X, u being 0 without a place and c + y with one, and u ≤ 0; y_v ≤ y_h over a capacity arc v → h
with room, y_v ≥ y_h over one in use. An arc out of X sets no condition: it is full for the sake of the number placed.
The prices are the highest ≤ 0 there are, so they do not depend on the order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.columns import Columns
from placements.allocation.core.compiled import Index, kernel
from placements.allocation.core.heap import Search, reach, rise_to, take_nearest
from placements.allocation.core.layout import Caps, Costs, arc_cost
from placements.allocation.core.places import FROM_ABOVE, FROM_BELOW, NONE, NOTHING, START
from placements.allocation.core.words import Words, add, infinite, less, load, store, subtract

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]

# Size of the heap, then distance of the nearest end, its learner, and the seat that learner takes.
Best = tuple[Index, Words, Index, Index]


class Inside(NamedTuple):
    """What the searches inside the shortage work on.

    `seat[p]` and `code[p]` are the learner's place, NONE without one. `hope[v]` is the position in v's column before
    which everybody has a place; it only moves on, as nobody loses a place again.
    """

    words: Words
    columns: Columns
    costs: Costs
    caps: Caps
    flow: Ids
    price: Ints
    search: Search
    seat: Ids
    code: Ids
    hope: Ints


@kernel
def fill_inside(i: Inside, cuts: Ids) -> Index:
    """Send all the units of the arcs out of the shortage, `cuts`; how many found no learner, which is 0."""
    lost = 0
    number = 0
    for cut in cuts:
        for _ in range(i.caps.seats[cut]):
            number += 1
            lost += not _augment(i, cut, number)
    return lost


@kernel
def _augment(i: Inside, cut: Index, number: Index) -> bool:
    """Search back from the tail of a cut arc to the nearest unplaced learner; move everyone, lower the prices."""
    words, s = i.words, i.search
    best: Best = (np.int64(0), infinite(words), NONE, NONE)
    best = _see(i, number, i.caps.tail[cut], words, START, NOTHING, NOTHING, best)
    count = 0
    while best[0] > 0 and less(load(words, s.distance, s.heap[0]), best[1]):
        v = take_nearest(s, words, best[0])
        best = (best[0] - 1, best[1], best[2], best[3])
        s.settled[count] = v
        count += 1
        way = add(load(words, s.distance, v), load(words, i.price, v))
        if v < len(i.hope):
            best = _look_along(i, number, v, way, best)
        best = _look_down_and_up(i, number, v, way, best)
    if best[2] == NONE:
        return False
    for k in range(count):
        v = s.settled[k]
        fallen = subtract(best[1], load(words, s.distance, v))
        store(i.price, v, subtract(load(words, i.price, v), fallen))
    i.flow[cut] += 1
    _walk_back(i, best[2], best[3])
    return True


@kernel
def _look_along(i: Inside, number: Index, v: Index, way: Words, best: Best) -> Best:
    """Who could fill the vacancy at v: learners placed elsewhere, up to the first without a place (`_see`)."""
    costs, columns, words = i.costs, i.columns, i.words
    for position in range(columns.start[v], columns.end[v]):
        code = columns.code[position]
        if way[0] + costs.table[code, 0] > best[1][0]:
            break
        p = columns.learner[position]
        reached = add(way, arc_cost(words, costs, code, p, v))
        if not less(reached, best[1]):
            break
        w = i.seat[p]  # not NONE: the first learner without a place is an end, and nobody dearer gets this far
        if w != v:
            paid = add(arc_cost(words, costs, i.code[p], p, w), load(words, i.price, w))
            reached = subtract(reached, paid)
            if less(reached, best[1]):
                best = _see(i, number, w, reached, p, v, code, best)
    return best


@kernel
def _look_down_and_up(i: Inside, number: Index, v: Index, way: Words, best: Best) -> Best:
    """A vacancy at v is filled from below, or by one who goes up another way from v and leaves a vacancy there."""
    caps, words = i.caps, i.words
    sink = len(caps.up) - 2
    for k in range(caps.down[v], caps.down[v + 1]):
        arc = caps.down_arc[k]
        w = caps.tail[arc]
        if i.flow[arc] < caps.seats[arc] and i.search.seen[w] <= number:
            reached = subtract(way, load(words, i.price, w))
            if less(reached, best[1]):
                best = _see(i, number, w, reached, FROM_ABOVE, np.int32(arc), NOTHING, best)
    for arc in range(caps.up[v], caps.up[v + 1]):
        w = caps.head[arc]
        if w != sink and i.flow[arc] > 0 and i.search.seen[w] <= number:
            reached = subtract(way, load(words, i.price, w))
            if less(reached, best[1]):
                best = _see(i, number, w, reached, FROM_BELOW, np.int32(arc), NOTHING, best)
    return best


@kernel
def _see(i: Inside, number: Index, v: Index, distance: Words, by: Index, over: Index, code: Index, best: Best) -> Best:
    """Note a way to a vacancy at v if it is the shortest so far; its best unplaced learner may be the nearest end."""
    words, s, size = i.words, i.search, best[0]
    fresh = s.seen[v] < number
    if not fresh and not less(distance, load(words, s.distance, v)):
        return best
    reach(s, v, distance, by, over)
    s.code[v] = code
    if fresh:
        s.seen[v] = number
        rise_to(s, words, v, size)
        size += 1
    else:
        rise_to(s, words, v, np.int64(s.place[v]))
    if v < len(i.hope):
        position = i.hope[v]
        last = i.columns.end[v]
        while position < last and i.seat[i.columns.learner[position]] != NONE:
            position += 1
        i.hope[v] = position
        if position < last:
            p = i.columns.learner[position]
            end = add(distance, add(load(words, i.price, v), arc_cost(words, i.costs, i.columns.code[position], p, v)))
            if less(end, best[1]):
                return (size, end, p, v)
    return (size, best[1], best[2], best[3])


@kernel
def _walk_back(i: Inside, learner: Index, v: Index) -> None:
    """Carry out the path: the learner takes v, whoever left v takes the seat the search came from, and so on."""
    s = i.search
    i.seat[learner] = v
    position = i.hope[v]
    i.code[learner] = i.columns.code[position]
    while s.by[v] != START:
        if s.by[v] == FROM_ABOVE:
            i.flow[s.over[v]] += 1
            v = i.caps.head[s.over[v]]
        elif s.by[v] == FROM_BELOW:
            i.flow[s.over[v]] -= 1
            v = i.caps.tail[s.over[v]]
        else:
            p = s.by[v]
            i.seat[p], i.code[p] = s.over[v], s.code[v]
            v = s.over[v]
