"""Why each learner got what it got, and for each wish it would rather have had, why not."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import allocating
from placements.allocation.engine import Result
from placements.allocation.equals import Draws, draws_among_equals, turns_at_seats
from placements.allocation.errors import ProblemError
from placements.allocation.graph import Graph, make_graph, short_nodes
from placements.allocation.levels import Policy
from placements.allocation.only_place import forced_out
from placements.allocation.problem import SINK, Bools, Ints, Problem
from placements.allocation.seats import make_seats, room, seat_the_locked


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
    LOTTERY = 7  # full, and somebody who ranked it exactly as high got it; in the serial lottery: drawn earlier
    FULL = 8  # full with learners who ranked it higher or for whom everything else costs more
    QUOTA = 9  # what is open to this learner is full; there is room, but it is reserved for others


@dataclass(frozen=True, eq=False)
class Wishes:
    """One row per wish, blocked ones too: `number` 1 … of `learner`; its `arc`, or −1 with a `rule` > 0."""

    learner: Ints
    number: Ints
    arc: Ints
    rule: Ints


@dataclass(frozen=True, eq=False)
class Explanation:
    """Per learner, per wish row and per seat node what can be said of it.

    | field | shape | meaning |
    |---|---|---|
    | `outcome`, `wish_number` | [n] | what the learner got; which of its wishes, 0 = none |
    | `place_price` | [n] | price of a seat where the learner sits; 0 without a place |
    | `reason` | [wishes] | |
    | `applicants` | [wishes] | how many wished for that seat node |
    | `ranked_as_high` | [wishes] | of them with the same or a better number, the learner included |
    | `seats`, `taken` | [wishes] | seats there in this run that the learner's kind may have, and how many are used |
    | `draw_number`, `draw_equals`, `draw_last` | [wishes] | the lottery, see below; 0 where there was none |
    | `price` | [seat nodes] | what a seat there is worth in the rank level, see below |
    | `short` | [seat nodes] | whether one more learner there would leave somebody without a place instead |

    Wishes blocked by a rule have 0 in all columns but `reason`.

    The lottery: of those to whom the seat was worth the same and who got nothing better, `draw_equals` learners,
    this learner drew the `draw_number`-th lowest number for this seat and `draw_last` was the highest place in that
    order that got a seat. The optimum weighs the draws of all learners together, so `draw_last` can be above
    `draw_number`: then say only that it was drawn. In the serial lottery the three are the learner's turn, the
    number of learners, and the latest turn that got a seat there.

    A price lies between what the others would gain by a seat more there and what a learner more there would cost
    them. It is a number of the rank level, and says nothing where the node is short: there a place is at stake.
    """

    outcome: Ints
    wish_number: Ints
    place_price: Ints
    reason: Ints
    applicants: Ints
    ranked_as_high: Ints
    seats: Ints
    taken: Ints
    draw_number: Ints
    draw_equals: Ints
    draw_last: Ints
    price: Ints
    short: Bools


class _Ground(NamedTuple):
    """The problem laid out, the nodes the unplaced reach, and those that locks alone fill."""

    graph: Graph
    short: Bools
    held: Bools


def explain(problem: Problem, result: Result, wishes: Wishes) -> Explanation:
    """Explain every learner and every wish at once; no learner is named to another.

    Raises ProblemError when a wish row points at another learner's arc.
    """
    columns = {name: np.asarray(getattr(wishes, name), np.int64) for name in ("learner", "number", "arc", "rule")}
    wishes = Wishes(**columns)
    _check_wishes(problem, wishes)
    has_arc = wishes.arc >= 0
    seat = np.where(has_arc, problem.seat[wishes.arc] if problem.n_arcs else -1, -1).astype(np.int64)
    got = has_arc & (result.chosen[wishes.learner] == wishes.arc)
    wish_number = np.zeros(problem.n_learners, np.int64)
    wish_number[wishes.learner[got]] = wishes.number[got]

    graph = make_graph(problem, result.chosen, result.cap_flow)
    ground = _Ground(graph, short_nodes(graph), _held_by_locks(problem))
    draws = _draws(problem, result, wishes, wish_number)
    applicants, as_high = _demand(seat, wishes.number, problem.n_seats)
    seats, taken = (np.append(column, 0)[seat] for column in seats_and_taken(problem, result.cap_flow))
    price = result.price[: problem.n_seats]
    own_seat = np.where(result.chosen >= 0, problem.seat[result.chosen] if problem.n_arcs else -1, -1)
    return Explanation(
        outcome=_outcomes(problem, result, wish_number, ground),
        wish_number=wish_number,
        place_price=np.append(price, 0)[own_seat],
        reason=_reasons(problem, result, wishes, wish_number, seat, ground, draws),
        applicants=applicants,
        ranked_as_high=as_high,
        seats=seats,
        taken=taken,
        draw_number=draws.number,
        draw_equals=draws.equals,
        draw_last=draws.last,
        price=price,
        short=ground.short[: problem.n_seats],
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


def _draws(problem: Problem, result: Result, wishes: Wishes, wish_number: Ints) -> Draws:
    """The lottery of every wish the learner wanted more than what it got, and of those granted."""
    own = wish_number[wishes.learner]
    wanted = (wishes.arc >= 0) & ((own == 0) | (wishes.number <= own))
    locked = (problem.lock_arcs >= 0)[wishes.learner]
    if result.policy is Policy.SERIAL:
        return turns_at_seats(problem, result, wishes.arc, wanted & ~locked)
    outside = result.chosen[(result.chosen >= 0) & (wish_number == 0)]
    return draws_among_equals(problem, result, wishes.arc, wanted & ~locked, outside)


def _reasons(
    problem: Problem,
    result: Result,
    wishes: Wishes,
    wish_number: Ints,
    seat: Ints,
    ground: _Ground,
    draws: Draws,
) -> Ints:
    own_number = wish_number[wishes.learner]
    conditions = {
        Reason.GOT: (wishes.arc >= 0) & (result.chosen[wishes.learner] == wishes.arc),
        Reason.NOT_NEEDED: (own_number > 0) & (wishes.number > own_number),
        Reason.RULE: wishes.arc < 0,
        Reason.OWN_LOCK: (problem.lock_arcs >= 0)[wishes.learner],
        Reason.CLOSED: np.append(~room(make_seats(problem)), False)[seat],
        Reason.LOCK: np.append(ground.held, False)[seat],
        Reason.QUOTA: np.append(_kept_for_others(problem, result.cap_flow), False)[seat],
    }
    if result.policy is not Policy.SERIAL:
        asked = np.flatnonzero(~np.any(list(conditions.values()), axis=0))
        # Where capacities cross, places were searched for: what a learner's leaving would do is not known.
        asked = asked[~np.isin(wishes.learner[asked], result.searched)] if len(result.searched) else asked
        only_place = np.zeros(len(seat), np.bool_)
        only_place[asked] = forced_out(ground.graph, ground.short, wishes.learner[asked], seat[asked])
        conditions[Reason.ONLY_PLACE] = only_place
    conditions[Reason.LOTTERY] = draws.last > 0
    return np.select(list(conditions.values()), [int(reason) for reason in conditions], int(Reason.FULL))


def _demand(seat: Ints, number: Ints, n_seats: int) -> tuple[Ints, Ints]:
    """Per wish row: how many wished for the seat node, and how many with the same or a better number."""
    numbers, place = np.unique(number, return_inverse=True)
    key = seat * len(numbers) + place
    table = np.bincount(key[seat >= 0], minlength=n_seats * len(numbers)).reshape(n_seats, len(numbers))
    as_high = np.vstack([table.cumsum(axis=1), np.zeros((1, len(numbers)), np.int64)])
    return as_high[seat, -1] if len(seat) else seat, as_high[seat, place]


def _outcomes(problem: Problem, result: Result, wish_number: Ints, ground: _Ground) -> Ints:
    placed = result.chosen >= 0
    conditions = {
        Outcome.LOCKED_IN: problem.lock_arcs >= 0,
        Outcome.WISH: placed & (wish_number > 0),
        Outcome.OUTSIDE: placed,
        Outcome.NO_SEAT: np.diff(ground.graph.row) == 0,
        Outcome.LOCKED_OUT: _unplaced_at(ground.graph, ground.held),
        Outcome.LATE_DRAW: np.full(problem.n_learners, result.policy is Policy.SERIAL),
    }
    return np.select(list(conditions.values()), [int(outcome) for outcome in conditions], int(Outcome.SHORTAGE))


@allocating
def _unplaced_at(g: Graph, nodes: Bools) -> Bools:
    """Unplaced learners that may sit on one of the nodes; [n]."""
    found = np.zeros(len(g.chosen), np.bool_)
    for learner in range(len(g.chosen)):
        if g.chosen[learner] < 0:
            for at in range(g.row[learner], g.row[learner + 1]):
                found[learner] |= nodes[g.seat[g.order[at] if len(g.order) else at]]
    return found


def seats_and_taken(problem: Problem, cap_flow: Ints) -> tuple[Ints, Ints]:
    """Seats of each seat node and how many of them are used; [seat nodes].

    They are those on the capacity arcs out of the node. Where an arc leads on to a pool with no more seats than the
    arc itself (a reserve that spills over), it is the pool's seats that count, and all who use them.
    """
    seats = np.minimum(problem.cap_seats, problem.n_learners + 1)
    out, used = (np.zeros(problem.n_nodes + 1, np.int64) for _ in range(2))
    np.add.at(out, problem.cap_tail, seats)
    np.add.at(used, problem.cap_tail, cap_flow)
    several = np.bincount(problem.cap_tail, minlength=problem.n_nodes)[problem.cap_tail] > 1
    pooled = several & (problem.cap_head != SINK) & (out[problem.cap_head] <= seats)
    found: list[Ints] = []
    for own, pool in ((seats, out), (cap_flow, used)):
        column = np.zeros(problem.n_nodes, np.int64)
        np.add.at(column, problem.cap_tail, np.where(pooled, pool[problem.cap_head], own))
        found.append(column[: problem.n_seats])
    return found[0], found[1]


def _held_by_locks(problem: Problem) -> Bools:
    """Nodes from which no seat is left once the locked learners sit; [nodes]."""
    if problem.locked is None or not (problem.locked >= 0).any():
        return np.zeros(problem.n_nodes, np.bool_)
    seats = make_seats(problem)
    seat_the_locked(problem, seats)
    full: Bools = ~room(seats)
    return full


def _kept_for_others(problem: Problem, cap_flow: Ints) -> Bools:
    """Nodes without room that others reach from a node with room: they share seats, but some are reserved; [nodes]."""
    has_room = np.append(room(make_seats(problem, cap_flow)), True)
    kept = np.zeros(problem.n_nodes + 1, np.bool_)
    spills = has_room[problem.cap_tail] & ~has_room[problem.cap_head] & (problem.cap_seats > 0)
    kept[problem.cap_head[spills]] = True
    passes: NDArray[np.intp] = np.flatnonzero(cap_flow < problem.cap_seats)
    while True:
        below = passes[kept[problem.cap_head[passes]] & ~kept[problem.cap_tail[passes]]]
        below = below[~has_room[problem.cap_tail[below]]]
        if not len(below):
            return kept[:-1]
        kept[problem.cap_tail[below]] = True
