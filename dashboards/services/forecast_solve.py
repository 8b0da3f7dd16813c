"""Place the drawn learners with the engine that places real ones. Pure: arrays in, arrays out.

A learner has an arc to each slot wished for, and one to a node that leads to every slot within reach: as exact as an
arc to each of those, with a hundredth of the arcs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dashboards.selectors.forecast_inputs import ForecastInputs, Ints
from dashboards.services.forecast_ground import Ground, Seats, lay_ground, pieces
from dashboards.services.forecast_wishes import NONE, Drawn
from placements.allocation import NotLaminar, Policy, Problem, Result, rank_costs, solve
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


class Season:
    """A season laid out once, to place one draw after the other."""

    def __init__(self, inputs: ForecastInputs) -> None:
        self.inputs = inputs
        self.grounds: list[Ground] = []
        # Blocks that overlap without nesting are placed in order of time, each on what the earlier ones left.
        self.in_turn: list[list[int]] = []
        untouched = Seats(inputs.left, inputs.room)
        for piece in pieces(inputs.blocks):
            try:
                self.grounds.append(lay_ground(inputs, untouched, piece))
            except NotLaminar:
                self.in_turn.append(sorted(piece, key=lambda number: inputs.blocks[number]))

    def place(self, drawn: Drawn, seed: str) -> Placed:
        """Place everybody of one draw, one piece of the season at a time."""
        shape = (len(self.inputs.blocks), len(self.inputs.left))
        placed = Placed(np.zeros(len(drawn.group), np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64))
        for ground in self.grounds:
            _place(self.inputs, ground, drawn, seed, placed)
        for blocks in self.in_turn:
            seats = Seats(self.inputs.left.copy(), self.inputs.room.copy())
            for block in blocks:
                ground = lay_ground(self.inputs, seats, [block])
                used = _place(self.inputs, ground, drawn, seed, placed)
                seats.take(ground.slot, self.inputs.blocks[block], used, self.inputs.workplace)
        return placed


def _place(inputs: ForecastInputs, ground: Ground, drawn: Drawn, seed: str, placed: Placed) -> Ints:
    """Place the learners of the ground's groups. Returns how many each pair took."""
    learners = np.flatnonzero(np.isin(drawn.group, ground.groups))
    if not len(learners) or not ground.pairs:
        return np.zeros(ground.pairs, np.int64)
    problem, wish = _problem(inputs, ground, drawn, learners)
    result = solve(problem, Policy.OPTIMUM, seed)
    chosen = result.chosen
    got = np.append(np.where(wish > 0, wish, OUTSIDE), UNPLACED)  # −1 reads the last
    placed.outcome[learners] = got[chosen]
    one_more = worth(problem, result)
    placed.scarce[ground.block, ground.slot] = one_more.places[: ground.pairs]
    placed.dear[ground.block, ground.slot] = one_more.saves[rank_row(result.objective_names), : ground.pairs]
    return _used(problem, result, ground.pairs)


def _problem(inputs: ForecastInputs, ground: Ground, drawn: Drawn, learners: Ints) -> tuple[Problem, Ints]:
    """Return the engine's problem, and the wish that each arc stands for (0 outside the wishes)."""
    learner, seat, wish = _wish_arcs(inputs, ground, drawn, learners)
    reach = ground.reach_of[np.searchsorted(ground.groups, drawn.group[learners])]
    able = np.flatnonzero(reach >= 0)
    wish = np.concatenate([wish, np.zeros(len(able), np.int64)])
    problem = Problem(
        n_learners=len(learners),
        learner=np.concatenate([learner, able]),
        seat=np.concatenate([seat, ground.pairs + reach[able]]),
        levels=rank_costs(wish, np.full(len(wish), drawn.slot.shape[1]))[np.newaxis, :],
        cap_tail=ground.tail,
        cap_head=ground.head,
        # The way from a reach to a pair never binds: the price of a seat is then the pair's own.
        cap_seats=np.concatenate([ground.seats, np.full(ground.free, len(learners))]),
        seat_key=np.arange(ground.pairs + ground.reaches).astype(np.bytes_),
    )
    return problem, wish


def _wish_arcs(inputs: ForecastInputs, ground: Ground, drawn: Drawn, learners: Ints) -> tuple[Ints, Ints, Ints]:
    """Return (learner, pair, wish) of each wish that has a place; a slot wished for twice counts as the better wish."""
    slots = drawn.slot[learners]
    block = inputs.group_block[drawn.group[learners]]
    pair = np.where(slots >= 0, ground.number[block[:, np.newaxis], slots], NONE)
    row, rank = np.nonzero(pair >= 0)
    found = pair[row, rank]
    _keys, first = np.unique(row * ground.pairs + found, return_index=True)
    return row[first], found[first], rank[first] + 1


def _used(problem: Problem, result: Result, pairs: int) -> Ints:
    """Return how many learners each pair took: what flows out of its node."""
    used = np.zeros(pairs, np.int64)
    out = problem.cap_tail < pairs
    np.add.at(used, problem.cap_tail[out], result.cap_flow[out])
    return used
