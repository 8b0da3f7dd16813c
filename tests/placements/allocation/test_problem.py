"""Arrays that describe no problem are refused with the array and the row."""

from collections.abc import Callable
from time import perf_counter
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


def crossing(**changes: Any) -> dict[str, Any]:
    given = {"cross_seats": np.array([1]), "cross_row": np.array([0, 0]), "cross_node": np.array([0, 1])}
    return given | changes


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
        ({"learner": np.array([0, 0, 2**32 + 1])}, "learner has 4294967297 in row 2; allowed is 0 … 1"),
        ({"seat": np.array([0, 1, 2**32 + 1])}, "node 3 has no capacity arc"),
        ({"group": np.array([0, 0])}, "group and group_step come together; one of them is missing"),
        ({"group_step": np.array([0, 0])}, "group and group_step come together; one of them is missing"),
        ({"group": np.array([0]), "group_step": np.array([1])}, "group must have one entry per learner"),
        ({"group": np.array([0, -1]), "group_step": np.array([1])}, "group has -1 in row 1; allowed is 0 … 999999"),
        ({"group": np.array([0, 1]), "group_step": np.array([[1]])}, "group has 1 in row 1; allowed is 0 … 0"),
        ({"group": np.array([0, 1]), "group_step": np.array([1, -1])}, "group_step is negative in row 1"),
        ({"group": np.array([0, 1]), "group_step": np.array([1, 3, 2])}, "group_step falls in row 2"),
        ({"group": np.array([0, 1]), "group_step": np.array([[1, 2], [2, 1]])}, "group_step falls in row 1"),
        (
            {"group": np.array([0, 1]), "group_step": np.zeros(0, np.int64)},
            "group_step is empty; give at least the cost of the first unplaced learner",
        ),
        (
            {"group": np.array([0, 1]), "group_step": np.array([2**60])},
            "the costs of group_step could add up to more than 2^60",
        ),
        (
            {"cross_seats": np.array([1])},
            "cross_seats, cross_row and cross_node come together; one of them is missing",
        ),
        (crossing(cross_row=np.array([0])), "cross_row and cross_node differ in length"),
        (crossing(cross_row=np.array([0, 1])), "cross_row has 1 in row 1; allowed is 0 … 0"),
        (crossing(cross_node=np.array([0, 2])), "cross_node has 2 in row 1; allowed is 0 … 1"),
        (crossing(cross_seats=np.array([-1])), "cross_seats is negative in row 0"),
        (
            crossing(cross_node=np.array([1, 1])),
            "cross_node names seat node 1 twice for one capacity, again in row 1",
        ),
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


def test_arrays_of_the_right_type_are_not_copied() -> None:
    given = fields(learner=np.array([0, 0, 1], np.int32), seat=np.array([0, 1, 1], np.int32))
    problem = Problem(**given)
    for name in ("learner", "seat", "levels", "cap_seats"):
        assert getattr(problem, name) is given[name]


@pytest.mark.parametrize(
    ("learner", "seat", "in_order", "twice"),
    [
        ([0, 0, 1], [0, 1, 1], True, None),
        ([1, 0, 0], [1, 0, 1], False, None),
        ([0, 0, 1], [1, 0, 1], False, None),
        ([0, 1, 0], [1, 1, 1], False, "learner 0 has two arcs to seat node 1"),
    ],
)
def test_twins_are_found_in_any_order(
    learner: list[int], seat: list[int], twice: str | None, *, in_order: bool
) -> None:
    given = fields(learner=np.array(learner), seat=np.array(seat), seat_key=np.array(["a", "b"]))
    if twice is None:
        assert Problem(**given).in_order is in_order
        return
    with pytest.raises(ProblemError, match=twice):
        Problem(**given)


def test_ten_million_arcs_are_checked_in_a_second() -> None:
    per, n = 40, 250_000
    learner = np.repeat(np.arange(n, dtype=np.int32), per)
    seat = np.tile(np.arange(per, dtype=np.int32), n)
    cap = np.arange(per)
    began = perf_counter()
    Problem(n, learner, seat, np.zeros((1, n * per), np.int64), cap, np.full(per, -1), np.full(per, n))
    assert perf_counter() - began < 3
