"""What a run is given: a round's learners, seats, wishes and locks from the database, as the engine's arrays.

A handful of queries whatever the size. Learners are numbered in order of their keys, so that the same rows always
make the same arrays and the same digest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import F, Q
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.weeks import range_label, today
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek, WorkplaceWeek
from placements.allocation import Problem, Wishes, build_forest, rank_costs, week_caps
from placements.eligibility import LearnerFacts, Reason, blocked_for_each
from placements.enums import LIVE
from placements.models import Choice, ChoiceList, Placement, PlacementLock, PlacementWeek, Round
from placements.selectors.rounds import learners_in_round
from placements.selectors.run_inputs.digest import current_digest, round_digest
from schools.models import PeriodWeek

__all__ = ["current_digest", "load_inputs", "period_weeks", "round_digest"]

Weeks = tuple[date, ...]
Seat = tuple[UUID, Weeks]


class InputsRefused(DomainError):
    """The round's rows do not make an allocation; the message says what to mend."""

    code = "inputs_refused"


@dataclass(frozen=True, slots=True)
class RunLearner:
    """One row of the run: who, and which period."""

    id: UUID
    name: str
    class_name: str
    grade_level: int
    birth_date: date | None
    school_id: UUID
    school_name: str
    period_id: UUID
    weeks: Weeks
    kind: str


@dataclass(frozen=True, slots=True)
class WishRow:
    """One wish, as a person made it. `blocked` is the rule that stopped it."""

    learner: int
    rank: int
    slot_id: UUID
    blocked: Reason | None


@dataclass(frozen=True, slots=True)
class RunInputs:
    """The problem with what its numbers stand for.

    `unsent` counts lists never sent in, `silent` the learners without any, `placed_before` those left out.
    """

    learners: Sequence[RunLearner]
    seats: Sequence[Seat]
    problem: Problem
    wish_rows: Sequence[WishRow]
    wishes: Wishes
    placed_before: int
    unsent: int
    silent: int

    def slot_of(self, arc: int) -> UUID:
        """Return the slot an arc leads to."""
        return self.seats[int(self.problem.seat[arc])][0]


@dataclass(frozen=True, slots=True)
class _Market:
    """What is offered: slots by id, seats left in slots and at workplaces, and the seat nodes of each week block."""

    slots: Mapping[UUID, Slot]
    left: Mapping[Any, int]  # by (slot, week)
    workplace_left: Mapping[Any, int | None]  # by (workplace, week)
    nodes: Mapping[Weeks, Sequence[int]]
    seats: Sequence[Seat]


def load_inputs(round: Round) -> RunInputs:
    """Read everything a run of the round needs.

    Learners who have a place in the weeks already, and those with a protected identity, are left out. A learner
    without wishes takes part all the same, after those who chose. A saved list counts also when it was never sent in.

    Raises:
        InputsRefused: a class has two periods in the round, nobody is left to place, or a lock cannot be kept.
        NotLaminar: two capacities cross.
    """
    learners, placed_before = _learners(round)
    if not learners:
        raise InputsRefused(_("Omgången har inga elever att placera. Lägg till en klass med elever."))
    chosen = _choices(round)
    locks = dict(PlacementLock.objects.filter(round=round).values_list("learner_id", "slot_id"))
    market = _market(learners, {slot for row in chosen.values() for _rank, slot in row} | set(locks.values()))
    blocked = _blocked(round, learners, market)
    learner, seat = _arcs(learners, market, blocked)
    wish_rows = [
        WishRow(index, rank, slot_id, next(iter(blocked[index].get(slot_id, ())), None))
        for index, person in enumerate(learners)
        for rank, slot_id in chosen.get(person.id, ())
    ]
    arcs = _arc_of([(row.learner, row.slot_id) for row in wish_rows], learners, market, learner, seat)
    problem = _problem(round, learners, market, (learner, seat), wish_rows, arcs, locks)
    return RunInputs(
        learners=learners,
        seats=market.seats,
        problem=problem,
        wish_rows=wish_rows,
        wishes=Wishes(
            learner=np.array([row.learner for row in wish_rows], np.int64),
            number=np.array([row.rank for row in wish_rows], np.int64),
            arc=arcs,
            rule=(arcs < 0).astype(np.int64),
        ),
        placed_before=placed_before,
        unsent=_unsent(round, learners),
        silent=sum(1 for person in learners if person.id not in chosen),
    )


def pseudonym(round_id: UUID, key: str) -> str:
    """Return a name for the file without names: stable in a round, and in no other round or table."""
    return blake2b(key.encode(), key=round_id.bytes, digest_size=12).hexdigest()


