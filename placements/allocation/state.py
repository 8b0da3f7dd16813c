"""An optimum laid out for re-optimisation: the network, its prices, and what the last change did to it."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from placements.allocation import levels as levels_of
from placements.allocation import reroute
from placements.allocation.core import draws
from placements.allocation.errors import ProblemError
from placements.allocation.graph import arcs_by_learner, by_key
from placements.allocation.levels import FAIRNESS, Level, Lottery, Policy, objective
from placements.allocation.problem import SINK, Ints, Problem
from placements.allocation.reroute import GONE, NOBODY, WAITING, Net, Work

if TYPE_CHECKING:  # the engine itself re-optimises where capacities cross
    from placements.allocation.engine import Result

NO_ARC = -1
SLACK = 1024  # room for late arcs and learners before the columns are copied


class Search(Enum):
    """Where a search goes: a unit too many is pushed on, one too few is pulled in."""

    PUSH = auto()
    PULL = auto()


@dataclass(frozen=True)
class Searched:
    """The steps begin … end that a search did."""

    which: Search
    begin: int
    end: int


@dataclass(eq=False)
class State:
    """An optimum that changes step by step. Arcs of late learners are numbered on from the problem's.

    `names` and `sums` are the objective; `version` counts the changes carried out.
    """

    problem: Problem
    policy: Policy
    seed: str
    names: tuple[str, ...]
    sums: Ints
    net: Net
    work: Work
    order: NDArray[np.int32]  # problem arc at each position; empty when the same
    position: NDArray[np.int32]  # and the other way
    seat_hash: levels_of.UInts
    n_learners: int
    version: int = 0
    searches: list[Searched] = field(default_factory=list)
    _seats: list[tuple[int, int]] = field(default_factory=list)
    _locks: list[tuple[int, bool]] = field(default_factory=list)

    @classmethod
    def of(cls, problem: Problem, result: "Result") -> "State":
        """Lay out a result. Raises ProblemError without prices: a serial lottery, or capacities that cross."""
        if not len(result.duals) or problem.crosses or len(result.searched):
            raise ProblemError("only an optimum with prices for all its learners can be re-optimised")
        row, order = arcs_by_learner(problem)
        position = np.empty_like(order)
        position[order] = np.arange(len(order), dtype=np.int32)
        levels = objective(problem, result.policy, result.seed)
        lottery = levels[-1]
        assert isinstance(lottery, Lottery)
        net = _make_net(problem, result, levels, row, order, position)
        return cls(
            problem=problem,
            policy=result.policy,
            seed=result.seed,
            names=result.objective_names,
            sums=result.objective_sums.copy(),
            net=net,
            work=_make_work(net),
            order=order,
            position=position,
            seat_hash=lottery.seat_hash,
            n_learners=problem.n_learners,
        )

    @property
    def chosen(self) -> Ints:
        """Arc of each learner, −1 without a place; [learners, late ones too]."""
        return np.array([self.arc_at(used) for used in self.net.used[: self.n_learners].tolist()], np.int64)

    @property
    def sink(self) -> int:
        return len(self.net.price) - 1

    def arc_at(self, position: int) -> int:
        """The problem's arc at a position, −1 for none."""
        if position < 0:
            return NO_ARC
        return int(self.order[position]) if position < len(self.order) else position

    def position_of(self, learner: int, seat: int) -> int:
        """The position of the learner's arc to the seat node. Raises ProblemError when it has none."""
        begin, end = self.net.row[learner], self.net.row[learner + 1]
        found = np.flatnonzero(self.net.seat[begin:end] == seat)
        if not len(found):
            raise ProblemError(f"learner {learner} has no arc to seat node {seat}")
        return int(begin + found[0])

    def cost(self, used: int) -> Ints:
        """What a learner costs in every level: where it sits, without a place, or gone."""
        cost = np.zeros(len(self.names), np.int64)
        if used >= 0:
            cost[1:] = self.net.cost[used]
        elif used == WAITING:
            cost[0] = 1
        return cost

    # -- what a change does, so that it can be told and undone

    def forget(self) -> None:
        """Begin a change."""
        self.work.tally[reroute.DONE] = self.work.tally[reroute.CHANGED] = 0
        self.searches, self._seats, self._locks = [], [], []

    def search(self, which: Search, also: int = NOBODY) -> int:
        """Run a search that has been started; the node it came to, NOBODY when there is no way."""
        begin = int(self.work.tally[reroute.DONE])
        if which is Search.PUSH:
            found = self.sink if reroute.push(self.net, self.work) else NOBODY
        else:
            found = int(reroute.pull(self.net, self.work, also))
        self.searches.append(Searched(which, begin, int(self.work.tally[reroute.DONE])))
        return found

    def change_seats(self, cap_arc: int, by: int) -> None:
        self._seats.append((cap_arc, by))
        self.net.seats[cap_arc] += by

    def lock(self, learner: int) -> None:
        self._locks.append((learner, bool(self.net.fixed[learner])))
        self.net.fixed[learner] = True

    def undo(self) -> None:
        """Take back everything since `forget`."""
        reroute.undo(self.net, self.work)
        for cap_arc, by in self._seats:
            self.net.seats[cap_arc] -= by
        for learner, was in self._locks:
            self.net.fixed[learner] = was

    def steps(self) -> list[tuple[int, int]]:
        """Who moved in each step, NOBODY when it was a capacity or a group, and what it had used before."""
        found = []
        for kind, via, was in self.work.done[: self.work.tally[reroute.DONE]].tolist():
            if kind == reroute.TAKES:
                found.append((int(self.net.who[via]), was))
            else:
                found.append((via if kind == reroute.GIVES_UP else NOBODY, was))
        return found

    def fairness_difference(self) -> int:
        """What the groups' unplaced cost now, less what they cost before."""
        last = self.net.step.shape[1] - 1
        count: dict[int, int] = {}
        total = 0
        for kind, group, _ in self.work.done[: self.work.tally[reroute.DONE]].tolist()[::-1]:
            # Backwards from now, when `waiting` is what it is.
            if kind == reroute.MORE_LEFT:
                count[group] = count.get(group, int(self.net.waiting[group])) - 1
                total += int(self.net.step[group, min(count[group], last)])
            elif kind == reroute.FEWER_LEFT:
                total -= int(self.net.step[group, min(count.get(group, int(self.net.waiting[group])), last)])
                count[group] = count.get(group, int(self.net.waiting[group])) + 1
        return total


