"""Compiled searches that repair an optimum after one change: a unit too many is pushed on, one too few is pulled in.

The nodes are those of the problem, then one per group (where the unplaced sit; without groups all sit in one), then
the sink. A step between two nodes is a learner who moves, or a capacity arc used more or less. Steps are compared by
their reduced costs: cost + price of the node reached − price of the node left, never negative in an optimum.
"""

from typing import NamedTuple

import numpy as np

from placements.allocation.core.compiled import kernel
from placements.allocation.graph import Indices
from placements.allocation.problem import Bools, Ints

Whole = int | np.int64

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
    group: Ints
    member: Ints
    members: Ints
    more_members: Ints
    next_member: Ints
    used: Ints
    at: Ints
    fixed: Bools
    head_of: Ints
    after: Ints
    before: Ints
    up: Ints
    up_arc: Ints
    down: Ints
    down_arc: Ints
    tail: Ints
    head: Ints
    seats: Ints
    flow: Ints
    step: Ints
    waiting: Ints
    step_level: Ints
    price: Ints


class Work(NamedTuple):
    """One search: distances with the step each came by, a heap, and what was done, so that it can be undone."""

    far: Ints  # [nodes, K]
    came: Ints  # [nodes] the node before
    code: Ints  # [nodes] the step from there: 8 × via + kind
    place: Ints  # in the heap, −1 once settled
    stamp: Ints
    heap: Ints
    settled: Ints
    base: Ints  # [K]
    trial: Ints  # [K]
    tally: Ints  # [now, heap size, settled, moves done, prices changed]
    done: Ints  # [moves, 3]: kind, via, what was used before
    changed: Ints  # nodes whose price changed
    was: Ints  # their prices before


NOW, HEAP, SETTLED, DONE, CHANGED = range(5)


@kernel
def begin(w: Work) -> None:
    """Forget the last search."""
    w.tally[NOW] += 1
    w.tally[HEAP] = 0
    w.tally[SETTLED] = 0


@kernel
def _bound(w: Work, node: Whole, sink: Whole) -> Whole:
    """What a way to the node must beat: its best so far, or that to the sink, or NOBODY; GONE when it is settled."""
    if w.stamp[node] == w.tally[NOW]:
        return GONE if w.place[node] < 0 and node != sink else node
    return sink if w.stamp[sink] == w.tally[NOW] else NOBODY


@kernel
def _offer(w: Work, node: Whole, origin: Whole, code: Whole) -> None:
    """A way to `node` at w.trial by the step `code` from or to `origin`; kept if it is the best so far."""
    sink = len(w.far) - 1
    bound = _bound(w, node, sink)
    if bound == GONE or not (bound == NOBODY or _is_less(w.trial, w.far, bound)):
        return
    if node != sink and w.stamp[node] != w.tally[NOW]:
        w.place[node] = w.tally[HEAP]
        w.tally[HEAP] += 1
    w.stamp[node] = w.tally[NOW]
    w.came[node], w.code[node] = origin, code
    for k in range(len(w.trial)):
        w.far[node, k] = w.trial[k]
    if node != sink:
        _rise(w.far, w.heap, w.place, node)


@kernel
def _try_node(trial: Ints, base: Ints, price: Ints, node: Whole) -> None:
    """A step to the node that costs nothing itself."""
    for k in range(len(trial)):
        trial[k] = base[k] + price[node, k]


@kernel
def _try_arc(trial: Ints, base: Ints, price: Ints, node: Whole, cost: Ints, arc: Whole) -> None:
    """A step to the node along an arc."""
    for k in range(len(trial)):
        trial[k] = base[k] + price[node, k]
    for k in range(1, len(trial)):
        trial[k] += cost[arc, k - 1]


@kernel
def _less_price(base: Ints, far: Ints, price: Ints, node: Whole) -> None:
    """What a way through the node has cost before the next price is added."""
    for k in range(len(base)):
        base[k] = far[node, k] - price[node, k]


@kernel
def _between(base: Ints, far: Ints, price: Ints, node: Whole, origin: Whole) -> None:
    """What a way from `origin` costs that goes on from the node, but for the step between them."""
    for k in range(len(base)):
        base[k] = far[node, k] + price[node, k] - price[origin, k]


