"""An employer's pages about workplaces and contacts."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.enums import Role
from employers.models import ContactPerson, Workplace

PLACE = {
    "name": "Hulta Butik",
    "street": "Torget 1",
    "postcode": "50742",
    "city": "Borås",
    "municipality_code": "1490",
    "risk_assessed_on": "2026-08-17",
}


@pytest.fixture
def client(employer, member_client):
    return member_client(employer, Role.EMPLOYER_ADMINISTRATOR)


@pytest.fixture
def url(employer):
    def make(name: str, **kwargs: object) -> str:
        return reverse(f"employers:{name}", kwargs={"org": employer.organisation.slug, **kwargs})

    return make


def test_workplace_create_saves_and_lists(client, url, as_org, employer):
    response = client.post(url("workplace_create"), PLACE)
    assert response.url == url("workplace_list")
    with as_org(employer):
        assert list(Workplace.objects.values_list("name", "postcode")) == [("Hulta Butik", "507 42")]
    ((found, municipality),) = client.get(url("workplace_list")).context["workplaces"]
    assert (found.name, municipality, found.slot_count) == ("Hulta Butik", "Borås", 0)


def test_workplace_create_says_how_to_mend_a_postcode(client, url):
    response = client.post(url("workplace_create"), {**PLACE, "postcode": "5074"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"postcode": ["Skriv fem siffror, till exempel 507 42."]}


def test_workplace_update_changes(client, url, workplace, as_org):
    assert client.get(url("workplace_update", workplace_id=workplace.pk)).status_code == 200
    client.post(url("workplace_update", workplace_id=workplace.pk), {**PLACE, "city": "Kinna"})
    with as_org(workplace.employer):
        assert Workplace.objects.get(pk=workplace.pk).city == "Kinna"


def test_contacts_come_and_go_but_one_stays(client, url, as_org, employer):
    client.post(url("contact_create"), {"name": "Anna Lind", "email": "anna@example.se", "is_primary": "on"})
    with as_org(employer):
        first = ContactPerson.objects.get(name="Petra Holm")
        anna = ContactPerson.objects.get(name="Anna Lind")
    remove = url("contact_remove", contact_id=first.pk)
    assert client.get(remove).status_code == 200
    assert client.post(remove).url == url("workplace_list")
    response = client.post(url("contact_remove", contact_id=anna.pk))
    assert str(list(get_messages(response.wsgi_request))[-1]) == (
        "Någon måste få frågor och besked. Lägg först till en annan kontaktperson som får det."
    )
    with as_org(employer):
        assert list(ContactPerson.objects.values_list("name", flat=True)) == ["Anna Lind"]


def test_contact_update_keeps_what_was_typed(client, url, as_org, employer):
    with as_org(employer):
        petra = ContactPerson.objects.get()
    response = client.post(url("contact_update", contact_id=petra.pk), {"name": "Petra", "email": "petra"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"email": ["Skriv hela adressen, till exempel namn@foretag.se."]}
    assert response.context["form"]["name"].value() == "Petra"
