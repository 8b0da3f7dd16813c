"""Capacities per week nest into a forest, or the two that cross are named."""

import pytest

from placements.allocation import Cap, NotLaminar, ProblemError, build_forest, week_caps


def arcs(caps: list[Cap], n_seats: int) -> list[tuple[int, int, int]]:
    forest = build_forest(n_seats, caps)
    return list(zip(forest.cap_tail.tolist(), forest.cap_head.tolist(), forest.cap_seats.tolist(), strict=True))


def test_a_block_is_bounded_by_its_fullest_week() -> None:
    caps = week_caps([("kök", (41, 42))], {("kök", 41): 3, ("kök", 42): 2})
    assert arcs(caps, 1) == [(0, -1, 2)]


def test_a_week_the_slot_does_not_offer_has_no_seats() -> None:
    assert arcs(week_caps([("kök", (41, 42))], {("kök", 41): 3}), 1) == [(0, -1, 0)]


def test_workplace_cap_lies_around_its_slots_week_by_week() -> None:
    blocks = [("kök", (41,)), ("sal", (41,)), ("kök", (42,)), ("sal", (42,))]
    seats = {("kök", 41): 2, ("sal", 41): 2, ("kök", 42): 2, ("sal", 42): 2}
    place = {"kök": "värdshuset", "sal": "värdshuset"}
    caps = week_caps(blocks, seats, place, {("värdshuset", 41): 3, ("värdshuset", 42): 4})
    assert arcs(caps, 4) == [(0, 4, 2), (1, 4, 2), (2, -1, 2), (3, -1, 2), (4, -1, 3)]


def test_disjoint_blocks_of_different_length_stand_beside_each_other() -> None:
    caps = week_caps([("kök", (41, 42)), ("kök", (43,))], {("kök", week): 2 for week in (41, 42, 43)})
    assert arcs(caps, 2) == [(0, -1, 2), (1, -1, 2)]


def test_overlap_that_still_nests_is_a_forest() -> None:
    """Week 42 holds both blocks, weeks 41 and 43 one each."""
    caps = week_caps([("kök", (41, 42)), ("kök", (42, 43))], {("kök", week): 2 for week in (41, 42, 43)})
    assert arcs(caps, 2) == [(0, 2, 2), (1, 2, 2), (2, -1, 2)]


def test_partly_overlapping_blocks_name_the_two_that_cross() -> None:
    blocks = [("kök", (41, 42)), ("kök", (41,)), ("kök", (42,))]
    caps = week_caps(blocks, {("kök", 41): 2, ("kök", 42): 2}, names={"kök": "Köket"})
    with pytest.raises(NotLaminar) as refused:
        build_forest(3, caps)
    assert (refused.value.first, refused.value.second) == ("Köket, 41", "Köket, 42")


def test_pairs_that_share_one_node_cross() -> None:
    caps = [Cap("A and B", 1, [0, 1]), Cap("B and C", 1, [1, 2]), Cap("A and C", 1, [0, 2])]
    with pytest.raises(NotLaminar) as refused:
        build_forest(3, caps)
    assert (refused.value.first, refused.value.second) == ("A and B", "A and C")


def test_crossing_is_found_where_the_wider_one_covers_only_a_part() -> None:
    caps = [Cap("the wide", 5, [0, 1, 2]), Cap("the narrow", 1, [2, 3]), Cap("the last", 1, [3])]
    with pytest.raises(NotLaminar) as refused:
        build_forest(4, caps)
    assert (refused.value.first, refused.value.second) == ("the wide", "the narrow")


def test_three_floors_in_any_order() -> None:
    caps = [
        Cap("year", 4, [0, 1, 2]),
        Cap("one", 1, [0]),
        Cap("pair", 2, [1, 0]),
        Cap("same pair", 3, [0, 1]),
    ]
    forest = build_forest(3, caps)
    assert arcs(caps[::-1], 3) == arcs(caps, 3) == [(0, 4, 1), (1, 4, 2), (2, 3, 4), (3, -1, 4), (4, 3, 2)]
    assert forest.label == ("one", "pair", "year", "year", "pair")


def test_every_seat_node_needs_a_capacity() -> None:
    with pytest.raises(ProblemError) as refused:
        build_forest(2, [Cap("one", 1, [0])])
    assert str(refused.value) == "seat node 1 lies in no capacity"


def test_a_block_needs_weeks() -> None:
    with pytest.raises(ProblemError) as refused:
        week_caps([("kök", ())], {})
    assert str(refused.value) == "seat node 0 has no weeks"