@kernel
def _less_cost(base: Ints, cost: Ints, arc: Whole) -> None:
    for k in range(1, len(base)):
        base[k] -= cost[arc, k - 1]


@kernel
def _is_less(trial: Ints, far: Ints, node: Whole) -> bool:
    for k in range(len(trial)):
        if trial[k] != far[node, k]:
            return trial[k] < far[node, k]
    return False


@kernel
def _nearer(far: Ints, one: Whole, other: Whole) -> bool:
    for k in range(far.shape[1]):
        if far[one, k] != far[other, k]:
            return far[one, k] < far[other, k]
    return False


@kernel
def _rise(far: Ints, heap: Ints, places: Ints, node: Whole) -> None:
    place = places[node]
    while place:
        above = (place - 1) >> 1
        if not _nearer(far, node, heap[above]):
            break
        heap[place] = heap[above]
        places[heap[place]] = place
        place = above
    heap[place] = node
    places[node] = place


@kernel
def _sink_down(far: Ints, heap: Ints, places: Ints, size: Whole) -> None:
    """Put the node behind the last in place of the one taken from the top."""
    last, place = heap[size], 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _nearer(far, heap[below + 1], heap[below]):
            below += 1
        if not _nearer(far, heap[below], last):
            break
        heap[place] = heap[below]
        places[heap[place]] = place
        place = below
    heap[place] = last
    places[last] = place


@kernel
def _nearest(w: Work) -> Whole:
    """Take the nearest node out of the heap and settle it."""
    top = w.heap[0]
    w.tally[HEAP] -= 1
    _sink_down(w.far, w.heap, w.place, w.tally[HEAP])
    w.place[top] = -1
    w.settled[w.tally[SETTLED]] = top
    w.tally[SETTLED] += 1
    return top


@kernel
def start_at(w: Work, node: Whole) -> None:
    """Search from (or to) this node."""
    begin(w)
    for k in range(len(w.trial)):
        w.trial[k] = 0
    _offer(w, node, np.int64(NOBODY), np.int64(NOBODY))


@kernel
def start_with(n: Net, w: Work, learner: Whole) -> None:
    """Search from a learner that has no place to sit yet: on one of its seats, or among the waiting."""
    begin(w)
    for k in range(len(w.base)):
        w.base[k] = 0
    for arc in range(n.row[learner], n.row[learner + 1]):
        seat = np.int64(n.seat[arc])
        _try_arc(w.trial, w.base, n.price, seat, n.cost, arc)
        _offer(w, seat, np.int64(NOBODY), 8 * arc + TAKES)
    group = _group_node(n, learner)
    _try_node(w.trial, w.base, n.price, group)
    w.trial[0] += 1
    _offer(w, group, np.int64(NOBODY), 8 * learner + GIVES_UP)


@kernel
def _group_node(n: Net, learner: Whole) -> Whole:
    return len(n.head_of) - len(n.waiting) + n.group[learner]


@kernel
def push(n: Net, w: Work) -> bool:
    """Send the unit the search started with on to the sink at the least cost; False when there is no way."""
    sink = len(n.price) - 1
    while w.tally[HEAP]:
        if w.stamp[sink] == w.tally[NOW] and not _nearer(w.far, w.heap[0], sink):
            break
        _pass_on(n, w, _nearest(w))
    if w.stamp[sink] != w.tally[NOW]:
        return False
    _reprice(n, w, sink, 1)
    node = sink
    while node != NOBODY:
        _do(n, w, w.code[node])
        node = w.came[node]
    return True


@kernel
def pull(n: Net, w: Work, also: Whole) -> Whole:
    """Fetch a unit to the node the search started at, from the sink or the node `also`; where it came from, or −1."""
    sink = len(n.price) - 1
    found: Whole = sink
    while w.tally[HEAP]:
        if w.stamp[sink] == w.tally[NOW] and not _nearer(w.far, w.heap[0], sink):
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
        _do(n, w, w.code[node])
        node = w.came[node]
    return found


