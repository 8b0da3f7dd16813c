"""Capacities per week nest into a forest, or the two that cross are named."""

from itertools import product
from time import perf_counter

import numpy as np
import pytest

from placements.allocation import (
    Cap,
    Forest,
    NotLaminar,
    Policy,
    Problem,
    ProblemError,
    Reserve,
    build_forest,
    nest,
    solve,
    week_caps,
)


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


def test_crossing_capacities_stand_beside_the_network_with_their_names() -> None:
    """A block of two weeks and two of one: one week nests, the other bounds what is left of it and crosses."""
    blocks = [("kök", (41, 42)), ("kök", (41,)), ("kök", (42,))]
    forest = nest(3, week_caps(blocks, {("kök", 41): 2, ("kök", 42): 3}, names={"kök": "Köket"}))
    assert list(zip(forest.cap_tail.tolist(), forest.cap_head.tolist(), forest.cap_seats.tolist(), strict=True)) == [
        (0, 3, 3),
        (1, 3, 2),
        (2, -1, 3),
        (3, -1, 2),
    ]
    assert forest.crossed == [("Köket, 41", "Köket, 42")]
    assert (forest.cross_label, forest.cross_seats.tolist()) == (("Köket, 42",), [3])
    assert (forest.cross_row.tolist(), forest.cross_node.tolist()) == ([0, 0], [0, 2])
    assert set(forest.arrays()) == {"cap_tail", "cap_head", "cap_seats", "cross_seats", "cross_row", "cross_node"}


def test_capacities_that_nest_leave_nothing_beside() -> None:
    forest = nest(2, [Cap("one", 1, [0]), Cap("both", 2, [0, 1])])
    assert (forest.crossed, len(forest.cross_seats), set(forest.arrays())) == (
        [],
        0,
        {"cap_tail", "cap_head", "cap_seats"},
    )


@pytest.mark.parametrize(
    ("reserved", "loads"),
    [
        ([], {(2, 0), (1, 1), (0, 2)}),
        ([("M1", 1, [0])], {(2, 0), (1, 1)}),
        ([("M1", 2, [0])], {(2, 0)}),
        ([("M1", 5, [0])], {(2, 0)}),
        ([("M1", 1, [0]), ("M2", 1, [1])], {(1, 1)}),
        ([("nobody here", 1, [])], {(1, 0), (0, 1)}),
        ([("everybody", 1, [0, 1])], {(2, 0), (1, 1), (0, 2)}),
    ],
)
def test_a_reserve_keeps_seats_from_the_others(reserved: list[tuple], loads: set[tuple[int, int]]) -> None:
    forest = nest(2, [Cap("s", 2, [0, 1], [Reserve(*row) for row in reserved])])
    fitting = {load for load in product(range(4), repeat=2) if carries(forest, load)}
    largest = {load for load in fitting if not {(load[0] + 1, load[1]), (load[0], load[1] + 1)} & fitting}
    assert largest == loads


def test_quotas_per_authority_and_week() -> None:
    """One seat of two is Mark's in week 41 and, for lack of a learner from there, nobody's in week 42."""
    blocks = [("kök", (41,)), ("kök", (41,)), ("kök", (42,))]
    quotas = {("kök", 41): {"Mark": 1, "Svenljunga": 0}, ("kök", 42): {"Mark": 1}}
    seats = {("kök", 41): 2, ("kök", 42): 2}
    caps = week_caps(blocks, seats, names={"kök": "Köket"}, holder=["Mark", None, None], quotas=quotas)
    assert [reserve.label for cap in caps for reserve in cap.reserves] == ["Köket, 41, Mark", "Köket, 42, Mark"]
    forest = nest(3, caps)
    assert {load for load in product(range(3), repeat=3) if carries(forest, load)} == set(
        product([0, 1], [0, 1], [0, 1])
    ) | set(product([2], [0], [0, 1]))


