"""Compiled searches that repair an optimum after one change: a unit too many is pushed on, one too few is pulled in.

The nodes are those of the problem, then one per group (where the unplaced sit; without groups all sit in one), then
the sink. A step between two nodes is a learner who moves, or a capacity arc used more or less. Steps are compared by
their reduced costs: cost + price of the node reached − price of the node left, never negative in an optimum.
"""

from typing import NamedTuple

from numba import njit

from placements.allocation.graph import Indices
from placements.allocation.problem import Bools, Ints

# What a step is: a learner takes the arc `via`, learner `via` gives up its place, a capacity arc carries one more or
# one fewer, a group has one more or one fewer without a place.
TAKES, GIVES_UP, UP, DOWN, MORE_LEFT, FEWER_LEFT = range(6)
GONE, WAITING = -2, -1  # `used` of a learner that is not there, and of one without a place
NOBODY = -1


class Net(NamedTuple):
    """An optimum with its prices. K levels, the first is "unplaced"; `groups` begin at node `first_group`.

    | field | shape | meaning |
    |---|---|---|
    | `row`, `seat`, `who`, `cost` | [n + 1], [m], [m], [m, K − 1] | arcs by learner; costs after the first level |
    | `column`, `rows`, `more`, `next` | [seats + 1], [m], [seats], [late arcs] | by seat node; late ones as lists |
    | `group`, `member`, `members`, `more_members`, `next_member` | | learners by group, the same way |
    | `used`, `at`, `fixed` | [n] | position of the arc used or WAITING or GONE; the node; locked |
    | `head_of`, `after`, `before` | [nodes], [n], [n] | who sits on each node, a list in both directions |
    | `up`, `up_arc`, `down`, `down_arc`, `tail`, `head`, `seats`, `flow` | | capacity arcs |
    | `step`, `waiting`, `step_level` | [groups, k], [groups], [1] | cost of the next unplaced, how many, level |
    | `price` | [nodes, K] | |
    """

    row: Ints
    seat: Indices
    who: Indices
    cost: Ints
    column: Ints
    rows: Indices
    more: Indices
    next: Indices
    group: Indices
    member: Ints
    members: Indices
    more_members: Indices
    next_member: Indices
    used: Indices
    at: Indices
    fixed: Bools
    head_of: Indices
    after: Indices
    before: Indices
    up: Ints
    up_arc: Indices
    down: Ints
    down_arc: Indices
    tail: Indices
    head: Indices
    seats: Ints
    flow: Ints
    step: Ints
    waiting: Ints
    step_level: Ints
    price: Ints


class Work(NamedTuple):
    """One search: distances with the step each came by, a heap, and what was done, so that it can be undone."""

    far: Ints  # [nodes, K]
    came: Indices  # [nodes] the node before
    kind: Indices
    via: Indices
    place: Indices  # in the heap, −1 once settled
    stamp: Ints
    heap: Indices
    settled: Indices
    base: Ints  # [K]
    trial: Ints  # [K]
    tally: Ints  # [now, heap size, settled, moves done, prices changed]
    done: Ints  # [moves, 3]: kind, via, what was used before
    changed: Indices  # nodes whose price changed
    was: Ints  # their prices before


NOW, HEAP, SETTLED, DONE, CHANGED = range(5)


@njit(cache=True, nogil=True)
def begin(w: Work) -> None:
    """Forget the last search."""
    w.tally[NOW] += 1
    w.tally[HEAP] = 0
    w.tally[SETTLED] = 0


@njit(cache=True, nogil=True, inline="always")
def _bound(w: Work, node: int, sink: int) -> int:
    """What a way to the node must beat: its best so far, or that to the sink, or NOBODY; GONE when it is settled."""
    if w.stamp[node] == w.tally[NOW]:
        return GONE if w.place[node] < 0 and node != sink else node
    return sink if w.stamp[sink] == w.tally[NOW] else NOBODY


@njit(cache=True, nogil=True)
def offer(n: Net, w: Work, node: int, arc: int, priced: int, origin: int, kind: int, via: int) -> None:
    """A way to `node` at w.base + cost of the arc + price of the node `priced`; kept if it is the best so far.

    `arc` is WAITING for a step to the group, which costs one place; GONE for a step that costs nothing.
    """
    bound = _bound(w, node, len(n.price) - 1)
    w.trial[:] = w.base
    if priced >= 0:
        w.trial[:] += n.price[priced]
    if arc >= 0:
        w.trial[1:] += n.cost[arc]
    elif arc == WAITING:
        w.trial[0] += 1
    if bound != GONE and (bound == NOBODY or _is_less(w.trial, w.far[bound])):
        _keep(w, node, len(n.price) - 1)
        w.came[node], w.kind[node], w.via[node] = origin, kind, via


