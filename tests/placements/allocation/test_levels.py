"""Rank costs, profiles and the lottery."""

from hashlib import blake2b, sha256

import numpy as np
import pytest

from placements.allocation import Policy, ProblemError, rank_costs, seed_commitment
from placements.allocation.levels import arc_draws, objective
from tests.placements.allocation.builders import from_lists


def test_rank_costs_are_triangular_and_a_seat_outside_costs_the_own_next_rank() -> None:
    assert rank_costs(np.array([1, 2, 3, 0, 1, 0]), np.array([3, 3, 3, 3, 1, 1])).tolist() == [
        0,
        1,
        3,
        6,
        0,
        1,
    ]


def test_rank_costs_refuse_negative_wishes() -> None:
    with pytest.raises(ProblemError):
        rank_costs(np.array([-1]), np.array([1]))


def test_a_draw_can_be_recomputed_by_hand() -> None:
    problem = from_lists({"anna": "bageri"}, {"bageri": 1})
    key = sha256(b"seed").digest()

    def number(text: bytes, person: bytes) -> int:
        return int.from_bytes(blake2b(text, digest_size=8, key=key, person=person).digest(), "big")

    z = (number(b"anna", b"learner") + 3 * number(b"bageri", b"seat")) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    assert arc_draws(problem, "seed").tolist() == [z ^ (z >> 31)]


def test_the_lottery_is_one_level_of_the_40_highest_bits() -> None:
    problem = from_lists({"A": "a b", "B": "b a"}, {"a": 1, "b": 1})
    *_, before, last = objective(problem, Policy.OPTIMUM, "seed")
    wanted = (arc_draws(problem, "seed") >> np.uint64(24)).astype(np.int64)
    assert (before.name, last.name) == ("rank", "lottery")
    assert np.array_equal(last.cost, wanted)
    assert np.array_equal(last.of(np.array([3, 1])), wanted[[3, 1]])
    assert wanted.max() <= last.largest == 2**40 - 1


def test_a_level_gives_the_costs_of_some_arcs_as_of_all() -> None:
    problem = from_lists({"A": "a b c", "B": "a"}, {"a": 1, "b": 1, "c": 1}, locks={"B": "a"})
    arcs = np.array([2, 0])
    for policy in (Policy.OPTIMUM, Policy.GENEROUS, Policy.GREEDY):
        for level in objective(problem, policy, "seed"):
            assert np.array_equal(level.of(arcs), level.cost[arcs])
            assert level.cost.max() <= level.largest


def test_draws_are_even_and_differ_between_seeds() -> None:
    lists = {f"l{k}": " ".join(f"s{seat}" for seat in range(50)) for k in range(100)}
    problem = from_lists(lists, {f"s{seat}": 1 for seat in range(50)})
    draws = arc_draws(problem, "one").astype(float) / 2**64
    assert abs(draws.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(draws, arc_draws(problem, "two").astype(float))[0, 1]) < 0.05
    assert len(np.unique(draws)) == 5000


def test_the_commitment_is_plain_sha256() -> None:
    assert seed_commitment("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_profile_digits_put_the_worst_or_the_best_rank_first() -> None:
    problem = from_lists({"A": "a b c", "B": "a"}, {"a": 1, "b": 1, "c": 1})
    assert objective(problem, Policy.GENEROUS, "")[0].cost.tolist() == [0, 1, 3, 0]
    assert objective(problem, Policy.GREEDY, "")[0].cost.tolist() == [1, 3, 4, 1]


def test_a_profile_over_too_many_costs_is_refused() -> None:
    problem = from_lists({"A": " ".join(f"s{k}" for k in range(70))}, {f"s{k}": 1 for k in range(70)})
    with pytest.raises(ProblemError):
        objective(problem, Policy.GREEDY, "")
