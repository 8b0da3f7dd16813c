"""The shares of the market outside the shortage have nothing in common, and leave nobody out."""

import numpy as np
import pytest

from placements.allocation.core.layout import lay_out
from placements.allocation.core.parts import shares
from placements.allocation.levels import Policy, objective
from tests.placements.allocation.builders import random_problem


@pytest.mark.parametrize("number", range(200))
def test_shares_have_no_node_in_common_and_every_learner_once(number: int) -> None:
    layout = lay_out(
        random_problem(number, learners=12), objective(random_problem(number, learners=12), Policy.OPTIMUM, "s")
    )
    rng = np.random.default_rng(number)
    short = rng.random(layout.n_nodes) < 0.2
    reaches = [
        any(not short[v] for v in layout.rows.seat[layout.rows.start[p] : layout.rows.start[p + 1]])
        for p in range(layout.n_learners)
    ]
    learners = rng.permutation(np.flatnonzero(reaches)).astype(np.int32)

    found = shares(layout.rows, layout.caps, short, learners, 3)

    assert sorted(p for share in found for p in share.learners) == sorted(learners)
    assert sum(share.nodes for share in found).max(initial=0) <= 1
    order = {p: place for place, p in enumerate(learners)}
    for share in found:
        assert [order[p] for p in share.learners] == sorted(order[p] for p in share.learners)
        for p in share.learners:
            seats = layout.rows.seat[layout.rows.start[p] : layout.rows.start[p + 1]]
            assert all(share.nodes[v] or short[v] for v in seats)
        for tail, head in zip(layout.caps.tail, layout.caps.head, strict=True):
            if head < layout.n_nodes and share.nodes[tail] and not short[head]:
                assert share.nodes[head]