def _make_net(
    problem: Problem,
    result: "Result",
    levels: list[Level],
    row: Ints,
    order: NDArray[np.int32],
    position: NDArray[np.int32],
) -> Net:
    n, m, nodes = problem.n_learners, problem.n_arcs, problem.n_nodes
    groups = max(problem.n_groups, 1)
    seat = problem.seat[order] if len(order) else problem.seat
    column, rows = by_key(seat, problem.n_seats)
    group = np.zeros(n, np.int32) if problem.group is None else problem.group
    member, members = by_key(group, groups)
    sink = nodes + groups
    head = np.where(problem.cap_head == SINK, sink, problem.cap_head)
    up, up_arc = by_key(problem.cap_tail, sink + 1)
    down, down_arc = by_key(head, sink + 1)
    prices = np.zeros((len(result.objective_names), sink + 1), np.int64)
    prices[:, :nodes] = result.duals
    prices[:, nodes : nodes + problem.n_groups] = result.group_price
    used = result.chosen.copy()
    if len(order):
        used[used >= 0] = position[used[used >= 0]]
    names = result.objective_names
    net = Net(
        row=_longer(row, n + SLACK + 1),
        seat=_longer(seat, m + SLACK),
        who=_longer(np.repeat(np.arange(n, dtype=np.int32), np.diff(row)), m + SLACK),
        cost=_costs(levels, order, m),
        column=column,
        rows=rows,
        more=np.full(problem.n_seats, NOBODY, np.int32),
        next=np.full(SLACK, NOBODY, np.int32),
        group=_longer(group.astype(np.int64), n + SLACK),
        member=member,
        members=members.astype(np.int64),
        more_members=np.full(groups, NOBODY, np.int64),
        next_member=np.full(n + SLACK, NOBODY, np.int64),
        used=np.full(n + SLACK, GONE, np.int64),
        at=np.full(n + SLACK, NOBODY, np.int64),
        fixed=_longer(problem.lock_arcs >= 0, n + SLACK),
        head_of=np.full(sink, NOBODY, np.int64),
        after=np.full(n + SLACK, NOBODY, np.int64),
        before=np.full(n + SLACK, NOBODY, np.int64),
        up=up,
        up_arc=up_arc.astype(np.int64),
        down=down,
        down_arc=down_arc.astype(np.int64),
        tail=problem.cap_tail.copy(),
        head=head.astype(np.int64),
        seats=problem.cap_seats.copy(),
        flow=result.cap_flow.copy(),
        step=problem.steps().copy() if problem.n_groups else np.zeros((1, 1), np.int64),
        waiting=np.bincount(group[used < 0], minlength=groups),
        step_level=np.array([names.index(FAIRNESS) if FAIRNESS in names else 0]),
        price=np.ascontiguousarray(prices.T),
    )
    reroute.sit_all(net, used)
    return net


def _costs(levels: list[Level], order: NDArray[np.int32], arcs: int) -> Ints:
    costs = np.zeros((arcs + SLACK, len(levels)), np.int64)
    for column, level in enumerate(levels):
        costs[:arcs, column] = level.of(order) if len(order) else level.cost
    return costs


