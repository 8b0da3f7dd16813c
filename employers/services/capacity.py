"""Seats are taken and freed here and nowhere else.

Rows are locked in sorted order, SlotWeek before WorkplaceWeek, so that two takers cannot block each other; then
one conditional UPDATE per table, its row count checked. The CHECK constraints are the last judge.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.permissions import Actor
from core.tenancy.scopes import require_scope
from core.weeks import week_label
from employers.models import Slot, SlotWeek, WorkplaceWeek

logger = logging.getLogger("bryggan.employers")

Counts = Mapping[tuple[UUID, date], int]


class SlotFull(DomainError):
    """No seat left in a slot, or at its workplace, in the week named by the message."""

    code = "slot_full"

    def __init__(self, message: str, *, slot_id: UUID, week_on: date) -> None:
        super().__init__(message)
        self.slot_id = slot_id
        self.week_on = week_on


@dataclass(frozen=True, slots=True)
class SeatClaim:
    """`count` seats of one slot in one week."""

    slot_id: UUID
    week_on: date
    count: int


@dataclass(frozen=True, slots=True)
class _Ledger:
    """A table of seats: who owns the seats, and how many there are."""

    table: str
    owner: str
    limit: str

    def lock(self, counts: Counts) -> set[tuple[UUID, date]]:
        """Lock the rows in sorted order. Returns those that exist."""
        return self._run(
            f"SELECT w.{self.owner}, w.week_on FROM {self.table} w JOIN wanted USING ({self.owner}, week_on)"  # noqa: S608 -- the names are our own
            f" ORDER BY w.{self.owner}, w.week_on FOR NO KEY UPDATE OF w",
            counts,
        )

    def add(self, counts: Counts) -> set[tuple[UUID, date]]:
        """Add the counts to `taken` where they fit. Returns the rows that changed."""
        return self._run(
            f"UPDATE {self.table} w SET taken = w.taken + wanted.n FROM wanted"  # noqa: S608 -- the names are our own
            f" WHERE w.{self.owner} = wanted.{self.owner} AND w.week_on = wanted.week_on"
            f" AND w.taken + wanted.n BETWEEN 0 AND w.{self.limit} RETURNING w.{self.owner}, w.week_on",
            counts,
        )

    def _run(self, statement: str, counts: Counts) -> set[tuple[UUID, date]]:
        if not counts:
            return set()
        values = ", ".join(["(%s::uuid, %s::date, %s::int)"] * len(counts))
        params = [part for (owner, week_on), count in counts.items() for part in (owner, week_on, count)]
        with connection.cursor() as cursor:
            cursor.execute(f"WITH wanted ({self.owner}, week_on, n) AS (VALUES {values}) {statement}", params)
            return {(owner, week_on) for owner, week_on in cursor.fetchall()}


SLOT_WEEKS: Final = _Ledger(SlotWeek._meta.db_table, "slot_id", "seats")
WORKPLACE_WEEKS: Final = _Ledger(WorkplaceWeek._meta.db_table, "workplace_id", "cap")


@transaction.atomic
def take_seats(*, claims: Iterable[SeatClaim], actor: Actor) -> None:
    """Take every seat claimed, or none. A workplace without a WorkplaceWeek row has no cap in that week.

    Raises:
        SlotFull: a slot has no seats in a week, or too few, or its workplace may have no more learners then.
    """
    _add(_total(claims), sign=1)
    logger.info("seats taken", extra={"actor_kind": actor.kind})


@transaction.atomic
def free_seats(*, claims: Iterable[SeatClaim], actor: Actor) -> None:
    """Give every seat claimed back, or none.

    Raises:
        SlotFull: more seats would be freed than are taken: the caller has freed them before.
    """
    _add(_total(claims), sign=-1)
    logger.info("seats freed", extra={"actor_kind": actor.kind})


def _total(claims: Iterable[SeatClaim]) -> Counter[tuple[UUID, date]]:
    found: Counter[tuple[UUID, date]] = Counter()
    for claim in claims:
        if claim.count < 1:
            raise ValueError("A claim is for one seat or more.")
        found[claim.slot_id, claim.week_on] += claim.count
    return found


def _add(by_slot: Counts, *, sign: int) -> None:
    require_scope()
    slots = Slot.objects.select_related("workplace").in_bulk({slot_id for slot_id, _week in by_slot})
    by_workplace: Counter[tuple[UUID, date]] = Counter()
    for (slot_id, week_on), count in by_slot.items():
        if slot_id in slots:
            by_workplace[slots[slot_id].workplace_id, week_on] += count
    _change(SLOT_WEEKS, by_slot, set(by_slot), sign=sign, slots=slots)
    _change(WORKPLACE_WEEKS, by_workplace, set(), sign=sign, slots=slots)


def _change(
    ledger: _Ledger, counts: Counts, needed: set[tuple[UUID, date]], *, sign: int, slots: Mapping[UUID, Slot]
) -> None:
    """Lock, add, and refuse if a needed row is missing or a locked one did not fit."""
    locked = ledger.lock(counts)
    changed = ledger.add({key: sign * counts[key] for key in locked})
    refused = (needed | locked) - changed
    if refused:
        raise _full(min(refused, key=lambda key: (key[1], key[0])), slots)


def _full(refused: tuple[UUID, date], slots: Mapping[UUID, Slot]) -> SlotFull:
    owner, week_on = refused
    slot = slots.get(owner) or next((slot for slot in slots.values() if slot.workplace_id == owner), None)
    if slot is None:
        message = _("Platsen finns inte längre. Välj en annan plats.")
    elif slot.pk == owner:
        message = _("%(slot)s har inte så många lediga platser %(week)s. Välj en annan plats eller vecka.")
    else:
        message = _("%(slot)s: arbetsplatsen tar inte emot fler elever %(week)s. Välj en annan plats eller vecka.")
    names = {"slot": slot.title if slot else "", "week": week_label(week_on)}
    return SlotFull(message % names, slot_id=slot.pk if slot else owner, week_on=week_on)
