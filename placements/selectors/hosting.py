"""What an employer sees: who is coming, from which school, and what it has answered. Copied fields only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from core.ui import StatusTag, tag_for
from core.weeks import WEEK, range_label, today
from placements.enums import CONFIRMED, ENDED_BY_EMPLOYER, LIVE, PlacementStatus
from placements.models import Placement, PlacementWeek
from placements.selectors.placements import status_tag


@dataclass(frozen=True, slots=True)
class Guest:
    """One learner who is, or was, to come. `placement` has slot and workplace joined."""

    placement: Placement
    weeks: list[date]

    @property
    def answer(self) -> str:
        """Return the answer given so far: yes, no or nothing."""
        if self.placement.status in ENDED_BY_EMPLOYER:
            return "no"
        return "yes" if self.placement.status in CONFIRMED else ""

    @property
    def open(self) -> bool:
        """Tell whether the answer can still be given or changed here: until the first day."""
        return self.placement.starts_on > today()

    @property
    def tag(self) -> StatusTag:
        """Return the tag as the employer sees it."""
        words = {"no": tag_for("denied"), "": tag_for("awaiting_you")}
        return words.get(self.answer) or status_tag(self.placement)


@dataclass(frozen=True, slots=True)
class GuestWeeks:
    """The learners who come in the same weeks."""

    weeks: list[date]
    guests: list[Guest]

    @property
    def label(self) -> str:
        """Return "v. 15–16"."""
        return range_label(self.weeks)

    @property
    def past(self) -> bool:
        """Tell whether the last week has ended."""
        return not self.weeks or max(self.weeks) + WEEK <= today()


def guests(*, employer_id: UUID, round_id: UUID | None = None) -> list[Guest]:
    """Return the learners an employer hosts or has declined, the soonest first, in two queries."""
    rows = _placements(employer_id).filter(status__in=[*LIVE, *ENDED_BY_EMPLOYER])
    if round_id:
        rows = rows.filter(round_id=round_id)
    return _with_weeks(rows)


def replaced_guests(*, employer_id: UUID, round_id: UUID, at: datetime) -> list[Guest]:
    """Return the learners to whom a repair published at that moment gave other places, in two queries."""
    return _with_weeks(_placements(employer_id).filter(round_id=round_id, status=PlacementStatus.REPLACED, ended_at=at))


def _with_weeks(rows: QuerySet[Placement]) -> list[Guest]:
    placements = list(rows.order_by("starts_on", "school_name", "class_name", "learner_name", "pk"))
    weeks: dict[UUID, list[date]] = defaultdict(list)
    found = PlacementWeek.objects.filter(placement__in=[row.pk for row in placements]).order_by("week_on")
    for placement_id, week_on in found.values_list("placement_id", "week_on"):
        weeks[placement_id].append(week_on)
    return [Guest(row, weeks[row.pk]) for row in placements]


def by_weeks(found: Sequence[Guest]) -> list[GuestWeeks]:
    """Group guests by the weeks they come in, in order of time."""
    groups: dict[tuple[date, ...], list[Guest]] = defaultdict(list)
    for guest in found:
        groups[tuple(guest.weeks)].append(guest)
    return [GuestWeeks(list(weeks), held) for weeks, held in sorted(groups.items())]


def _placements(employer_id: UUID) -> QuerySet[Placement]:
    return Placement.objects.filter(employer_id=employer_id).select_related("slot__workplace", "employer")
