"""What the region's workplaces can take, week by week."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from core.kept import Kept, kept
from core.tenancy.scopes import require_scope
from core.weeks import today
from employers.models import Slot
from employers.selectors.quotas import reserved_for_others

# Counting so many takes longer than the rest of a page, and one place more or less changes nothing.
MANY_SEATS: Final = 100_000
KEPT_SECONDS: Final = 300


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


# LEAST passes over NULL: most workplaces have no cap. Seats kept for others come as arrays of one formula's answers.
_OPEN = """
SELECT sw.slot_id, min(sw.seats)::int,
    min(least(sw.seats - sw.taken - coalesce(kept.seats, 0), ww.cap - ww.taken))::int AS left_over
FROM employers_slotweek sw
JOIN employers_slot s ON s.id = sw.slot_id
LEFT JOIN employers_workplaceweek ww ON ww.workplace_id = s.workplace_id AND ww.week_on = sw.week_on
    AND ww.week_on = ANY(%(weeks)s::date[])
LEFT JOIN unnest(%(kept_slots)s::uuid[], %(kept_weeks)s::date[], %(kept)s::int[]) AS kept(slot_id, week_on, seats)
    ON kept.slot_id = sw.slot_id AND kept.week_on = sw.week_on
WHERE s.status = 'published' AND %(kind)s = ANY(s.kinds) AND sw.week_on = ANY(%(weeks)s::date[])
GROUP BY sw.slot_id
HAVING count(*) = %(number)s
    AND min(least(sw.seats - sw.taken - coalesce(kept.seats, 0), ww.cap - ww.taken)) > 0
"""


def open_seats(*, kind: str, weeks: Collection[date]) -> dict[UUID, tuple[int, int]]:
    """Return by slot what `open_slots` tells of it, seats and what is left, in two queries and without objects."""
    wanted = sorted(set(weeks))
    kept = reserved_for_others(None, wanted, require_scope().authority, today())
    params: dict[str, Any] = {
        "kind": kind,
        "weeks": wanted,
        "number": len(wanted),
        "kept_slots": [slot_id for slot_id, _week in kept],
        "kept_weeks": [week for _slot, week in kept],
        "kept": list(kept.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, params)
        return {slot_id: (seats, left) for slot_id, seats, left in cursor.fetchall()}


def open_slots(*, kind: str, weeks: Collection[date]) -> list[OpenSlot]:
    """Return published slots of the kind with room for somebody in all the weeks, by title.

    `seats` is the least of the weeks; `left` heeds the workplaces' caps, and what is kept for other authorities than
    the scope's.
    """
    found = open_seats(kind=kind, weeks=weeks)
    slots = Slot.objects.filter(pk__in=found).select_related("workplace", "employer").order_by("title", "pk")
    return [OpenSlot(slot, *found[slot.pk]) for slot in slots]


# LEAST passes over NULL: a workplace without a cap counts all its seats, and such workplaces need not be told apart.
# What other kinds have taken under a cap is not there for this kind.
_SUPPLY = """
WITH per_workplace AS (
    SELECT sw.week_on, CASE WHEN %(by_field)s THEN s.occupation_field ELSE '' END AS field, ww.workplace_id,
        sum(sw.seats) AS seats, sum(sw.taken) AS taken, min(ww.cap - ww.taken) AS room
    FROM employers_slotweek sw
    JOIN employers_slot s ON s.id = sw.slot_id
    LEFT JOIN employers_workplaceweek ww ON ww.workplace_id = s.workplace_id AND ww.week_on = sw.week_on
    WHERE s.status = 'published' AND sw.week_on = ANY(%(weeks)s::date[])
    AND (%(region)s::uuid IS NULL OR sw.region_id = %(region)s)
    AND (%(kind)s::text IS NULL OR %(kind)s = ANY(s.kinds))
    AND (%(municipality_code)s::text IS NULL OR s.workplace_id IN (
        SELECT w.id FROM employers_workplace w WHERE w.municipality_code = %(municipality_code)s
    ))
    GROUP BY sw.week_on, 2, ww.workplace_id
)
SELECT week_on, field, sum(least(seats, room + taken))::int, sum(taken)::int FROM per_workplace GROUP BY week_on, field
"""
_AND_ALL_FIELDS = """
UNION ALL
SELECT week_on, '', sum(least(seats, room + taken))::int, sum(taken)::int
FROM (
    SELECT week_on, sum(seats) AS seats, sum(taken) AS taken, min(room) AS room
    FROM per_workplace GROUP BY week_on, workplace_id
) all_fields
GROUP BY week_on
"""


def supply_by_week(
    *, weeks: Collection[date], kind: str | None = None, municipality_code: str | None = None
) -> dict[date, WeekSupply]:
    """Return seats and taken seats of published slots for every week asked for, in one query.

    A workplace's cap limits the sum of its slots: two slots of two seats under a cap of three count as three. In a
    region of very many places the numbers may be some minutes old.
    """
    found = _supply(_SUPPLY, by_field=False, weeks=list(weeks), kind=kind, municipality_code=municipality_code).value
    return {week_on: found.get((week_on, ""), WeekSupply(0, 0)) for week_on in weeks}


def supply_by_week_and_field(
    *, weeks: Collection[date], kind: str | None = None, municipality_code: str | None = None
) -> Kept[dict[tuple[date, str], WeekSupply]]:
    """Return the same by week and occupation field, where there is any, and when it was counted. One query.

    The field '' is all of them. A cap limits each field by itself, and all of them together.
    """
    sql = _SUPPLY + _AND_ALL_FIELDS
    return _supply(sql, by_field=True, weeks=list(weeks), kind=kind, municipality_code=municipality_code)


def _supply(sql: str, **params: Any) -> Kept[dict[tuple[date, str], WeekSupply]]:
    region = require_scope().region

    def count() -> dict[tuple[date, str], tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, {**params, "region": region})
            return {(week_on, field): (seats, taken) for week_on, field, seats, taken in cursor.fetchall()}

    # Everybody in a region reads the same rows. Without a region all regions are read, and nothing is kept.
    key = f"supply:{region}:{params}"
    found = kept(key, count, seconds=KEPT_SECONDS, worth=_is_vast) if region else Kept(count(), timezone.now())
    return Kept({at: WeekSupply(*numbers) for at, numbers in found.value.items()}, found.at)


def _is_vast(counted: Mapping[tuple[date, str], tuple[int, int]]) -> bool:
    return sum(seats for (_week, field), (seats, _taken) in counted.items() if not field) > MANY_SEATS
