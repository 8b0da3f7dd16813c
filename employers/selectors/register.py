"""The region's register of employers."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce

from core.weeks import monday, today
from employers.enums import SlotStatus
from employers.models import Employer, Slot, SlotWeek, Workplace

WAITING = Q(status=SlotStatus.SUBMITTED)
PUBLISHED = Q(status=SlotStatus.PUBLISHED)


def register_of_region(region_id: UUID) -> QuerySet[Employer]:
    """Return every employer with `cities`, `published`, `waiting`, `seats` of coming weeks, and `confirmed_at`."""
    slots = Slot.objects.filter(employer=OuterRef("pk"))
    coming = SlotWeek.objects.filter(
        employer=OuterRef("pk"), slot__status=SlotStatus.PUBLISHED, week_on__gte=monday(today())
    )
    workplaces = Workplace.objects.filter(employer=OuterRef("pk"))
    cities = StringAgg("city", ", ", distinct=True)
    return Employer.objects.filter(region_id=region_id).annotate(
        cities=Coalesce(_one(workplaces, cities), Value(""), output_field=TextField()),
        published=_number(slots, Count("pk", filter=PUBLISHED)),
        waiting=_number(slots, Count("pk", filter=WAITING)),
        seats=_number(coming, Sum("seats")),
        confirmed_at=_one(slots, Max("confirmed_at")),
    )


def _one(rows: QuerySet[Any], aggregate: Any) -> Subquery:
    """Aggregate the rows of one employer to one value."""
    return Subquery(rows.order_by().values("employer").annotate(found=aggregate).values("found"))


def _number(rows: QuerySet[Any], aggregate: Any) -> Coalesce:
    return Coalesce(_one(rows, aggregate), 0, output_field=IntegerField())


def employer_in_region(region_id: UUID) -> QuerySet[Employer]:
    """Return employers with their organisation, for a page about one of them."""
    return Employer.objects.filter(region_id=region_id).select_related("organisation")