@njit(cache=True, nogil=True)
def _is_less(left: Ints, right: Ints) -> bool:
    for k in range(len(left)):
        if left[k] != right[k]:
            return left[k] < right[k]
    return False


@njit(cache=True, nogil=True)
def _keep(w: Work, node: int, sink: int) -> None:
    w.far[node] = w.trial
    if node == sink:
        w.stamp[node] = w.tally[NOW]
        return
    if w.stamp[node] != w.tally[NOW]:
        w.stamp[node] = w.tally[NOW]
        w.place[node] = w.tally[HEAP]
        w.tally[HEAP] += 1
    _rise(w, node, w.place[node])


@njit(cache=True, nogil=True)
def _nearer(w: Work, one: int, other: int) -> bool:
    for k in range(w.far.shape[1]):
        if w.far[one, k] != w.far[other, k]:
            return w.far[one, k] < w.far[other, k]
    return False


@njit(cache=True, nogil=True)
def _rise(w: Work, node: int, place: int) -> None:
    while place:
        above = (place - 1) >> 1
        if not _nearer(w, node, w.heap[above]):
            break
        w.heap[place] = w.heap[above]
        w.place[w.heap[place]] = place
        place = above
    w.heap[place] = node
    w.place[node] = place


@njit(cache=True, nogil=True)
def _nearest(w: Work) -> int:
    """Take the nearest node out of the heap and settle it."""
    top = w.heap[0]
    w.tally[HEAP] -= 1
    size, last = w.tally[HEAP], w.heap[w.tally[HEAP]]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _nearer(w, w.heap[below + 1], w.heap[below]):
            below += 1
        if not _nearer(w, w.heap[below], last):
            break
        w.heap[place] = w.heap[below]
        w.place[w.heap[place]] = place
        place = below
    if size:
        w.heap[place] = last
        w.place[last] = place
    w.place[top] = -1
    w.settled[w.tally[SETTLED]] = top
    w.tally[SETTLED] += 1
    return top


@njit(cache=True, nogil=True)
def start_at(n: Net, w: Work, node: int) -> None:
    """Search from (or to) this node."""
    begin(w)
    w.base[:] = 0
    offer(n, w, node, GONE, -1, NOBODY, UP, NOBODY)


@njit(cache=True, nogil=True)
def start_with(n: Net, w: Work, learner: int) -> None:
    """Search from a learner that has no place to sit yet: on one of its seats, or among the waiting."""
    begin(w)
    w.base[:] = 0
    for arc in range(n.row[learner], n.row[learner + 1]):
        offer(n, w, n.seat[arc], arc, n.seat[arc], NOBODY, TAKES, arc)
    group = len(n.head_of) - len(n.waiting) + n.group[learner]
    offer(n, w, group, WAITING, group, NOBODY, GIVES_UP, learner)


@njit(cache=True, nogil=True)
def push(n: Net, w: Work) -> bool:
    """Send the unit the search started with on to the sink at the least cost; False when there is no way."""
    sink = len(n.price) - 1
    while w.tally[HEAP]:
        if w.stamp[sink] == w.tally[NOW] and not _nearer(w, w.heap[0], sink):
            break
        _pass_on(n, w, _nearest(w))
    if w.stamp[sink] != w.tally[NOW]:
        return False
    _reprice(n, w, sink, 1)
    node = sink
    while node != NOBODY:
        _do(n, w, node)
        node = w.came[node]
    return True


@njit(cache=True, nogil=True)
def pull(n: Net, w: Work, also: int) -> int:
    """Fetch a unit to the node the search started at, from the sink or the node `also`; where it came from, or −1."""
    sink = len(n.price) - 1
    found = sink
    while w.tally[HEAP]:
        if w.stamp[sink] == w.tally[NOW] and not _nearer(w, w.heap[0], sink):
            break
        node = _nearest(w)
        if node == also:
            found = node
            break
        _fetch(n, w, node)
    if found == sink and w.stamp[sink] != w.tally[NOW]:
        return NOBODY
    _reprice(n, w, found, -1)
    node = found
    while w.came[node] != NOBODY:
        _do(n, w, node)
        node = w.came[node]
    return found


