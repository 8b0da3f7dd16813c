"""What several draws say together: expected numbers by week, field and municipality, small ones hidden.

Learners are counted in each of their weeks, as seats are, and by the field of their first wish. Nothing else than what
this module returns is saved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from dashboards.selectors.forecast_inputs import FIELDS, NO_CAP, ForecastInputs, Ints
from dashboards.services.forecast_solve import UNPLACED, Placed
from dashboards.services.forecast_wishes import HALVED_BY_MINUTES, Demand, Drawn
from dashboards.suppression import LIMIT, Cell, suppressed

FIRST: Final = 1
MOST_HELPED: Final = 8
CLASSES: Final = 3  # the first wish, another place, none
NO_PLACE: Final = 2


@dataclass
class Tally:
    """Sums over the draws.

    | field | shape | meaning |
    |---|---|---|
    | `learners` | [classes] | learners, once each |
    | `cells` | [W, F, places, classes] | learners in each of their weeks, by the field of the first wish |
    | `left_over` | [B] | learners without a place, by block |
    | `helps`, `betters` | [B, F, places] | draws in which a seat more gives one more a place; what it betters |
    """

    inputs: ForecastInputs
    draws: int = 0
    learners: Ints = field(init=False)
    cells: Ints = field(init=False)
    left_over: Ints = field(init=False)
    helps: Ints = field(init=False)
    betters: Ints = field(init=False)

    def __post_init__(self) -> None:
        blocks, grain = len(self.inputs.blocks), (len(FIELDS), len(self.inputs.places))
        self.learners = np.zeros(CLASSES, np.int64)
        self.cells = np.zeros((len(self.inputs.weeks), *grain, CLASSES), np.int64)
        self.left_over = np.zeros(blocks, np.int64)
        self.helps, self.betters = np.zeros((blocks, *grain), np.int64), np.zeros((blocks, *grain), np.int64)

    def add(self, drawn: Drawn, placed: Placed) -> None:
        """Count one draw."""
        inputs = self.inputs
        got = np.where(placed.outcome == FIRST, 0, np.where(placed.outcome == UNPLACED, NO_PLACE, 1))
        shape = (len(inputs.blocks), len(FIELDS), len(inputs.places), CLASSES)
        where = (inputs.group_block[drawn.group], drawn.first_field, inputs.group_place[drawn.group], got)
        by_block = np.bincount(np.ravel_multi_index(where, shape), minlength=int(np.prod(shape))).reshape(shape)
        self.learners += by_block.sum(axis=(0, 1, 2))
        self.left_over += by_block[..., NO_PLACE].sum(axis=(1, 2))
        for number, block in enumerate(inputs.blocks):
            self.cells[list(block)] += by_block[number]
        self.helps += self._by_place(placed.scarce)
        self.betters += self._by_place(placed.dear)
        self.draws += 1

    def _by_place(self, of_slots: Ints) -> Ints:
        """Return the most of any slot [B, S], by block, field and municipality."""
        most = np.zeros_like(self.helps)
        np.maximum.at(most.transpose(1, 2, 0), (self.inputs.slot_field, self.inputs.slot_place), of_slots.T)
        return most

    def expected(self) -> Ints:
        """Return the average over the draws, in whole learners."""
        return np.rint(self.cells / max(self.draws, 1)).astype(np.int64)


def result(inputs: ForecastInputs, demand: Demand, tally: Tally) -> dict[str, Any]:
    """Return what is saved: totals, three tables with hidden counts, the cells with a name, and where seats help."""
    expected, seats = tally.expected(), seats_left(inputs)
    whole = suppressed([np.rint(tally.learners / max(tally.draws, 1)).astype(np.int64).tolist()]).rows[0]
    return {
        "learners": int(inputs.heads.sum()),
        "placed_already": inputs.placed_already,
        "periods": inputs.periods,
        **_counts(whole),
        "draws": tally.draws,
        "wishes": demand.length,
        "lists": inputs.history.lists,
        "halved_by": int(HALVED_BY_MINUTES),
        "weeks": _table([week.isoformat() for week in inputs.weeks], expected.sum(axis=(1, 2)), seats.sum(axis=(1, 2))),
        "fields": _table(FIELDS, expected.sum(axis=(0, 2)), seats.sum(axis=(0, 2))),
        "places": _table(inputs.places, expected.sum(axis=(0, 1)), seats.sum(axis=(0, 1))),
        "cells": _cells(inputs, expected, seats),
        "helps": _helps(inputs, tally),
    }


def seats_left(inputs: ForecastInputs) -> Ints:
    """Return seats by week, field and municipality. A workplace's cap limits its slots of a field together."""
    found = np.zeros((len(inputs.weeks), len(FIELDS), len(inputs.places)), np.int64)
    if not len(inputs.left):
        return found
    owners = np.stack([inputs.workplace, inputs.slot_field], axis=1)
    pairs, first, of_slot = np.unique(owners, axis=0, return_index=True, return_inverse=True)
    together = np.zeros((len(pairs), len(inputs.weeks)), np.int64)
    np.add.at(together, of_slot.ravel(), np.maximum(inputs.left, 0))
    room = inputs.room[pairs[:, 0]]
    capped = np.where(room == NO_CAP, together, np.minimum(together, room))
    np.add.at(found.transpose(1, 2, 0), (pairs[:, 1], inputs.slot_place[first]), capped)
    return found


