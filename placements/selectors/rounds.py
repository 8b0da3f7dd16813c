"""Rounds: where they are in time, whom they concern, and what the school's pages show of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import WEEK, range_label, today
from placements.enums import RoundPhase
from placements.models import Choice, ChoiceList, Round, RoundPeriod
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek, PlacementPeriod


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
    return list(found.order_by("week_on").distinct())


def moment(at: datetime) -> str:
    """Return "fredag 12 mars kl. 16.00", its "kl." never left alone at the end of a line."""
    return "\u00a0".join(date_format(timezone.localtime(at), _("l j F \\k\\l. H.i")).rsplit(" ", 1))


# -- the school's list and page

NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class RoundHead:
    """A round with its classes' names, how many schools they are from, and its weeks."""

    round: Round
    phase: RoundPhase
    class_names: Sequence[str]
    schools: int
    weeks: Sequence[date]

    @property
    def labels(self) -> str:
        """Return "8A, 8B", or "412 klasser på 38 skolor"."""
        return class_labels(self.class_names, self.schools)

    @property
    def week_label(self) -> str:
        """Return "v. 15–16"."""
        return range_label(self.weeks)


@dataclass(frozen=True, slots=True)
class RoundRow(RoundHead):
    """The same, with how far the choosing has come."""

    learners: int
    saved: int
    submitted: int

    @property
    def not_started(self) -> int:
        """Return how many have not saved anything."""
        return self.learners - self.submitted - self.saved


def class_labels(names: Sequence[str], schools: int) -> str:
    """Name the classes, or count them where nobody would read them all."""
    if len(names) <= NAMES_SHOWN:
        return ", ".join(names)
    if schools > 1:
        return _("%(classes)d klasser på %(schools)d skolor") % {"classes": len(names), "schools": schools}
    return ngettext("%(count)d klass", "%(count)d klasser", len(names)) % {"count": len(names)}


def rounds_of(organisation: Organisation) -> QuerySet[Round]:
    """Return a school's own rounds and those of its authority that its classes are in; for an authority, all of its."""
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        ours = RoundPeriod.objects.filter(period__school_unit=organisation.pk).values("round")
        return Round.objects.filter(Q(school_unit=organisation.pk) | Q(school_unit=None, pk__in=ours))
    return Round.objects.filter(authority=organisation.pk)


def round_heads(rounds: QuerySet[Round], now: datetime) -> list[RoundHead]:
    """Return the rounds that need somebody first: open ones by closing time, then coming, then past. Three queries."""
    found = list(rounds)
    links = RoundPeriod.objects.filter(round__in=[each.pk for each in found])
    classes = {
        row["round"]: row
        for row in links.values("round").annotate(
            names=ArrayAgg("period__label", order_by="period__label"),
            schools=Count("period__school_unit", distinct=True),
        )
    }
    weeks: dict[UUID, list[date]] = {}
    for round_id, week_on in links.values_list("round", "period__weeks__week_on").distinct():
        if week_on:
            weeks.setdefault(round_id, []).append(week_on)
    heads = [_round_head(each, now, classes.get(each.pk, {}), sorted(weeks.get(each.pk, ()))) for each in found]
    return sorted(heads, key=_urgency)


def _round_head(found: Round, now: datetime, classes: Mapping[str, Any], weeks: Sequence[date]) -> RoundHead:
    names, schools = classes.get("names", []), classes.get("schools", 0)
    return RoundHead(found, phase(found, now, weeks), names, schools, weeks)


def round_rows(rounds: QuerySet[Round], now: datetime) -> list[RoundRow]:
    """Return the rounds, in the same order, with how far the choosing has come. Five queries."""
    return with_numbers(round_heads(rounds, now))


def with_numbers(heads: Sequence[RoundHead]) -> list[RoundRow]:
    """Return the same rounds with how far the choosing has come. Two queries."""
    ids = [head.round.pk for head in heads]
    in_class = Q(period__school_class__learners__protection_mode=ProtectionMode.NONE)
    pupils = Count("period__school_class__learners", filter=in_class)
    learners = dict(RoundPeriod.objects.filter(round__in=ids).values_list("round").annotate(pupils=pupils))
    begun = Q(submitted_at=None) & Q(Exists(Choice.objects.filter(choice_list=OuterRef("pk"))))
    held = ChoiceList.objects.filter(round__in=ids).values("round")
    lists = {
        row["round"]: row for row in held.annotate(submitted=Count("submitted_at"), saved=Count("pk", filter=begun))
    }
    return [_round_row(head, learners.get(head.round.pk, 0), lists.get(head.round.pk, {})) for head in heads]


def _round_row(head: RoundHead, learners: int, lists: Mapping[str, Any]) -> RoundRow:
    return RoundRow(
        head.round,
        head.phase,
        head.class_names,
        head.schools,
        head.weeks,
        learners,
        lists.get("saved", 0),
        lists.get("submitted", 0),
    )


_ORDER = [
    RoundPhase.CHOOSING,
    RoundPhase.CLOSED,
    RoundPhase.CONFIRMING,
    RoundPhase.VIEWING,
    RoundPhase.PLANNED,
    RoundPhase.STARTED,
    RoundPhase.FINISHED,
]


def _urgency(row: RoundHead) -> tuple[int, datetime]:
    return _ORDER.index(row.phase), row.round.close_at


def first_periods(rounds: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the first period of each round, by its label."""
    links = RoundPeriod.objects.filter(round__in=rounds).order_by("round", "period__label", "period").distinct("round")
    return dict(links.values_list("round", "period"))


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
