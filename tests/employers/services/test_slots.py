"""The life of a slot, acted by those who may."""

from dataclasses import replace
from datetime import time

import pytest

from accounts.enums import PlacementKind, Role
from core.errors import DomainError, MoveRefused, StaleState
from core.models import OutboxMessage, StateChange
from employers.enums import OccupationField, SlotStatus
from employers.models import ContactPerson, Slot
from employers.selectors.slots import reason_of_return
from employers.services import slots as services
from employers.services.slots import SlotData, slot_data
from tests.factories.employers import make_seats, make_slot, make_workplace


@pytest.fixture
def baker(employer, actor_of):
    return actor_of(employer, Role.EMPLOYER_ADMINISTRATOR)


@pytest.fixture
def coordinator(region, actor_of):
    return actor_of(region, Role.REGIONAL_COORDINATOR)


@pytest.fixture
def draft(workplace, seeding) -> Slot:
    with seeding():
        return make_slot(workplace, status=SlotStatus.DRAFT, published_at=None, confirmed_at=None)


@pytest.fixture
def data(workplace) -> SlotData:
    return SlotData(
        workplace=workplace,
        title="Bageri och butik",
        kinds=[PlacementKind.PRAO],
        occupation_field=OccupationField.CRAFT,
        tasks="Du bakar, packar och möter kunder.",
        starts_at=time(8),
        ends_at=time(15),
        grades=[8, 9],
        supervisor_name="Petra Holm",
    )


def refusal(call, **kwargs) -> tuple[str, str]:
    with pytest.raises(DomainError) as refused:
        call(**kwargs)
    return refused.value.code, str(refused.value.message)


def statuses(slot) -> list[tuple[str, str]]:
    changes = StateChange.objects.filter(subject_id=slot.pk).order_by("at")
    return list(changes.values_list("before", "after"))


def mails(slot) -> list[tuple[str, str]]:
    return sorted(OutboxMessage.objects.filter(context__slot=str(slot.pk)).values_list("event", "context__contact"))


def test_create_slot_writes_a_draft(data, employer, baker, as_org):
    with as_org(employer):
        made = Slot.objects.get(pk=services.create_slot(data=data, actor=baker).pk)
        assert slot_data(made) == data
    assert (made.status, made.employer_id, made.title) == (SlotStatus.DRAFT, employer.pk, "Bageri och butik")


def test_create_slot_refuses_prao_without_a_grade_of_compulsory_school(data, employer, baker, as_org):
    with as_org(employer):
        wrong = replace(data, grades=[11])
        assert refusal(services.create_slot, data=wrong, actor=baker) == (
            "slot_refused",
            "Prao finns i grundskolan. Kryssa i årskurs 8 eller 9, eller ta bort prao.",
        )


def test_create_slot_refuses_too_long_days(data, employer, baker, as_org):
    with as_org(employer):
        assert refusal(services.create_slot, data=replace(data, ends_at=time(17)), actor=baker) == (
            "hours_refused",
            "Elever i prao får arbeta högst 7 timmar om dagen, 35 i veckan. Dagen är 8 timmar 15 minuter utan rasten.",
        )
        assert Slot.objects.count() == 0


def test_update_slot_changes_a_draft(draft, data, employer, baker, as_org):
    with as_org(employer):
        services.update_slot(slot=draft, data=data, actor=baker)
        changed = Slot.objects.get(pk=draft.pk)
    assert (changed.title, changed.status) == ("Bageri och butik", SlotStatus.DRAFT)
    assert changed.confirmed_at is not None


def test_update_slot_keeps_what_is_assured(slot, employer, baker, as_org):
    said = slot_data(slot)
    with as_org(employer):
        services.update_slot(slot=slot, data=replace(said, bring="Matlåda"), actor=baker)
        code, _message = refusal(services.update_slot, slot=slot, data=replace(said, tasks="Köra truck."), actor=baker)
        found = Slot.objects.get(pk=slot.pk)
    assert (code, found.bring, found.tasks) == ("assured", "Matlåda", "Baka, packa och möta kunder.")


def test_update_slot_does_not_move_booked_learners(draft, data, employer, baker, weeks, as_org, seeding):
    with seeding():
        elsewhere = make_workplace(employer, "Hulta Butik")
        make_seats(draft, weeks, seats=2, taken=1)
    with as_org(employer):
        moved = replace(data, workplace=elsewhere)
        assert refusal(services.update_slot, slot=draft, data=moved, actor=baker)[0] == "booked"


def test_copy_slot_takes_the_words_and_no_seats(slot, employer, baker, weeks, as_org, seeding):
    with seeding():
        make_seats(slot, weeks, seats=2)
    with as_org(employer):
        copy = services.copy_slot(slot=slot, actor=baker)
        assert (copy.title, copy.status, copy.weeks.count()) == ("Hulta Bageri, kopia", SlotStatus.DRAFT, 0)
        assert replace(slot_data(copy), title=slot.title) == slot_data(slot)


