"""Place the drawn learners with the engine that places real ones. Pure: arrays in, arrays out.

Weeks that no learner joins are solved by themselves. A learner has an arc to each slot wished for, and one to a node
that leads to every slot within reach: as exact as an arc to each of those, with a hundredth of the arcs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dashboards.selectors.forecast_inputs import NO_CAP, ForecastInputs, Ints
from dashboards.services.forecast_wishes import NONE, Drawn
from placements.allocation import (
    Forest,
    NotLaminar,
    Policy,
    Problem,
    Result,
    build_forest,
    rank_costs,
    solve,
    week_caps,
)
from placements.allocation.engine import rank_row
from placements.allocation.shortage import worth

UNPLACED: Final = 0
OUTSIDE: Final = -1


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """How one draw came out.

    | field | shape | meaning |
    |---|---|---|
    | `outcome` | [N] | which wish the learner got, 0 none and no place, −1 a place outside the wishes |
    | `scarce` | [B, S] | one more seat there gives one more learner a place |
    | `dear` | [B, S] | how much one more seat there would better the wishes, as the engine's rank price |
    """

    outcome: Ints
    scarce: Ints
    dear: Ints


@dataclass(frozen=True, eq=False, slots=True)
class _Seats:
    """Seats left, written down as blocks are solved one after the other."""

    left: Ints
    room: Ints


@dataclass(frozen=True, eq=False, slots=True)
class _Market:
    """The nodes of some blocks: pairs of a slot and a block with a seat left in all its weeks."""

    slot: Ints
    block: Ints
    number: Ints  # [B, S]: the pair's node, −1 for none


def place(inputs: ForecastInputs, drawn: Drawn, seed: str) -> Placed:
    """Place everybody, one piece of the season at a time.

    Where two blocks overlap without one lying inside the other, they are solved in order of time.
    """
    shape = (len(inputs.blocks), len(inputs.left))
    placed = Placed(np.zeros(len(drawn.group), np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64))
    seats = _Seats(inputs.left.copy(), inputs.room.copy())
    for piece in pieces(inputs.blocks):
        try:
            _solve(inputs, drawn, seats, piece, seed, placed)
        except NotLaminar:
            for block in sorted(piece, key=lambda number: inputs.blocks[number]):
                _solve(inputs, drawn, seats, [block], seed, placed)
    return placed


def pieces(blocks: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Group the blocks that share weeks, directly or through others."""
    found: list[tuple[set[int], list[int]]] = []
    for number, block in enumerate(blocks):
        weeks, members = set(block), [number]
        apart = []
        for other_weeks, others in found:
            if weeks & other_weeks:
                weeks, members = weeks | other_weeks, [*others, *members]
            else:
                apart.append((other_weeks, others))
        found = [*apart, (weeks, members)]
    return [sorted(members) for _weeks, members in found]


def _solve(
    inputs: ForecastInputs, drawn: Drawn, seats: _Seats, blocks: Sequence[int], seed: str, placed: Placed
) -> None:
    """Place the learners of some blocks, and take their seats."""
    groups = np.flatnonzero(np.isin(inputs.group_block, blocks))
    learners = np.flatnonzero(np.isin(drawn.group, groups))
    market = _market(inputs, seats, blocks)
    if not len(learners) or not len(market.slot):
        return
    problem, wish = _problem(inputs, drawn, seats, market, groups, learners)
    result = solve(problem, Policy.OPTIMUM, seed)
    chosen = result.chosen
    got = np.where(wish[chosen] > 0, wish[chosen], OUTSIDE) if len(wish) else np.zeros(len(chosen), np.int64)
    placed.outcome[learners] = np.where(chosen >= 0, got, UNPLACED)
    pairs = len(market.slot)
    one_more = worth(problem, result)
    placed.scarce[market.block, market.slot] = one_more.places[:pairs]
    placed.dear[market.block, market.slot] = one_more.saves[rank_row(result.objective_names), :pairs]
    _take(inputs, seats, market, _used(problem, result, pairs))


def _market(inputs: ForecastInputs, seats: _Seats, blocks: Sequence[int]) -> _Market:
    number = np.full((len(inputs.blocks), len(inputs.left)), NONE, np.int64)
    slots: list[Ints] = []
    of_block: list[Ints] = []
    for block in blocks:
        free = seats.left[:, list(inputs.blocks[block])].min(axis=1)
        here = np.flatnonzero(free > 0)
        number[block, here] = np.arange(len(here)) + sum(len(before) for before in slots)
        slots.append(here)
        of_block.append(np.full(len(here), block))
    return _Market(np.concatenate(slots), np.concatenate(of_block), number)


