"""Every learner and every wish gets the reason that is true of it."""

from dataclasses import replace

import numpy as np
import pytest

from placements.allocation import (
    Outcome,
    Policy,
    Problem,
    ProblemError,
    Reason,
    Result,
    Wishes,
    explain,
    solve,
)
from placements.allocation.levels import learner_order
from tests.placements.allocation.builders import from_lists, random_problem, wishes_of


def names(problem: Problem, policy: Policy = Policy.OPTIMUM) -> tuple[list[str], list[str]]:
    why = explain(problem, solve(problem, policy, "seed"), wishes_of(problem))
    return [Outcome(value).name for value in why.outcome], [Reason(value).name for value in why.reason]


def test_a_wish_that_would_take_somebodys_only_place() -> None:
    outcome, reason = names(from_lists({"A": "s1 s2", "B": "s1"}, {"s1": 1, "s2": 1}))
    assert (outcome, reason) == (["WISH", "WISH"], ["ONLY_PLACE", "GOT", "GOT"])


def test_a_closed_seat_and_a_better_wish() -> None:
    outcome, reason = names(from_lists({"A": "x s1 s2"}, {"s1": 1, "s2": 1, "x": 0}))
    assert (outcome, reason) == (["WISH"], ["CLOSED", "GOT", "NOT_NEEDED"])


def test_equals_lose_by_lottery_and_the_numbers_say_how_many() -> None:
    problem = from_lists({"A": "s1 s2", "B": "s1 s2"}, {"s1": 1, "s2": 1})
    result = solve(problem, seed="seed")
    why = explain(problem, result, wishes_of(problem))
    loser = int(np.flatnonzero(why.wish_number == 2)[0])
    assert Reason(why.reason[2 * loser]) is Reason.LOTTERY
    assert why.applicants.tolist() == [2, 2, 2, 2]
    assert why.ranked_as_high.tolist() == [2, 2, 2, 2]
    assert (why.seats.tolist(), why.taken.tolist()) == ([1, 1, 1, 1], [1, 1, 1, 1])


def test_full_with_those_who_ranked_it_higher() -> None:
    problem = from_lists({"A": "s1 x s2", "B": "x s1 s2"}, {"s1": 1, "s2": 2, "x": 0})
    outcome, reason = names(problem)
    assert outcome == ["WISH", "WISH"]
    assert reason == ["GOT", "NOT_NEEDED", "NOT_NEEDED", "CLOSED", "FULL", "GOT"]
    why = explain(problem, solve(problem), wishes_of(problem))
    assert (why.applicants.tolist(), why.ranked_as_high.tolist()) == ([2, 2, 2, 2, 2, 2], [1, 2, 2, 1, 2, 2])


def test_the_lock_is_named_as_the_cause() -> None:
    outcome, reason = names(from_lists({"A": "s2 s1", "D": "s1"}, {"s1": 1, "s2": 1}, locks={"A": "s1"}))
    assert (outcome, reason) == (["LOCKED_IN", "LOCKED_OUT"], ["OWN_LOCK", "GOT", "LOCK"])


def test_blocked_by_rule_outside_the_wishes_and_nothing_allowed() -> None:
    problem = from_lists({"A": "s1", "B": "", "C": "s1 s2"}, {"s1": 0, "s2": 1})
    result = solve(problem)
    row = {"learner": [0, 0, 1, 2], "number": [1, 2, 1, 1], "arc": [-1, 0, -1, -1], "rule": [7, 0, 9, 7]}
    why = explain(problem, result, Wishes(**{name: np.array(values) for name, values in row.items()}))
    assert [Outcome(value).name for value in why.outcome] == ["SHORTAGE", "NO_SEAT", "OUTSIDE"]
    assert [Reason(value).name for value in why.reason] == ["RULE", "CLOSED", "RULE", "RULE"]
    assert why.applicants.tolist() == [0, 1, 0, 0]
    assert why.wish_number.tolist() == [0, 0, 0]


def test_serial_lottery_drew_too_late() -> None:
    outcome, reason = names(from_lists({"A": "s1", "B": "s1"}, {"s1": 1}), Policy.SERIAL)
    assert (sorted(outcome), sorted(reason)) == (["LATE_DRAW", "WISH"], ["GOT", "LOTTERY"])


def test_only_place_is_said_exactly_where_it_is_true() -> None:
    said = 0
    for number in range(1000):
        problem = replace(random_problem(number, learners=8, seat_nodes=6, most_arcs=4), locked=None)
        result = solve(problem)
        why = explain(problem, result, wishes_of(problem))
        for arc in np.flatnonzero(np.isin(why.reason, (Reason.ONLY_PLACE, Reason.LOTTERY, Reason.FULL))).tolist():
            locked = np.full(problem.n_learners, -1)
            locked[problem.learner[arc]] = arc
            costs_a_place = solve(replace(problem, locked=locked)).placed < result.placed
            assert (why.reason[arc] == Reason.ONLY_PLACE) == costs_a_place
            said += costs_a_place
    assert said > 50


