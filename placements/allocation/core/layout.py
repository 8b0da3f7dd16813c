"""The problem as the kernels want it: renumbered for locality, arcs in rows by learner.

The numbering comes from the lottery's hashes and from who reaches what, never from the order of the rows. Learners with
the same lowest seat by hash stand together (a min-hash of their rows: the same week and area), seats stand by the first
learner that reaches them, capacity nodes in the order the seats do. So what a search touches lies close in memory.
"""

import itertools
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import Index, allocating, kernel
from placements.allocation.core.costs import coded
from placements.allocation.core.draws import LOTTERY_BITS, draw
from placements.allocation.core.sorting import DEEP, sort_pairs
from placements.allocation.core.threads import side_by_side
from placements.allocation.core.words import Words, with_word
from placements.allocation.levels import Level, Lottery
from placements.allocation.problem import SINK, Problem

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]
UInts = NDArray[np.uint64]
Bools = NDArray[np.bool_]


class Rows(NamedTuple):
    """Arcs by learner: those of learner p are `start[p]` … `start[p + 1]`. `arc` is the problem's."""

    start: Ints
    seat: Ids
    code: Ids
    arc: Ids


class Costs(NamedTuple):
    """The words of an arc's cost: `table[code]`, then the draw from the two hashes."""

    table: Ints
    learner: UInts
    seat: UInts


@kernel
def arc_cost(words: Words, costs: Costs, code: Index, p: Index, v: Index) -> Words:
    """What it costs that learner p has seat v by an arc with this code."""
    last = len(words) - 1
    value = with_word(words, last, draw(costs.learner[p], costs.seat[v]))
    for k in range(last):
        value = with_word(value, k, costs.table[code, k])
    return value


class Caps(NamedTuple):
    """The capacity network; node `len(up) − 1` is the sink. Arcs are sorted by tail: those out of v are `up[v]` … .

    `down_arc[down[v]]` … are the arcs into v.
    """

    up: Ids
    tail: Ids
    head: Ids
    seats: Ids
    down: Ids
    down_arc: Ids


@dataclass(eq=False)
class Layout:
    """Everything in the new numbering. `learner_of[p]`, `node_of[v]` and `row_of[q]` are the problem's numbers."""

    rows: Rows
    costs: Costs
    caps: Caps
    learner_of: Ints
    node_of: Ints
    row_of: Ints
    level_costs: Ints

    @property
    def n_learners(self) -> int:
        return len(self.learner_of)

    @property
    def n_nodes(self) -> int:
        return len(self.node_of)


def lay_out(problem: Problem, levels: list[Level]) -> Layout:
    """Lay the problem out; the last of `levels` is the lottery. `costs.table` is left for the packing to fill."""
    lottery = levels[-1]
    assert isinstance(lottery, Lottery)
    arcs = _by_learner(problem)
    learner, seat = (array if arcs is None else array[arcs] for array in (problem.learner, problem.seat))
    code, level_costs = coded(levels[:-1], arcs, len(learner))

    rank = np.empty(problem.n_seats, np.int32)
    rank[np.argsort(lottery.seat_hash)] = np.arange(problem.n_seats, dtype=np.int32)
    count = np.bincount(learner, minlength=problem.n_learners)
    first = _starts(count)
    lowest = np.full(problem.n_learners, problem.n_seats, np.int32)
    _look_over(first, seat, rank, lowest)
    learner_of = np.lexsort((lottery.learner_hash, lowest))
    rows = Rows(_starts(count[learner_of]), *(np.empty(len(learner), np.int32) for _ in range(3)))
    _fill(first, seat, code, learner_of, rows)
    del learner, seat, code

    if arcs is not None:
        rows.arc[:] = arcs[rows.arc]
    place = np.full(problem.n_nodes, -1, np.int32)
    caps, row_of = _number_nodes(problem, rows, rank, place)
    node_of = _inverse(place).astype(np.int64)
    _look_up(place, rows.seat)
    costs = Costs(
        np.zeros((0, 0), np.int64), lottery.learner_hash[learner_of], lottery.seat_hash[node_of[: problem.n_seats]]
    )
    return Layout(rows, costs, caps, learner_of, node_of, row_of, level_costs)


def _by_learner(problem: Problem) -> Ints | None:
    """The arcs that may be used, in order of learner and seat; None when that is all of them as they stand."""
    if problem.in_order and problem.locked is None:
        return None
    arcs = np.flatnonzero(problem.allowed())
    if not problem.in_order:
        arcs = arcs[np.lexsort((problem.seat[arcs], problem.learner[arcs]))]
    return arcs


def _starts(count: Ints) -> Ints:
    start = np.zeros(len(count) + 1, np.int64)
    np.cumsum(count, out=start[1:])
    return start


def _inverse(order: NDArray[np.integer]) -> Ids:
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place


@kernel
def _look_over(first: Ints, seat: Ids, rank: Ids, lowest: Ids) -> None:
    """Each learner's lowest rank among its seats."""
    for p in range(len(lowest)):
        for arc in range(first[p], first[p + 1]):
            lowest[p] = min(lowest[p], rank[seat[arc]])


