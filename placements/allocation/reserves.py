"""Seats kept for some: what several weeks' reserves over the same seat nodes mean together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from placements.allocation.errors import ProblemError

# Each set of reserves gives a limit of its own: ten in one capacity make a thousand.
MOST_TOGETHER = 10


@dataclass(frozen=True)
class Kept:
    """`seats` of a capacity's seats are for learners on these nodes (ascending) and nobody else."""

    label: str
    seats: int
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Limit:
    """At most `seats` learners on these nodes together."""

    label: str
    seats: int
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Week:
    """One capacity: its seats, and what of them is kept. The nodes are known from elsewhere."""

    seats: int
    kept: tuple[Kept, ...]


def together(nodes: tuple[int, ...], weeks: Sequence[Week]) -> tuple[tuple[Kept, ...], list[Limit]]:
    """One set of reserves for capacities over the same nodes, and the limits those do not cover.

    A reserve says that outsiders get at most the rest: for every set of reserves, learners outside its nodes are
    at most seats − those reserved. Where one week alone decides all of these, its reserves say everything.
    """
    weeks = list(dict.fromkeys(weeks))
    least = min(week.seats for week in weeks)
    base = _tightest(weeks, least)
    if len(weeks) == 1:
        return base, []
    limits: list[Limit] = []
    for week in weeks:
        for some in subsets(week.kept):
            here = {kept.nodes for kept in some}
            allowed = week.seats - sum(kept.seats for kept in some)
            covered = least - sum(kept.seats for kept in base if kept.nodes in here)
            if covered > allowed:
                limits.append(_limit(nodes, some, allowed))
    return base, limits


def limits(nodes: tuple[int, ...], seats: int, kept: Sequence[Kept]) -> list[Limit]:
    """The same reserves as limits on those outside, for where no network can hold them."""
    return [_limit(nodes, some, seats - sum(one.seats for one in some)) for some in subsets(kept)]


def subsets(kept: Sequence[Kept]) -> Iterator[tuple[Kept, ...]]:
    """Every set of one or more reserves."""
    if len(kept) > MOST_TOGETHER:
        raise ProblemError(f"more than {MOST_TOGETHER} crossing reserves in one capacity, such as “{kept[0].label}”")
    for size in range(1, len(kept) + 1):
        yield from combinations(kept, size)


def _tightest(weeks: Sequence[Week], least: int) -> tuple[Kept, ...]:
    """Reserves that are true of all weeks together and as large as may be."""
    most: dict[tuple[int, ...], Kept] = {}
    for week in weeks:
        for kept in week.kept:
            seats = max(kept.seats - (week.seats - least), 0)
            if kept.nodes not in most or seats > most[kept.nodes].seats:
                most[kept.nodes] = Kept(kept.label, seats, kept.nodes)
    if len(most) == 1:
        return tuple(most.values())
    # Several reserves add up only if one week has them all: take the week of the fewest seats that keeps most.
    fewest = [week for week in weeks if week.seats == least]
    return max(fewest, key=lambda week: sum(kept.seats for kept in week.kept)).kept


def _limit(nodes: tuple[int, ...], some: Sequence[Kept], seats: int) -> Limit:
    inside = {node for kept in some for node in kept.nodes}
    return Limit(some[0].label, max(seats, 0), tuple(node for node in nodes if node not in inside))
