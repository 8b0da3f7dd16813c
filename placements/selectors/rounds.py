"""Rounds: where they are in time, whom they concern, and what the school's pages show of them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from core.weeks import WEEK
from placements.enums import RoundPhase
from placements.models import Round, RoundPeriod
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek


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