@kernel
def _fill(first: Ints, seat: Ids, code: Ids, learner_of: Ints, rows: Rows) -> None:
    for p in range(len(learner_of)):
        place = rows.start[p]
        for arc in range(first[learner_of[p]], first[learner_of[p] + 1]):
            rows.seat[place], rows.code[place], rows.arc[place] = seat[arc], code[arc], arc
            place += 1


def sort_rows(rows: Rows, costs: Costs, some: Bools, threads: int) -> None:
    """Sort the rows of some learners, the cheapest arc first, the lottery included."""
    shift = draw_bits(len(costs.table))
    share = np.linspace(0, len(some), threads + 1).astype(np.int64).tolist()
    side_by_side(
        threads,
        *(partial(_sort_rows, rows, costs, some, shift, first, last) for first, last in itertools.pairwise(share)),
    )


def draw_bits(codes: int) -> int:
    """How many bits of the draw fit beside a code in a sorting key."""
    return max(0, min(LOTTERY_BITS, 62 - codes.bit_length()))


@allocating
def _sort_rows(rows: Rows, costs: Costs, some: Bools, shift: int, first: int, last: int) -> None:
    """Sort the rows `first` … `last` − 1 by code and then by the `shift` highest bits of the draw."""
    longest = 0
    for p in range(first, last):
        longest = max(longest, rows.start[p + 1] - rows.start[p])
    key = np.empty(longest, np.int64)
    item = np.empty(longest, np.int32)
    low_of, high_of = np.empty(DEEP, np.int64), np.empty(DEEP, np.int64)
    seat, code, arc = np.empty(longest, np.int32), np.empty(longest, np.int32), np.empty(longest, np.int32)
    for p in range(first, last):
        if not some[p]:
            continue
        start = rows.start[p]
        length = rows.start[p + 1] - start
        for k in range(length):
            seat[k], code[k], arc[k] = rows.seat[start + k], rows.code[start + k], rows.arc[start + k]
            low = draw(costs.learner[p], costs.seat[seat[k]]) >> (LOTTERY_BITS - shift)
            key[k] = (np.int64(code[k]) << shift) | low
            item[k] = k
        sort_pairs(key, item, length, low_of, high_of)
        for k in range(length):
            at = item[k]
            rows.seat[start + k], rows.code[start + k], rows.arc[start + k] = seat[at], code[at], arc[at]


def _number_nodes(problem: Problem, rows: Rows, rank: Ids, place: Ids) -> tuple[Caps, Ints]:
    """Number the nodes into `place`, seats first, and lay out the capacity arcs; also each arc's row in the problem."""
    nodes = problem.n_nodes
    row_of = np.lexsort((problem.cap_seats, problem.cap_head, problem.cap_tail))
    tail = problem.cap_tail[row_of].astype(np.int32)
    head = np.where(problem.cap_head == SINK, nodes, problem.cap_head)[row_of].astype(np.int32)
    up = np.searchsorted(tail, np.arange(nodes + 1)).astype(np.int32)
    reached_by = np.full(problem.n_seats, problem.n_learners, np.int32)
    _first_to_reach(rows, reached_by)
    _number(np.lexsort((rank, reached_by)).astype(np.int32), up, head, place)
    place = np.append(place, np.int32(nodes))
    tail, head = place[tail], place[head]
    order = np.argsort(tail, kind="stable")
    row_of, tail, head = row_of[order], tail[order], head[order]
    down_arc = np.argsort(head, kind="stable").astype(np.int32)
    ends = np.arange(nodes + 2)
    caps = Caps(
        up=np.searchsorted(tail, ends).astype(np.int32),
        tail=tail,
        head=head,
        # More seats than learners bind nobody.
        seats=np.minimum(problem.cap_seats[row_of], problem.n_learners + 1).astype(np.int32),
        down=np.searchsorted(head[down_arc], ends).astype(np.int32),
        down_arc=down_arc,
    )
    return caps, row_of


@kernel
def _first_to_reach(rows: Rows, reached_by: Ids) -> None:
    for p in range(len(rows.start) - 2, -1, -1):
        for position in range(rows.start[p], rows.start[p + 1]):
            reached_by[rows.seat[position]] = p


@allocating
def _number(seats: Ids, up: Ids, head: Ids, place: Ids) -> None:
    """The seats in this order, then nodes in the order of those below them."""
    nodes = len(place)
    order = np.empty(nodes, np.int32)
    count = 0
    for v in seats:
        place[v], order[count] = count, v
        count += 1
    done = 0
    while done < count:
        for a in range(up[order[done]], up[order[done] + 1]):
            v = head[a]
            if v < nodes and place[v] < 0:
                place[v], order[count] = count, v
                count += 1
        done += 1
    for v in range(nodes):
        if place[v] < 0:  # no seat lies below it
            place[v], count = count, count + 1


@kernel
def _look_up(table: Ids, entries: Ids) -> None:
    for row in range(len(entries)):
        entries[row] = table[entries[row]]


@kernel
def find_positions(rows: Rows, seat: Ids, at: Ints) -> None:
    """Where in its row each learner has its seat, into `at`; nothing for those without one."""
    for p in range(len(seat)):
        if seat[p] >= 0:
            position = rows.start[p]
            while rows.seat[position] != seat[p]:
                position += 1
            at[p] = position
