"""What is offered in a round's weeks: slots with the facts that rules read, where they are, and the seats left."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db.models import F, Q
from numpy.typing import NDArray

from core.columns import DATE, FLOAT, ID, INT, IdBytes, Ids, Index, column_of, ids_of, read, sorted_by, uuids
from core.weeks import today
from employers.enums import SlotStatus
from employers.models import Slot, SlotQuota, SlotWeek, Workplace, WorkplaceWeek
from employers.selectors.quotas import reserved_for_others
from placements.enums import ENDED_BY_EMPLOYER, RunPurpose
from placements.models import PlacementWeek, Round
from placements.selectors.run_inputs.inputs import Floats, Numbers, Weeks

ABSENT: Final = -1
NO_CAP: Final = np.iinfo(np.int32).max
# Everything a rule may read of a slot; the database groups the slots by it.
FACTS: Final = ("status", "kinds", "grades", "min_age", "starts_at", "ends_at", "break_minutes")


@dataclass(frozen=True, eq=False)
class Offers:
    """Slots by id, each with its kind (an index into `kinds`, rows of facts), and what is left in each week.

    `left[slot, week]` is ABSENT where the slot is not offered; `room[workplace, week]` is NO_CAP where nobody has set
    a number.
    """

    ids: Ids
    kinds: Sequence[Mapping[str, Any]]
    of_kind: Numbers
    workplace: Numbers
    workplace_ids: Ids
    workplace_at: Floats
    weeks: Weeks
    left: Numbers
    room: Numbers

    @property
    def index(self) -> Index:
        """Finds a slot by id."""
        return Index(self.ids)

    def week_numbers(self, block: Weeks) -> list[int]:
        """Return the columns of a block's weeks."""
        return [self.weeks.index(week) for week in block]

    def free(self, block: Weeks) -> Numbers:
        """Return the seats of each slot in each week of a block, its workplace's room heeded; ABSENT as in `left`."""
        columns = self.week_numbers(block)
        free: Numbers = np.minimum(self.left[:, columns], self.room[self.workplace][:, columns])
        return free


def read_offers(round: Round, purpose: str, *, kinds: Collection[str], weeks: Weeks, named: Ids) -> Offers:
    """Return the published slots open in the weeks to these kinds, and the named ones whatever their state."""
    open_then = SlotWeek.objects.filter(week_on__in=weeks).values("slot")
    offered = _by_kind(Q(status=SlotStatus.PUBLISHED, kinds__overlap=sorted(kinds), pk__in=open_then))
    missing = np.unique(named[Index(np.sort(offered[0])).find(named) < 0])
    ids, of_kind, rows = _together(offered, _by_kind(Q(pk__in=uuids(missing)))) if len(missing) else offered
    order = np.argsort(ids)
    slots = Index(ids[order])
    workplace, workplaces, workplace_at = _workplaces(slots)
    left, room = _left(slots, weeks), _room(workplaces, weeks)
    if purpose != RunPurpose.FULL:
        _take_off(left, slots, weeks, *_refused(round))
    _take_off(left, slots, weeks, *_kept_for_others(round, weeks))
    return Offers(slots.ids, rows, of_kind[order], workplace, workplaces.ids, workplace_at, weeks, left, room)


def give_back(offers: Offers, slot: NDArray[np.int64], block: Weeks) -> None:
    """Add the seats that learners hold in a block's weeks, one for each slot (index) named, to what is left."""
    workplace = offers.workplace[slot]
    for week in offers.week_numbers(block):
        np.add.at(offers.left[:, week], slot, (offers.left[slot, week] != ABSENT).astype(np.int32))
        np.add.at(offers.room[:, week], workplace, (offers.room[workplace, week] != NO_CAP).astype(np.int32))


_Kinds = tuple[Ids, Numbers, list[dict[str, Any]]]


def _by_kind(which: Q) -> _Kinds:
    """Slots (unsorted) with the number of their kind, and the facts of each kind."""
    groups = Slot.objects.filter(which).order_by().values(*FACTS).annotate(ids=IdBytes("pk"))
    rows = sorted(groups, key=lambda row: repr([row[name] for name in FACTS]))
    columns = [ids_of(row.pop("ids")) for row in rows]
    of_kind = np.repeat(np.arange(len(rows), dtype=np.int32), [len(column) for column in columns])
    kinds = [row | {"kinds": tuple(row["kinds"]), "grades": tuple(row["grades"])} for row in rows]
    return np.concatenate([np.zeros(0, "S16"), *columns]), of_kind, kinds