def test_every_better_wish_has_a_reason_and_every_place_is_counted() -> None:
    for number in range(100):
        problem = replace(random_problem(number, learners=12, seat_nodes=8, most_arcs=5), locked=None)
        result: Result = solve(problem)
        wishes = wishes_of(problem)
        why = explain(problem, result, wishes)
        assert int((why.reason == Reason.GOT).sum()) == result.placed
        better = wishes.number < why.wish_number[wishes.learner]
        assert not np.isin(why.reason[better], (Reason.GOT, Reason.NOT_NEEDED, Reason.RULE)).any()


def test_room_that_is_reserved_for_others_is_a_quota() -> None:
    """Two seats, one reserved: an outsider finds the open one taken and the reserved one free, but not for it."""
    problem = Problem(
        3,
        np.array([0, 1, 2]),
        np.array([1, 1, 0]),
        np.zeros((1, 3), np.int64),
        np.array([0, 0, 1, 2]),
        np.array([2, 1, 2, -1]),
        np.array([1, 2, 1, 2]),
        seat_key=np.array(["reserve", "open"]),
    )
    everybody, outsiders = (
        solve(problem),
        solve(replace(problem, levels=problem.levels[:, :2], n_learners=2, **rows(2))),
    )
    assert (everybody.placed, outsiders.placed) == (2, 1)
    why = explain(problem, everybody, wishes_of(problem))
    assert sorted(Reason(value).name for value in why.reason) == ["GOT", "GOT", "LOTTERY"]
    smaller = replace(problem, levels=problem.levels[:, :2], n_learners=2, **rows(2))
    why = explain(smaller, outsiders, wishes_of(smaller))
    assert sorted(Reason(value).name for value in why.reason) == ["GOT", "QUOTA"]
    assert (why.seats.tolist(), why.taken.tolist()) == ([1, 1], [1, 1])


def rows(count: int) -> dict[str, np.ndarray | None]:
    return {"learner": np.arange(count), "seat": np.ones(count, np.int64), "learner_key": None}


def test_a_reserve_that_spills_counts_all_its_seats() -> None:
    problem = Problem(
        3,
        np.array([0, 1, 2]),
        np.array([0, 0, 1]),
        np.zeros((1, 3), np.int64),
        np.array([0, 0, 1, 2]),
        np.array([2, 1, 2, -1]),
        np.array([1, 3, 2, 3]),
        seat_key=np.array(["reserve", "open"]),
    )
    why = explain(problem, solve(problem), wishes_of(problem))
    assert (why.seats.tolist(), why.taken.tolist()) == ([3, 3, 2], [3, 3, 2])


def test_the_numbers_drawn_among_equals() -> None:
    """Nothing else is at stake for these five, so the two lowest numbers have the seats."""
    problem = from_lists(dict.fromkeys("ABCDE", "s1"), {"s1": 2})
    result = solve(problem, seed="seed")
    why = explain(problem, result, wishes_of(problem))
    assert sorted(why.draw_number.tolist()) == [1, 2, 3, 4, 5]
    assert ((why.draw_number <= 2) == (result.chosen >= 0)).all()
    assert (why.draw_equals.tolist(), why.draw_last.tolist()) == ([5] * 5, [2] * 5)


def test_who_got_something_better_was_not_in_the_draw_and_a_closed_seat_has_none() -> None:
    problem = from_lists({"A": "s1 s2", "B": "x s2", "C": "x s2"}, {"s1": 1, "s2": 1, "x": 0})
    why = explain(problem, solve(problem, seed="seed"), wishes_of(problem))
    assert why.draw_equals.tolist() == [1, 0, 0, 2, 0, 2]


def test_turns_of_the_serial_lottery() -> None:
    problem = from_lists(dict.fromkeys("ABCD", "s1 s2"), {"s1": 1, "s2": 1})
    result = solve(problem, Policy.SERIAL, "seed")
    why = explain(problem, result, wishes_of(problem))
    order = learner_order(problem, "seed").tolist()
    assert [order.index(who) + 1 for who in problem.learner.tolist()] == (
        np.where(why.reason == Reason.NOT_NEEDED, [order.index(who) + 1 for who in problem.learner], why.draw_number)
    ).tolist()
    last = why.draw_last[why.reason == Reason.LOTTERY].tolist()
    assert sorted(set(last)) == [1, 2]


def test_a_price_is_what_a_seat_is_worth_to_the_others() -> None:
    """With one more seat in s1 the other one would have its first wish; one more learner there would cost as much."""
    problem = from_lists({"A": "s1 s2", "B": "s1 s2"}, {"s1": 1, "s2": 2})
    result = solve(problem)
    why = explain(problem, result, wishes_of(problem))
    assert (why.price.tolist(), why.short.tolist()) == ([1, 0], [False, False])
    assert why.place_price.tolist() == why.price[problem.seat[result.chosen]].tolist()
    crowded = from_lists({"A": "s1", "B": "s1"}, {"s1": 1})
    assert explain(crowded, solve(crowded), wishes_of(crowded)).short.tolist() == [True]


def test_another_learners_arc_is_refused() -> None:
    problem = from_lists({"A": "s1", "B": "s1"}, {"s1": 1})
    one = np.array([1])
    with pytest.raises(ProblemError):
        explain(problem, solve(problem), Wishes(learner=np.array([0]), number=one, arc=one, rule=np.array([0])))
