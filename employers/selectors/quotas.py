"""Seats kept for an authority: one formula for how many of a slot's seats are not for everybody.

An authority may have a slot's free seats but those which other authorities still have left of their quotas. Pages,
runs and the taking of seats all ask `reserved_for_others`, so that they say the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from core.tenancy.scopes import require_scope
from core.ui import StatusTag, tag_for
from core.weeks import monday, range_label
from employers.models import Slot, SlotQuota, SlotWeek

Kept = Mapping[tuple[UUID, date], int]

# What is left of every quota that has not been released, but the one's who asks.
_RESERVED = """
SELECT q.slot_id, q.week_on, sum(q.seats - q.taken)::int
FROM employers_slotquota q
WHERE (%(slots)s::uuid[] IS NULL OR q.slot_id = ANY(%(slots)s::uuid[])) AND q.week_on = ANY(%(weeks)s::date[])
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
    slots: Collection[UUID] | None, weeks: Collection[date], authority: UUID | None, today: date
) -> dict[tuple[UUID, date], int]:
    """Return by slot and week the seats that `authority` may not have, where there are any. One query.

    No slots named: all of them. No authority: nobody in particular asks, and every authority's reserve counts.
    """
    require_scope()
    if not weeks or (slots is not None and not slots):
        return {}
    named = None if slots is None else list(slots)
    params: dict[str, Any] = {"slots": named, "weeks": list(weeks), "today": today, "authority": authority}
    with connection.cursor() as cursor:
        cursor.execute(_RESERVED, params)
        return {(slot_id, week_on): kept for slot_id, week_on, kept in cursor.fetchall()}


def reserves_of_others(slot_id: UUID, week_on: date, authority: UUID | None, today: date) -> list[Reserve]:
    """Return for whom a slot's seats are kept in a week, the longest first."""
    rows = SlotQuota.objects.filter(slot=slot_id, week_on=week_on, release_on__gt=today, seats__gt=F("taken"))
    return [
        Reserve(row.authority.name, row.seats - row.taken, row.release_on)
        for row in rows.exclude(authority=authority)
        .select_related("authority")
        .order_by("-release_on", "authority__name")
    ]


# -- what pages show


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """Quotas of one slot and authority which are alike but for the week: one line on a page."""

    quotas: tuple[SlotQuota, ...]
    released: bool

    @property
    def first(self) -> SlotQuota:
        """Return the one that stands for all of them."""
        return self.quotas[0]

    @property
    def weeks(self) -> list[date]:
        """Return the weeks in order."""
        return [quota.week_on for quota in self.quotas]

    @property
    def week_text(self) -> str:
        """Return "v. 12–13"."""
        return range_label(self.weeks)

    @property
    def seats(self) -> int:
        """Return the seats kept over the weeks."""
        return sum(quota.seats for quota in self.quotas)

    @property
    def used(self) -> int:
        """Return how many of them the authority's learners hold."""
        return sum(min(quota.taken, quota.seats) for quota in self.quotas)

    @property
    def tag(self) -> StatusTag:
        """Return whether the seats are still kept."""
        if self.used == self.seats:
            return tag_for("done", _("Alla använda"))
        return tag_for("expired", _("Släppt")) if self.released else tag_for("reserved")


@dataclass(frozen=True, slots=True)
class WeekSeats:
    """A week of a slot: its seats, those taken, those kept for authorities, and what is left for everybody."""

    week_on: date
    seats: int
    taken: int
    kept: int

    @property
    def free(self) -> int:
        """Return the seats that any authority may take."""
        return max(self.seats - self.taken - self.kept, 0)

    @property
    def short(self) -> bool:
        """Tell whether the employer has since taken back seats that were kept."""
        return self.kept > self.seats - self.taken


def quota_rows(today: date, *, region_id: UUID, slot: Slot | None = None) -> list[QuotaRow]:
    """Return the reserves of coming weeks, those still kept first, in one query."""
    rows = SlotQuota.objects.filter(region_id=region_id, week_on__gte=monday(today))
    if slot:
        rows = rows.filter(slot=slot)
    joined = rows.select_related("slot__workplace", "slot__employer", "authority")
    found = _grouped(joined.order_by("slot__title", "slot", "authority__name", "week_on"), today)
    return sorted(found, key=lambda row: row.released)


def alike(quota: SlotQuota, today: date) -> QuotaRow:
    """Return the line that a quota belongs to."""
    rows = SlotQuota.objects.filter(
        slot=quota.slot_id,
        authority=quota.authority_id,
        seats=quota.seats,
        release_on=quota.release_on,
        week_on__gte=monday(today),
    )
    return _grouped(rows.select_related("slot__workplace", "authority").order_by("week_on"), today)[0]


def _grouped(rows: Iterable[SlotQuota], today: date) -> list[QuotaRow]:
    found: defaultdict[tuple[Any, ...], list[SlotQuota]] = defaultdict(list)
    for row in rows:
        found[row.slot_id, row.authority_id, row.seats, row.release_on].append(row)
    return [QuotaRow(tuple(same), same[0].release_on <= today) for same in found.values()]


def weeks_with_reserves(slot: Slot, today: date) -> list[WeekSeats]:
    """Return the slot's coming weeks with seats, and how many of them are kept for any authority."""
    rows = SlotWeek.objects.filter(slot=slot, week_on__gte=monday(today), seats__gt=0).order_by("week_on")
    weeks: Sequence[SlotWeek] = list(rows)
    kept = reserved_for_others([slot.pk], [row.week_on for row in weeks], None, today)
    return [WeekSeats(row.week_on, row.seats, row.taken, kept.get((slot.pk, row.week_on), 0)) for row in weeks]
