"""Workplaces, contacts and municipalities."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import Organisation
from core.municipalities import MUNICIPALITIES
from employers.enums import SlotStatus
from employers.models import ContactPerson, Employer, Workplace


def workplaces_of_employer(employer_id: UUID) -> QuerySet[Workplace]:
    """Return an employer's workplaces by name, each with `slot_count` and `published_count`."""
    return (
        Workplace.objects.filter(employer_id=employer_id)
        .annotate(
            slot_count=Count("slots"),
            published_count=Count("slots", filter=Q(slots__status=SlotStatus.PUBLISHED)),
        )
        .order_by("name", "pk")
    )


def listed_workplaces(employer_id: UUID) -> list[tuple[Workplace, str]]:
    """Return an employer's workplaces with the names of their municipalities."""
    return [(row, municipality_name(row.municipality_code)) for row in workplaces_of_employer(employer_id)]


def contacts_of_employer(employer_id: UUID) -> list[ContactPerson]:
    """Return whom we write to at an employer."""
    return list(ContactPerson.objects.filter(employer_id=employer_id).order_by("-is_primary", "name", "pk"))


def employer_of(employer_id: UUID) -> Employer:
    """Return the employer a member acts for."""
    return Employer.objects.get(pk=employer_id)


def municipality_name(code: str) -> str:
    """Return "Mark" for "1463"; the code itself when it is unknown."""
    return MUNICIPALITIES.get(code, code)


def municipalities_of_region(region_id: UUID) -> list[tuple[str, str]]:
    """Return (code, name) of the municipalities where the region has organisations, by name."""
    held = Organisation.objects.filter(region_id=region_id).exclude(municipality_code="")
    return _by_name(held.values_list("municipality_code", flat=True).distinct().order_by())


def other_municipalities(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return (code, name) of all municipalities but these, by name."""
    return _by_name(MUNICIPALITIES.keys() - set(codes))


def _by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
    # Swedish order: å, ä and ö come last, which code points of capital letters get nearly right.
    alphabet = str.maketrans({"Å": "Z1", "Ä": "Z2", "Ö": "Z3"})
    return sorted(((code, municipality_name(code)) for code in codes), key=lambda pair: pair[1].translate(alphabet))
