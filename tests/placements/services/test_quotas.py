"""Seats are kept for an authority only where they are free, and never longer than to the week itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections, transaction

from core.models import StateChange
from core.weeks import range_label, today, week_label
from employers.models import SlotQuota
from employers.selectors.quotas import alike, quota_rows, reserved_for_others, weeks_with_reserves
from employers.selectors.supply import open_slots
from employers.services.capacity import SeatClaim, SlotFull, take_seats
from placements.selectors.browse import free_by_week
from placements.services.quotas import Keep, QuotaRefused, change_reserve, keep_seats, remove_reserve
from tests.factories.employers import make_quota, make_seats, make_slot
from tests.factories.placed import place
from tests.factories.placements import make_round
from tests.factories.schools import make_class, make_learner, make_period

LATER = today() + timedelta(weeks=4)


@pytest.fixture
def coordinator(region, actor_of):
    return actor_of(region)


@pytest.fixture
def five_seats(slot, weeks, seeding):
    with seeding():
        return make_seats(slot, weeks, seats=5)


def keep(slot, authority, weeks, seats, actor, release_on=LATER):
    keep_seats(
        slot=slot,
        authority=authority.organisation,
        keep=Keep(weeks, seats, release_on),
        reason="Närmast.",
        actor=actor,
    )


def test_kept_seats_are_for_the_authority_alone(
    slot, five_seats, region, school, stranger_school, stranger_authority, weeks, as_org, coordinator
):
    with as_org(region):
        keep(slot, stranger_authority, weeks, 2, coordinator)
        assert [(week.seats, week.taken, week.kept, week.free) for week in weeks_with_reserves(slot, today())] == [
            (5, 0, 2, 3)
        ] * 2
    with as_org(school):
        ours = reserved_for_others([slot.pk], weeks, school.authority_id, today())
        assert [found.left for found in open_slots(kind="prao", weeks=weeks)] == [3]
    with as_org(stranger_school):
        theirs = reserved_for_others([slot.pk], weeks, stranger_school.authority_id, today())
        assert [found.left for found in open_slots(kind="prao", weeks=weeks)] == [5]
    assert (ours, theirs) == ({(slot.pk, week): 2 for week in weeks}, {})


def test_the_places_a_learner_sees_are_what_its_authority_may_take(
    slot, five_seats, region, learner, stranger_authority, weeks, as_org, as_learner, coordinator
):
    with as_org(region):
        keep(slot, stranger_authority, weeks[:1], 2, coordinator)
    with as_learner(learner):
        assert free_by_week([slot], weeks) == {(slot.pk, weeks[0]): 3, (slot.pk, weeks[1]): 5}


def test_keeping_is_told_in_the_slots_history(slot, five_seats, region, stranger_authority, weeks, as_org, coordinator):
    with as_org(region):
        keep(slot, stranger_authority, weeks, 2, coordinator)
    with as_org(slot.workplace.employer):
        (change,) = StateChange.objects.filter(subject_id=slot.pk)
    assert (change.after, change.reason.startswith(f"2 platser {range_label(weeks)} för Marks kommun till ")) == (
        "seats_kept",
        True,
    )


def test_what_the_authority_already_holds_counts_as_used(
    slot, five_seats, region, stranger_school, stranger_authority, weeks, as_org, seeding, coordinator, actor_of
):
    with seeding():
        learner = make_learner(make_class(stranger_school))
        period = make_period(learner.school_class, weeks)
        place(learner, period, make_round(period, phase="published"), slot, weeks, 1)
    with as_org(stranger_school):
        take_seats(claims=[SeatClaim(slot.pk, week, 1) for week in weeks], actor=actor_of(stranger_school))
    with as_org(region):
        keep(slot, stranger_authority, weeks, 2, coordinator)
        assert list(SlotQuota.objects.values_list("seats", "taken")) == [(2, 1), (2, 1)]
        assert [week.free for week in weeks_with_reserves(slot, today())] == [3, 3]


def test_no_more_is_kept_than_what_is_free(
    slot, five_seats, region, school, authority, stranger_authority, weeks, as_org, coordinator, actor_of
):
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, weeks[1], 2)], actor=actor_of(school))
    with as_org(region):
        keep(slot, authority, weeks, 1, coordinator)
        with pytest.raises(QuotaRefused) as refused, transaction.atomic():
            keep(slot, stranger_authority, weeks, 4, coordinator)
        keep(slot, stranger_authority, weeks, 2, coordinator)
    sentence = "går det att hålla högst 2 platser. Skriv ett lägre antal eller välj andra veckor."
    assert refused.value.field == "seats"
    assert refused.value.message == f"{week_label(weeks[1]).capitalize()} {sentence}"


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(0, "Välj en dag från i morgon och framåt."), (365, "Släpp platserna senast")],
)
def test_the_day_of_release_is_ahead_and_before_the_week(
    slot, five_seats, region, authority, weeks, as_org, coordinator, days, sentence
):
    with as_org(region), pytest.raises(QuotaRefused) as refused:
        keep(slot, authority, weeks, 1, coordinator, today() + timedelta(days=days))
    assert (refused.value.field, refused.value.message[: len(sentence)]) == ("release_on", sentence)


def test_weeks_without_seats_and_kept_twice_are_refused(slot, region, authority, weeks, as_org, seeding, coordinator):
    with seeding():
        make_seats(slot, weeks[:1], seats=5)
    with as_org(region):
        keep(slot, authority, weeks[:1], 1, coordinator)
        for wanted, sentence in (
            (weeks, f"Platsen tar inte emot någon {week_label(weeks[1])}. Välj andra veckor."),
            (
                weeks[:1],
                f"Borås Stad har redan platser {week_label(weeks[0])}. Ändra den reservationen i stället.",
            ),
            ([], "Välj minst en vecka."),
        ):
            with pytest.raises(QuotaRefused) as refused, transaction.atomic():
                keep(slot, authority, wanted, 1, coordinator)
            assert (refused.value.field, refused.value.message) == ("weeks", sentence)


def test_a_school_is_no_authority_to_keep_seats_for(slot, five_seats, region, school, weeks, as_org, coordinator):
    with as_org(region), pytest.raises(QuotaRefused) as refused:
        keep(slot, school, weeks, 1, coordinator)
    assert refused.value.field == "authority"


def test_a_reserve_is_changed_and_removed_week_by_week(slot, five_seats, region, authority, weeks, as_org, coordinator):
    with as_org(region):
        keep(slot, authority, weeks, 1, coordinator)
        (row,) = quota_rows(today(), region_id=region.pk)
        change_reserve(quotas=row.quotas, keep=Keep(weeks[1:], 5, LATER), reason="Fler klasser.", actor=coordinator)
        assert list(SlotQuota.objects.order_by("week_on").values_list("seats", flat=True)) == [1, 5]
        second = alike(SlotQuota.objects.get(week_on=weeks[1]), today())
        remove_reserve(quotas=second.quotas, weeks=second.weeks, reason="Behövs inte.", actor=coordinator)
        assert [found.week_text for found in quota_rows(today(), region_id=region.pk)] == [week_label(weeks[0])]
        with pytest.raises(QuotaRefused):
            remove_reserve(quotas=second.quotas, weeks=weeks, reason="Igen.", actor=coordinator)


def test_a_reserve_removed_by_somebody_else_is_not_changed(
    slot, five_seats, region, authority, weeks, as_org, coordinator
):
    with as_org(region):
        keep(slot, authority, weeks, 1, coordinator)
        (row,) = quota_rows(today(), region_id=region.pk)
        SlotQuota.objects.filter(week_on=weeks[0]).delete()
        with pytest.raises(QuotaRefused, match="Någon annan"), transaction.atomic():
            change_reserve(quotas=row.quotas, keep=Keep(weeks, 2, LATER), reason="Fler.", actor=coordinator)


def test_released_reserves_come_last(slot, five_seats, region, authority, stranger_authority, weeks, as_org, seeding):
    with seeding():
        make_quota(slot, authority, weeks, 2, release_on=today())
        make_quota(slot, stranger_authority, weeks, 1, release_on=LATER)
        make_quota(make_slot(slot.workplace, title="Annan"), authority, weeks, 1, release_on=LATER)
    with as_org(region):
        rows = quota_rows(today(), region_id=region.pk, slot=slot)
        kept = [week.kept for week in weeks_with_reserves(slot, today())]
    assert [(row.first.authority.name, str(row.tag.word), row.seats) for row in rows] == [
        ("Marks kommun", "Reserverad", 2),
        ("Borås Stad", "Släppt", 4),
    ]
    assert kept == [1, 1]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_keeping_and_taking_at_once_never_promise_a_seat_twice(
    slot, region, school, stranger_authority, weeks, as_org, seeding, coordinator, actor_of
):
    with seeding():
        make_seats(slot, weeks, seats=6)
    ready = Barrier(21, timeout=30)

    def act(number: int) -> str:
        try:
            connection.ensure_connection()
            ready.wait()
            if number == 0:
                with as_org(region):
                    keep(slot, stranger_authority, weeks, 3, coordinator)
                return "kept"
            with as_org(school):
                take_seats(claims=[SeatClaim(slot.pk, week, 1) for week in weeks], actor=actor_of(school))
        except (SlotFull, QuotaRefused) as refused:
            return refused.code
        finally:
            connections.close_all()
        return "taken"

    with ThreadPoolExecutor(21) as pool:
        outcome = list(pool.map(act, range(21)))
    with as_org(region):
        found = weeks_with_reserves(slot, today())
    promised = [week.taken + week.kept for week in found]
    assert promised == [6, 6]
    assert {week.taken for week in found} == {outcome.count("taken")}
