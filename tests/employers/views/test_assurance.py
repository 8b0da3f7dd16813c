"""The coordinator's queue and the two answers."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from employers.enums import SlotStatus
from employers.models import Slot
from tests.factories.employers import make_slot, make_workplace


@pytest.fixture
def client(region, member_client):
    return member_client(region, Role.REGIONAL_COORDINATOR)


@pytest.fixture
def url(region):
    def make(name: str, slot: Slot | None = None) -> str:
        kwargs = {"org": region.slug} | ({"slot_id": slot.pk} if slot else {})
        return reverse(f"employers:{name}", kwargs=kwargs)

    return make


@pytest.fixture
def submitted(workplace, seeding) -> Slot:
    with seeding():
        return make_slot(workplace, status=SlotStatus.SUBMITTED, submitted_at=timezone.now())


def test_assurance_list_shows_the_longest_waiting_first(client, url, submitted, slot, seeding):
    with seeding():
        older = make_slot(
            slot.workplace,
            title="Butik",
            status=SlotStatus.SUBMITTED,
            submitted_at=timezone.now() - timedelta(days=2),
        )
    rows = client.get(url("assurance_list")).context["rows"]
    assert [row.slot for row in rows] == [older, submitted]


def test_assurance_list_needs_as_many_queries_for_three_as_for_one(client, url, submitted, employer, seeding):
    found, one = queries(client, url)
    assert found == 1
    with seeding():
        for number in range(2):
            make_slot(
                make_workplace(employer, f"Hulta {number}"),
                status=SlotStatus.SUBMITTED,
                submitted_at=timezone.now(),
            )
    assert queries(client, url) == (3, one)


def queries(client, url) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as made:
        response = client.get(url("assurance_list"))
    return len(response.context["rows"]), len(made)


def test_the_checklist_says_what_holds(client, url, employer, seeding):
    with seeding():
        bare = make_workplace(employer, "Hulta Lager", risk_assessed_on=None)
        slot = make_slot(bare, status=SlotStatus.SUBMITTED, supervisor_phone="")
    checks = client.get(url("assurance_detail", slot)).context["checks"]
    assert [(check.label, check.tone) for check in checks] == [
        ("Arbetstiden håller", "go"),
        ("Handledaren har inget telefonnummer", "wait"),
        ("Riskbedömningen saknas", "stop"),
        ("Bedöm arbetsuppgifterna", "wait"),
    ]


def test_publish_wants_the_judgement_ticked(client, url, submitted, seeding):
    response = client.post(url("slot_publish", submitted))
    assert response.status_code == 422
    assert response.context["assure_form"].errors == {
        "suitable": ["Kryssa i att arbetsuppgifterna passar, eller skicka tillbaka platsen."]
    }
    response = client.post(url("slot_publish", submitted), {"suitable": "on"})
    assert response.url == url("assurance_list")
    with seeding():
        assert Slot.objects.get(pk=submitted.pk).status == SlotStatus.PUBLISHED


def test_publishing_twice_is_a_clear_message(client, url, slot):
    response = client.post(url("slot_publish", slot), {"suitable": "on"})
    assert response.status_code == 422
    assert response.context["assure_form"].non_field_errors() == ["Platsen är redan publicerad. Alla skolor ser den."]


def test_return_keeps_the_page_without_a_reason_and_then_sends_back(client, url, submitted, seeding):
    response = client.post(url("slot_return", submitted), {"reason": ""})
    assert response.status_code == 422
    assert response.context["return_form"].errors == {"reason": ["Skriv vad arbetsgivaren ska ändra."]}
    response = client.post(url("slot_return", submitted), {"reason": "Skriv telefon till handledaren."})
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Hulta Bageri är tillbaka hos arbetsgivaren, som får ett mejl."
    ]
    with seeding():
        assert Slot.objects.get(pk=submitted.pk).status == SlotStatus.DRAFT
    assert client.get(url("assurance_detail", submitted)).status_code == 404


def test_the_queue_is_for_regional_coordinators(submitted, employer, authority, member_client):
    for owner, role in ((employer, Role.EMPLOYER_ADMINISTRATOR), (authority, Role.AUTHORITY_COORDINATOR)):
        other = member_client(owner, role)
        page = reverse("employers:assurance_list", kwargs={"org": owner.organisation.slug})
        assert other.get(page).status_code == 404