def _together(some: _Kinds, more: _Kinds) -> _Kinds:
    return (
        np.concatenate([some[0], more[0]]),
        np.concatenate([some[1], more[1] + np.int32(len(some[2]))]),
        [*some[2], *more[2]],
    )


def _workplaces(slots: Index) -> tuple[Numbers, Index, Floats]:
    """The workplace of each slot, and where the workplaces are."""
    pairs = read(Slot.objects.values_list("pk", "workplace_id"), slot=ID, workplace=ID)
    at = slots.find(pairs["slot"])
    of_slot = np.zeros(len(slots.ids), "S16")
    of_slot[at[at >= 0]] = pairs["workplace"][at >= 0]
    rows = Workplace.objects.values_list("pk", "latitude", "longitude")
    found = sorted_by(read(rows, pk=ID, latitude=FLOAT, longitude=FLOAT), "pk")
    used = np.isin(found["pk"], of_slot)
    workplaces = Index(found["pk"][used])
    where = np.column_stack([found["latitude"][used], found["longitude"][used]])
    return workplaces.find(of_slot).astype(np.int32), workplaces, where


def _left(slots: Index, weeks: Weeks) -> Numbers:
    rows = SlotWeek.objects.filter(week_on__in=weeks).annotate(left=F("seats") - F("taken"))
    found = read(rows.values_list("slot_id", "week_on", "left"), owner=ID, week=DATE, left=INT)
    return _matrix(slots, weeks, found, ABSENT)


def _room(workplaces: Index, weeks: Weeks) -> Numbers:
    rows = WorkplaceWeek.objects.filter(week_on__in=weeks).annotate(left=F("cap") - F("taken"))
    found = read(rows.values_list("workplace_id", "week_on", "left"), owner=ID, week=DATE, left=INT)
    return _matrix(workplaces, weeks, found, NO_CAP)


def _matrix(owners: Index, weeks: Weeks, found: Mapping[str, NDArray[Any]], nothing: int) -> Numbers:
    at, week = owners.find(found["owner"]), np.searchsorted(np.array(weeks, "M8[D]"), found["week"])
    matrix = np.full((len(owners.ids), len(weeks)), nothing, np.int32)
    matrix[at[at >= 0], week[at >= 0]] = np.maximum(found["left"][at >= 0], 0)
    return matrix


def _take_off(left: Numbers, slots: Index, weeks: Weeks, slot: Ids, week: NDArray[Any], count: Numbers) -> None:
    """Take seats that may not be had off what is left, where there are any."""
    at = slots.find(slot)
    at, week, count = at[at >= 0], np.searchsorted(np.array(weeks, "M8[D]"), week[at >= 0]), count[at >= 0]
    offered = left != ABSENT
    np.subtract.at(left, (at, week), count)
    left[offered] = np.maximum(left[offered], 0)
    left[~offered] = ABSENT


def _refused(round: Round) -> tuple[Ids, NDArray[Any], Numbers]:
    """Seats whose workplace said no in this round: free in the books, but not to be had."""
    said_no = PlacementWeek.objects.filter(placement__round=round, placement__status__in=ENDED_BY_EMPLOYER)
    found = read(said_no.values_list("placement__slot_id", "week_on"), slot=ID, week=DATE)
    return found["slot"], found["week"], np.ones(len(found["slot"]), np.int32)


def _kept_for_others(round: Round, weeks: Weeks) -> tuple[Ids, NDArray[Any], Numbers]:
    """Seats still reserved for other authorities. A round is one authority's, so its own reserve is seats like any."""
    day = today()
    having = SlotQuota.objects.filter(week_on__in=weeks, release_on__gt=day).exclude(authority=round.authority_id)
    slots = list(having.values_list("slot_id", flat=True).distinct())
    kept = reserved_for_others(slots, weeks, round.authority_id, day)
    return (
        column_of(slot for slot, _week in kept),
        np.array([week for _slot, week in kept], "M8[D]"),
        np.array(list(kept.values()), np.int32),
    )
