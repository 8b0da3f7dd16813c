"""The compiled core from problem to places and prices: lay out, fill, split at the shortage, solve both sides."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.columns import Columns, columns_of, sort_columns
from placements.allocation.core.costs import Packing
from placements.allocation.core.forward import Outside, place_outside
from placements.allocation.core.heap import BARRED, new_search
from placements.allocation.core.layout import Layout, find_positions, lay_out, sort_rows
from placements.allocation.core.maxflow import fill_back, fill_greedily, mark_shortage, new_filling
from placements.allocation.core.parts import Share, shares
from placements.allocation.core.places import NONE, Places, empty_places
from placements.allocation.core.reverse import Inside, fill_inside
from placements.allocation.core.routing import branches, routed
from placements.allocation.core.threads import side_by_side
from placements.allocation.core.words import Words
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
    layout = lay_out(problem, levels)
    layout.costs = layout.costs._replace(table=packing.pack(layout.level_costs))
    report("place", 0.2)
    columns = columns_of(layout.rows, problem.n_seats)
    short, inside = _split(layout, columns)
    report("rank", 0.35)
    sort_rows(layout.rows, layout.costs, ~inside, threads)
    sort_columns(columns, layout.costs, inside, threads)
    words = (0,) * len(packing.words)
    price = np.zeros((layout.n_nodes, len(words)), np.int64)
    places = empty_places(layout.caps, layout.n_learners)
    places.way[:-1][short] = layout.caps.up[1:-1][short]  # no way up leads through the shortage
    outside = shares(layout.rows, layout.caps, short, _in_turn(layout, ~inside), threads)
    seat, *_ = side_by_side(
        threads,
        # They touch different nodes and learners, so together or in turn comes to the same.
        lambda: _solve_inside(layout, columns, words, places.flow, price, short),
        *(partial(_solve_outside, layout, words, places, price, short, share) for share in outside),
    )
    report("lottery", 0.9)
    return (
        _chosen(layout, places, seat),
        _cap_flow(layout, places, seat),
        _duals(layout, packing, len(levels), price, short),
    )


def _split(layout: Layout, columns: Columns) -> tuple[Bools, Bools]:
    """The nodes of the shortage, and the learners in it: those in a maximum flow that sit there or nowhere."""
    caps = layout.caps
    places = empty_places(caps, 0)
    filling = new_filling(columns, caps, layout.n_learners, places.flow)
    fill_greedily(layout.rows, caps, places, filling.seat)
    fill_back(filling)
    short = np.zeros(layout.n_nodes, np.bool_)
    first, after = (np.full(length, NONE, np.int32) for length in (layout.n_nodes, layout.n_learners))
    mark_shortage(layout.rows, filling, short, first, after)
    return short, np.append(short, True)[filling.seat]


def _in_turn(layout: Layout, some: Bools) -> Ids:
    """Those learners by the seat they want most, the last seat first: that makes searches short, and nothing else."""
    learners = np.flatnonzero(some)
    wanted = layout.rows.seat[layout.rows.start[learners]]
    return learners[np.argsort(-wanted, kind="stable")].astype(np.int32)


def _solve_outside(layout: Layout, words: Words, places: Places, price: Ints, short: Bools, share: Share) -> None:
    """Place everyone in a share of those outside the shortage; what comes up out of the shortage goes first."""
    caps = layout.caps
    search = new_search(layout.n_nodes, len(words))
    search.seen[short] = BARRED
    cut = np.append(short, False)[caps.tail] & np.append(share.nodes, False)[caps.head]
    inflow = np.zeros(layout.n_nodes, np.int32)
    np.add.at(inflow, caps.head[cut], caps.seats[cut])
    world = Outside(words, layout.rows, layout.costs, caps, places, price, search)
    if place_outside(world, share.learners, inflow):
        raise AssertionError("a learner outside the shortage found no place")


def _solve_inside(layout: Layout, columns: Columns, words: Words, flow: Ids, price: Ints, short: Bools) -> Ids:
    """Fill every seat in the shortage; the seat of each learner or NONE."""
    caps = layout.caps
    search = new_search(layout.n_nodes, len(words))
    search.seen[~short] = BARRED
    cuts = np.flatnonzero(short[caps.tail] & ~np.append(short, False)[caps.head]).astype(np.int32)
    seat = np.full(layout.n_learners, NONE, np.int32)
    hope = columns.start[:-1].copy()
    world = Inside(words, columns, layout.costs, caps, flow, price, search, seat, seat.copy(), hope)
    if fill_inside(world, cuts):
        raise AssertionError("a seat in the shortage found no learner")
    return seat


def _chosen(layout: Layout, places: Places, seat: Ids) -> Ints:
    """The problem's arc of each of the problem's learners, or −1."""
    at = places.at.copy()
    find_positions(layout.rows, seat, at)
    chosen = np.full(layout.n_learners, NONE, np.int64)
    on = at >= 0
    chosen[layout.learner_of[on]] = layout.rows.arc[at[on]]
    return chosen


def _cap_flow(layout: Layout, places: Places, seat: Ids) -> Ints:
    """Learners through each of the problem's capacity arcs, routed anew where more than one flow is possible."""
    flow = places.flow
    if branches(layout.caps):
        seats = np.append(layout.rows.seat[places.at[places.at >= 0]], seat[seat >= 0])
        occupied = np.bincount(seats, minlength=len(layout.costs.seat)).astype(np.int32)
        empty = empty_places(layout.caps, 0)
        seen, by, over, queue = np.zeros((4, layout.n_nodes), np.int32)
        if not routed(layout.caps, empty, occupied, (seen, by, over, queue)):
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
