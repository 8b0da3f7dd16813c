"""A learner's season and wishes, as the learner's own pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.weeks import range_label
from employers.models import Slot
from placements.enums import RoundPhase
from placements.explaining import why_not_you
from placements.models import AllocationRun, Assignment, Choice, ChoiceList, Placement, Round, RoundPeriod
from placements.selectors.browse import slot_name
from placements.selectors.rounds import phase
from schools.models import Learner, PlacementPeriod

# Which round a learner's pages are about, when several concern the class: the first of these phases that is found.
_MOST_URGENT = (
    RoundPhase.CHOOSING,
    RoundPhase.STARTED,
    RoundPhase.CONFIRMING,
    RoundPhase.CLOSED,
    RoundPhase.VIEWING,
    RoundPhase.PLANNED,
    RoundPhase.FINISHED,
)


@dataclass(frozen=True, slots=True)
class Season:
    """One round as it concerns one learner: the weeks of the learner's own class."""

    round: Round
    period: PlacementPeriod
    weeks: Sequence[date]
    phase: RoundPhase

    @property
    def week_label(self) -> str:
        """Return "v. 15–16"."""
        return range_label(self.weeks)

    @property
    def is_visible(self) -> bool:
        """Tell whether the places may be looked at."""
        return self.phase != RoundPhase.PLANNED

    @property
    def is_choosing(self) -> bool:
        """Tell whether the wishes can be changed."""
        return self.phase == RoundPhase.CHOOSING


@dataclass(frozen=True, slots=True)
class Wishes:
    """The learner's list in a round: the choices in order, each with its slot, workplace and employer joined."""

    choices: Sequence[Choice]
    saved_at: datetime | None = None
    submitted_at: datetime | None = None

    @property
    def ranks(self) -> dict[UUID, int]:
        """Return the slots wished for, each with its rank."""
        return {choice.slot_id: choice.rank for choice in self.choices}


def learner_of(learner_id: UUID) -> Learner:
    """Return the learner with class and school."""
    return Learner.objects.select_related("school_class", "school_unit").get(pk=learner_id)


def seasons_of(learner: Learner, now: datetime) -> list[Season]:
    """Return the learner's rounds, by their first week. Two queries."""
    rows = RoundPeriod.objects.filter(period__school_class_id=learner.school_class_id)
    found = []
    for row in rows.select_related("round", "period").prefetch_related("period__weeks"):
        weeks = sorted(week.week_on for week in row.period.weeks.all())
        found.append(Season(row.round, row.period, weeks, phase(row.round, now, weeks)))
    return sorted(found, key=lambda season: (season.weeks, season.round.close_at))


def most_urgent(seasons: Sequence[Season]) -> Season | None:
    """Return the round to show first: one that is open for choosing before all others."""
    return min(seasons, key=lambda season: _MOST_URGENT.index(season.phase), default=None)


def wishes_of(round: Round, learner_id: UUID) -> Wishes:
    """Return the learner's wishes in a round, empty when nothing is saved. Two queries."""
    held = ChoiceList.objects.filter(round=round, learner_id=learner_id).first()
    if held is None:
        return Wishes(())
    choices = held.choices.select_related("slot__workplace", "slot__employer").order_by("rank")
    return Wishes(list(choices), held.saved_at, held.submitted_at)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the published result, the place as it stands today, and why each better wish was not met."""

    assignment: Assignment | None
    placement: Placement | None
    why: Sequence[str]


def outcome_of(season: Season, learner_id: UUID) -> Outcome:
    """Return the learner's result in a published round. Two queries, and one for the names of better wishes."""
    published = AllocationRun.objects.filter(round=season.round, published_at__isnull=False)
    assignments = Assignment.objects.filter(run__in=published, learner_id=learner_id)
    placements = Placement.objects.filter(round=season.round, learner_id=learner_id)
    assignment = assignments.select_related("slot__workplace").first()
    return Outcome(
        assignment,
        placements.select_related("slot__workplace", "slot__employer").order_by("created_at").last(),
        _why(assignment.explanation) if assignment else (),
    )


def _why(explanation: Sequence[Mapping[str, Any]]) -> list[str]:
    slots = Slot.objects.select_related("workplace").in_bulk([UUID(item["slot"]) for item in explanation])
    return [why_not_you(item, slot_name(slots[UUID(item["slot"])])) for item in explanation]
