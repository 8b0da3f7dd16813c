"""Pages where the region keeps seats for an authority."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from core.weeks import today, week_label
from employers.models import SlotQuota
from tests.factories.employers import make_quota, make_seats

LATER = today() + timedelta(weeks=4)


@pytest.fixture
def coordinator(region, member_client):
    return member_client(region, Role.REGIONAL_COORDINATOR)


@pytest.fixture
def five_seats(slot, weeks, seeding):
    with seeding():
        return make_seats(slot, weeks, seats=5)


def url(name, owner, **kwargs):
    return reverse(f"placements:{name}", kwargs={"org": getattr(owner, "organisation", owner).slug, **kwargs})


def test_the_coordinator_keeps_changes_and_removes(
    coordinator, slot, five_seats, region, stranger_authority, weeks, as_org
):
    page = url("quota_detail", region, slot_id=slot.pk)
    answer = coordinator.post(
        page,
        {
            "authority": stranger_authority.pk,
            "weeks": [week.isoformat() for week in weeks],
            "seats": 2,
            "release_on": LATER.isoformat(),
            "reason": "Närmaste skola.",
        },
    )
    assert (answer.status_code, answer.url) == (302, page)
    with as_org(region):
        first = SlotQuota.objects.order_by("week_on").first()
    change = url("quota_change", region, quota_id=first.pk)
    typed = {"weeks": [weeks[0].isoformat()], "seats": 4, "release_on": LATER.isoformat(), "reason": "Fler."}
    assert coordinator.post(change, typed).status_code == 302
    remove = url("quota_remove", region, quota_id=first.pk)
    assert coordinator.post(remove, {"weeks": [weeks[0].isoformat()], "reason": "Nej."}).status_code == 302
    with as_org(region):
        assert list(SlotQuota.objects.values_list("week_on", "seats")) == [(weeks[1], 2)]


def test_what_was_typed_wrong_stays_with_the_reason(coordinator, slot, five_seats, region, authority, weeks):
    page = url("quota_detail", region, slot_id=slot.pk)
    typed = {"authority": authority.pk, "weeks": [weeks[0].isoformat()], "seats": 9, "release_on": LATER.isoformat()}
    answer = coordinator.post(page, {**typed, "reason": "Närmast."})
    assert answer.status_code == 422
    week = week_label(weeks[0]).capitalize()
    sentence = f"{week} går det att hålla högst 5 platser. Skriv ett lägre antal eller välj andra veckor."
    assert answer.context["form"].errors == {"seats": [sentence]}


def test_an_employer_sees_what_is_kept_at_its_own_slots_only(
    member_client, slot, five_seats, employer, stranger_employer, authority, weeks, seeding
):
    with seeding():
        make_quota(slot, authority, weeks, 2, release_on=LATER)
    page = member_client(employer, Role.EMPLOYER_ADMINISTRATOR).get(url("quota_detail", employer, slot_id=slot.pk))
    assert [(row.first.authority.name, row.seats) for row in page.context["rows"]] == [("Borås Stad", 4)]
    assert page.context["form"] is None
    elsewhere = member_client(stranger_employer, Role.EMPLOYER_ADMINISTRATOR)
    assert elsewhere.get(url("quota_detail", stranger_employer, slot_id=slot.pk)).status_code == 404


def test_an_employer_cannot_keep_seats(member_client, slot, five_seats, employer, authority, weeks, as_org):
    client = member_client(employer, Role.EMPLOYER_ADMINISTRATOR)
    typed = {"authority": authority.pk, "weeks": [weeks[0].isoformat()], "seats": 1, "release_on": LATER.isoformat()}
    client.post(url("quota_detail", employer, slot_id=slot.pk), {**typed, "reason": "Vi vill."})
    with as_org(employer):
        assert SlotQuota.objects.count() == 0


def test_the_list_exports_what_it_shows(coordinator, slot, five_seats, region, authority, weeks, seeding):
    with seeding():
        make_quota(slot, authority, weeks, 2, release_on=LATER)
    page = coordinator.get(url("quota_list", region))
    assert page.context["heading"] == "4 veckoplatser hålls för 1 huvudman"
    sheet = coordinator.get(url("quota_list", region) + "?export=csv").content.decode("utf-8-sig")
    assert sheet.splitlines()[1].split(";") == [
        "Hulta Bageri", "Hulta Bageri", "Borås Stad", page.context["rows"][0].week_text, "2", "4", "0",
        LATER.isoformat(), "Reserverad",
    ]  # fmt: skip


def test_a_reserve_of_another_region_is_not_found(coordinator, region, stranger_region, slot, weeks, seeding):
    from tests.factories.employers import make_employer, make_slot, make_workplace
    from tests.factories.schools import make_authority

    with seeding():
        far = make_slot(make_workplace(make_employer(stranger_region)))
        (quota,) = make_quota(far, make_authority(stranger_region), weeks[:1], 1)
    assert coordinator.get(url("quota_change", region, quota_id=quota.pk)).status_code == 404
    assert coordinator.get(url("quota_detail", region, slot_id=far.pk)).status_code == 404
