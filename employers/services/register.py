"""Take up an employer in the region's register."""

from itertools import count

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind, Role
from accounts.models import Invitation, Organisation
from accounts.services import invite
from core.errors import DomainError
from core.locks import lock
from core.permissions import Actor
from employers.models import ContactPerson, Employer

SLUG_LENGTH = 70


class EmployerRefused(DomainError):
    """The employer cannot be taken up like this."""

    code = "employer_refused"


@transaction.atomic
def register_employer(
    *, region: Organisation, name: str, email: str, actor: Actor, organisation_number: str = "", contact_name: str = ""
) -> Invitation:
    """Make an employer with a first contact, and invite that address as its administrator by mail.

    Raises:
        EmployerRefused: the number is not an organisation number, or the employer is in the register already.
    """
    number = clean_number(organisation_number)
    lock(f"employers.register:{region.pk}")
    if number and Employer.objects.filter(region_id=region.pk, organisation_number=number).exists():
        raise EmployerRefused(
            _("Arbetsgivaren finns redan i registret. Sök på organisationsnumret."),
            code="already_registered",
            field="organisation_number",
        )
    organisation = Organisation.objects.create(
        kind=OrganisationKind.EMPLOYER, parent=region, region=region, name=name, slug=_free_slug(name)
    )
    employer = Employer.objects.create(organisation=organisation, region=region, name=name, organisation_number=number)
    ContactPerson.objects.create(region=region, employer=employer, name=contact_name or name, email=email)
    return invite(organisation=organisation, email=email, role=Role.EMPLOYER_ADMINISTRATOR, actor=actor)


def clean_number(text: str) -> str:
    """Return the organisation number as "556036-0793", or '' for nothing.

    Raises:
        EmployerRefused: it is not a number of a legal person. A sole trader's is a personal number: never stored.
    """
    digits = "".join(sign for sign in text if sign.isdecimal())
    if not text.strip():
        return ""
    if len(digits) == 12 and digits.startswith("16"):
        digits = digits[2:]
    if len(digits) != 10 or not _luhn_holds(digits):
        raise EmployerRefused(
            _("Numret stämmer inte. Skriv tio siffror, till exempel 556036-0793, eller lämna tomt."),
            field="organisation_number",
        )
    if digits[2] < "2":
        raise EmployerRefused(
            _("Det ser ut som ett personnummer. Lämna tomt för enskild firma."), field="organisation_number"
        )
    return f"{digits[:6]}-{digits[6:]}"


def _luhn_holds(digits: str) -> bool:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _free_slug(name: str) -> str:
    """Return a slug nobody has: "hulta-bageri", "hulta-bageri-2"…"""
    base = slugify(name)[:SLUG_LENGTH] or "arbetsgivare"
    held = set(Organisation.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for n in count(1) if (slug := base if n == 1 else f"{base}-{n}") not in held)
