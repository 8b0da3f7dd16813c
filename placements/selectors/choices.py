"""A learner's season and wishes, as the learner's own pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import wrap
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.weeks import range_label
from employers.models import Slot
from placements.allocation import seed_commitment
from placements.enums import RoundPhase, RunPolicy, RunStatus
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
    """What became of it: the published result, the place as it stands today, and why each better wish was not met.

    `shown_at` is when the first result, or a later one, will be shown; None when there is none that waits.
    """

    assignment: Assignment | None
    placement: Placement | None
    why: Sequence[str]
    shown_at: datetime | None = None


def outcome_of(season: Season, learner_id: UUID, now: datetime) -> Outcome:
    """Return what the learner may see of a round now. Two queries, and one for the names of better wishes.

    A result is shown from the hour set, and not while the publishing can still be taken back.
    """
    published = Assignment.objects.filter(run__round=season.round, run__status=RunStatus.PUBLISHED)
    rows = (
        published.filter(learner_id=learner_id).select_related("slot__workplace", "run").order_by("run__published_at")
    )
    by_time = [(shown_from(row.run), row) for row in rows]
    shown = [row for at, row in by_time if at <= now]
    assignment = shown[-1] if shown else None
    placements = Placement.objects.filter(round=season.round, learner_id=learner_id)
    visible = placements.filter(Q(shown_at=None) | Q(shown_at__lte=now)).exclude(run__status=RunStatus.RETRACTING)
    return Outcome(
        assignment,
        visible.select_related("slot__workplace", "slot__employer").order_by("created_at").last(),
        _why(assignment.explanation, in_turn=assignment.run.policy == RunPolicy.SERIAL) if assignment else (),
        min((at for at, _row in by_time if at > now), default=None),
    )


@dataclass(frozen=True, slots=True)
class DrawCheck:
    """What anyone needs to check the draw: the hash shown before the choice closed, and the seed, now revealed."""

    seed: str
    commitment: Sequence[str]
    is_serial: bool


def draw_check(run: AllocationRun) -> DrawCheck:
    """Return how the draw of a published run can be checked."""
    return DrawCheck(run.seed, wrap(seed_commitment(run.seed), 8), run.policy == RunPolicy.SERIAL)


def shown_from(run: AllocationRun) -> datetime:
    """Return from when learners see a published run: the hour set, never before it is too late to take it back."""
    moments = [at for at in (run.published_at, run.undo_until, run.results_at) if at]
    return max(moments)


def _why(explanation: Sequence[Mapping[str, Any]], *, in_turn: bool) -> list[str]:
    slots = Slot.objects.select_related("workplace").in_bulk([UUID(item["slot"]) for item in explanation])
    return [why_not_you(item, slot_name(slots[UUID(item["slot"])]), in_turn=in_turn) for item in explanation]
