"""Organisations and people. Call inside a scope; `as_org` of tests/conftest.py or a system scope."""

from itertools import count

from django.utils.text import slugify

from accounts.enums import OrganisationKind
from accounts.models import Membership, Organisation, User

_number = count(1)


def make_region(name: str = "Sjuhärad") -> Organisation:
    region = Organisation(kind=OrganisationKind.REGION, name=name, slug=f"{slugify(name)}-{next(_number)}")
    region.region = region
    region.save()
    return region


def make_organisation(kind: str, parent: Organisation, name: str, municipality_code: str = "1490") -> Organisation:
    return Organisation.objects.create(
        kind=kind,
        parent=parent,
        region=parent.region,
        name=name,
        slug=f"{slugify(name)}-{next(_number)}",
        municipality_code=municipality_code,
    )


def make_user(email: str = "", name: str = "Malin Ekdahl") -> User:
    return User.objects.create_user(email or f"person{next(_number)}@example.se", "hemligt-ord-2026", name=name)


def make_member(organisation: Organisation, role: str, name: str = "Malin Ekdahl") -> User:
    user = make_user(name=name)
    Membership.objects.create(region_id=organisation.region_id, organisation=organisation, user=user, role=role)
    return user
