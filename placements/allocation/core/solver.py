"""The compiled core from problem to places and prices: lay out, fill, split at the shortage, solve both sides."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.costs import Packing
from placements.allocation.core.draws import LOTTERY_BITS
from placements.allocation.core.forward import Outside, place_outside
from placements.allocation.core.heap import BARRED, new_search
from placements.allocation.core.layout import Layout, find_positions, lay_out
from placements.allocation.core.maxflow import DEAD, NONE, Places, empty_places, fill_seats, new_trail
from placements.allocation.core.reverse import Columns, Inside, count_columns, fill_columns, fill_inside
from placements.allocation.core.routing import branches, routed
from placements.allocation.levels import Level
from placements.allocation.problem import Bools, Ints, Problem

Ids = NDArray[np.int32]
Report = Callable[[str, float], None]


def minimum(problem: Problem, levels: list[Level], report: Report, threads: int = 1) -> tuple[Ints, Ints, Ints]:
    """Place as many as possible at the least cost: chosen arcs [n], flow per capacity arc [q], duals [1 + K, nodes].

    The last of `levels` is the lottery. Raises CostTooLarge when a level does not fit in a word.
    """
    report("place", 0.05)
    packing = Packing.of(levels, min(problem.n_learners, problem.n_seats) + 2)
    layout = lay_out(problem, levels, threads)
    layout.costs = layout.costs._replace(table=packing.pack(layout.level_costs))
    report("place", 0.2)
    short, placed_short, outside = _split(layout)
    report("rank", 0.35)
    words = (0,) * len(packing.words)
    price = np.zeros((layout.n_nodes, len(words)), np.int64)
    places = empty_places(layout.caps, layout.n_learners)
    parts: list[Callable[[], Any]] = [
        lambda: _solve_outside(layout, words, places, price, short, outside),
        lambda: _solve_inside(layout, words, places.flow, price, short, placed_short),
    ]
    with ThreadPoolExecutor(min(threads, 2)) as pool:
        _, seat = (part.result() for part in [pool.submit(part) for part in parts])
    report("lottery", 0.9)
    return (
        _chosen(layout, places, placed_short, seat),
        _cap_flow(layout, places, placed_short, seat),
        _duals(layout, packing, len(levels), price, short),
    )


def _split(layout: Layout) -> tuple[Bools, Ids, Ids]:
    """The nodes of the shortage, the learners in it (placed there or not at all), and the learners outside it."""
    places = empty_places(layout.caps, layout.n_learners)
    trail = new_trail(layout.n_nodes)
    fill_seats(layout.rows, layout.caps, places, trail, np.empty(layout.n_learners, np.int32))
    short = trail.seen[:-1] == DEAD
    inside = places.at == NONE
    inside[~inside] = short[layout.rows.seat[places.at[~inside]]]
    return short, np.flatnonzero(inside).astype(np.int32), np.flatnonzero(~inside).astype(np.int32)


def _solve_outside(
    layout: Layout, words: tuple[int, ...], places: Places, price: Ints, short: Bools, learners: Ids
) -> None:
    """Place everyone outside the shortage; what comes up out of the shortage goes first."""
    caps = layout.caps
    search = new_search(layout.n_nodes, len(words))
    search.seen[short] = BARRED
    places.way[:-1][short] = caps.up[1:-1][short]
    cut = short[caps.tail] & ~np.append(short, True)[caps.head]  # those to the sink take nobody's room
    inflow = np.zeros(layout.n_nodes, np.int32)
    np.add.at(inflow, caps.head[cut], caps.seats[cut])
    world = Outside(words, layout.rows, layout.costs, caps, places, price, search)
    if place_outside(world, learners, inflow):
        raise AssertionError("a learner outside the shortage found no place")


def _solve_inside(layout: Layout, words: tuple[int, ...], flow: Ids, price: Ints, short: Bools, learners: Ids) -> Ids:
    """Fill every seat in the shortage; the seat of each learner or NONE."""
    caps = layout.caps
    search = new_search(layout.n_nodes, len(words))
    search.seen[~short] = BARRED
    cuts = np.flatnonzero(short[caps.tail] & ~np.append(short, False)[caps.head]).astype(np.int32)
    n_seats = len(layout.costs.seat)
    start = np.zeros(n_seats + 1, np.int64)
    count_columns(layout.rows, learners, start)
    start = np.cumsum(start)
    columns = Columns(start, np.empty(start[-1], np.int32), np.empty(start[-1], np.int32))
    shift = max(0, min(LOTTERY_BITS, 62 - len(layout.costs.table).bit_length()))
    fill_columns(layout.rows, layout.costs, learners, columns, shift)
    seat = np.full(layout.n_learners, NONE, np.int32)
    world = Inside(words, columns, layout.costs, caps, flow, price, search, seat, seat.copy(), start[:-1].copy())
    if fill_inside(world, cuts):
        raise AssertionError("a seat in the shortage found no learner")
    return seat


def _chosen(layout: Layout, places: Places, inside: Ids, seat: Ids) -> Ints:
    """The problem's arc of each of the problem's learners, or −1."""
    at = places.at.copy()
    find_positions(layout.rows, inside, seat, at)
    chosen = np.full(layout.n_learners, NONE, np.int64)
    on = at >= 0
    chosen[layout.learner_of[on]] = layout.rows.arc[at[on]]
    return chosen


def _cap_flow(layout: Layout, places: Places, inside: Ids, seat: Ids) -> Ints:
    """Learners through each of the problem's capacity arcs, routed anew where more than one flow is possible."""
    flow = places.flow
    if branches(layout.caps):
        seats = np.append(layout.rows.seat[places.at[places.at >= 0]], seat[inside][seat[inside] >= 0])
        occupied = np.bincount(seats, minlength=len(layout.costs.seat)).astype(np.int32)
        empty = empty_places(layout.caps, 0)
        if not routed(layout.rows, layout.caps, empty, new_trail(layout.n_nodes), occupied):
            raise AssertionError("the places do not fit in the seats")
        flow = empty.flow
    cap_flow = np.zeros(len(flow), np.int64)
    cap_flow[layout.row_of] = flow
    return cap_flow


def _duals(layout: Layout, packing: Packing, n_levels: int, price: Ints, short: Bools) -> Ints:
    duals = np.zeros((1 + n_levels, layout.n_nodes), np.int64)
    duals[0, layout.node_of] = short
    duals[1:, layout.node_of] = packing.unpack(price, n_levels)
    return duals