def test_reserves_are_checked() -> None:
    with pytest.raises(ProblemError, match="“M” reserves a seat node outside “s”"):
        nest(2, [Cap("s", 2, [0], [Reserve("M", 1, [1])]), Cap("t", 1, [1])])
    with pytest.raises(ProblemError, match="“N” shares a seat node with another reserve"):
        nest(3, [Cap("s", 2, [0, 1, 2], [Reserve("M", 1, [0]), Reserve("N", 1, [0, 1])])])
    with pytest.raises(ProblemError, match="“s” names seat node 2; allowed is 0 … 1"):
        nest(2, [Cap("s", 2, [0, 1, 2])])
    with pytest.raises(ProblemError, match="quotas need the holder of each seat node"):
        week_caps([("kök", (41,))], {("kök", 41): 1}, quotas={("kök", 41): {"Mark": 1}})


@pytest.mark.parametrize("number", range(400))
def test_network_and_crossing_capacities_allow_what_the_given_ones_do(number: int) -> None:
    rng = np.random.default_rng(number)
    n = int(rng.integers(2, 5))
    caps = [Cap(f"one {k}", int(rng.integers(0, 3)), [k]) for k in range(n) if rng.random() < 0.5]
    caps.append(Cap("all", int(rng.integers(1, 4)), list(range(n))))
    for index in range(int(rng.integers(1, 4))):
        nodes = rng.permutation(n)[: rng.integers(2, n + 1)].tolist()
        cut = int(rng.integers(0, len(nodes) + 1))
        far = int(rng.integers(cut, len(nodes) + 1))
        kept = [Reserve(f"R{index}", int(rng.integers(0, 3)), nodes[:cut])]
        if rng.random() < 0.5:
            kept.append(Reserve(f"S{index}", int(rng.integers(0, 3)), nodes[cut:far]))
        caps.append(Cap(f"some {index}", int(rng.integers(0, 4)), nodes, kept if rng.random() < 0.7 else ()))
        if rng.random() < 0.4:  # another week over the same nodes
            other = [Reserve(f"T{index}", int(rng.integers(0, 3)), nodes[:cut])]
            caps.append(Cap(f"again {index}", int(rng.integers(0, 4)), nodes, other))
    forest = nest(n, caps)
    for load in product(range(3), repeat=n):
        assert carries(forest, load) == allowed(caps, load), (number, load)


def allowed(caps: list[Cap], load: tuple[int, ...]) -> bool:
    """By the words of Cap and Reserve: outsiders of any of the reserves get at most what those leave."""
    for cap in caps:
        granted = [
            min(one.seats, cap.seats - sum(kept.seats for kept in cap.reserves[:k]))
            for k, one in enumerate(cap.reserves)
        ]
        for some in range(2 ** len(cap.reserves)):
            chosen = [index for index in range(len(cap.reserves)) if some >> index & 1]
            inside = {node for index in chosen for node in cap.reserves[index].nodes}
            outside = [node for node in cap.nodes if node not in inside]
            seats = cap.seats - sum(max(granted[index], 0) for index in chosen)
            if sum(load[node] for node in outside) > seats:
                return False
    return True


def carries(forest: Forest, load: tuple[int, ...]) -> bool:
    """Whether so many learners on each seat node find their way to the sink and keep the crossing capacities."""
    for row, seats in enumerate(forest.cross_seats.tolist()):
        if sum(load[node] for node in forest.cross_node[forest.cross_row == row].tolist()) > seats:
            return False
    seat = np.repeat(np.arange(len(load)), load)
    cap = (forest.cap_tail, forest.cap_head, forest.cap_seats)
    n = len(seat)
    problem = Problem(n, np.arange(n), seat, np.zeros((1, n), np.int64), *cap, seat_key=np.arange(len(load)))
    return solve(problem, Policy.SERIAL).placed == n


def test_a_hundred_thousand_capacities_take_seconds() -> None:
    blocks = [(slot, (week,)) for week in range(4) for slot in range(10_000)]
    seats = {(slot, week): 1 + slot % 3 for slot in range(10_000) for week in range(4)}
    caps = week_caps(blocks, seats) + [Cap("year", 3, range(slot, 40_000, 10_000)) for slot in range(10_000)]
    began = perf_counter()
    forest = nest(40_000, caps)
    assert perf_counter() - began < 3
    assert (len(forest.cap_tail), forest.crossed) == (50_000, [])
