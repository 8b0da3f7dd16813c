"""Arrays that describe no problem are refused with the array and the row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from placements.allocation import Problem, ProblemError


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "n_learners": 2,
        "learner": np.array([0, 0, 1]),
        "seat": np.array([0, 1, 1]),
        "levels": np.array([[0, 1, 0]]),
        "cap_tail": np.array([0, 1, 2]),
        "cap_head": np.array([2, 2, -1]),
        "cap_seats": np.array([1, 1, 2]),
    } | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_learners": -1}, "n_learners is -1; allowed is 0 … 10000000"),
        ({"learner": np.array([0, 0])}, "learner, seat and levels differ in the number of arcs"),
        ({"learner": np.array([0, 0, 2])}, "learner has 2 in row 2; allowed is 0 … 1"),
        ({"seat": np.array([0, -1, 1])}, "seat has -1 in row 1; allowed is 0 … 1"),
        ({"seat": np.array([1, 1, 1])}, "learner 0 has two arcs to seat node 1"),
        ({"seat": np.array([0.0, 1.0, 1.0])}, "seat must be a 1-dimensional integer array"),
        ({"levels": np.array([0, 1, 0])}, "levels must be a 2-dimensional integer array"),
        ({"levels": np.array([[0, -1, 0]])}, "levels has a negative cost"),
        ({"levels": np.array([[0, 2**63, 0]], np.uint64)}, "levels has a value outside 64-bit integers"),
        ({"levels": np.zeros((0, 3), np.int64)}, "levels has no row; give at least the rank cost"),
        ({"cap_seats": np.array([1, -1, 2])}, "cap_seats is negative in row 1"),
        ({"cap_seats": np.array([1, 2])}, "cap_tail, cap_head and cap_seats differ in length"),
        ({"cap_head": np.array([2, 2, -2])}, "cap_head has -2 in row 2; allowed is -1 … 2"),
        ({"cap_head": np.array([2, 2**40, -1])}, "cap_head has 1099511627776 in row 1; allowed is -1 … 2"),
        ({"cap_tail": np.array([0, 1, 1])}, "node 2 has no capacity arc"),
        ({"seat_key": np.array(["a", "b", "c", "d"])}, "node 3 has no capacity arc"),
        ({"cap_head": np.array([2, 2, 1])}, "capacity arcs run in a cycle through node 0"),
        ({"locked": np.array([0])}, "locked must have one entry per learner"),
        ({"locked": np.array([2, -1])}, "learner 0 is locked to another learner's arc"),
        ({"locked": np.array([3, -1])}, "locked has 3 in row 0; allowed is -1 … 2"),
        ({"learner_key": np.array(["a", "a"])}, "learner_key has the same key twice"),
        ({"learner_key": np.array(["a"])}, "learner_key must be 2 texts or whole numbers"),
        ({"seat_key": np.array(["å", "b"])}, "seat_key must be ASCII text"),
    ],
)
def test_bad_arrays_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError) as refused:
        Problem(**fields(**changes))
    assert str(refused.value) == message


@pytest.mark.parametrize("dtype", [np.int32, np.uint16, np.int64])
def test_any_integers_become_the_same_problem(dtype: Callable[[Any], Any]) -> None:
    problem = Problem(**fields(learner=np.array([0, 0, 1], dtype), locked=np.array([1, -1], np.int32)))
    assert problem.learner.dtype == np.int32
    assert problem.learner_key.tolist() == [b"0", b"1"]
    assert (problem.n_seats, problem.n_nodes, problem.n_arcs) == (2, 3, 3)
    assert problem.allowed().tolist() == [False, True, True]
