"""Rounds: where they are in time, whom they concern, and what the school's pages show of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import WEEK, range_label, today
from employers.selectors.supply import open_slots, supply_by_week
from placements.eligibility import ClassFacts, eligible
from placements.enums import RoundPhase
from placements.models import ChoiceList, Round, RoundPeriod
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek, PlacementPeriod
from schools.selectors.classes import swedish_key
from schools.selectors.periods import demand_by_week


def phase(round: Round, now: datetime, weeks: Iterable[date] = ()) -> RoundPhase:
    """Return where the round is. Whether it has started or finished shows only with its weeks given."""
    mondays = sorted(weeks)
    day = timezone.localdate(now)
    if mondays and day >= mondays[0]:
        return RoundPhase.STARTED if day < mondays[-1] + WEEK else RoundPhase.FINISHED
    if round.published_at:
        return RoundPhase.CONFIRMING
    if now < round.view_at:
        return RoundPhase.PLANNED
    if now < round.choose_at:
        return RoundPhase.VIEWING
    return RoundPhase.CHOOSING if now < round.close_at else RoundPhase.CLOSED


def learners_in_round(round: Round) -> QuerySet[Learner]:
    """Return the learners of the round's classes; those with a protected identity are placed by hand."""
    classes = RoundPeriod.objects.filter(round=round).values("period__school_class")
    return (
        Learner.objects.filter(school_class__in=classes, protection_mode=ProtectionMode.NONE)
        .select_related("school_class")
        .order_by("school_class__name", "last_name", "first_name", "id")
    )


def weeks_of_round(round: Round) -> list[date]:
    """Return the Mondays of all the round's periods, in order."""
    found = PeriodWeek.objects.filter(period__round_periods__round=round).values_list("week_on", flat=True)
    return sorted(set(found))


def moment(at: datetime) -> str:
    """Return "fredag 12 mars kl. 16.00", its "kl." never left alone at the end of a line."""
    return "\u00a0".join(date_format(timezone.localtime(at), _("l j F \\k\\l. H.i")).rsplit(" ", 1))


# -- the school's list and page


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round with its classes, its weeks, and how far the choosing has come."""

    round: Round
    phase: RoundPhase
    periods: Sequence[PlacementPeriod]
    weeks: Sequence[date]
    learners: int
    saved: int
    submitted: int

    @property
    def labels(self) -> str:
        """Return "8A, 8B"."""
        return ", ".join(period.label for period in self.periods)

    @property
    def week_label(self) -> str:
        """Return "v. 15–16"."""
        return range_label(self.weeks)

    @property
    def not_started(self) -> int:
        """Return how many have not saved anything."""
        return self.learners - self.submitted - self.saved


def rounds_of(organisation: Organisation) -> QuerySet[Round]:
    """Return a school's own rounds and those of its authority that its classes are in; for an authority, all of its."""
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        ours = RoundPeriod.objects.filter(period__school_unit=organisation.pk).values("round")
        return Round.objects.filter(Q(school_unit=organisation.pk) | Q(school_unit=None, pk__in=ours))
    return Round.objects.filter(authority=organisation.pk)


def round_rows(rounds: QuerySet[Round], now: datetime) -> list[RoundRow]:
    """Return the rounds that need somebody first: open ones by closing time, then coming, then past. Five queries."""
    periods = Prefetch("round_periods", RoundPeriod.objects.select_related("period").order_by("period__label"))
    found = list(rounds.prefetch_related(periods, "round_periods__period__weeks"))
    classes = {link.period.school_class_id for each in found for link in each.round_periods.all()}
    pupils = dict(
        Learner.objects.filter(school_class__in=classes, protection_mode=ProtectionMode.NONE)
        .values_list("school_class")
        .annotate(Count("pk"))
    )
    lists = {
        row["pk"]: row
        for row in Round.objects.filter(pk__in=[each.pk for each in found])
        .values("pk")
        .annotate(
            submitted=Count("choice_lists", Q(choice_lists__submitted_at__isnull=False), distinct=True),
            saved=Count(
                "choice_lists",
                Q(choice_lists__submitted_at=None, choice_lists__choices__isnull=False),
                distinct=True,
            ),
        )
    }
    rows = [_round_row(each, now, pupils, dict(lists[each.pk])) for each in found]
    return sorted(rows, key=_urgency)


