"""Book the weeks of a class on the region's week matrix, and give them back."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.locks import lock
from core.permissions import Actor
from core.weeks import monday, today
from schools.models import PeriodWeek, PlacementPeriod, SchoolClass
from schools.selectors.classes import head_count
from schools.selectors.periods import reasons_against_booking


class CannotBook(DomainError):
    """The class cannot be placed these weeks; the sentences say why."""

    code = "cannot_book"


class PeriodInUse(DomainError):
    """The booking is part of a round, or has begun."""

    code = "period_in_use"


@transaction.atomic
def book_weeks(*, school_class: SchoolClass, weeks: Iterable[date], kind: str, actor: Actor) -> PlacementPeriod:
    """Book these weeks for a class with its present head-count. A shortage of seats is shown before, not refused here.

    Raises:
        CannotBook: a week is past, closed or booked by the class already, or the class has no learners.
    """
    wanted = sorted({monday(week) for week in weeks})
    lock(f"schools.weeks:{school_class.pk}")
    learners = head_count(school_class)
    reasons = reasons_against_booking(school_class=school_class, learners=learners, weeks=wanted, today=today())
    if reasons:
        raise CannotBook(" ".join(reasons))
    owners = {"region_id": school_class.region_id, "authority_id": school_class.authority_id}
    period = PlacementPeriod.objects.create(
        **owners,
        school_unit_id=school_class.school_unit_id,
        school_class=school_class,
        kind=kind,
        label=school_class.name,
        learners=learners,
    )
    PeriodWeek.objects.bulk_create([PeriodWeek(**owners, period=period, week_on=week) for week in wanted])
    return period


@transaction.atomic
def unbook(*, period: PlacementPeriod, actor: Actor) -> None:
    """Give the weeks back. The period is gone afterwards.

    Raises:
        PeriodInUse: a round uses the period, or its first week has begun.
    """
    first = period.weeks.order_by("week_on").values_list("week_on", flat=True).first()
    if first and first <= today():
        raise PeriodInUse(_("Perioden har redan börjat och kan inte avbokas."))
    try:
        with transaction.atomic():
            period.delete()
    except ProtectedError as error:
        text = _("%(name)s ingår i en omgång med de här veckorna. Ta bort klassen ur omgången först.")
        raise PeriodInUse(text % {"name": period.label}) from error
