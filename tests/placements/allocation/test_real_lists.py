"""Optima of real preference lists (PrefLib): Glasgow projects and sushi."""

import numpy as np
import pytest

from placements.allocation import Policy, Problem, rank_costs, solve, verify
from tests.public_data import FOLDER

PREFLIB = FOLDER / "preflib"

pytestmark = pytest.mark.skipif(not PREFLIB.is_dir(), reason="BRYGGAN_TEST_DATA holds no folder preflib")


def load(name: str, seats_each: int) -> tuple[Problem, np.ndarray]:
    """The problem of a PrefLib file and the wish number of each arc."""
    lines = (PREFLIB / name).read_text().splitlines()
    options = next(int(line.split(":")[1]) for line in lines if line.startswith("# NUMBER ALTERNATIVES"))
    lists: list[list[int]] = []
    for line in (line for line in lines if not line.startswith("#")):
        count, order = line.split(": ")
        lists += [[int(option) - 1 for option in order.split(",")]] * int(count)
    length = np.array([len(order) for order in lists])
    wish = np.concatenate([np.arange(1, size + 1) for size in length])
    problem = Problem(
        len(lists),
        np.repeat(np.arange(len(lists)), length),
        np.concatenate(lists),
        rank_costs(wish, np.repeat(length, length))[None],
        np.arange(options),
        np.full(options, -1),
        np.full(options, seats_each),
        seat_key=np.arange(options),
    )
    return problem, wish


@pytest.mark.parametrize(
    ("name", "seats_each", "profile", "unique"),
    [
        ("00038-project/00038-00000001.soi", 1, [17, 14, 4], True),
        ("00038-project/00038-00000008.soi", 1, [33, 17, 1], True),
        ("00014-sushi/00014-00000002.soi", 50, [1321, 1028, 735, 559, 386, 297, 253, 168, 162, 91], False),
    ],
)
def test_the_known_optimum(name: str, seats_each: int, profile: list[int], *, unique: bool) -> None:
    """Where several profiles share the least cost the lottery decides between them."""
    problem, wish = load(name, seats_each)
    result = solve(problem, Policy.OPTIMUM, "seed")
    verify(problem, result)
    counts = np.bincount(wish[result.chosen[result.chosen >= 0]], minlength=len(profile) + 1)[1:]
    assert result.placed == problem.n_learners
    known = sum(number * rank * (rank + 1) // 2 for rank, number in enumerate(profile))
    assert int(result.level_sums[0]) == known
    assert np.trim_zeros(counts, "b").tolist() == profile or not unique
