"""Employers with workplaces, slots and seats."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.enums import OrganisationKind, PlacementKind
from accounts.models import Organisation
from employers.enums import OccupationField, SlotStatus
from employers.models import ContactPerson, Employer, Slot, SlotQuota, SlotWeek, Workplace, WorkplaceWeek
from tests.factories.accounts import make_organisation


def make_employer(region: Organisation, name: str = "Hulta Bageri") -> Employer:
    organisation = make_organisation(OrganisationKind.EMPLOYER, region, name)
    employer = Employer.objects.create(organisation=organisation, region=region, name=name)
    ContactPerson.objects.create(
        region=region, employer=employer, name="Petra Holm", email=f"petra@{organisation.slug}.example"
    )
    return employer


def make_workplace(employer: Employer, name: str = "", **fields: Any) -> Workplace:
    values: dict[str, Any] = {
        "street": "Hultagatan 14",
        "postcode": "507 42",
        "city": "Borås",
        "municipality_code": "1490",
        "risk_assessed_on": date(2026, 8, 17),
    }
    return Workplace.objects.create(
        region_id=employer.region_id, employer=employer, name=name or employer.name, **{**values, **fields}
    )


def make_slot(workplace: Workplace, **fields: Any) -> Slot:
    values: dict[str, Any] = {
        "title": workplace.name,
        "kinds": [PlacementKind.PRAO],
        "occupation_field": OccupationField.CRAFT,
        "tasks": "Baka, packa och möta kunder.",
        "starts_at": time(8),
        "ends_at": time(15),
        "grades": [8, 9],
        "supervisor_name": "Petra Holm",
        "supervisor_phone": "033-00 00 01",
        "status": SlotStatus.PUBLISHED,
        "published_at": timezone.now(),
        "confirmed_at": timezone.now(),
    }
    return Slot.objects.create(
        region_id=workplace.region_id, employer_id=workplace.employer_id, workplace=workplace, **{**values, **fields}
    )


def make_seats(slot: Slot, weeks: Iterable[date], seats: int = 1, taken: int = 0) -> list[SlotWeek]:
    return [
        SlotWeek.objects.create(
            region_id=slot.region_id, employer_id=slot.employer_id, slot=slot, week_on=week, seats=seats, taken=taken
        )
        for week in weeks
    ]


def make_cap(workplace: Workplace, weeks: Iterable[date], cap: int) -> list[WorkplaceWeek]:
    return [
        WorkplaceWeek.objects.create(
            region_id=workplace.region_id, employer_id=workplace.employer_id, workplace=workplace, week_on=week, cap=cap
        )
        for week in weeks
    ]


def make_quota(slot: Slot, authority: Any, weeks: Iterable[date], seats: int, **fields: Any) -> list[SlotQuota]:
    """Seats kept for an authority until two weeks before each week, unless `release_on` says otherwise."""
    return [
        SlotQuota.objects.create(
            region_id=slot.region_id,
            authority_id=authority.pk,
            employer_id=slot.employer_id,
            slot=slot,
            week_on=week,
            seats=seats,
            **{"release_on": week - timedelta(weeks=2), **fields},
        )
        for week in weeks
    ]