def _make_work(net: Net) -> Work:
    nodes, levels = net.price.shape

    def column(length: int) -> Ints:
        return np.zeros(length, np.int64)

    return Work(
        far=np.zeros((nodes, levels), np.int64),
        came=column(nodes),
        code=column(nodes),
        place=column(nodes),
        stamp=column(nodes),
        heap=column(nodes),
        settled=column(nodes),
        base=column(levels),
        trial=column(levels),
        tally=column(5),
        # A change is one step of its own and at most two searches.
        done=np.zeros((2 * nodes + 2, 3), np.int64),
        changed=column(2 * nodes),
        was=np.zeros((2 * nodes, levels), np.int64),
    )


# -- a learner who comes late


def late_costs(state: State, seats: Ints, levels: NDArray[np.integer], key: str) -> Ints:
    """What a late learner's arcs cost in every level after the first; [arcs, K − 1]."""
    some, given = len(seats), np.asarray(levels, np.int64)
    if some and not (seats.min() >= 0 and seats.max() < state.problem.n_seats):
        raise ProblemError("a late learner's seat node does not exist")
    if len(np.unique(seats)) < some:
        raise ProblemError("a late learner names a seat node twice")
    given = given.reshape(len(state.problem.levels), some)
    costs = np.zeros((some, len(state.names) - 1), np.int64)
    for column, name in enumerate(state.names[1:]):
        if name == "locks":
            costs[:, column] = 1
        elif name == "rank":
            costs[:, column] = given[0]
        elif name.startswith("level "):
            costs[:, column] = given[int(name.removeprefix("level "))]
        elif name == "lottery":
            name_of = np.array([key or f"late {state.n_learners}"], np.bytes_)
            learner_hash = levels_of._digests(name_of, state.seed, b"learner")
            costs[:, column] = draws.costs(np.zeros(some, np.int32), seats, learner_hash, state.seat_hash)
    if state.policy is not Policy.OPTIMUM:
        where = [column for column, name in enumerate(state.names[1:]) if name.startswith("profile")]
        costs[:, where] = _profile_costs(state, given[0], where)
    return costs


def _profile_costs(state: State, rank_cost: Ints, where: list[int]) -> Ints:
    """The digits of a profile for these rank costs, read off an arc with the same rank cost."""
    found = np.zeros((len(rank_cost), len(where)), np.int64)
    for k, cost in enumerate(rank_cost.tolist()):
        same = np.flatnonzero(state.problem.levels[0] == cost)
        if not len(same):
            raise ProblemError(f"nobody has the rank cost {cost}, so the profile has no place for it")
        at = int(state.position[same[0]]) if len(state.position) else int(same[0])
        found[k] = state.net.cost[at, where]
    return found


def with_late_learner(state: State, seats: Ints, costs: Ints, group: int) -> None:
    """Write the learner's arcs behind the last ones, without counting them yet."""
    learner = state.n_learners
    net = _with_room(state.net, learner + 1, int(state.net.row[learner]) + len(seats))
    begin, end = int(net.row[learner]), int(net.row[learner]) + len(seats)
    net.row[learner + 1] = end
    net.seat[begin:end] = seats
    net.who[begin:end] = learner
    net.cost[begin:end] = costs
    net.group[learner] = group
    net.used[learner] = GONE
    net.fixed[learner] = False
    state.net = net


def keep_late_learner(state: State) -> None:
    """Count the learner written last, so that others see its arcs."""
    net, learner = state.net, state.n_learners
    base = len(net.rows)
    for arc in range(int(net.row[learner]), int(net.row[learner + 1])):
        seat = net.seat[arc]
        net.next[arc - base] = net.more[seat]
        net.more[seat] = arc
    group = net.group[learner]
    net.next_member[learner] = net.more_members[group]
    net.more_members[group] = learner
    state.n_learners += 1


def _with_room(net: Net, learners: int, arcs: int) -> Net:
    """The same network with columns long enough, copied only when they are not."""
    longer = {}
    if learners + 1 > len(net.row):
        for name in ("group", "next_member", "used", "at", "fixed", "after", "before"):
            longer[name] = _longer(getattr(net, name), 2 * learners)
        longer["row"] = _longer(net.row, 2 * learners + 1)
    if arcs > len(net.seat):
        for name in ("seat", "who", "cost"):
            longer[name] = _longer(getattr(net, name), arcs + arcs // 8)
        longer["next"] = _longer(net.next, arcs + arcs // 8 - len(net.rows))
    return net._replace(**longer)


def _longer(column: NDArray, length: int) -> NDArray:
    whole = np.zeros((length, *column.shape[1:]), column.dtype)
    whole[: len(column)] = column
    return whole