@kernel
def _pass_on(n: Net, w: Work, node: Whole) -> None:
    """Offer every step a unit on the node can take."""
    group, sink = node - len(n.head_of) + len(n.waiting), len(n.price) - 1
    _less_price(w.base, w.far, n.price, node)
    if group >= 0:
        w.base[n.step_level[0]] += n.step[group, min(n.waiting[group], n.step.shape[1] - 1)]
        _try_node(w.trial, w.base, n.price, sink)
        _offer(w, sink, node, 8 * group + MORE_LEFT)
        # Nothing can be nearer than a sink as near as the node itself, which spares going through all who wait.
        if not _nearer(w.far, node, sink):
            return
    else:
        for k in range(n.up[node], n.up[node + 1]):
            arc = n.up_arc[k]
            if n.flow[arc] < n.seats[arc]:
                _try_node(w.trial, w.base, n.price, n.head[arc])
                _offer(w, n.head[arc], node, 8 * arc + UP)
        for k in range(n.down[node], n.down[node + 1]):
            arc = n.down_arc[k]
            if n.flow[arc] > 0:
                _try_node(w.trial, w.base, n.price, n.tail[arc])
                _offer(w, n.tail[arc], node, 8 * arc + DOWN)
    learner = n.head_of[node]
    while learner != NOBODY:
        if not n.fixed[learner]:
            _learner_steps(n, w, node, learner)
        learner = n.after[learner]


@kernel
def _learner_steps(n: Net, w: Work, node: Whole, learner: Whole) -> None:
    used, sink, levels = n.used[learner], len(n.price) - 1, n.price.shape[1]
    _less_price(w.base, w.far, n.price, node)
    if used >= 0:
        _less_cost(w.base, n.cost, used)
        group = _group_node(n, learner)
        _try_node(w.trial, w.base, n.price, group)
        w.trial[0] += 1
        _offer(w, group, node, 8 * learner + GIVES_UP)
    else:
        w.base[0] -= 1
    for arc in range(n.row[learner], n.row[learner + 1]):
        seat = np.int64(n.seat[arc])
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
            _try_arc(w.trial, w.base, n.price, seat, n.cost, arc)
            _offer(w, seat, node, 8 * arc + TAKES)


@kernel
def _fetch(n: Net, w: Work, node: Whole) -> None:
    """Offer every step by which a unit can come to the node."""
    group = node - len(n.head_of) + len(n.waiting)
    if group >= 0:
        _fetch_unplaced(n, w, node, group, len(n.price) - 1)
        return
    for k in range(n.up[node], n.up[node + 1]):
        arc = n.up_arc[k]
        if n.flow[arc] > 0:
            _between(w.trial, w.far, n.price, node, n.head[arc])
            _offer(w, n.head[arc], node, 8 * arc + DOWN)
    for k in range(n.down[node], n.down[node + 1]):
        arc = n.down_arc[k]
        if n.flow[arc] < n.seats[arc]:
            _between(w.trial, w.far, n.price, node, n.tail[arc])
            _offer(w, n.tail[arc], node, 8 * arc + UP)
    if node < len(n.column) - 1:
        _fetch_learners(n, w, node)
        arc = np.int64(n.more[node])
        while arc != NOBODY:
            _taken_by(n, w, node, arc)
            arc = np.int64(n.next[arc - len(n.rows)])


@kernel
def _fetch_learners(n: Net, w: Work, node: Whole) -> None:
    """Those with an arc to the node; most are ruled out by their first levels, without the cost of a call."""
    sink, levels = len(n.price) - 1, n.price.shape[1]
    for k in range(n.column[node], n.column[node + 1]):
        arc = np.int64(n.rows[k])
        learner = np.int64(n.who[arc])
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


@kernel
def _taken_by(n: Net, w: Work, node: Whole, arc: Whole) -> None:
    """The learner of the arc could come to the node, from where it is."""
    learner = np.int64(n.who[arc])
    origin, used = n.at[learner], n.used[learner]
    if used == GONE or origin == node or n.fixed[learner]:
        return
    _between(w.trial, w.far, n.price, node, origin)
    for k in range(1, len(w.trial)):
        w.trial[k] += n.cost[arc, k - 1]
    if used >= 0:
        _less_cost(w.trial, n.cost, used)
    else:
        w.trial[0] -= 1
    _offer(w, origin, node, 8 * arc + TAKES)


