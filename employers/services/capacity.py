"""Seats are taken and freed here and nowhere else.

Rows are locked in sorted order, SlotWeek before WorkplaceWeek, so that two takers cannot block each other; then
one conditional UPDATE per table, its row count checked. The CHECK constraints are the last judge.

A SlotWeek's lock guards the quotas of its slot and week as well: whoever sets a quota or moves its `taken` holds it,
so what others have reserved cannot change between being read and being heeded. Quota rows are never locked first:
an authority may not lock another's.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.permissions import Actor
from core.tenancy.scopes import require_scope
from core.weeks import and_list, today, week_label
from employers.models import Slot, SlotQuota, SlotWeek, WorkplaceWeek
from employers.selectors.quotas import Kept, reserved_for_others, reserves_of_others

logger = logging.getLogger("bryggan.employers")

Key = tuple[UUID, date]
Counts = Mapping[Key, int]


class SlotFull(DomainError):
    """No seat left in a slot, or at its workplace, in the week named by the message."""

    code = "slot_full"

    def __init__(self, message: str, *, slot_id: UUID, week_on: date) -> None:
        super().__init__(message)
        self.slot_id = slot_id
        self.week_on = week_on


class SeatsReserved(SlotFull):
    """There are seats left, but they are kept for other authorities until a day that the message tells."""

    code = "seats_reserved"


@dataclass(frozen=True, slots=True)
class SeatClaim:
    """`count` seats of one slot in one week, for learners of an authority: the scope's own where none is said."""

    slot_id: UUID
    week_on: date
    count: int
    authority_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Ledger:
    """A table of seats: who owns the seats, and how many there are."""

    table: str
    owner: str
    limit: str

    def lock(self, counts: Counts) -> set[Key]:
        """Lock the rows in sorted order. Returns the keys that have none."""
        return self._left_over(
            f"SELECT w.{self.owner}, w.week_on FROM {self.table} w JOIN wanted USING ({self.owner}, week_on)"  # noqa: S608 -- the names are our own
            f" ORDER BY w.{self.owner}, w.week_on FOR NO KEY UPDATE OF w",
            counts,
        )

    def add(self, counts: Counts, kept: Kept | None = None) -> set[Key]:
        """Add the counts to `taken` where they fit beside the seats kept. Returns the keys that did not."""
        return self._left_over(
            f"UPDATE {self.table} w SET taken = w.taken + wanted.n FROM wanted"  # noqa: S608 -- the names are our own
            f" WHERE w.{self.owner} = wanted.{self.owner} AND w.week_on = wanted.week_on"
            f" AND w.taken + wanted.n BETWEEN 0 AND w.{self.limit} - wanted.kept RETURNING w.{self.owner}, w.week_on",
            counts,
            kept or {},
        )

    def _left_over(self, statement: str, counts: Counts, kept: Kept | None = None) -> set[Key]:
        """Run the statement over all that is wanted. Returns the keys it did not: few, where a country is counted."""
        if not counts:
            return set()
        kept = kept or {}
        key = f"{self.owner}, week_on"
        columns = (
            _array(owner for owner, _week in counts),
            _array(week for _owner, week in counts),
            _array(counts.values()),
            _array(kept.get(key, 0) for key in counts) if kept else _array([0] * len(counts)),
        )
        arrays = "SELECT * FROM unnest(%s::uuid[], %s::date[], %s::int[], %s::int[])"
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH wanted ({key}, n, kept) AS MATERIALIZED ({arrays}), done AS ({statement})"  # noqa: S608 -- the names are our own
                f" SELECT {key} FROM wanted EXCEPT SELECT {key} FROM done",
                columns,
            )
            return {(owner, week_on) for owner, week_on in cursor.fetchall()}


def _array(values: Iterable[object]) -> str:
    """Return an array as Postgres reads it: ids, dates and numbers need no quotes."""
    return f"{{{','.join(map(str, values))}}}"


SLOT_WEEKS: Final = _Ledger(SlotWeek._meta.db_table, "slot_id", "seats")
WORKPLACE_WEEKS: Final = _Ledger(WorkplaceWeek._meta.db_table, "workplace_id", "cap")

_MOVE_QUOTAS: Final = f"""
UPDATE {SlotQuota._meta.db_table} q SET taken = q.taken + wanted.n
FROM unnest(%s::uuid[], %s::date[], %s::int[]) AS wanted (slot_id, week_on, n)
WHERE q.authority_id = %s AND q.slot_id = wanted.slot_id AND q.week_on = wanted.week_on
"""  # noqa: S608 -- the names are our own


@transaction.atomic
def take_seats(*, claims: Iterable[SeatClaim], actor: Actor) -> None:
    """Take every seat claimed, or none. A workplace without a WorkplaceWeek row has no cap in that week.

    Raises:
        SlotFull: a slot has no seats in a week, or too few, or its workplace may have no more learners then.
        SeatsReserved: the seats that are left are kept for other authorities.
    """
    _add(claims, sign=1)
    logger.info("seats taken", extra={"actor_kind": actor.kind})