def _table(names: Sequence[str], expected: Ints, seats: Ints) -> list[dict[str, Any]]:
    """Return rows with counts that may be shown. The tables are over the same learners."""
    shown = suppressed(expected.tolist())
    rows = zip(names, shown.rows, seats.tolist(), expected.sum(axis=1).tolist(), strict=True)
    return [{"name": name, "seats": count, **_counts(cells)} for name, cells, count, demand in rows if demand or count]


def _counts(cells: Sequence[Cell]) -> dict[str, Any]:
    first, other, unplaced, demand = map(_stored, cells)
    return {"first": first, "other": other, "unplaced": unplaced, "demand": demand}


def _cells(inputs: ForecastInputs, expected: Ints, seats: Ints) -> list[dict[str, Any]]:
    """Return the cells that at least five wish for, those with most learners left over first."""
    demand = expected.sum(axis=3)
    week, trade, place = np.nonzero(demand >= LIMIT)
    order = np.lexsort((place, trade, week, -demand[week, trade, place], -expected[week, trade, place, NO_PLACE]))
    return [
        {
            "week": inputs.weeks[w].isoformat(),
            "field": FIELDS[f],
            "place": inputs.places[p],
            "seats": int(seats[w, f, p]),
            "demand": int(demand[w, f, p]),
            "first": _shown(int(expected[w, f, p, 0])),
            "unplaced": _shown(int(expected[w, f, p, NO_PLACE])),
        }
        for w, f, p in zip(week[order].tolist(), trade[order].tolist(), place[order].tolist(), strict=True)
    ]


def _helps(inputs: ForecastInputs, tally: Tally) -> list[dict[str, Any]]:
    """Return where one more seat does most: in most draws a place, where most are without, for the dearest wishes."""
    block, trade, place = np.nonzero((tally.helps > 0) | (tally.betters > 0))
    at = (block, trade, place)
    order = np.lexsort((place, trade, block, -tally.betters[at], -tally.left_over[block], -tally.helps[at]))
    order = order[:MOST_HELPED]
    return [
        {
            "weeks": [inputs.weeks[week].isoformat() for week in inputs.blocks[b]],
            "field": FIELDS[f],
            "place": inputs.places[p],
            "places": int(tally.helps[b, f, p]),
        }
        for b, f, p in zip(block[order].tolist(), trade[order].tolist(), place[order].tolist(), strict=True)
    ]


def _shown(count: int) -> int | str:
    return "small" if 0 < count < LIMIT else count


def _stored(cell: Cell) -> int | str:
    """Return the count, or what stands in its place."""
    return cell.value if cell.value is not None else "small" if cell.small else "hidden"
