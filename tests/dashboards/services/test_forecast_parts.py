"""The parts of a forecast that know no database: drawing, placing, counting."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from dashboards.enums import ForecastSource
from dashboards.selectors.forecast_inputs import FIELDS, MOST_WISHES, NO_CAP, NOT_OFFERED, ForecastInputs, History
from dashboards.services.forecast_ground import pieces
from dashboards.services.forecast_result import Tally, result, seats_left
from dashboards.services.forecast_solve import OUTSIDE, UNPLACED, Season
from dashboards.services.forecast_wishes import ENOUGH_LISTS, MODEL_LENGTH, Demand, Drawn, demand_of, draw

NATURE, SOCIAL = FIELDS.index("nature"), FIELDS.index("social")
FIRST_WEEK = date(2027, 1, 11)


def history(lists: int, by_rank: dict[tuple[int, str], int] | None = None) -> History:
    counts = np.zeros((MOST_WISHES, len(FIELDS)), np.int64)
    for (rank, field), count in (by_rank or {}).items():
        counts[rank - 1, FIELDS.index(field)] = count
    return History(lists, counts)


def season(
    *,
    groups: list[tuple[int, int]],
    slots: list[tuple[int, int]],
    blocks: tuple[tuple[int, ...], ...] = ((0,),),
    left: list[list[int]],
    room: list[list[int]] | None = None,
    fits: Any = None,
    journey: Any = None,
    wished: History | None = None,
) -> ForecastInputs:
    """`groups`: (heads, block) each; `slots`: (field, workplace) each, in order of field; `left` by slot and week."""
    shape = (len(groups), len(slots))
    weeks = len(left[0])
    workplaces = max((workplace for _field, workplace in slots), default=-1) + 1
    return ForecastInputs(
        weeks=tuple(FIRST_WEEK + timedelta(weeks=number) for number in range(weeks)),
        blocks=blocks,
        places=("1490",),
        heads=np.array([heads for heads, _block in groups]),
        group_block=np.array([block for _heads, block in groups]),
        group_place=np.zeros(len(groups), np.int64),
        slot_field=np.array([field for field, _workplace in slots]),
        slot_place=np.zeros(len(slots), np.int64),
        workplace=np.array([workplace for _field, workplace in slots]),
        left=np.array(left),
        room=np.array(room) if room else np.full((workplaces, weeks), NO_CAP),
        fits=np.ones(shape, np.bool_) if fits is None else np.array(fits),
        journey=np.full(shape, -1) if journey is None else np.array(journey),
        history=wished or history(0),
        placed_already=0,
        periods=len(groups),
    )


def wishes(*slots: list[int], group: list[int] | None = None, field: int = NATURE) -> Drawn:
    """One learner for each list of slots wished for."""
    return Drawn(
        np.array(group or [0] * len(slots)), np.full(len(slots), field), np.array(slots).reshape(len(slots), -1)
    )


# -- what the wishes are drawn from


def test_too_little_history_leaves_the_model():
    demand = demand_of(history(ENOUGH_LISTS - 1, {(1, "nature"): ENOUGH_LISTS - 1}))
    assert (demand.source, demand.length) == (ForecastSource.MODEL, MODEL_LENGTH)
    np.testing.assert_allclose(demand.shares.sum(axis=1), 1)
    assert demand.shares[0, NATURE] > demand.shares[0, SOCIAL]


def test_last_years_wishes_decide_rank_by_rank():
    demand = demand_of(history(1000, {(1, "social"): 1000, (2, "nature"): 1000, (3, "it"): 1000}))
    assert (demand.source, demand.length) == (ForecastSource.LAST_YEAR, 3)
    assert demand.shares[0, SOCIAL] > 0.95
    assert demand.shares[1, NATURE] > 0.95
    assert demand.shares.min() > 0  # nothing is impossible because nobody happened to wish for it


# -- drawing


def test_a_wish_goes_to_a_slot_of_its_field_that_fits_and_is_open():
    inputs = season(
        groups=[(400, 0)],
        slots=[(NATURE, 0), (NATURE, 1), (NATURE, 2), (SOCIAL, 3)],
        left=[[3], [0], [3], [3]],
        fits=[[True, True, False, True]],
    )
    shares = np.zeros((2, len(FIELDS)))
    shares[0, NATURE] = shares[1, SOCIAL] = 1.0
    drawn = draw(inputs, Demand(shares, ForecastSource.MODEL), np.random.default_rng(1))
    assert set(drawn.slot[:, 0]) == {0}  # the second is full, the third does not fit
    assert set(drawn.slot[:, 1]) == {3}
    assert set(drawn.first_field) == {NATURE}


def test_a_field_without_places_leaves_the_wish_empty():
    inputs = season(groups=[(10, 0)], slots=[(NATURE, 0)], left=[[3]])
    shares = np.zeros((1, len(FIELDS)))
    shares[0, SOCIAL] = 1.0
    drawn = draw(inputs, Demand(shares, ForecastSource.MODEL), np.random.default_rng(1))
    assert (set(drawn.slot[:, 0]), set(drawn.first_field)) == ({-1}, {SOCIAL})


def test_nearer_places_are_wished_for_more_often():
    inputs = season(groups=[(9000, 0)], slots=[(NATURE, 0), (NATURE, 1)], left=[[1], [1]], journey=[[10, 25]])
    shares = np.zeros((1, len(FIELDS)))
    shares[0, NATURE] = 1.0
    drawn = draw(inputs, Demand(shares, ForecastSource.MODEL), np.random.default_rng(1))
    near, far = np.bincount(drawn.slot[:, 0])
    assert near / far == pytest.approx(2.0, rel=0.1)  # fifteen minutes farther, half as often


def test_a_draw_is_its_seed():
    inputs = season(groups=[(50, 0), (50, 0)], slots=[(NATURE, 0), (SOCIAL, 1)], left=[[3], [3]])
    demand = demand_of(history(0))
    one, same, other = (draw(inputs, demand, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.slot == same.slot).all()
    assert not (one.slot == other.slot).all()


# -- placing


def test_as_many_as_possible_then_the_best_wishes():
    inputs = season(groups=[(2, 0)], slots=[(NATURE, 0), (NATURE, 1)], left=[[1], [1]])
    placed = Season(inputs).place(wishes([0, 1], [0, -1]), "seed")
    assert placed.outcome.tolist() == [2, 1]  # the greedy answer would leave the second outside its wishes


def test_a_slot_wished_for_twice_counts_as_the_better_wish():
    inputs = season(groups=[(1, 0)], slots=[(NATURE, 0)], left=[[1]])
    assert Season(inputs).place(wishes([-1, 0, 0]), "seed").outcome.tolist() == [2]


def test_without_a_wish_left_any_place_within_reach_will_do():
    inputs = season(groups=[(1, 0), (1, 0)], slots=[(NATURE, 0), (SOCIAL, 1)], left=[[1], [1]], fits=[[1, 1], [1, 0]])
    placed = Season(inputs).place(wishes([0], [0], group=[0, 1]), "seed")
    assert placed.outcome.tolist() == [OUTSIDE, 1]


def test_one_more_seat_helps_only_where_the_unplaced_can_go():
    inputs = season(groups=[(2, 0)], slots=[(NATURE, 0), (SOCIAL, 1)], left=[[1], [1]], fits=[[1, 0]])
    placed = Season(inputs).place(wishes([0], [0]), "seed")
    assert sorted(placed.outcome.tolist()) == [UNPLACED, 1]
    assert placed.scarce.tolist() == [[1, 0]]


def test_a_workplace_takes_no_more_than_its_cap():
    slots, left = [(NATURE, 0), (SOCIAL, 0)], [[2], [2]]
    inputs = season(groups=[(4, 0)], slots=slots, left=left, room=[[3]])
    placed = Season(inputs).place(wishes([0], [0], [1], [1]), "seed")
    assert sorted(placed.outcome.tolist()) == [UNPLACED, 1, 1, 1]


def test_two_weeks_take_a_seat_in_both():
    blocks = ((0,), (0, 1), (1,))
    inputs = season(groups=[(1, 0), (1, 1), (1, 2)], blocks=blocks, slots=[(NATURE, 0)], left=[[1, 1]])
    placed = Season(inputs).place(wishes([0], [0], [0], group=[0, 1, 2]), "seed")
    assert placed.outcome.tolist() == [1, UNPLACED, 1]


def test_blocks_that_cross_are_placed_in_order_of_time_and_never_oversell():
    blocks = ((0, 1), (1, 2))
    slots, left = [(NATURE, 0), (SOCIAL, 0)], [[2, 2, 2], [2, 2, 2]]
    inputs = season(groups=[(3, 0), (3, 1)], blocks=blocks, slots=slots, left=left, room=[[3, 3, 3]])
    placed = Season(inputs).place(wishes(*([[0, 1]] * 6), group=[0, 0, 0, 1, 1, 1]), "seed")
    assert (placed.outcome[:3] != UNPLACED).all()
    assert (placed.outcome[3:] == UNPLACED).all()


def test_pieces_share_no_week():
    assert pieces(((0,), (0, 1), (1, 2), (3,), (5, 6), (6,))) == [[0, 1, 2], [3], [4, 5]]


# -- counting


def test_the_result_counts_weeks_and_hides_small_numbers():
    blocks = ((0, 1),)
    inputs = season(groups=[(20, 0)], blocks=blocks, slots=[(NATURE, 0), (SOCIAL, 1)], left=[[8, 9], [9, 9]])
    drawn = wishes(*([[0]] * 20))
    tally = Tally(inputs)
    tally.add(drawn, Season(inputs).place(drawn, "seed"))
    found = result(inputs, demand_of(inputs.history), tally)
    # Of one row the smallest beside a hidden count is hidden too, or it could be worked out.
    assert [found[name] for name in ("learners", "first", "other", "unplaced")] == [20, "hidden", 9, "small"]
    nature = next(row for row in found["fields"] if row["name"] == "nature")
    # Three learners in two weeks each: six may be shown.
    assert (nature["seats"], nature["demand"], nature["unplaced"]) == (17, 40, 6)
    assert [(row["seats"], row["demand"]) for row in found["weeks"]] == [(17, 20), (18, 20)]
    assert all(isinstance(row["unplaced"], str) for row in found["weeks"])
    assert found["cells"][0] == {
        "week": "2027-01-11", "field": "nature", "place": "1490", "seats": 8, "demand": 20, "first": 8,
        "unplaced": "small",
    }  # fmt: skip
    both = ["2027-01-11", "2027-01-18"]
    assert found["helps"] == [
        {"weeks": both, "field": "nature", "place": "1490", "places": 1},
        {"weeks": both, "field": "social", "place": "1490", "places": 1},
    ]


def test_one_more_seat_is_asked_for_where_most_are_without():
    blocks = ((0,), (1,))
    inputs = season(groups=[(3, 0), (9, 1)], blocks=blocks, slots=[(NATURE, 0)], left=[[1, 1]])
    drawn, tally = wishes(*([[0]] * 12), group=[0] * 3 + [1] * 9), Tally(inputs)
    tally.add(drawn, Season(inputs).place(drawn, "seed"))
    helps = result(inputs, demand_of(inputs.history), tally)["helps"]
    assert [(one["weeks"], one["places"]) for one in helps] == [(["2027-01-18"], 1), (["2027-01-11"], 1)]


def test_cells_of_fewer_than_five_are_not_told():
    inputs = season(groups=[(4, 0)], slots=[(NATURE, 0)], left=[[1]])
    drawn, tally = wishes(*([[0]] * 4)), Tally(inputs)
    tally.add(drawn, Season(inputs).place(drawn, "seed"))
    found = result(inputs, demand_of(inputs.history), tally)
    assert (found["cells"], found["unplaced"]) == ([], "small")


def test_seats_of_a_field_are_no_more_than_its_workplace_takes():
    inputs = season(
        groups=[(1, 0)],
        slots=[(NATURE, 0), (NATURE, 0), (SOCIAL, 1)],
        left=[[2], [2], [NOT_OFFERED]],
        room=[[3], [NO_CAP]],
    )
    assert seats_left(inputs)[0, [NATURE, SOCIAL], 0].tolist() == [3, 0]


def test_an_average_of_draws_is_what_is_expected():
    inputs = season(groups=[(100, 0)], slots=[(NATURE, 0), (SOCIAL, 1)], left=[[30], [30]])
    tally, random, demand = Tally(inputs), np.random.default_rng(4), demand_of(history(0))
    for number in range(3):
        drawn = draw(inputs, demand, random)
        tally.add(drawn, Season(inputs).place(drawn, str(number)))
    found = result(inputs, demand, tally)
    assert (found["draws"], found["unplaced"]) == (3, 40)
    assert found["first"] + found["other"] == 60