def test_submit_slot_wants_seats_in_a_coming_week(draft, employer, baker, weeks, as_org, seeding):
    with seeding():
        make_seats(draft, weeks[:1], seats=0)
    with as_org(employer):
        assert refusal(services.submit_slot, slot=draft, actor=baker) == (
            "no_seats",
            "Skriv först hur många ni tar emot i minst en kommande vecka.",
        )
        make_seats(draft, weeks[1:], seats=1)
        services.submit_slot(slot=draft, actor=baker)
        assert statuses(draft) == [("draft", "submitted")]
        assert refusal(services.submit_slot, slot=draft, actor=baker)[0] == "already_submitted"


def test_publish_slot_shows_it_and_tells_each_contact_once(
    draft, employer, region, baker, coordinator, weeks, as_org, seeding
):
    with seeding():
        make_seats(draft, weeks, seats=1)
        petra = ContactPerson.objects.get(employer=employer)
        ContactPerson.objects.create(
            region_id=employer.region_id, employer=employer, name="Tyst", email="tyst@example.se", is_primary=False
        )
    with as_org(employer):
        services.submit_slot(slot=draft, actor=baker)
    with as_org(region):
        services.publish_slot(slot=draft, actor=coordinator)
        assert refusal(services.publish_slot, slot=draft, actor=coordinator) == (
            "already_published",
            "Platsen är redan publicerad. Alla skolor ser den.",
        )
        assert mails(draft) == [("employers/slot_published", str(petra.pk))]
        found = Slot.objects.get(pk=draft.pk)
    assert found.status == SlotStatus.PUBLISHED
    assert found.published_at is not None
    assert found.approved_at == found.published_at


def test_two_coordinators_publish_once(draft, employer, region, baker, coordinator, weeks, as_org, seeding):
    with seeding():
        make_seats(draft, weeks, seats=1)
    with as_org(employer):
        services.submit_slot(slot=draft, actor=baker)
    with as_org(region):
        mine, theirs = Slot.objects.get(pk=draft.pk), Slot.objects.get(pk=draft.pk)
        services.publish_slot(slot=mine, actor=coordinator)
        with pytest.raises(StaleState):
            services.publish_slot(slot=theirs, actor=coordinator)
        assert len(mails(draft)) == 1


def test_publish_slot_wants_a_submitted_slot_with_a_risk_assessment(
    draft, employer, region, coordinator, as_org, seeding
):
    with as_org(region):
        with pytest.raises(MoveRefused):
            services.publish_slot(slot=draft, actor=coordinator)
        with seeding():
            bare = make_workplace(employer, "Hulta Lager", risk_assessed_on=None)
            risky = make_slot(bare, status=SlotStatus.SUBMITTED)
        assert refusal(services.publish_slot, slot=risky, actor=coordinator)[0] == "no_risk_assessment"


def test_an_employer_cannot_publish_past_the_wall_of_another(slot, stranger_employer, actor_of, as_org):
    stranger = actor_of(stranger_employer, Role.EMPLOYER_ADMINISTRATOR)
    with as_org(stranger_employer), pytest.raises(StaleState):
        services.pause_slot(slot=slot, actor=stranger)


def test_return_slot_gives_the_reason_to_the_contacts(
    draft, employer, region, baker, coordinator, weeks, as_org, seeding
):
    with seeding():
        make_seats(draft, weeks, seats=1)
    with as_org(employer):
        services.submit_slot(slot=draft, actor=baker)
    with as_org(region):
        assert refusal(services.return_slot, slot=draft, reason=" ", actor=coordinator) == (
            "reason_missing",
            "Skriv vad arbetsgivaren ska ändra.",
        )
        services.return_slot(slot=draft, reason="Skriv vem som är handledare.", actor=coordinator)
        assert [event for event, _contact in mails(draft)] == ["employers/slot_returned"]
    with as_org(employer):
        assert reason_of_return(Slot.objects.get(pk=draft.pk)) == "Skriv vem som är handledare."
        assert statuses(draft) == [("draft", "submitted"), ("submitted", "draft")]


def test_pause_and_resume_hide_and_show(slot, employer, baker, weeks, as_org, seeding):
    with as_org(employer):
        services.pause_slot(slot=slot, actor=baker)
        assert refusal(services.pause_slot, slot=slot, actor=baker)[0] == "already_paused"
        assert refusal(services.resume_slot, slot=slot, actor=baker)[0] == "no_seats"
        make_seats(slot, weeks, seats=1)
        services.resume_slot(slot=slot, actor=baker)
        assert refusal(services.resume_slot, slot=slot, actor=baker)[0] == "not_paused"
        assert statuses(slot) == [("published", "paused"), ("paused", "published")]


def test_confirm_slot_notes_the_time(slot, employer, stranger_employer, baker, as_org):
    before = slot.confirmed_at
    with as_org(employer):
        services.confirm_slot(slot=slot, actor=baker)
        assert Slot.objects.get(pk=slot.pk).confirmed_at > before
    with as_org(stranger_employer), pytest.raises(StaleState):
        services.confirm_slot(slot=slot, actor=baker)
