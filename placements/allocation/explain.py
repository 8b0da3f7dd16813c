"""Why each learner got what it got, and for each wish it would rather have had, why not."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from placements.allocation.engine import Result
from placements.allocation.errors import ProblemError
from placements.allocation.levels import Policy
from placements.allocation.only_place import costs_a_place
from placements.allocation.problem import SINK, Bools, Ints, Problem


class Outcome(IntEnum):
    """What a learner got: a wish, an allowed seat outside the wishes, a lock, or nothing and why."""

    WISH = 0
    OUTSIDE = 1
    LOCKED_IN = 2
    NO_SEAT = 3  # nothing is allowed to this learner
    SHORTAGE = 4  # the learners who reach the same seats are more than the seats
    LOCKED_OUT = 5  # every allowed seat is out, and at least one of them is held by locks alone
    LATE_DRAW = 6  # serial lottery: everything allowed was taken before this learner's turn


class Reason(IntEnum):
    """Why a wish was not granted."""

    GOT = 0
    NOT_NEEDED = 1  # the learner got an earlier wish
    RULE = 2  # blocked before the run; the rule code is in the wish row
    OWN_LOCK = 3  # the learner was locked to another seat
    CLOSED = 4  # no seats there in this run
    LOCK = 5  # all seats there are held by locks
    ONLY_PLACE = 6  # granting it would leave one more learner without any place
    LOTTERY = 7  # full, and somebody who ranked it exactly as high got it
    FULL = 8  # full with learners who ranked it higher or for whom everything else costs more


@dataclass(frozen=True, eq=False)
class Wishes:
    """One row per wish, blocked ones too: `number` 1 … of `learner`; its `arc`, or −1 with a `rule` > 0."""

    learner: Ints
    number: Ints
    arc: Ints
    rule: Ints


@dataclass(frozen=True, eq=False)
class Explanation:
    """Per learner `outcome` and `wish_number` (0 = none), per wish row `reason` and the numbers behind it.

    `applicants` wished for that seat node, `ranked_as_high` of them with the same or a better number (the
    learner included), `seats` it has in this run and `taken` of them are used. All four are 0 for a wish
    blocked by a rule.
    """

    outcome: Ints
    wish_number: Ints
    reason: Ints
    applicants: Ints
    ranked_as_high: Ints
    seats: Ints
    taken: Ints


def explain(problem: Problem, result: Result, wishes: Wishes) -> Explanation:
    """Explain every learner and every wish at once; no learner is named to another.

    Raises ProblemError when a wish row points at another learner's arc.
    """
    columns = {name: np.asarray(getattr(wishes, name), np.int64) for name in ("learner", "number", "arc", "rule")}
    wishes = Wishes(**columns)
    _check_wishes(problem, wishes)
    has_arc = wishes.arc >= 0
    arc = np.where(has_arc, wishes.arc, 0)
    seat = problem.seat[arc].astype(np.int64) if problem.n_arcs else np.zeros_like(arc)

    got = has_arc & (result.chosen[wishes.learner] == wishes.arc)
    wish_number = np.zeros(problem.n_learners, np.int64)
    wish_number[wishes.learner[got]] = wishes.number[got]
    taken, seats = _taken(problem, result), _seats(problem)
    reason = _reasons(problem, result, wishes, wish_number, seat)
    applicants, as_high = _demand(seat, wishes.number, has_arc)
    return Explanation(
        outcome=_outcomes(problem, result, wish_number),
        wish_number=wish_number,
        reason=reason,
        applicants=applicants,
        ranked_as_high=as_high,
        seats=np.where(has_arc, seats[seat], 0) if len(seats) else np.zeros_like(arc),
        taken=np.where(has_arc, taken[seat], 0) if len(taken) else np.zeros_like(arc),
    )


def _check_wishes(problem: Problem, wishes: Wishes) -> None:
    rows = len(wishes.learner)
    if not rows == len(wishes.number) == len(wishes.arc) == len(wishes.rule):
        raise ProblemError("the columns of the wishes differ in length")
    if rows and not (wishes.learner.min() >= 0 and wishes.learner.max() < problem.n_learners):
        raise ProblemError("a wish belongs to a learner that does not exist")
    if rows and not (wishes.arc.min() >= -1 and wishes.arc.max() < problem.n_arcs):
        raise ProblemError("a wish names an arc that does not exist")
    has_arc = wishes.arc >= 0
    if (problem.learner[wishes.arc[has_arc]] != wishes.learner[has_arc]).any():
        raise ProblemError("a wish names another learner's arc")


def _reasons(problem: Problem, result: Result, wishes: Wishes, wish_number: Ints, seat: Ints) -> Ints:
    has_arc = wishes.arc >= 0
    own_number = wish_number[wishes.learner]
    locked = (problem.lock_arcs >= 0)[wishes.learner]
    if not problem.n_arcs:
        return np.where(wishes.arc < 0, Reason.RULE, Reason.FULL).astype(np.int64)
    reached_by_lock = _held_by_locks(problem, result)
    conditions = {
        Reason.GOT: has_arc & (result.chosen[wishes.learner] == wishes.arc),
        Reason.NOT_NEEDED: (own_number > 0) & (wishes.number > own_number),
        Reason.RULE: ~has_arc,
        Reason.OWN_LOCK: locked,
        Reason.CLOSED: (_widest_way(problem) == 0)[seat],
        Reason.LOCK: reached_by_lock[seat],
        Reason.ONLY_PLACE: _only_place(problem, result, wishes, seat),
        Reason.LOTTERY: _equal_got_it(problem, result, wishes, seat),
    }
    return np.select(list(conditions.values()), [int(reason) for reason in conditions], int(Reason.FULL))


def _only_place(problem: Problem, result: Result, wishes: Wishes, seat: Ints) -> Bools:
    answer = np.zeros(len(seat), np.bool_)
    if result.policy is not Policy.SERIAL:
        rows = np.flatnonzero((wishes.arc >= 0) & (problem.lock_arcs < 0)[wishes.learner])
        answer[rows] = costs_a_place(problem, result.chosen, result.cap_flow, wishes.learner[rows], seat[rows])
    return answer


def _equal_got_it(problem: Problem, result: Result, wishes: Wishes, seat: Ints) -> Bools:
    """Somebody sits on the seat node at exactly the same cost in every level that is not lottery."""
    got = result.chosen[result.chosen >= 0]
    arc = np.maximum(wishes.arc, 0)
    rows = np.concatenate(
        [
            np.vstack([problem.seat[got], problem.levels[:, got]]).T,
            np.vstack([seat, problem.levels[:, arc]]).T,
        ]
    )
    _, kind = np.unique(rows, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    return np.isin(kind[len(got) :], kind[: len(got)])


def _demand(seat: Ints, number: Ints, has_arc: Bools) -> tuple[Ints, Ints]:
    """Per wish row: how many wished for the seat node, and how many with the same or a better number."""
    applicants, as_high = np.zeros(len(seat), np.int64), np.zeros(len(seat), np.int64)
    rows = np.flatnonzero(has_arc)
    base = int(number.max(initial=0)) + 1
    key = seat[rows] * base + number[rows]
    ordered = np.sort(key)
    from_seat = np.searchsorted(ordered, seat[rows] * base)
    applicants[rows] = np.searchsorted(ordered, (seat[rows] + 1) * base) - from_seat
    as_high[rows] = np.searchsorted(ordered, key, side="right") - from_seat
    return applicants, as_high


def _outcomes(problem: Problem, result: Result, wish_number: Ints) -> Ints:
    n = problem.n_learners
    placed = result.chosen >= 0
    held = _held_by_locks(problem, result)
    locked_out = np.zeros(n, np.bool_)
    locked_out[problem.learner[held[problem.seat]]] = True
    conditions = {
        Outcome.LOCKED_IN: problem.lock_arcs >= 0,
        Outcome.WISH: placed & (wish_number > 0),
        Outcome.OUTSIDE: placed,
        Outcome.NO_SEAT: np.bincount(problem.learner, minlength=n) == 0,
        Outcome.LOCKED_OUT: locked_out,
        Outcome.LATE_DRAW: np.full(n, result.policy is Policy.SERIAL),
    }
    return np.select(list(conditions.values()), [int(outcome) for outcome in conditions], int(Outcome.SHORTAGE))


def _taken(problem: Problem, result: Result) -> Ints:
    return np.bincount(problem.seat[result.chosen[result.chosen >= 0]], minlength=problem.n_seats)


def _seats(problem: Problem) -> Ints:
    """Seats on the capacity arcs out of each seat node itself; [seat nodes]."""
    seats = np.zeros(problem.n_nodes, np.int64)
    np.add.at(seats, problem.cap_tail, np.minimum(problem.cap_seats, problem.n_learners + 1))
    return seats[: problem.n_seats]


def _widest_way(problem: Problem) -> Ints:
    """The most seats any single way from the node to the sink has, 0 when it is closed; [nodes]."""
    way = np.zeros(problem.n_nodes + 1, np.int64)
    way[SINK] = np.iinfo(np.int64).max
    while True:
        before = way.copy()
        np.maximum.at(way, problem.cap_tail, np.minimum(problem.cap_seats, way[problem.cap_head]))
        if np.array_equal(before, way):
            return way[:-1]


def _held_by_locks(problem: Problem, result: Result) -> Bools:
    """Seat nodes with no way up that locked learners alone do not fill; [nodes].

    Locked learners are sent up their node's first way, which is the only one in a forest.
    """
    held = problem.lock_arcs[problem.lock_arcs >= 0]
    if not len(held):
        return np.zeros(problem.n_nodes, np.bool_)
    first_way = np.zeros(problem.n_nodes, np.int64)
    first_way[problem.cap_tail[::-1]] = np.arange(len(problem.cap_tail))[::-1]
    by_locks = np.zeros(len(problem.cap_tail), np.int64)
    at = problem.seat[held].astype(np.int64)
    while len(at):
        way = first_way[at]
        np.add.at(by_locks, way, 1)
        at = problem.cap_head[way]
        at = at[at != SINK]
    room = np.append(np.zeros(problem.n_nodes, np.bool_), True)
    while True:
        before = room.copy()
        np.logical_or.at(room, problem.cap_tail, (by_locks < problem.cap_seats) & room[problem.cap_head])
        if np.array_equal(before, room):
            closed: Bools = ~room[:-1]
            return closed
