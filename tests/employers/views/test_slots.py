"""An employer's pages about slots, in a browser without JavaScript."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from core.weeks import WEEK, monday, today, week_label
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek, WorkplaceWeek
from employers.selectors.slots import coming_terms
from tests.factories.employers import make_seats, make_slot, make_workplace

FIELDS = {
    "title": "Bageri och butik",
    "kinds": ["prao"],
    "occupation_field": "craft",
    "tasks": "Du bakar, packar och möter kunder.",
    "starts_at": "08:00",
    "ends_at": "15:00",
    "break_minutes": "45",
    "grades": ["8", "9"],
    "supervisor_name": "Petra Holm",
    "supervisor_phone": "033-00 00 01",
}


@pytest.fixture
def client(employer, member_client):
    return member_client(employer, Role.EMPLOYER_ADMINISTRATOR)


@pytest.fixture
def url(employer):
    def make(name: str, slot: Slot | None = None) -> str:
        kwargs = {"org": employer.organisation.slug} | ({"slot_id": slot.pk} if slot else {})
        return reverse(f"employers:{name}", kwargs=kwargs)

    return make


def coming_week():
    return coming_terms()[0][1][2]


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response) -> dict:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_slot_list_shows_own_slots_with_coming_weeks(client, url, slot, stranger_employer, seeding, employer):
    week = coming_week()
    with seeding():
        make_seats(slot, [monday(today()) - WEEK], seats=9)
        make_seats(slot, [week, week + WEEK], seats=3, taken=1)
    response = client.get(url("slot_list"))
    (row,) = response.context["rows"]
    assert (row.slot, row.seats, row.taken, row.is_stale) == (slot, 6, 2, False)
    assert row.freshness == f"bekräftad {week_label(monday(today()))}"


def test_slot_list_needs_as_many_queries_for_three_as_for_one(client, url, slot, seeding):
    found, one = list_queries(client, url)
    assert found == 1
    with seeding():
        for number in range(2):
            make_seats(make_slot(slot.workplace, title=f"Plats {number}"), [coming_week()], seats=1)
    assert list_queries(client, url) == (3, one)


def list_queries(client, url) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url("slot_list"))
    return len(response.context["rows"]), len(queries)


def test_slot_list_asks_about_stale_slots(client, url, slot, seeding):
    with seeding():
        Slot.objects.filter(pk=slot.pk).update(confirmed_at=timezone.now() - timedelta(days=181))
    assert client.get(url("slot_list")).context["rows"][0].is_stale is True
    client.post(url("slot_confirm", slot))
    assert client.get(url("slot_list")).context["rows"][0].is_stale is False


def test_slot_list_without_a_workplace_points_at_the_first_step(client, url):
    response = client.get(url("slot_list"))
    assert (response.context["has_workplace"], response.context["rows"]) == (False, [])


def test_slot_create_saves_a_draft_and_goes_on_to_the_weeks(client, url, workplace, as_org):
    response = client.post(url("slot_create"), {**FIELDS, "workplace": str(workplace.pk)})
    with as_org(workplace.employer):
        made = Slot.objects.get()
    assert (made.title, made.status, made.grades) == ("Bageri och butik", SlotStatus.DRAFT, [8, 9])
    assert response.url == url("slot_seats", made)


def test_slot_create_keeps_what_was_typed(client, url, workplace):
    response = client.post(
        url("slot_create"), {**FIELDS, "workplace": str(workplace.pk), "ends_at": "17:00", "title": ""}
    )
    assert response.status_code == 422
    assert errors(response) == {"title": ["Skriv en rubrik, till exempel Bageri och butik."]}
    assert response.context["form"]["tasks"].value() == FIELDS["tasks"]


def test_slot_create_shows_a_refusal_at_its_field(client, url, workplace):
    response = client.post(url("slot_create"), {**FIELDS, "workplace": str(workplace.pk), "ends_at": "20:30"})
    assert (response.status_code, errors(response)) == (422, {"ends_at": ["Elever i prao får sluta senast 20.00."]})


def test_slot_create_takes_no_workplace_of_another_employer(client, url, workplace, stranger_employer, seeding):
    with seeding():
        theirs = make_workplace(stranger_employer)
    response = client.post(url("slot_create"), {**FIELDS, "workplace": str(theirs.pk)})
    assert (response.status_code, list(errors(response))) == (422, ["workplace"])


def test_slot_update_locks_what_is_assured(client, url, slot, as_org):
    fields = {**FIELDS, "workplace": str(slot.workplace_id), "tasks": "Köra truck.", "bring": "Matlåda"}
    response = client.post(url("slot_update", slot), fields)
    assert response.url == url("slot_detail", slot)
    with as_org(slot.workplace.employer):
        found = Slot.objects.get(pk=slot.pk)
    assert (found.bring, found.tasks) == ("Matlåda", "Baka, packa och möta kunder.")


def test_slot_seats_are_typed_into_the_weeks(client, url, slot, as_org):
    week = coming_week()
    response = client.post(url("slot_seats", slot), {f"week_{week}": "3", f"week_{week + WEEK}": "", "cap": "2"})
    assert response.url == url("slot_detail", slot)
    with as_org(slot.workplace.employer):
        assert list(SlotWeek.objects.values_list("week_on", "seats")) == [(week, 3)]
        assert set(WorkplaceWeek.objects.values_list("cap", flat=True)) == {2}


def test_slot_seats_refuses_a_number_below_the_booked_in_its_cell(client, url, slot, seeding):
    week = coming_week()
    with seeding():
        make_seats(slot, [week], seats=4, taken=3)
    response = client.post(url("slot_seats", slot), {f"week_{week}": "1"})
    assert response.status_code == 422
    assert errors(response) == {f"week_{week}": [f"3 elever är redan bokade {week_label(week)}. Skriv minst 3."]}
    cells = [cell for _legend, cells in response.context["grids"] for cell in cells if cell.error]
    assert [(cell.label, cell.value, cell.booked) for cell in cells] == [(week_label(week), "1", 3)]


def test_slot_seats_says_that_a_week_is_past(client, url, slot):
    past = monday(today()) - WEEK
    response = client.post(url("slot_seats", slot), {f"week_{past}": "1"})
    assert response.status_code == 422
    assert errors(response) == {
        "__all__": [f"{week_label(past).capitalize()} har redan varit. Skriv platser från den här veckan och framåt."]
    }


def test_slot_submit_says_what_is_missing_and_then_sends(client, url, slot, seeding):
    with seeding():
        Slot.objects.filter(pk=slot.pk).update(status=SlotStatus.DRAFT)
    response = client.post(url("slot_submit", slot))
    assert said(response) == ["Skriv först hur många ni tar emot i minst en kommande vecka."]
    with seeding():
        make_seats(slot, [coming_week()], seats=1)
    client.post(url("slot_submit", slot))
    response = client.post(url("slot_submit", slot))
    assert said(response)[-1:] == ["Platsen är redan inskickad och väntar på kvalitetssäkring."]
    assert client.get(url("slot_detail", slot)).context["row"].tag.word == "Väntar på kvalitetssäkring"


def test_slot_pause_can_be_undone_and_copy_makes_a_draft(client, url, slot, seeding, as_org):
    with seeding():
        make_seats(slot, [coming_week()], seats=1)
    for name, status in (("slot_pause", SlotStatus.PAUSED), ("slot_resume", SlotStatus.PUBLISHED)):
        client.post(url(name, slot))
        with seeding():
            assert Slot.objects.get(pk=slot.pk).status == status
    response = client.post(url("slot_copy", slot))
    with seeding():
        copy = Slot.objects.exclude(pk=slot.pk).get()
    assert (copy.status, response.url) == (SlotStatus.DRAFT, url("slot_update", copy))


@pytest.mark.parametrize("name", ["slot_detail", "slot_update", "slot_seats"])
def test_another_employers_slot_does_not_exist(slot, stranger_employer, member_client, name):
    stranger = member_client(stranger_employer, Role.EMPLOYER_ADMINISTRATOR)
    kwargs = {"org": stranger_employer.organisation.slug, "slot_id": slot.pk}
    assert stranger.get(reverse(f"employers:{name}", kwargs=kwargs)).status_code == 404


def test_slot_pages_open(client, url, slot, seeding):
    with seeding():
        make_seats(slot, [coming_week()], seats=2, taken=1)
    pages = [
        url("slot_list"),
        url("slot_create"),
        *(url(n, slot) for n in ("slot_detail", "slot_update", "slot_seats")),
    ]
    assert [client.get(page).status_code for page in pages] == [200] * 5
