"""Seats can be taken once each, whoever asks and however many ask at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from core.permissions import Actor
from core.tenancy import Scope
from core.weeks import week_label
from employers.models import SlotWeek, WorkplaceWeek
from employers.services.capacity import SeatClaim, SlotFull, free_seats, take_seats
from tests.factories.employers import make_cap, make_seats, make_slot

Enter = Callable[[Any], AbstractContextManager[Scope]]


@pytest.fixture
def counsellor(school, actor_of) -> Actor:
    return actor_of(school, Role.CAREER_COUNSELLOR)


def taken(slot, as_org) -> list[int]:
    with as_org(slot.workplace.employer):
        return list(SlotWeek.objects.filter(slot=slot).order_by("week_on").values_list("taken", flat=True))


def taken_at(workplace, as_org) -> list[int]:
    with as_org(workplace.employer):
        rows = WorkplaceWeek.objects.filter(workplace=workplace).order_by("week_on")
        return list(rows.values_list("taken", flat=True))


def test_take_seats_counts_every_week_and_the_workplace(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks, seats=3)
        make_cap(slot.workplace, weeks[:1], cap=5)
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, week, 2) for week in weeks], actor=counsellor)
    assert taken(slot, as_org) == [2, 2]
    assert taken_at(slot.workplace, as_org) == [2]


def test_take_seats_adds_up_claims_for_the_same_week(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks[:1], seats=3)
    with as_org(school), pytest.raises(SlotFull), transaction.atomic():
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 2)] * 2, actor=counsellor)
    assert taken(slot, as_org) == [0]


def test_take_seats_names_the_slot_and_the_full_week(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks[:1], seats=2)
        make_seats(slot, weeks[1:], seats=2, taken=2)
    with as_org(school), pytest.raises(SlotFull) as refused, transaction.atomic():
        take_seats(claims=[SeatClaim(slot.pk, week, 1) for week in weeks], actor=counsellor)
    assert (refused.value.slot_id, refused.value.week_on) == (slot.pk, weeks[1])
    assert refused.value.message == (
        f"Hulta Bageri har inte så många lediga platser {week_label(weeks[1])}. Välj en annan plats eller vecka."
    )
    assert taken(slot, as_org) == [0, 2]


def test_take_seats_refuses_a_week_without_seats(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks[:1], seats=2)
    with as_org(school), pytest.raises(SlotFull) as refused, transaction.atomic():
        take_seats(claims=[SeatClaim(slot.pk, week, 1) for week in weeks], actor=counsellor)
    assert refused.value.week_on == weeks[1]
    assert taken(slot, as_org) == [0]


def test_take_seats_holds_the_cap_over_two_slots(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        other = make_slot(slot.workplace, title="Hulta Bageri, butik")
        make_seats(slot, weeks[:1], seats=3)
        make_seats(other, weeks[:1], seats=3)
        make_cap(slot.workplace, weeks[:1], cap=4)
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 3)], actor=counsellor)
        with pytest.raises(SlotFull) as refused, transaction.atomic():
            take_seats(claims=[SeatClaim(other.pk, weeks[0], 2)], actor=counsellor)
        take_seats(claims=[SeatClaim(other.pk, weeks[0], 1)], actor=counsellor)
    assert refused.value.message == (
        f"Hulta Bageri, butik: arbetsplatsen tar inte emot fler elever {week_label(weeks[0])}."
        " Välj en annan plats eller vecka."
    )
    assert (taken(slot, as_org), taken(other, as_org), taken_at(slot.workplace, as_org)) == ([3], [1], [4])


def test_take_seats_refuses_a_slot_of_another_region(slot, stranger_region, weeks, as_org, seeding, actor_of):
    with seeding():
        make_seats(slot, weeks, seats=3)
    with as_org(stranger_region), pytest.raises(SlotFull) as refused, transaction.atomic():
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 1)], actor=actor_of(stranger_region))
    assert refused.value.message == "Platsen finns inte längre. Välj en annan plats."
    assert taken(slot, as_org) == [0, 0]


def test_take_seats_refuses_a_claim_for_nothing(slot, school, weeks, as_org, counsellor):
    with as_org(school), pytest.raises(ValueError, match="one seat or more"):
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 0)], actor=counsellor)


def test_free_seats_gives_back_what_was_taken(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks, seats=3)
        make_cap(slot.workplace, weeks, cap=3)
    claims = [SeatClaim(slot.pk, week, 2) for week in weeks]
    with as_org(school):
        take_seats(claims=claims, actor=counsellor)
        free_seats(claims=claims, actor=counsellor)
        with pytest.raises(SlotFull), transaction.atomic():
            free_seats(claims=claims, actor=counsellor)
    assert (taken(slot, as_org), taken_at(slot.workplace, as_org)) == ([0, 0], [0, 0])


def test_take_seats_needs_as_many_statements_for_many_slots_as_for_one(
    slot, school, weeks, as_org, seeding, counsellor
):
    with seeding():
        slots = [slot, *(make_slot(slot.workplace, title=f"Plats {n}") for n in range(20))]
        for each in slots:
            make_seats(each, weeks, seats=1)
        make_cap(slot.workplace, weeks, cap=30)
    with as_org(school), CaptureQueriesContext(connection) as queries:
        take_seats(claims=[SeatClaim(each.pk, week, 1) for each in slots for week in weeks], actor=counsellor)
    sql = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(sql) == 7  # the slots, lock and update in two tables, what is kept for others, our own quotas


# -- races over real connections

TAKERS = 100


def race(school, as_org, claims: list[list[SeatClaim]], actor: Actor) -> list[str]:
    """Let every list of claims loose at once, each on a connection of its own."""
    ready = Barrier(len(claims), timeout=30)

    def take(mine: list[SeatClaim]) -> str:
        try:
            connection.ensure_connection()
            ready.wait()
            with as_org(school):
                take_seats(claims=mine, actor=actor)
        except SlotFull as refused:
            return refused.code
        finally:
            connections.close_all()
        return "taken"

    with ThreadPoolExecutor(len(claims)) as pool:
        return sorted(pool.map(take, claims))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_takers_of_the_last_seven_seats_get_seven(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks, seats=20, taken=13)
    claims = [[SeatClaim(slot.pk, week, 1) for week in weeks[:: (-1) ** n]] for n in range(TAKERS)]
    outcome = race(school, as_org, claims, counsellor)
    assert outcome == ["slot_full"] * (TAKERS - 7) + ["taken"] * 7
    assert taken(slot, as_org) == [20, 20]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_takers_hold_the_cap_over_two_slots(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        other = make_slot(slot.workplace, title="Hulta Bageri, butik")
        later: list[date] = [*weeks, weeks[-1] + timedelta(weeks=1)]
        make_seats(slot, later, seats=6)
        make_seats(other, later, seats=6)
        make_cap(slot.workplace, weeks, cap=7)
    slots = [slot, other]
    claims = [[SeatClaim(slots[n % 2].pk, week, 1) for week in later] for n in range(TAKERS)]
    outcome = race(school, as_org, claims, counsellor)
    assert outcome == ["slot_full"] * (TAKERS - 7) + ["taken"] * 7
    assert taken_at(slot.workplace, as_org) == [7, 7]
    each = (taken(slot, as_org), taken(other, as_org))
    assert [sum(week) for week in zip(*each, strict=True)] == [7, 7, 7]
    assert max(map(max, each)) <= 6