@njit(cache=True, nogil=True)
def _pass_on(n: Net, w: Work, node: int) -> None:
    """Offer every step a unit on the node can take."""
    group, sink = node - len(n.head_of) + len(n.waiting), len(n.price) - 1
    w.base[:] = w.far[node] - n.price[node]
    if group >= 0:
        w.base[n.step_level[0]] += n.step[group, min(n.waiting[group], n.step.shape[1] - 1)]
        offer(n, w, sink, GONE, -1, node, MORE_LEFT, group)
        # Nothing can be nearer than a sink as near as the node itself, which spares going through all who wait.
        if not _nearer(w, node, sink):
            return
    else:
        for arc in n.up_arc[n.up[node] : n.up[node + 1]]:
            if n.flow[arc] < n.seats[arc]:
                offer(n, w, n.head[arc], GONE, n.head[arc], node, UP, arc)
        for arc in n.down_arc[n.down[node] : n.down[node + 1]]:
            if n.flow[arc] > 0:
                offer(n, w, n.tail[arc], GONE, n.tail[arc], node, DOWN, arc)
    learner = n.head_of[node]
    while learner != NOBODY:
        if not n.fixed[learner]:
            _learner_steps(n, w, node, learner)
        learner = n.after[learner]


@njit(cache=True, nogil=True)
def _learner_steps(n: Net, w: Work, node: int, learner: int) -> None:
    used, sink, levels = n.used[learner], len(n.price) - 1, n.price.shape[1]
    w.base[:] = w.far[node] - n.price[node]
    if used >= 0:
        w.base[1:] -= n.cost[used]
        group = len(n.head_of) - len(n.waiting) + n.group[learner]
        offer(n, w, group, WAITING, group, node, GIVES_UP, learner)
    else:
        w.base[0] -= 1
    for arc in range(n.row[learner], n.row[learner + 1]):
        seat = n.seat[arc]
        bound = _bound(w, seat, sink)
        if bound == GONE:
            continue
        # Most arcs are ruled out here by their first levels, without the cost of a call.
        above = w.base[0] + n.price[seat, 0] - w.far[bound, 0] if bound >= 0 else -1
        for k in range(1, levels):
            if above:
                break
            above = w.base[k] + n.price[seat, k] + n.cost[arc, k - 1] - w.far[bound, k]
        if above < 0 and arc != used:
            offer(n, w, seat, arc, seat, node, TAKES, arc)


@njit(cache=True, nogil=True)
def _fetch(n: Net, w: Work, node: int) -> None:
    """Offer every step by which a unit can come to the node."""
    group = node - len(n.head_of) + len(n.waiting)
    if group >= 0:
        _fetch_unplaced(n, w, node, group, len(n.price) - 1)
        return
    for arc in n.up_arc[n.up[node] : n.up[node + 1]]:
        if n.flow[arc] > 0:
            _come(n, w, node, n.head[arc], DOWN, arc)
    for arc in n.down_arc[n.down[node] : n.down[node + 1]]:
        if n.flow[arc] < n.seats[arc]:
            _come(n, w, node, n.tail[arc], UP, arc)
    if node < len(n.column) - 1:
        _fetch_learners(n, w, node)
        arc = n.more[node]
        while arc != NOBODY:
            _taken_by(n, w, node, arc)
            arc = n.next[arc - len(n.rows)]


@njit(cache=True, nogil=True)
def _come(n: Net, w: Work, node: int, origin: int, kind: int, via: int) -> None:
    w.base[:] = w.far[node] + n.price[node] - n.price[origin]
    offer(n, w, origin, GONE, -1, node, kind, via)


@njit(cache=True, nogil=True)
def _fetch_learners(n: Net, w: Work, node: int) -> None:
    """Those with an arc to the node; most are ruled out by their first levels, without the cost of a call."""
    sink, levels = len(n.price) - 1, n.price.shape[1]
    for arc in n.rows[n.column[node] : n.column[node + 1]]:
        learner = n.who[arc]
        used = n.used[learner]
        if used == GONE:
            continue
        origin = n.at[learner]
        bound = _bound(w, origin, sink)
        if bound == GONE:
            continue
        missing = 1 if used == WAITING else 0
        above = w.far[node, 0] + n.price[node, 0] - n.price[origin, 0] - missing - w.far[bound, 0] if bound >= 0 else -1
        for k in range(1, levels):
            if above:
                break
            above = w.far[node, k] + n.price[node, k] + n.cost[arc, k - 1] - n.price[origin, k] - w.far[bound, k]
            if used >= 0:
                above -= n.cost[used, k - 1]
        if above < 0:
            _taken_by(n, w, node, arc)


@njit(cache=True, nogil=True)
def _taken_by(n: Net, w: Work, node: int, arc: int) -> None:
    """The learner of the arc could come to the node, from where it is."""
    learner = n.who[arc]
    origin, used = n.at[learner], n.used[learner]
    if used == GONE or origin == node or n.fixed[learner]:
        return
    w.base[:] = w.far[node] + n.price[node] - n.price[origin]
    if used >= 0:
        w.base[1:] -= n.cost[used]
    else:
        w.base[0] -= 1
    offer(n, w, origin, arc, -1, node, TAKES, arc)