def period_weeks(round: Round) -> dict[UUID, tuple[UUID, str, Weeks]]:
    """Return for each class of the round its period, kind and weeks.

    Raises:
        InputsRefused: a class has two periods.
    """
    rows = PeriodWeek.objects.filter(period__round_periods__round=round).order_by("week_on")
    weeks: defaultdict[tuple[UUID, UUID, str, str], list[date]] = defaultdict(list)
    for *period, week_on in rows.values_list(
        "period__school_class_id", "period_id", "period__kind", "period__label", "week_on"
    ):
        weeks[tuple(period)].append(week_on)  # type: ignore[index]
    found: dict[UUID, tuple[UUID, str, Weeks]] = {}
    for (class_id, period_id, kind, label), mondays in weeks.items():
        if class_id in found:
            raise InputsRefused(
                _("%(class)s har två perioder i omgången. Lägg den ena i en egen omgång.") % {"class": label}
            )
        found[class_id] = (period_id, kind, tuple(mondays))
    return found


def _learners(round: Round) -> tuple[list[RunLearner], int]:
    """The learners to place, by key, and how many have a place in their weeks already."""
    periods = period_weeks(round)
    all_weeks = {week for _period, _kind, weeks in periods.values() for week in weeks}
    busy = PlacementWeek.objects.filter(live=True, week_on__in=all_weeks).values_list("learner_id", "week_on")
    taken = set(busy)
    rows = learners_in_round(round).order_by("id").values_list(
        "id", "first_name", "last_name", "school_class_id", "school_class__name", "school_class__grade_level",
        "birth_date", "school_unit_id", "school_unit__name",
    )  # fmt: skip
    found, placed = [], 0
    for pk, first, last, class_id, class_name, grade, born, school_id, school_name in rows:
        if class_id not in periods:
            continue
        period_id, kind, weeks = periods[class_id]
        if any((pk, week) in taken for week in weeks):
            placed += 1
            continue
        found.append(
            RunLearner(pk, f"{first} {last}", class_name, grade, born, school_id, school_name, period_id, weeks, kind)
        )
    return found, placed


def _choices(round: Round) -> dict[UUID, list[tuple[int, UUID]]]:
    found: defaultdict[UUID, list[tuple[int, UUID]]] = defaultdict(list)
    rows = Choice.objects.filter(choice_list__round=round).order_by("learner_id", "rank")
    for learner_id, rank, slot_id in rows.values_list("learner_id", "rank", "slot_id"):
        found[learner_id].append((rank, slot_id))
    return found


def _unsent(round: Round, learners: Sequence[RunLearner]) -> int:
    here = {person.id for person in learners}
    lists = ChoiceList.objects.filter(round=round, submitted_at=None, choices__isnull=False).distinct()
    return sum(1 for learner_id in lists.values_list("learner_id", flat=True) if learner_id in here)


def _market(learners: Sequence[RunLearner], named: set[UUID]) -> _Market:
    """Published slots of the kinds asked for, the wished and locked ones whatever their state, and their seats."""
    kinds = {person.kind for person in learners}
    blocks = sorted({person.weeks for person in learners})
    weeks = {week for block in blocks for week in block}
    open_then = SlotWeek.objects.filter(week_on__in=weeks).values("slot")
    offered = Q(status=SlotStatus.PUBLISHED, kinds__overlap=sorted(kinds), pk__in=open_then)
    found = Slot.objects.filter(offered | Q(pk__in=named)).select_related("workplace").order_by("id")
    slots = {slot.pk: slot for slot in found}
    left = {
        (slot_id, week_on): max(free, 0)
        for slot_id, week_on, free in SlotWeek.objects.filter(slot__in=slots, week_on__in=weeks)
        .annotate(free=F("seats") - F("taken"))
        .values_list("slot_id", "week_on", "free")
    }
    workplaces = {slot.workplace_id for slot in slots.values()}
    workplace_left: dict[Any, int | None] = {
        (workplace_id, week_on): max(free, 0)
        for workplace_id, week_on, free in WorkplaceWeek.objects.filter(workplace__in=workplaces, week_on__in=weeks)
        .annotate(free=F("cap") - F("taken"))
        .values_list("workplace_id", "week_on", "free")
    }
    nodes: dict[Weeks, list[int]] = {}
    seats: list[Seat] = []
    for block in blocks:
        here = [slot_id for slot_id in slots if all((slot_id, week) in left for week in block)]
        nodes[block] = list(range(len(seats), len(seats) + len(here)))
        seats += [(slot_id, block) for slot_id in here]
    return _Market(slots, left, workplace_left, nodes, seats)


def _blocked(round: Round, learners: Sequence[RunLearner], market: _Market) -> list[dict[UUID, list[Reason]]]:
    """For each learner the slots that a rule stops, judged once for learners alike."""
    earlier: defaultdict[UUID, set[UUID]] = defaultdict(set)
    been = Placement.objects.filter(learner__in=learners_in_round(round).order_by().values("id"), status__in=LIVE)
    for learner_id, slot_id in been.values_list("learner_id", "slot_id"):
        earlier[learner_id].add(slot_id)
    by_weeks: defaultdict[Weeks, list[int]] = defaultdict(list)
    for index, person in enumerate(learners):
        by_weeks[person.weeks].append(index)
    found: list[dict[UUID, list[Reason]]] = [{}] * len(learners)
    slots = list(market.slots.values())
    for weeks, members in by_weeks.items():
        facts = [
            LearnerFacts(
                grade_level=learners[index].grade_level,
                birth_date=learners[index].birth_date,
                kind=learners[index].kind,
                earlier_slots=frozenset(earlier[learners[index].id]),
            )
            for index in members
        ]
        judged = blocked_for_each(learners=facts, slots=slots, weeks=weeks, today=today(), free=market.left)
        for index, stopped in zip(members, judged, strict=True):
            found[index] = stopped
    return found


