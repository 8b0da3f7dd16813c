"""Seats kept for an authority: one formula for how many of a slot's seats are not for everybody.

An authority may have a slot's free seats but those which other authorities still have left of their quotas. Pages,
runs and the taking of seats all ask `reserved_for_others`, so that they say the same.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from core.tenancy.scopes import require_scope
from employers.models import SlotQuota

Kept = Mapping[tuple[UUID, date], int]

# What is left of every quota that has not been released, but the one's who asks.
_RESERVED = """
SELECT q.slot_id, q.week_on, sum(q.seats - q.taken)::int
FROM employers_slotquota q
WHERE q.slot_id = ANY(%(slots)s::uuid[]) AND q.week_on = ANY(%(weeks)s::date[])
AND q.release_on > %(today)s AND q.seats > q.taken AND q.authority_id IS DISTINCT FROM %(authority)s::uuid
GROUP BY q.slot_id, q.week_on
"""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Seats that one authority has left of its quota, and the first day when everybody may have them."""

    authority: str
    seats: int
    release_on: date


def reserved_for_others(
    slots: Collection[UUID], weeks: Collection[date], authority: UUID | None, today: date
) -> dict[tuple[UUID, date], int]:
    """Return by slot and week the seats that `authority` may not have, where there are any. One query.

    None asks for nobody in particular: every authority's reserve counts.
    """
    require_scope()
    if not slots or not weeks:
        return {}
    params: dict[str, Any] = {"slots": list(slots), "weeks": list(weeks), "today": today, "authority": authority}
    with connection.cursor() as cursor:
        cursor.execute(_RESERVED, params)
        return {(slot_id, week_on): kept for slot_id, week_on, kept in cursor.fetchall()}


def reserves_of_others(slot_id: UUID, week_on: date, authority: UUID | None, today: date) -> list[Reserve]:
    """Return for whom a slot's seats are kept in a week, the longest first."""
    rows = _unreleased(today).filter(slot=slot_id, week_on=week_on, seats__gt=F("taken")).exclude(authority=authority)
    return [
        Reserve(row.authority.name, row.seats - row.taken, row.release_on)
        for row in rows.select_related("authority").order_by("-release_on", "authority__name")
    ]


def _unreleased(today: date) -> QuerySet[SlotQuota]:
    return SlotQuota.objects.filter(release_on__gt=today)
