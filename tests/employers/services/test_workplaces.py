"""Workplaces and contacts keep somebody to write to."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accounts.enums import Role
from core.weeks import today
from employers.models import ContactPerson, Workplace
from employers.services.workplaces import (
    ContactData,
    WorkplaceData,
    WorkplaceRefused,
    remove_contact,
    save_contact,
    save_workplace,
)

PLACE = WorkplaceData(
    name="Hulta Butik",
    street="Torget 1",
    postcode="507 42",
    city="Borås",
    municipality_code="1490",
    risk_assessed_on=date(2026, 8, 17),
)


@pytest.fixture
def baker(employer, actor_of):
    return actor_of(employer, Role.EMPLOYER_ADMINISTRATOR)


def test_save_workplace_writes_and_changes(employer, baker, as_org):
    with as_org(employer):
        made = save_workplace(employer=employer, data=PLACE, actor=baker)
        save_workplace(employer=employer, data=replace(PLACE, city="Kinna"), workplace=made, actor=baker)
        assert list(Workplace.objects.values_list("name", "city")) == [("Hulta Butik", "Kinna")]


def test_save_workplace_refuses_a_risk_assessment_to_come(employer, baker, as_org):
    tomorrow = today() + timedelta(days=1)
    with as_org(employer), pytest.raises(WorkplaceRefused) as refused:
        save_workplace(employer=employer, data=replace(PLACE, risk_assessed_on=tomorrow), actor=baker)
    assert refused.value.field == "risk_assessed_on"


def test_the_last_contact_stays(employer, baker, as_org):
    with as_org(employer):
        petra = ContactPerson.objects.get(employer=employer)
        with pytest.raises(WorkplaceRefused):
            remove_contact(contact=petra, actor=baker)
        quiet = ContactData(name="Petra Holm", email=petra.email, is_primary=False)
        with pytest.raises(WorkplaceRefused) as refused:
            save_contact(employer=employer, data=quiet, contact=petra, actor=baker)
        assert refused.value.field == "is_primary"
        anna = ContactData(name="Anna Lind", email="anna@example.se")
        save_contact(employer=employer, data=anna, actor=baker)
        remove_contact(contact=petra, actor=baker)
        assert list(ContactPerson.objects.values_list("name", flat=True)) == ["Anna Lind"]


def test_contacts_are_not_shown_to_schools(employer, school, as_org):
    with as_org(school):
        assert list(ContactPerson.objects.all()) == []