@njit(cache=True, nogil=True)
def _fetch_unplaced(n: Net, w: Work, node: int, group: int, sink: int) -> None:
    """One learner of the group more without a place, or one fewer of those it has."""
    if n.waiting[group] > 0:
        w.base[:] = w.far[node] + n.price[node]
        w.base[n.step_level[0]] -= n.step[group, min(n.waiting[group] - 1, n.step.shape[1] - 1)]
        offer(n, w, sink, GONE, -1, node, FEWER_LEFT, group)
    # As in _pass_on: this spares going through the whole group.
    if w.stamp[sink] == w.tally[NOW] and not _nearer(w, node, sink):
        return
    for learner in n.members[n.member[group] : n.member[group + 1]]:
        _given_up_by(n, w, node, learner)
    learner = n.more_members[group]
    while learner != NOBODY:
        _given_up_by(n, w, node, learner)
        learner = n.next_member[learner]


@njit(cache=True, nogil=True)
def _given_up_by(n: Net, w: Work, node: int, learner: int) -> None:
    used = n.used[learner]
    if used < 0 or n.fixed[learner]:
        return
    origin = n.at[learner]
    w.base[:] = w.far[node] + n.price[node] - n.price[origin]
    w.base[1:] -= n.cost[used]
    offer(n, w, origin, WAITING, -1, node, GIVES_UP, learner)


@njit(cache=True, nogil=True)
def _reprice(n: Net, w: Work, goal: int, sign: int) -> None:
    """Move the prices of the nodes nearer than the goal by how much nearer they are; all steps stay at least zero."""
    for k in range(w.tally[SETTLED]):
        node = w.settled[k]
        if _nearer(w, node, goal):
            w.changed[w.tally[CHANGED]] = node
            w.was[w.tally[CHANGED]] = n.price[node]
            w.tally[CHANGED] += 1
            n.price[node] += sign * (w.far[goal] - w.far[node])


@njit(cache=True, nogil=True)
def _do(n: Net, w: Work, node: int) -> None:
    """Do the step by which the search came to the node."""
    kind, via = w.kind[node], w.via[node]
    if via == NOBODY:
        return
    before = 0
    if kind == TAKES:
        before = n.used[n.who[via]]
        sit(n, n.who[via], via)
    elif kind == GIVES_UP:
        before = n.used[via]
        sit(n, via, WAITING)
    elif kind in {UP, DOWN}:
        n.flow[via] += 1 if kind == UP else -1
    else:
        n.waiting[via] += 1 if kind == MORE_LEFT else -1
    note(w, kind, via, before)


@njit(cache=True, nogil=True)
def note(w: Work, kind: int, via: int, before: int) -> None:
    w.done[w.tally[DONE], 0] = kind
    w.done[w.tally[DONE], 1] = via
    w.done[w.tally[DONE], 2] = before
    w.tally[DONE] += 1


@njit(cache=True, nogil=True)
def sit(n: Net, learner: int, arc: int) -> None:
    """Take the learner from where it is and put it on the arc's seat, among the waiting, or nowhere."""
    if n.used[learner] != GONE:
        if n.before[learner] == NOBODY:
            n.head_of[n.at[learner]] = n.after[learner]
        else:
            n.after[n.before[learner]] = n.after[learner]
        if n.after[learner] != NOBODY:
            n.before[n.after[learner]] = n.before[learner]
    n.used[learner] = arc
    if arc == GONE:
        return
    node = n.seat[arc] if arc >= 0 else len(n.head_of) - len(n.waiting) + n.group[learner]
    n.at[learner], n.before[learner], n.after[learner] = node, NOBODY, n.head_of[node]
    if n.head_of[node] != NOBODY:
        n.before[n.head_of[node]] = learner
    n.head_of[node] = learner


@njit(cache=True, nogil=True)
def sit_all(n: Net, used: Ints) -> None:
    """Seat learners who are nowhere yet."""
    for learner in range(len(used)):
        sit(n, learner, used[learner])


@njit(cache=True, nogil=True)
def undo(n: Net, w: Work) -> None:
    """Take back every step and price since the counts were zero."""
    for k in range(w.tally[DONE] - 1, -1, -1):
        kind, via, before = w.done[k, 0], w.done[k, 1], w.done[k, 2]
        if kind == TAKES:
            sit(n, n.who[via], before)
        elif kind == GIVES_UP:
            sit(n, via, before)
        elif kind in {UP, DOWN}:
            n.flow[via] -= 1 if kind == UP else -1
        else:
            n.waiting[via] -= 1 if kind == MORE_LEFT else -1
    for k in range(w.tally[CHANGED] - 1, -1, -1):
        n.price[w.changed[k]] = w.was[k]
    w.tally[DONE] = 0
    w.tally[CHANGED] = 0