@kernel
def _fetch_unplaced(n: Net, w: Work, node: Whole, group: Whole, sink: Whole) -> None:
    """One learner of the group more without a place, or one fewer of those it has."""
    if n.waiting[group] > 0:
        _between(w.trial, w.far, n.price, node, sink)
        w.trial[n.step_level[0]] -= n.step[group, min(n.waiting[group] - 1, n.step.shape[1] - 1)]
        _offer(w, sink, node, 8 * group + FEWER_LEFT)
    # As in _pass_on: this spares going through the whole group.
    if w.stamp[sink] == w.tally[NOW] and not _nearer(w.far, node, sink):
        return
    for k in range(n.member[group], n.member[group + 1]):
        _given_up_by(n, w, node, n.members[k])
    learner = n.more_members[group]
    while learner != NOBODY:
        _given_up_by(n, w, node, learner)
        learner = n.next_member[learner]


@kernel
def _given_up_by(n: Net, w: Work, node: Whole, learner: Whole) -> None:
    used = n.used[learner]
    if used < 0 or n.fixed[learner]:
        return
    origin = n.at[learner]
    _between(w.trial, w.far, n.price, node, origin)
    _less_cost(w.trial, n.cost, used)
    w.trial[0] += 1
    _offer(w, origin, node, 8 * learner + GIVES_UP)


@kernel
def _reprice(n: Net, w: Work, goal: Whole, sign: Whole) -> None:
    """Move the prices of the nodes nearer than the goal by how much nearer they are; all steps stay at least zero."""
    for k in range(w.tally[SETTLED]):
        node = w.settled[k]
        if _nearer(w.far, node, goal):
            w.changed[w.tally[CHANGED]] = node
            for level in range(n.price.shape[1]):
                w.was[w.tally[CHANGED], level] = n.price[node, level]
                n.price[node, level] += sign * (w.far[goal, level] - w.far[node, level])
            w.tally[CHANGED] += 1


@kernel
def _do(n: Net, w: Work, code: Whole) -> None:
    """Do the step by which the search came to a node."""
    if code == NOBODY:
        return
    kind, via = code & 7, code >> 3
    before = np.int64(0)
    if kind in (TAKES, GIVES_UP):
        learner = np.int64(n.who[via]) if kind == TAKES else via
        before = n.used[learner]
        sit(n, learner, via if kind == TAKES else np.int64(WAITING))
    elif kind in (UP, DOWN):
        n.flow[via] += 1 if kind == UP else -1
    else:
        n.waiting[via] += 1 if kind == MORE_LEFT else -1
    note(w, kind, via, before)


@kernel
def note(w: Work, kind: Whole, via: Whole, before: Whole) -> None:
    w.done[w.tally[DONE], 0] = kind
    w.done[w.tally[DONE], 1] = via
    w.done[w.tally[DONE], 2] = before
    w.tally[DONE] += 1


@kernel
def sit(n: Net, learner: Whole, arc: Whole) -> None:
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
    node = np.int64(n.seat[arc]) if arc >= 0 else _group_node(n, learner)
    n.at[learner], n.before[learner], n.after[learner] = node, NOBODY, n.head_of[node]
    if n.head_of[node] != NOBODY:
        n.before[n.head_of[node]] = learner
    n.head_of[node] = learner


@kernel
def sit_all(n: Net, used: Ints) -> None:
    """Seat learners who are nowhere yet."""
    for learner in range(len(used)):
        sit(n, learner, used[learner])


@kernel
def undo(n: Net, w: Work) -> None:
    """Take back every step and price since the counts were zero."""
    for step in range(w.tally[DONE] - 1, -1, -1):
        kind, via = w.done[step, 0], w.done[step, 1]
        if kind in (TAKES, GIVES_UP):
            sit(n, np.int64(n.who[via]) if kind == TAKES else via, w.done[step, 2])
        elif kind in (UP, DOWN):
            n.flow[via] -= 1 if kind == UP else -1
        else:
            n.waiting[via] -= 1 if kind == MORE_LEFT else -1
    for k in range(w.tally[CHANGED] - 1, -1, -1):
        for level in range(n.price.shape[1]):
            n.price[w.changed[k], level] = w.was[k, level]
    w.tally[DONE] = 0
    w.tally[CHANGED] = 0