def _problem(
    inputs: ForecastInputs, drawn: Drawn, seats: _Seats, market: _Market, groups: Ints, learners: Ints
) -> tuple[Problem, Ints]:
    """Return the engine's problem, and the wish that each arc stands for (0 outside the wishes)."""
    pairs, length = len(market.slot), drawn.slot.shape[1]
    reach_of, tails, heads = _reach(inputs, market, groups)
    reaches = int(reach_of.max(initial=-1)) + 1
    forest = _forest(inputs, seats, market)
    learner, seat, wish = _wish_arcs(inputs, drawn, market, learners)
    anywhere = reach_of[np.searchsorted(groups, drawn.group[learners])]
    able = np.flatnonzero(anywhere >= 0)
    wish = np.concatenate([wish, np.zeros(len(able), np.int64)])

    def lifted(nodes: Ints) -> Ints:
        return np.where(nodes >= pairs, nodes + reaches, nodes)

    problem = Problem(
        n_learners=len(learners),
        learner=np.concatenate([learner, able]),
        seat=np.concatenate([seat, pairs + anywhere[able]]),
        levels=rank_costs(wish, np.full(len(wish), length))[np.newaxis, :],
        cap_tail=np.concatenate([lifted(forest.cap_tail), pairs + tails]),
        cap_head=np.concatenate([lifted(forest.cap_head), heads]),
        # The way from a reach to a pair never binds: the price of a seat is then the pair's own.
        cap_seats=np.concatenate([forest.cap_seats, np.full(len(heads), len(learners))]),
        seat_key=np.arange(pairs + reaches).astype(np.bytes_),
    )
    return problem, wish


def _reach(inputs: ForecastInputs, market: _Market, groups: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the node of each group's whole reach (−1 for nothing), and the arcs from those nodes to the pairs."""
    number = market.number[inputs.group_block[groups]]
    open_to = inputs.fits[groups] & (number >= 0)
    alike = np.hstack([inputs.group_block[groups][:, np.newaxis], np.packbits(open_to, axis=1).astype(np.int64)])
    _rows, example, of_group = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    of_group = of_group.ravel()
    some = open_to[example].any(axis=1)
    node = np.where(some, np.cumsum(some) - 1, NONE)
    row, slot = np.nonzero(open_to[example])
    return node[of_group], node[row], number[example[row], slot]


def _wish_arcs(inputs: ForecastInputs, drawn: Drawn, market: _Market, learners: Ints) -> tuple[Ints, Ints, Ints]:
    """Return (learner, pair, wish) of each wish that has a place; a slot wished for twice counts as the better wish."""
    slots = drawn.slot[learners]
    block = inputs.group_block[drawn.group[learners]]
    pair = np.where(slots >= 0, market.number[block[:, np.newaxis], slots], NONE)
    row, rank = np.nonzero(pair >= 0)
    found = pair[row, rank]
    _keys, first = np.unique(row * len(market.slot) + found, return_index=True)
    return row[first], found[first], rank[first] + 1


def _forest(inputs: ForecastInputs, seats: _Seats, market: _Market) -> Forest:
    weeks = inputs.blocks
    nodes = [(int(slot), weeks[int(block)]) for slot, block in zip(market.slot, market.block, strict=True)]
    used = sorted({week for block in set(market.block.tolist()) for week in weeks[block]})
    slots = np.unique(market.slot)
    left: dict[Any, int] = {
        (int(slot), week): int(seats.left[slot, week]) for slot in slots for week in used if seats.left[slot, week] >= 0
    }
    workplace: dict[Any, Any] = {int(slot): int(inputs.workplace[slot]) for slot in slots}
    room: dict[Any, int | None] = {
        (owner, week): int(seats.room[owner, week])
        for owner in set(workplace.values())
        for week in used
        if seats.room[owner, week] != NO_CAP
    }
    return build_forest(len(nodes), week_caps(nodes, left, workplace, room))


def _used(problem: Problem, result: Result, pairs: int) -> Ints:
    """Return how many learners each pair took: what flows out of its node."""
    used = np.zeros(pairs, np.int64)
    out = problem.cap_tail < pairs
    np.add.at(used, problem.cap_tail[out], result.cap_flow[out])
    return used


def _take(inputs: ForecastInputs, seats: _Seats, market: _Market, used: Ints) -> None:
    for slot, block, count in zip(market.slot, market.block, used, strict=True):
        if count:
            weeks = list(inputs.blocks[block])
            seats.left[slot, weeks] -= count
            owner = inputs.workplace[slot]
            capped = [week for week in weeks if seats.room[owner, week] != NO_CAP]
            seats.room[owner, capped] -= count
