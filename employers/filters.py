"""How the register of employers is narrowed and sorted; the whole choice lies in the URL."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from employers.enums import OccupationField, SlotStatus
from employers.models import Employer, Slot, Workplace

Rows = QuerySet[Employer]

SORTS: dict[str, str] = {
    "name": "name",
    "cities": "cities",
    "published": "published",
    "seats": "seats",
    "confirmed": "confirmed_at",
}
DEFAULT_SORT = "name"


class EmployerFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Text, municipality, occupation field and the status of some slot."""

    q = django_filters.CharFilter(method="matches_text")
    municipality = django_filters.ChoiceFilter(label=_("Kommun"), method="in_municipality", empty_label=_("Alla"))
    field = django_filters.ChoiceFilter(
        label=_("Yrkesområde"), choices=OccupationField.choices, method="in_field", empty_label=_("Alla")
    )
    status = django_filters.ChoiceFilter(
        label=_("Har platser som är"), choices=SlotStatus.choices, method="with_status", empty_label=_("Alla")
    )

    class Meta:
        model = Employer
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, municipalities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["municipality"].extra["choices"] = municipalities

    def matches_text(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find the text in the employer's name, number, workplaces or towns."""
        workplaces = Workplace.objects.filter(Q(name__icontains=text) | Q(city__icontains=text))
        own = Q(name__icontains=text) | Q(organisation_number__contains=text)
        return rows.filter(own | Q(pk__in=workplaces.values("employer")))

    def in_municipality(self, rows: Rows, _name: str, code: str) -> Rows:
        """Keep employers with a workplace in the municipality."""
        return rows.filter(pk__in=Workplace.objects.filter(municipality_code=code).values("employer"))

    def in_field(self, rows: Rows, _name: str, field: str) -> Rows:
        """Keep employers with a slot in the occupation field."""
        return rows.filter(pk__in=Slot.objects.filter(occupation_field=field).values("employer"))

    def with_status(self, rows: Rows, _name: str, status: str) -> Rows:
        """Keep employers with a slot in the status."""
        return rows.filter(pk__in=Slot.objects.filter(status=status).values("employer"))


def sorted_by(rows: Rows, key: str) -> Rows:
    """Order by ?sort=seats or ?sort=-seats; an unknown key is the name. Empty values come last."""
    column = F(SORTS.get(key.removeprefix("-"), DEFAULT_SORT))
    down = key.startswith("-") and key.removeprefix("-") in SORTS
    return rows.order_by(column.desc(nulls_last=True) if down else column.asc(nulls_last=True), "name", "pk")
