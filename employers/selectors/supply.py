"""What the region's workplaces can take, week by week."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from core.tenancy.scopes import require_scope
from core.weeks import today
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek, WorkplaceWeek
from employers.selectors.quotas import Kept, reserved_for_others


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A published slot with room in every week asked for. `slot` has workplace and employer joined."""

    slot: Slot
    seats: int
    left: int


@dataclass(frozen=True, slots=True)
class WeekSupply:
    """Seats of published slots in one week, and how many are taken."""

    seats: int
    taken: int

    @property
    def left(self) -> int:
        """Return how many more learners there is room for."""
        return self.seats - self.taken


def open_slots(*, kind: str, weeks: Collection[date]) -> list[OpenSlot]:
    """Return published slots of the kind with room for somebody in all the weeks, by title.

    `seats` is the least of the weeks; `left` heeds the workplaces' caps, and what is kept for other authorities than
    the scope's.
    """
    wanted = sorted(set(weeks))
    by_slot: dict[UUID, list[SlotWeek]] = {}
    for row in SlotWeek.objects.filter(
        slot__status=SlotStatus.PUBLISHED, slot__kinds__contains=[kind], week_on__in=wanted
    ):
        by_slot.setdefault(row.slot_id, []).append(row)
    whole = {slot_id: rows for slot_id, rows in by_slot.items() if len(rows) == len(wanted)}
    slots = Slot.objects.filter(pk__in=whole).select_related("workplace", "employer").order_by("title", "pk")
    caps = _room_at_workplaces(wanted)
    kept = reserved_for_others(whole.keys(), wanted, require_scope().authority, today())
    found = [_open_slot(slot, whole[slot.pk], caps.get(slot.workplace_id), kept) for slot in slots]
    return [each for each in found if each.left > 0]


def _room_at_workplaces(weeks: Collection[date]) -> dict[UUID, int]:
    """Return the least room of each workplace that has a cap in any of the weeks."""
    room: dict[UUID, int] = {}
    for row in WorkplaceWeek.objects.filter(week_on__in=weeks):
        left = row.cap - row.taken
        room[row.workplace_id] = min(left, room.get(row.workplace_id, left))
    return room


def _open_slot(slot: Slot, rows: Collection[SlotWeek], room: int | None, kept: Kept) -> OpenSlot:
    left = min(row.seats - row.taken - kept.get((slot.pk, row.week_on), 0) for row in rows)
    return OpenSlot(slot, min(row.seats for row in rows), left if room is None else min(left, room))


# LEAST passes over NULL: a workplace without a cap counts all its seats. What other kinds have taken under the cap
# is not there for this kind.
_SUPPLY = """
SELECT week_on, field, sum(seats)::int, sum(taken)::int
FROM (
    SELECT sw.week_on, CASE WHEN %(by_field)s THEN s.occupation_field ELSE '' END AS field, sum(sw.taken) AS taken,
        least(sum(sw.seats), min(ww.cap - ww.taken) + sum(sw.taken)) AS seats
    FROM employers_slotweek sw
    JOIN employers_slot s ON s.id = sw.slot_id
    JOIN employers_workplace w ON w.id = s.workplace_id
    LEFT JOIN employers_workplaceweek ww ON ww.workplace_id = s.workplace_id AND ww.week_on = sw.week_on
    WHERE s.status = 'published' AND sw.week_on = ANY(%(weeks)s)
    AND (%(region)s::uuid IS NULL OR sw.region_id = %(region)s)
    AND (%(kind)s::text IS NULL OR %(kind)s = ANY(s.kinds))
    AND (%(municipality_code)s::text IS NULL OR w.municipality_code = %(municipality_code)s)
    AND (%(occupation_field)s::text IS NULL OR s.occupation_field = %(occupation_field)s)
    GROUP BY sw.week_on, 2, s.workplace_id
) per_workplace
GROUP BY week_on, field
"""


def supply_by_week(
    *,
    weeks: Collection[date],
    kind: str | None = None,
    municipality_code: str | None = None,
    occupation_field: str | None = None,
) -> dict[date, WeekSupply]:
    """Return seats and taken seats of published slots for every week asked for, in one query.

    A workplace's cap limits the sum of its slots: two slots of two seats under a cap of three count as three.
    """
    rows = _supply(
        by_field=False,
        weeks=list(weeks),
        kind=kind,
        municipality_code=municipality_code,
        occupation_field=occupation_field,
    )
    found = {week_on: WeekSupply(seats, taken) for week_on, _field, seats, taken in rows}
    return {week_on: found.get(week_on, WeekSupply(0, 0)) for week_on in weeks}


def supply_by_field(
    *, weeks: Collection[date], kind: str | None = None, municipality_code: str | None = None
) -> dict[str, WeekSupply]:
    """Return the weeks' seats and taken seats of published slots, summed by occupation field, in one query."""
    found: dict[str, WeekSupply] = {}
    rows = _supply(
        by_field=True, weeks=list(weeks), kind=kind, municipality_code=municipality_code, occupation_field=None
    )
    for _week_on, field, seats, taken in rows:
        before = found.get(field, WeekSupply(0, 0))
        found[field] = WeekSupply(before.seats + seats, before.taken + taken)
    return found


def _supply(**params: Any) -> list[tuple[date, str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_SUPPLY, {**params, "region": require_scope().region})
        return cursor.fetchall()