@transaction.atomic
def free_seats(*, claims: Iterable[SeatClaim], actor: Actor) -> None:
    """Give every seat claimed back, or none.

    Raises:
        SlotFull: more seats would be freed than are taken: the caller has freed them before.
    """
    _add(claims, sign=-1)
    logger.info("seats freed", extra={"actor_kind": actor.kind})


def _add(claims: Iterable[SeatClaim], *, sign: int) -> None:
    by_authority = _by_authority(claims, sign)
    by_slot = _total(by_authority.values())
    workplace = dict(Slot.objects.filter(pk__in={slot_id for slot_id, _week in by_slot}).values_list("pk", "workplace"))
    _refuse(SLOT_WEEKS.lock(by_slot))
    for authority, counts in sorted(by_authority.items(), key=lambda item: str(item[0])):
        kept = _kept(counts, authority) if sign > 0 else {}
        _refuse(SLOT_WEEKS.add(counts, kept), counts, kept, authority)
        _move_quotas(counts, authority)
    by_workplace = _total({(workplace[slot_id], week_on): count} for (slot_id, week_on), count in by_slot.items())
    uncapped = WORKPLACE_WEEKS.lock(by_workplace)
    capped = {key: count for key, count in by_workplace.items() if key not in uncapped}
    _refuse_cap(WORKPLACE_WEEKS.add(capped), by_slot, workplace)


def _by_authority(claims: Iterable[SeatClaim], sign: int) -> dict[UUID | None, Counter[Key]]:
    scope = require_scope()
    found: defaultdict[UUID | None, Counter[Key]] = defaultdict(Counter)
    for claim in claims:
        if claim.count < 1:
            raise ValueError("A claim is for one seat or more.")
        authority = claim.authority_id or scope.authority
        if scope.authority and authority != scope.authority:
            raise ValueError("An authority takes seats for its own learners.")
        found[authority][claim.slot_id, claim.week_on] += sign * claim.count
    return found


def _total(parts: Iterable[Counts]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for counts in parts:
        for key, count in counts.items():
            found[key] += count
    return found


def _kept(counts: Counts, authority: UUID | None) -> Kept:
    slots, weeks = {slot_id for slot_id, _week in counts}, {week_on for _slot, week_on in counts}
    return reserved_for_others(slots, weeks, authority, today())


def _move_quotas(counts: Counts, authority: UUID | None) -> None:
    """Count the authority's seats in its own quotas, where it has any."""
    if authority is None or not counts:
        return
    slots, weeks = zip(*counts, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_QUOTAS, [_array(slots), _array(weeks), _array(counts.values()), authority])


def _refuse(
    refused: AbstractSet[Key], counts: Counts | None = None, kept: Kept | None = None, authority: UUID | None = None
) -> None:
    """Name the first week of a slot that did not fit, if any, and why."""
    if not refused:
        return
    first = min(refused, key=lambda key: (key[1], key[0]))
    slot = Slot.objects.filter(pk=first[0]).first()
    if slot is None:
        message = _("Platsen finns inte längre. Välj en annan plats.")
        raise SlotFull(message, slot_id=first[0], week_on=first[1])
    if counts and kept and kept.get(first) and _fits_without_reserves(first, counts[first]):
        raise _reserved(slot, first[1], authority)
    message = _("%(slot)s har inte så många lediga platser %(week)s. Välj en annan plats eller vecka.")
    raise _full(message, slot, first[1])


def _refuse_cap(refused: AbstractSet[Key], claimed: Counts, workplace: Mapping[UUID, UUID]) -> None:
    """Name the first week in which a workplace may have no more, and a slot claimed there."""
    if not refused:
        return
    owner, week_on = min(refused, key=lambda key: (key[1], key[0]))
    slot_id = min(slot_id for slot_id, week in claimed if week == week_on and workplace[slot_id] == owner)
    message = _("%(slot)s: arbetsplatsen tar inte emot fler elever %(week)s. Välj en annan plats eller vecka.")
    raise _full(message, Slot.objects.get(pk=slot_id), week_on)


def _fits_without_reserves(key: Key, count: int) -> bool:
    row = SlotWeek.objects.get(slot=key[0], week_on=key[1])
    return row.taken + count <= row.seats


def _reserved(slot: Slot, week_on: date, authority: UUID | None) -> SeatsReserved:
    reserves = reserves_of_others(slot.pk, week_on, authority, today())
    whom = [
        _("%(authority)s till %(day)s")
        % {"authority": reserve.authority, "day": date_format(reserve.release_on, "j F")}
        for reserve in reserves
    ]
    message = _("%(slot)s: platserna %(week)s är reserverade för %(whom)s. Välj en annan plats eller vecka.") % {
        "slot": slot.title,
        "week": week_label(week_on),
        "whom": and_list(whom),
    }
    return SeatsReserved(message, slot_id=slot.pk, week_on=week_on)


def _full(message: str, slot: Slot, week_on: date) -> SlotFull:
    return SlotFull(message % {"slot": slot.title, "week": week_label(week_on)}, slot_id=slot.pk, week_on=week_on)
