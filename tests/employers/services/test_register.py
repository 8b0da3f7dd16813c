"""Employers are taken up once, with a number that is theirs and nobody's personal one."""

import pytest

from accounts.enums import OrganisationKind, Role
from accounts.models import Invitation, Organisation
from core.models import OutboxMessage
from employers.models import ContactPerson, Employer
from employers.services.register import EmployerRefused, clean_number, register_employer


@pytest.fixture
def coordinator(region, actor_of):
    return actor_of(region, Role.REGIONAL_COORDINATOR)


@pytest.mark.parametrize("text", ["556036-0793", "5560360793", " 556036 0793 ", "16556036-0793"])
def test_clean_number_reads_the_usual_ways_of_writing(text):
    assert clean_number(text) == "556036-0793"


def test_clean_number_accepts_none():
    assert clean_number("  ") == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("556036-0794", "Numret stämmer inte. Skriv tio siffror, till exempel 556036-0793, eller lämna tomt."),
        ("12345", "Numret stämmer inte. Skriv tio siffror, till exempel 556036-0793, eller lämna tomt."),
        ("811228-9874", "Det ser ut som ett personnummer. Lämna tomt för enskild firma."),
    ],
)
def test_clean_number_refuses_others(text, message):
    with pytest.raises(EmployerRefused) as refused:
        clean_number(text)
    assert (refused.value.message, refused.value.field) == (message, "organisation_number")


def test_register_employer_makes_all_of_it_and_invites(region, coordinator, as_org):
    with as_org(region):
        invitation = register_employer(
            region=region,
            name="Äppelgårdens Café",
            email="anna@example.se",
            contact_name="Anna Lind",
            organisation_number="5560360793",
            actor=coordinator,
        )
        found = Employer.objects.select_related("organisation").get(pk=invitation.organisation_id)
        contact = ContactPerson.objects.get(employer=found)
        events = list(OutboxMessage.objects.values_list("event", "employer_id"))
    assert (found.name, found.organisation_number) == ("Äppelgårdens Café", "556036-0793")
    assert (found.organisation.kind, found.organisation.parent_id) == (OrganisationKind.EMPLOYER, region.pk)
    assert found.organisation.slug == "appelgardens-cafe"
    assert (contact.name, contact.email, contact.is_primary) == ("Anna Lind", "anna@example.se", True)
    assert (invitation.role, invitation.email) == (Role.EMPLOYER_ADMINISTRATOR, "anna@example.se")
    assert events == [("accounts/invitation", found.pk)]


def test_register_employer_gives_each_a_slug_of_its_own(region, coordinator, as_org):
    with as_org(region):
        for number in range(3):
            register_employer(region=region, name="Ica Nära", email=f"a{number}@example.se", actor=coordinator)
    slugs = Organisation.objects.filter(kind=OrganisationKind.EMPLOYER).values_list("slug", flat=True)
    assert sorted(slugs) == ["ica-nara", "ica-nara-2", "ica-nara-3"]


def test_register_employer_refuses_a_second_with_the_number(region, coordinator, as_org):
    with as_org(region):
        register_employer(
            region=region,
            name="Bager AB",
            email="a@example.se",
            organisation_number="556036-0793",
            actor=coordinator,
        )
        with pytest.raises(EmployerRefused) as refused:
            register_employer(
                region=region,
                name="Bager",
                email="b@example.se",
                organisation_number="5560360793",
                actor=coordinator,
            )
        assert (refused.value.code, Invitation.objects.count()) == ("already_registered", 1)