def _round_row(found: Round, now: datetime, pupils: Mapping[UUID, int], counts: Mapping[str, Any]) -> RoundRow:
    periods = [link.period for link in found.round_periods.all()]
    weeks = sorted({week.week_on for period in periods for week in period.weeks.all()})
    learners = sum(pupils.get(period.school_class_id, 0) for period in periods)
    return RoundRow(found, phase(found, now, weeks), periods, weeks, learners, counts["saved"], counts["submitted"])


_ORDER = [
    RoundPhase.CHOOSING,
    RoundPhase.CLOSED,
    RoundPhase.CONFIRMING,
    RoundPhase.VIEWING,
    RoundPhase.PLANNED,
    RoundPhase.STARTED,
    RoundPhase.FINISHED,
]


def _urgency(row: RoundRow) -> tuple[int, datetime]:
    return _ORDER.index(row.phase), row.round.close_at


@dataclass(frozen=True, slots=True)
class Outlook:
    """One week of a round: free seats in the region against the learners booked there, and those of this round."""

    week_on: date
    seats: int
    demand: int
    peak: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What the region has for a round: slots that fit some class of it, their free seats, and the weeks."""

    slots: int
    seats: int
    learners: int
    weeks: Sequence[Outlook]

    @property
    def short_weeks(self) -> list[date]:
        """Return the weeks with more learners than seats in the region."""
        return [week.week_on for week in self.weeks if week.demand > week.seats]

    @property
    def missing(self) -> int:
        """Return how many more fitting seats the round's own learners would need."""
        return max(0, self.learners - self.seats)


def supply_of(row: RoundRow, grades: Mapping[UUID, int]) -> Supply:
    """Return the supply for a round's classes. `grades` gives each class's grade level."""
    day = today()
    fitting: dict[UUID, int] = {}
    groups: dict[tuple[date, ...], list[PlacementPeriod]] = {}
    for period in row.periods:
        groups.setdefault(tuple(sorted(week.week_on for week in period.weeks.all())), []).append(period)
    for weeks, periods in groups.items():
        whoms = {grades[p.school_class_id]: ClassFacts(p.label, grades[p.school_class_id], p.kind) for p in periods}
        for found in open_slots(kind=row.round.kind, weeks=weeks):
            if any(eligible(facts=facts, slot=found.slot, weeks=weeks, today=day) for facts in whoms.values()):
                fitting[found.slot.pk] = max(found.left, fitting.get(found.slot.pk, 0))
    return Supply(len(fitting), sum(fitting.values()), row.learners, _outlook(row))


def _outlook(row: RoundRow) -> list[Outlook]:
    seats = supply_by_week(weeks=row.weeks, kind=row.round.kind)
    demand = demand_by_week(weeks=row.weeks, kind=row.round.kind)
    numbers = {week: (seats[week].seats, demand.get(week, 0)) for week in row.weeks}
    peak = max((max(pair) for pair in numbers.values()), default=1)
    return [Outlook(week, *numbers[week], peak) for week in row.weeks]


# -- opening a round


@dataclass(frozen=True, slots=True)
class Bookable:
    """A booked period that is in no round yet."""

    period: PlacementPeriod
    weeks: Sequence[date]
    pupils: int
    school: str = ""

    @property
    def label(self) -> str:
        """Return "8B, v. 15–16, 24 elever", with the school first where there are several."""
        words = {"label": self.period.label, "weeks": range_label(self.weeks), "count": self.pupils}
        text = _("%(label)s, %(weeks)s, %(count)d elever") % words
        return f"{self.school}: {text}" if self.school else text


def bookable_periods(organisation: Organisation) -> list[Bookable]:
    """Return the organisation's booked periods to come that are in no round, by their first week."""
    is_unit = organisation.kind == OrganisationKind.SCHOOL_UNIT
    own = "school_unit" if is_unit else "authority"
    pupils = Count("school_class__learners", Q(school_class__learners__protection_mode=ProtectionMode.NONE))
    periods = (
        PlacementPeriod.objects.filter(**{own: organisation.pk}, round_periods=None)
        .annotate(pupils=pupils)
        .select_related("school_unit")
        .prefetch_related("weeks")
        .order_by("label", "pk")
    )
    found = [
        Bookable(
            period,
            sorted(week.week_on for week in period.weeks.all()),
            period.pupils,
            "" if is_unit else period.school_unit.name,
        )
        for period in periods
    ]
    return sorted((each for each in found if each.weeks and each.weeks[0] > today()), key=lambda each: each.weeks[0])


