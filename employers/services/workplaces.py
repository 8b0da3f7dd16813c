"""Workplaces and the people we write to."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.permissions import Actor
from core.weeks import today
from employers.models import ContactPerson, Employer, Workplace


class WorkplaceRefused(DomainError):
    """The workplace or the contact cannot be saved like this."""

    code = "workplace_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkplaceData:
    """What an employer says about a workplace."""

    name: str
    street: str
    postcode: str
    city: str
    municipality_code: str
    directions: str = ""
    risk_assessed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """Whom we write to."""

    name: str
    email: str
    phone: str = ""
    is_primary: bool = True


@transaction.atomic
def save_workplace(
    *, employer: Employer, data: WorkplaceData, actor: Actor, workplace: Workplace | None = None
) -> Workplace:
    """Write a new workplace, or change `workplace`.

    Raises:
        WorkplaceRefused: the risk assessment lies in the future.
    """
    if data.risk_assessed_on and data.risk_assessed_on > today():
        raise WorkplaceRefused(
            _("Datumet har inte varit än. Skriv när riskbedömningen gjordes."), field="risk_assessed_on"
        )
    if workplace is None:
        return Workplace.objects.create(region_id=employer.region_id, employer=employer, **asdict(data))
    _change(workplace, asdict(data))
    return workplace


@transaction.atomic
def save_contact(
    *, employer: Employer, data: ContactData, actor: Actor, contact: ContactPerson | None = None
) -> ContactPerson:
    """Write a new contact, or change `contact`.

    Raises:
        WorkplaceRefused: nobody would be left to write to.
    """
    if contact is None:
        return ContactPerson.objects.create(region_id=employer.region_id, employer=employer, **asdict(data))
    if not data.is_primary:
        _check_somebody_left(contact, "is_primary")
    _change(contact, asdict(data))
    return contact


@transaction.atomic
def remove_contact(*, contact: ContactPerson, actor: Actor) -> None:
    """Forget a contact.

    Raises:
        WorkplaceRefused: nobody would be left to write to.
    """
    _check_somebody_left(contact, None)
    contact.delete()


def _check_somebody_left(contact: ContactPerson, field: str | None) -> None:
    others = ContactPerson.objects.filter(employer_id=contact.employer_id, is_primary=True).exclude(pk=contact.pk)
    if not others.exists():
        raise WorkplaceRefused(
            _("Någon måste få frågor och besked. Lägg först till en annan kontaktperson som får det."),
            code="last_contact",
            field=field,
        )


def _change(row: Workplace | ContactPerson, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
