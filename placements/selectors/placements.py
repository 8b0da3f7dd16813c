"""Results for the school: classes, learners, where each is going and how far it has come."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.models import StateChange
from core.ui import StatusTag, tag_for
from core.weeks import WEEK, today
from placements.eligibility import LearnerFacts
from placements.enums import CONFIRMED, ENDED_BY_EMPLOYER, LIVE, PlacementStatus
from placements.models import Placement, RoundPeriod
from placements.selectors.travel_model import travel_model
from placements.travel import Origin
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek, PlacementPeriod, SchoolUnit

S = PlacementStatus
TAGS: Mapping[str, str] = {
    S.RESERVED: "awaiting_reply",
    S.EMPLOYER_CONFIRMED: "confirmed",
    S.READY: "ready",
    S.ACTIVE: "ongoing",
    S.COMPLETED: "completed",
    S.DECLINED_EMPLOYER: "denied",
    S.WITHDRAWN_EMPLOYER: "withdrawn",
    S.WITHDRAWN_LEARNER: "cancelled",
    S.TERMINATED: "cancelled",
    S.REPLACED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """One class in one published round, in numbers."""

    period_id: UUID
    class_name: str
    school_name: str
    weeks: list[date]
    learners: int
    confirmed: int
    waiting: int

    @property
    def unplaced(self) -> int:
        """Return how many have no place."""
        return max(0, self.learners - self.confirmed - self.waiting)

    @property
    def past(self) -> bool:
        """Tell whether the last week has ended."""
        return not self.weeks or max(self.weeks) + WEEK <= today()


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One learner's place, or the lack of one. `placement` has slot, workplace and employer joined."""

    learner: Learner
    placement: Placement | None
    tag: StatusTag

    @property
    def live(self) -> bool:
        """Tell whether there is a place."""
        return self.placement is not None and self.placement.ended_at is None

    @property
    def wish(self) -> str:
        """Return "val 2", "utanför valen", or nothing without a place."""
        return wish_words(self.placement.rank) if self.placement and self.live else ""

    @property
    def key(self) -> str:
        """Return what the filter calls this row: confirmed, waiting or unplaced."""
        if self.placement is None or not self.live:
            return "unplaced"
        return "confirmed" if self.placement.status in CONFIRMED else "waiting"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a placement."""

    at: datetime
    text: str
    who: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeclinedWaiting:
    """Learners of one class whose workplace said no, and who have no other place yet."""

    period_id: UUID
    class_name: str
    employer_name: str
    starts_on: date
    weeks: list[date]
    learners: list[tuple[UUID, str]]


def status_tag(placement: Placement) -> StatusTag:
    """Return the tag of a placement (employer joined), as the school sees it."""
    status, name = placement.status, {"employer": placement.employer.name}
    words = {
        S.DECLINED_EMPLOYER: _("Nekad av %(employer)s") % name,
        S.WITHDRAWN_EMPLOYER: _("Återbud från %(employer)s") % name,
        S.WITHDRAWN_LEARNER: _("Återbud från eleven"),
        S.REPLACED: _("Omplacerad"),
    }
    return tag_for(TAGS[status], words.get(PlacementStatus(status), ""))


def wish_words(rank: int | None) -> str:
    """Return "val 2", or that the place was not among the wishes."""
    return _("val %(rank)d") % {"rank": rank} if rank else _("utanför valen")


def round_periods(organisation: Organisation) -> QuerySet[RoundPeriod]:
    """Return the classes in published rounds which the school, or the whole authority, answers for."""
    found = RoundPeriod.objects.filter(authority_id=organisation.scope().authority, round__published_at__isnull=False)
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        found = found.filter(period__school_unit_id=organisation.pk)
    return found.select_related("round", "period__school_unit", "period__school_class")


def weeks_of(period_ids: Iterable[UUID]) -> dict[UUID, list[date]]:
    """Return the Mondays of each period, in order."""
    found: dict[UUID, list[date]] = defaultdict(list)
    rows = PeriodWeek.objects.filter(period__in=list(period_ids)).order_by("week_on")
    for period_id, week_on in rows.values_list("period_id", "week_on"):
        found[period_id].append(week_on)
    return found


def class_summaries(organisation: Organisation) -> list[ClassSummary]:
    """Return every class with published results, the soonest first, in three queries."""
    ours = round_periods(organisation)
    visible = Learner.objects.filter(
        school_class__in=ours.values("period__school_class"), protection_mode=ProtectionMode.NONE
    )
    sizes = dict(visible.values_list("school_class").annotate(size=Count("pk")))
    live: dict[UUID, Counter[bool]] = defaultdict(Counter)
    held = Placement.objects.filter(period__in=ours.values("period"), ended_at=None)
    for period_id, status, count in held.values_list("period_id", "status").annotate(size=Count("pk")):
        live[period_id][status in CONFIRMED] += count
    # Columns and not objects: there can be thousands of classes.
    weeks = ArraySubquery(PeriodWeek.objects.filter(period=OuterRef("period")).order_by("week_on").values("week_on"))
    names = ("period__school_class__name", "period__school_unit__name")
    found = ours.annotate(at=weeks).values_list("period_id", *names, "period__school_class_id", "at")
    summaries = [
        ClassSummary(
            period_id=period_id,
            class_name=class_name,
            school_name=school_name,
            weeks=at,
            learners=sizes.get(class_id, 0),
            confirmed=live[period_id][True],
            waiting=live[period_id][False],
        )
        for period_id, class_name, school_name, class_id, at in found
    ]
    return sorted(summaries, key=lambda summary: (summary.weeks[:1], summary.school_name, summary.class_name))


def class_result(found: RoundPeriod) -> list[ResultRow]:
    """Return every learner of the class with the place in force, or the latest that ended, in two queries."""
    latest: dict[UUID, Placement] = {}
    rows = Placement.objects.filter(period_id=found.period_id).select_related("slot__workplace", "employer")
    for placement in rows.order_by("created_at"):
        held = latest.get(placement.learner_id)
        if held is None or held.ended_at is not None:
            latest[placement.learner_id] = placement
    learners = learners_of(found).order_by("last_name", "first_name", "id")
    return [_result_row(learner, latest.get(learner.pk)) for learner in learners]


def learners_of(found: RoundPeriod) -> QuerySet[Learner]:
    """Return the learners of the class that may be shown, with class and school."""
    shown = Learner.objects.filter(school_class_id=found.period.school_class_id, protection_mode=ProtectionMode.NONE)
    return shown.select_related("school_class", "school_unit")


def places_of(learner: Learner, period_id: UUID) -> list[Placement]:
    """Return what the learner has been given in the period, the latest first; slot, workplace, employer joined."""
    found = Placement.objects.filter(period_id=period_id, learner=learner).order_by("-created_at")
    return list(found.select_related("slot__workplace", "employer"))


def _result_row(learner: Learner, placement: Placement | None) -> ResultRow:
    return ResultRow(learner, placement, status_tag(placement) if placement else tag_for("unplaced"))


def filter_results(rows: Sequence[ResultRow], *, query: str, key: str) -> list[ResultRow]:
    """Return the rows whose learner or workplace holds the words, in the state asked for."""
    words = query.casefold().split()
    return [row for row in rows if (not key or row.key == key) and all(word in _searched(row) for word in words)]


def _searched(row: ResultRow) -> str:
    place = row.placement.slot.workplace.name if row.placement else ""
    return f"{row.learner} {place}".casefold()


def history_of(placements: Sequence[Placement]) -> list[HistoryLine]:
    """Return what happened to these placements (employer joined), latest first, in one query."""
    by_id = {placement.pk: placement for placement in placements}
    lines = [
        HistoryLine(row.created_at, _("Plats reserverad hos %(employer)s") % {"employer": row.employer.name})
        for row in placements
    ]
    changes = StateChange.objects.filter(subject=Placement._meta.label_lower, subject_id__in=list(by_id))
    for change in changes:
        label = PlacementStatus(change.after).label
        who = by_id[change.subject_id].employer.name
        lines.append(HistoryLine(change.at, f"{label}: {who}", change.actor_label, change.reason))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def facts_of(learner: Learner, *, kind: str, period: PlacementPeriod | None = None) -> LearnerFacts:
    """Return what the rules need to know of a learner (class joined). Three queries.

    A place that was denied is not an earlier one, nor is the place in `period`, which the question is about; whoever
    has said no in that period is not asked again.
    """
    period_id = period.pk if period else None
    rows = Placement.objects.filter(learner=learner, status__in=(*LIVE, *ENDED_BY_EMPLOYER))
    been = list(rows.values_list("slot_id", "status", "period_id"))
    return LearnerFacts(
        grade_level=learner.school_class.grade_level,
        birth_date=learner.birth_date,
        kind=kind,
        protected=learner.protection_mode != ProtectionMode.NONE,
        earlier_slots=frozenset(slot for slot, status, when in been if status in LIVE and when != period_id),
        refused_slots=frozenset(slot for slot, status, when in been if status not in LIVE and when == period_id),
        origin=origin_of(learner),
    )


def origin_of(learner: Learner) -> Origin:
    """Return where a learner's journeys begin (class joined): at the school, by the region's model."""
    units = SchoolUnit.objects.filter(pk=learner.school_class.school_unit_id)
    latitude, longitude = units.values_list("latitude", "longitude").get()
    return Origin(latitude, longitude, travel_model(learner.region_id))


def declined_waiting(organisation: Organisation) -> list[DeclinedWaiting]:
    """Return whose workplace said no before the start and who have no other place yet, the soonest first."""
    another = Placement.objects.filter(period=OuterRef("period"), learner=OuterRef("learner"), ended_at=None)
    rows = (
        Placement.objects.filter(
            authority_id=organisation.scope().authority, status__in=ENDED_BY_EMPLOYER, starts_on__gt=today()
        )
        .exclude(Exists(another))
        .select_related("employer")
        .order_by("starts_on", "class_name", "learner_name", "ended_at")
    )
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        rows = rows.filter(school_unit_id=organisation.pk)
    latest = {(row.period_id, row.learner_id): row for row in rows}
    groups: dict[tuple[UUID, UUID], list[Placement]] = defaultdict(list)
    for row in latest.values():
        groups[row.period_id, row.employer_id].append(row)
    weeks = weeks_of({period_id for period_id, _employer in groups})
    return [
        DeclinedWaiting(
            period_id=period_id,
            class_name=held[0].class_name,
            employer_name=held[0].employer.name,
            starts_on=held[0].starts_on,
            weeks=weeks[period_id],
            learners=[(row.learner_id, row.learner_name) for row in held],
        )
        for (period_id, _employer), held in groups.items()
    ]