@dataclass(frozen=True, slots=True)
class Dates:
    """Proposed dates of a round's phases."""

    view_at: datetime
    choose_at: datetime
    close_at: datetime
    confirm_on: date


def proposed_dates(first_week: date, now: datetime) -> Dates:
    """Propose the year wheel's dates: look seven weeks before, choose from six to five, answers three before.

    Where that has passed, the choosing opens tomorrow, and the rest follows in what time is left.
    """
    opens = max(first_week - 6 * WEEK, timezone.localdate(now) + timedelta(days=1))
    confirm = max(first_week - 3 * WEEK + timedelta(days=4), min(opens + 3 * WEEK, first_week - timedelta(days=3)))
    closes = min(opens + timedelta(days=11), confirm - timedelta(days=7))
    views = min(max(first_week - 7 * WEEK, timezone.localdate(now)), opens)
    return Dates(_at(views, 8), _at(opens, 8), _at(max(closes, opens), 16), confirm)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


# -- who has chosen


class Progress:
    """How far a learner has come with the wishes of a round. The words are tags' keys."""

    NOT_STARTED = "not_started"
    SAVED = "saved"
    SENT = "submitted"


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One learner in the overview of choices."""

    learner: Learner
    round: Round
    state: str
    choices: int
    submitted_at: datetime | None

    @property
    def has_mail(self) -> bool:
        """Tell whether a reminder can reach the learner."""
        return bool(self.learner.email)


def choice_rows(round: Round, organisation: Organisation) -> list[ChoiceRow]:
    """Return the organisation's learners in the round with the state of the wishes, by class and name. Two queries."""
    lists = {
        row["learner"]: row
        for row in round.choice_lists.values("learner", "submitted_at").annotate(count=Count("choices"))
    }
    learners = _own(learners_in_round(round), organisation)
    rows = [_choice_row(round, learner, lists.get(learner.pk)) for learner in learners]
    return sorted(rows, key=_by_class_and_name)


def _own(learners: QuerySet[Learner], organisation: Organisation) -> QuerySet[Learner]:
    """Keep a school to its own learners, in a round of the whole authority too."""
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        return learners.filter(school_unit=organisation.pk)
    return learners


def _by_class_and_name(row: ChoiceRow) -> tuple[str, str, str]:
    learner = row.learner
    return swedish_key(learner.school_class.name), swedish_key(learner.last_name), swedish_key(learner.first_name)


def choice_rows_of(rounds: Sequence[Round], organisation: Organisation) -> list[ChoiceRow]:
    """Return the organisation's learners in several rounds, three queries for them all."""
    links = RoundPeriod.objects.filter(round__in=rounds).values_list("period__school_class", "round")
    by_class: dict[UUID, list[UUID]] = {}
    for school_class, round_id in links:
        by_class.setdefault(school_class, []).append(round_id)
    known = {found.pk: found for found in rounds}
    held = ChoiceList.objects.filter(round__in=rounds).values("round", "learner", "submitted_at")
    lists = {(row["round"], row["learner"]): row for row in held.annotate(count=Count("choices"))}
    learners = Learner.objects.filter(school_class__in=by_class, protection_mode=ProtectionMode.NONE)
    rows = [
        _choice_row(known[round_id], learner, lists.get((round_id, learner.pk)))
        for learner in _own(learners, organisation).select_related("school_class")
        for round_id in by_class[learner.school_class_id]
    ]
    return sorted(rows, key=_by_class_and_name)


def grades_of(round: Round) -> dict[UUID, int]:
    """Return the grade level of each class in the round."""
    found = RoundPeriod.objects.filter(round=round).values_list(
        "period__school_class", "period__school_class__grade_level"
    )
    return dict(found)


def _choice_row(round: Round, learner: Learner, held: Mapping[str, Any] | None) -> ChoiceRow:
    count = held["count"] if held else 0
    submitted_at = held["submitted_at"] if held else None
    state = Progress.SENT if submitted_at else Progress.SAVED if count else Progress.NOT_STARTED
    return ChoiceRow(learner, round, state, count, submitted_at)
