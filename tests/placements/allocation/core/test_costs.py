"""Levels into words and prices back into levels."""

import numpy as np
import pytest

from placements.allocation import CostTooLarge, Policy
from placements.allocation.core.costs import Packing, coded
from placements.allocation.levels import Graded, Level, Lottery, objective
from tests.placements.allocation.builders import random_problem


def lottery() -> Lottery:
    last = objective(random_problem(1), Policy.OPTIMUM, "seed")[-1]
    assert isinstance(last, Lottery)
    return last


def levels(*largest: int) -> list[Level]:
    return [*(Level(str(cost), np.array([cost])) for cost in largest), lottery()]


def test_levels_share_a_word_while_they_fit_and_the_lottery_has_its_own() -> None:
    packing = Packing.of(levels(55, 120, 2**30, 1), hops=1000)
    assert [[row for row, _ in word] for word in packing.words] == [[0, 1], [2, 3], [4]]


def test_packed_sums_compare_as_the_levels_do_and_come_back_whole() -> None:
    rng = np.random.default_rng(1)
    largest = (55, 1, 0, 300)
    packing = Packing.of(levels(*largest), hops=100)
    costs = np.array([rng.integers(0, top + 1, 200) for top in largest])
    table = packing.pack(costs)
    # Sums of many costs of either sign, as along a path.
    signs = rng.choice([-1, 0, 1], (300, 200))
    sums = np.zeros((300, 2), np.int64)
    sums[:, : table.shape[1]] = signs @ table
    plain = (signs @ costs.T).tolist()
    assert np.array_equal(packing.unpack(sums, 5)[:4].T, plain)
    order = sorted(range(300), key=lambda row: plain[row])
    assert (np.diff(sums[order, 0]) >= 0).all()


@pytest.mark.parametrize(("cost", "hops"), [(2**60, 1), (2**50, 2**10)])
def test_a_level_that_fills_a_word_is_refused_by_name(cost: int, hops: int) -> None:
    with pytest.raises(CostTooLarge, match=str(cost)):
        Packing.of(levels(cost), hops)


@pytest.mark.parametrize("highest", [3, 900, 2**22, 2**45])
def test_codes_sort_as_the_costs_and_stand_for_them(highest: int) -> None:
    rng = np.random.default_rng(highest)
    rows = rng.integers(0, highest, (3, 2000))
    grade, value = rng.integers(0, 4, 2000).astype(np.int8), np.array([7, 0, highest, 7])
    given = [*(Level(str(row), cost) for row, cost in enumerate(rows)), Graded("graded", grade, value)]
    for arcs in (None, np.flatnonzero(rng.random(2000) < 0.5)):
        wanted = np.vstack([rows, value[grade]])[:, slice(None) if arcs is None else arcs]
        code, costs = coded(given, arcs, wanted.shape[1])
        assert np.array_equal(costs[:, code], wanted)
        assert len(np.unique(wanted, axis=1).T) == costs.shape[1]
        order = np.argsort(code, kind="stable")
        assert wanted.T[order].tolist() == sorted(wanted.T.tolist())
