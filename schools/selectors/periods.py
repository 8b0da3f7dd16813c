"""Booked weeks, what they demand, and the weeks in which nobody can be placed."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Organisation
from core.weeks import range_label, week_label
from schools.models import ClosedWeek, PeriodWeek, PlacementPeriod, SchoolClass
from schools.selectors.units import owned_by


def demand_by_week(
    *, weeks: Iterable[date], kind: str | None = None, municipality_code: str | None = None
) -> dict[date, int]:
    """Return how many learners the region's schools have booked in each week."""
    wanted = list(weeks)
    rows = PeriodWeek.objects.filter(week_on__in=wanted)
    if kind:
        rows = rows.filter(period__kind=kind)
    if municipality_code:
        rows = rows.filter(period__school_unit__municipality_code=municipality_code)
    sums = dict(rows.values_list("week_on").annotate(Sum("period__learners")).order_by())
    return {week: sums.get(week, 0) for week in wanted}


def closures(*, weeks: Iterable[date]) -> list[ClosedWeek]:
    """Return every closing that touches these weeks."""
    return list(ClosedWeek.objects.filter(week_on__in=list(weeks)).order_by("week_on", "reason"))


def closed_in(found: Iterable[ClosedWeek], municipality_code: str | None) -> dict[date, str]:
    """Return which of the closings hold in a municipality; without one, those of the whole region."""
    return {
        one.week_on: one.reason
        for one in found
        if not one.municipality_codes or (municipality_code and municipality_code in one.municipality_codes)
    }


def closed_weeks(*, weeks: Iterable[date], municipality_code: str | None = None) -> dict[date, str]:
    """Return the closed weeks of a municipality (or of the whole region) with their reasons."""
    return closed_in(closures(weeks=weeks), municipality_code)


def periods_in(organisation: Organisation) -> QuerySet[PlacementPeriod]:
    """Return the organisation's bookings, with class, school and weeks."""
    found = PlacementPeriod.objects.filter(owned_by(organisation))
    return found.select_related("school_unit", "school_class").prefetch_related("weeks")


def in_weeks(periods: QuerySet[PlacementPeriod], weeks: Sequence[date]) -> QuerySet[PlacementPeriod]:
    """Return those of the bookings that touch these weeks, in the order they begin."""
    own = PeriodWeek.objects.filter(period=OuterRef("pk"))
    first = own.order_by("week_on").values("week_on")[:1]
    return periods.filter(Exists(own.filter(week_on__in=weeks))).order_by(Subquery(first), "label", "pk")


def periods_of_class(school_class: SchoolClass) -> list[PlacementPeriod]:
    """Return a class's bookings in the order they begin."""
    return sorted(school_class.periods.prefetch_related("weeks"), key=mondays)


def mondays(period: PlacementPeriod) -> list[date]:
    """Return a period's weeks in order, from its prefetched rows."""
    return sorted(week.week_on for week in period.weeks.all())


def reasons_against_booking(
    *, school_class: SchoolClass, learners: int, weeks: Sequence[date], today: date
) -> list[str]:
    """Say in Swedish why a class cannot be placed these weeks. An empty list means that it can."""
    closed = closed_weeks(weeks=weeks, municipality_code=school_class.school_unit.municipality_code)
    taken = sorted(
        PeriodWeek.objects.filter(period__school_class=school_class, week_on__in=weeks).values_list(
            "week_on", flat=True
        )
    )
    past = [week for week in weeks if week <= today]
    name = school_class.name
    reasons = []
    if not weeks:
        reasons.append(_("Välj minst en vecka."))
    if past:
        text = _("Det går inte att boka %(weeks)s, som redan har börjat. Välj en senare vecka.")
        reasons.append(text % {"weeks": range_label(past)})
    if not learners:
        reasons.append(_("%(name)s har inga elever. Läs in klassens elever först.") % {"name": name})
    for week, reason in sorted(closed.items()):
        text = _("%(reason)s %(week)s, då är skolan stängd. Välj veckor före eller efter.")
        reasons.append(text % {"week": week_label(week), "reason": capfirst(reason)})
    if taken:
        text = _("%(name)s är redan bokad %(weeks)s. Avboka först, eller välj andra veckor.")
        reasons.append(text % {"name": name, "weeks": range_label(taken)})
    return reasons
