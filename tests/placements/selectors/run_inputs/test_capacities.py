"""The capacity arrays let through exactly what the seats per week do."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.columns import column_of
from placements.allocation.problem import SINK
from placements.selectors.run_inputs.capacities import capacity_arrays
from placements.selectors.run_inputs.offers import ABSENT, NO_CAP, Offers

FIRST = date(2026, 10, 5)
WEEKS = tuple(FIRST + timedelta(weeks=number) for number in range(5))
APART = [WEEKS[:2], WEEKS[2:3], WEEKS[3:]]
OVERLAPPING = [WEEKS[:2], WEEKS[1:3], WEEKS[3:]]


@st.composite
def markets(draw):
    """Offers, blocks, the seat nodes (every slot in every block it is open in), and how many learners sit at each."""
    blocks = draw(st.sampled_from([APART, OVERLAPPING, [WEEKS], [WEEKS[:1], WEEKS]]))
    workplace = np.array(draw(st.lists(st.integers(0, 2), min_size=1, max_size=5)), np.int32)
    left = draw(st.lists(st.lists(st.sampled_from([ABSENT, 1, 2, 3]), min_size=5, max_size=5), min_size=5, max_size=5))
    room = draw(
        st.lists(st.lists(st.sampled_from([NO_CAP, 0, 1, 3, 9]), min_size=5, max_size=5), min_size=3, max_size=3)
    )
    offers = Offers(
        ids=column_of([]),
        kinds=[],
        of_kind=np.zeros(0, np.int32),
        workplace=workplace,
        workplace_ids=np.zeros(3, "S16"),
        workplace_at=np.zeros((3, 2)),
        weeks=WEEKS,
        left=np.array(left[: len(workplace)], np.int32),
        room=np.array(room, np.int32),
    )
    nodes = [
        (slot, number)
        for number, block in enumerate(blocks)
        for slot in range(len(workplace))
        if (offers.left[slot][offers.week_numbers(block)] != ABSENT).all()
    ]
    sitting = draw(st.lists(st.integers(0, 3), min_size=len(nodes), max_size=len(nodes)))
    return offers, blocks, nodes, sitting


def fits_week_by_week(offers, blocks, nodes, sitting) -> bool:
    slots, workplaces = np.zeros_like(offers.left), np.zeros_like(offers.room)
    for (slot, number), count in zip(nodes, sitting, strict=True):
        for week in offers.week_numbers(blocks[number]):
            slots[slot, week] += count
            workplaces[offers.workplace[slot], week] += count
    return bool((slots <= np.maximum(offers.left, 0)).all() and (workplaces <= offers.room).all())


def fits_in_arrays(arrays, nodes, sitting) -> bool:
    """No reserves here, so each node has one way up."""
    up = dict(
        zip(
            arrays["cap_tail"].tolist(),
            zip(arrays["cap_head"].tolist(), arrays["cap_seats"].tolist(), strict=True),
            strict=True,
        )
    )
    load = dict.fromkeys(up, 0)
    for node, count in enumerate(sitting):
        at = node
        while at != SINK:
            load[at] += count
            at = up[at][0]
    rows = np.bincount(
        arrays.get("cross_row", np.zeros(0, np.int64)),
        np.array(sitting)[arrays["cross_node"]] if "cross_node" in arrays else None,
        len(arrays.get("cross_seats", [])),
    )
    return all(load[node] <= seats for node, (_head, seats) in up.items()) and bool(
        (rows <= arrays.get("cross_seats", np.zeros(0))).all()
    )


@given(markets())
def test_exactly_what_fits_week_by_week_fits(market):
    offers, blocks, nodes, sitting = market
    slot = np.array([slot for slot, _block in nodes], np.int32)
    block = np.array([number for _slot, number in nodes], np.int32)
    arrays = capacity_arrays(offers, blocks, slot, block)
    assert fits_in_arrays(arrays, nodes, sitting) == fits_week_by_week(offers, blocks, nodes, sitting)
    assert set(range(len(nodes))) <= set(arrays["cap_tail"].tolist())