def _arcs(
    learners: Sequence[RunLearner], market: _Market, blocked: Sequence[Mapping[UUID, object]]
) -> tuple[np.ndarray, np.ndarray]:
    """One arc for each learner and seat node that nothing stops, sorted. Learners alike share one row of seats."""
    rows: dict[tuple[Weeks, int], np.ndarray] = {}
    parts = []
    for person, stopped in zip(learners, blocked, strict=True):
        key = (person.weeks, id(stopped))
        if key not in rows:
            allowed = [node for node in market.nodes[person.weeks] if market.seats[node][0] not in stopped]
            rows[key] = np.array(allowed, np.int64)
        parts.append(rows[key])
    learner = np.repeat(np.arange(len(learners)), [len(part) for part in parts])
    return learner, np.concatenate(parts)


def _arc_of(
    pairs: Sequence[tuple[int, UUID]],
    learners: Sequence[RunLearner],
    market: _Market,
    learner: np.ndarray,
    seat: np.ndarray,
) -> np.ndarray:
    """The arc of each (learner, slot), −1 where there is none."""
    node_of = {seat_node: node for node, seat_node in enumerate(market.seats)}
    nodes = np.array([node_of.get((slot_id, learners[index].weeks), -1) for index, slot_id in pairs], np.int64)
    if not len(learner):
        return np.full(len(pairs), -1, np.int64)
    size = len(market.seats) + 1
    arcs = learner * size + seat
    wanted = np.array([index for index, _slot in pairs], np.int64) * size + nodes
    at = np.minimum(np.searchsorted(arcs, wanted), len(arcs) - 1)
    return np.where((nodes >= 0) & (arcs[at] == wanted), at, -1)


def _problem(
    round: Round,
    learners: Sequence[RunLearner],
    market: _Market,
    arcs: tuple[np.ndarray, np.ndarray],
    wish_rows: Sequence[WishRow],
    wish_arcs: np.ndarray,
    locks: Mapping[UUID, UUID],
) -> Problem:
    learner, seat = arcs
    wish = np.zeros(len(learner), np.int64)
    made = np.zeros(len(learners), np.int64)
    for row, arc in zip(wish_rows, wish_arcs, strict=True):
        made[row.learner] += 1
        if arc >= 0:
            wish[arc] = row.rank
    # A place outside the wishes costs the learner's own next rank. Without any wish that would be a first wish, and
    # in a shortage the silent would go before those who chose: they are priced as after a full list.
    made[made == 0] = round.max_choices
    workplace: dict[Any, Any] = {slot_id: slot.workplace_id for slot_id, slot in market.slots.items()}
    names: dict[Any, str] = {slot.pk: slot.title for slot in market.slots.values()}
    names |= {slot.workplace_id: slot.workplace.name for slot in market.slots.values()}
    forest = build_forest(
        len(market.seats),
        week_caps(market.seats, market.left, workplace, market.workplace_left, names),
    )
    return Problem(
        n_learners=len(learners),
        learner=learner,
        seat=seat,
        levels=rank_costs(wish, made[learner])[np.newaxis, :],
        cap_tail=forest.cap_tail,
        cap_head=forest.cap_head,
        cap_seats=forest.cap_seats,
        locked=_locked(learners, market, learner, seat, locks),
        learner_key=_keys(pseudonym(round.pk, str(person.id)) for person in learners),
        seat_key=_keys(
            pseudonym(round.pk, ":".join([str(slot_id), *map(str, weeks)])) for slot_id, weeks in market.seats
        ),
    )


def _keys(texts: Iterable[str]) -> np.ndarray:
    return np.array(list(texts), np.bytes_)


def _locked(
    learners: Sequence[RunLearner],
    market: _Market,
    learner: np.ndarray,
    seat: np.ndarray,
    locks: Mapping[UUID, UUID],
) -> np.ndarray | None:
    """The arc each locked learner must have.

    Raises:
        InputsRefused: a rule or a withdrawn seat stands between a learner and the lock.
    """
    held = [(index, locks[person.id]) for index, person in enumerate(learners) if person.id in locks]
    if not held:
        return None
    locked = np.full(len(learners), -1, np.int64)
    for (index, slot_id), arc in zip(held, _arc_of(held, learners, market, learner, seat), strict=True):
        if arc < 0:
            raise InputsRefused(
                _("%(name)s är låst till %(slot)s, som inte går att få %(weeks)s längre. Ta bort låsningen.")
                % {
                    "name": learners[index].name,
                    "slot": market.slots[slot_id].title,
                    "weeks": range_label(learners[index].weeks),
                }
            )
        locked[index] = arc
    return locked
