"""The mails about slots say what has happened, to those who are still there."""

import re

import pytest
from django.core import mail

from accounts.enums import Role
from core.outbox.services import deliver_due
from employers.enums import SlotStatus
from employers.models import ContactPerson, Slot
from employers.services.slots import publish_slot, return_slot
from tests.factories.employers import make_slot


@pytest.fixture
def submitted(workplace, seeding) -> Slot:
    with seeding():
        return make_slot(workplace, title="Bageri och butik", status=SlotStatus.SUBMITTED)


@pytest.fixture
def coordinator(region, actor_of):
    return actor_of(region, Role.REGIONAL_COORDINATOR)


def sent() -> list[tuple[str, list[str]]]:
    return [(message.subject, message.to) for message in mail.outbox]


def test_a_published_slot_is_mailed_once(submitted, employer, region, coordinator, as_org):
    with as_org(region):
        publish_slot(slot=submitted, actor=coordinator)
    deliver_due()
    deliver_due()
    assert sent() == [("Bageri och butik är publicerad", [f"petra@{employer.organisation.slug}.example"])]
    link = re.search(r"https?://\S+", mail.outbox[0].body)
    assert link is not None
    assert link[0].endswith(f"/o/{employer.organisation.slug}/platser/{submitted.pk}/")


def test_a_returned_slot_is_mailed_with_the_reason(submitted, region, coordinator, as_org):
    with as_org(region):
        return_slot(slot=submitted, reason="Skriv vem som är handledare.", actor=coordinator)
    deliver_due()
    (message,) = mail.outbox
    assert message.subject == "Ändra något i Bageri och butik"
    assert message.body.count("Skriv vem som är handledare.") == 1
    assert message.alternatives[0].content.count("Skriv vem som är handledare.") == 1


def test_nobody_is_mailed_who_is_no_longer_a_contact(submitted, employer, region, coordinator, as_org):
    with as_org(region):
        publish_slot(slot=submitted, actor=coordinator)
        ContactPerson.objects.filter(employer=employer).delete()
    deliver_due()
    assert sent() == []


def test_a_slot_sent_in_again_is_not_mailed_as_returned(submitted, region, employer, coordinator, as_org):
    with as_org(region):
        return_slot(slot=submitted, reason="Skriv vem som är handledare.", actor=coordinator)
        Slot.objects.filter(pk=submitted.pk).update(status=SlotStatus.SUBMITTED)
    deliver_due()
    assert sent() == []
