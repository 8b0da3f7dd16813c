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
from django.utils.formats import date_format

from accounts.enums import Role
from core.permissions import Actor, ActorKind
from core.tenancy import Scope
from core.weeks import today, week_label
from employers.models import SlotQuota, SlotWeek, WorkplaceWeek
from employers.services.capacity import SeatClaim, SeatsReserved, SlotFull, free_seats, take_seats
from tests.factories.employers import make_cap, make_quota, make_seats, make_slot

RELEASE = today() + timedelta(weeks=4)
RELEASE_SPOKEN = date_format(RELEASE, "j F")

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


def race(sides: list[Any], as_org, claims: list[list[SeatClaim]], actor: Actor) -> list[str]:
    """Let every list of claims loose at once, each for its school and on a connection of its own."""
    ready = Barrier(len(claims), timeout=30)

    def take(school: Any, mine: list[SeatClaim]) -> str:
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
        return sorted(pool.map(take, sides, claims))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_takers_of_the_last_seven_seats_get_seven(slot, school, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks, seats=20, taken=13)
    claims = [[SeatClaim(slot.pk, week, 1) for week in weeks[:: (-1) ** n]] for n in range(TAKERS)]
    outcome = race([school] * TAKERS, as_org, claims, counsellor)
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
    outcome = race([school] * TAKERS, as_org, claims, counsellor)
    assert outcome == ["slot_full"] * (TAKERS - 7) + ["taken"] * 7
    assert taken_at(slot.workplace, as_org) == [7, 7]
    each = (taken(slot, as_org), taken(other, as_org))
    assert [sum(week) for week in zip(*each, strict=True)] == [7, 7, 7]
    assert max(map(max, each)) <= 6


# -- seats kept for an authority


@pytest.fixture
def reserved(slot, weeks, stranger_authority, seeding) -> None:
    """Five seats a week, two of them kept for Mark."""
    with seeding():
        make_seats(slot, weeks, seats=5)
        make_quota(slot, stranger_authority, weeks, 2, release_on=RELEASE)


def quota_taken(slot, as_org) -> list[int]:
    with as_org(slot.workplace.employer):
        return list(SlotQuota.objects.filter(slot=slot).order_by("week_on").values_list("taken", flat=True))


def test_take_seats_leaves_what_is_kept_for_others(slot, reserved, school, weeks, as_org, counsellor):
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, week, 3) for week in weeks], actor=counsellor)
        with pytest.raises(SeatsReserved) as refused, transaction.atomic():
            take_seats(claims=[SeatClaim(slot.pk, weeks[1], 1)], actor=counsellor)
    assert (refused.value.slot_id, refused.value.week_on, refused.value.code) == (slot.pk, weeks[1], "seats_reserved")
    assert refused.value.message == (
        f"Hulta Bageri: platserna {week_label(weeks[1])} är reserverade för Marks kommun till {RELEASE_SPOKEN}."
        " Välj en annan plats eller vecka."
    )
    assert (taken(slot, as_org), quota_taken(slot, as_org)) == ([3, 3], [0, 0])


def test_more_than_there_ever_was_is_full_not_reserved(slot, reserved, school, weeks, as_org, counsellor):
    with as_org(school), pytest.raises(SlotFull) as refused, transaction.atomic():
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 6)], actor=counsellor)
    assert refused.value.code == "slot_full"


def test_the_authority_takes_its_reserve_and_then_the_open_seats(
    slot, reserved, school, stranger_school, weeks, as_org, counsellor, actor_of
):
    with as_org(stranger_school):
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 3)], actor=actor_of(stranger_school))
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 2)], actor=counsellor)
    assert (taken(slot, as_org), quota_taken(slot, as_org)) == ([5, 0], [3, 0])


def test_what_the_authority_gives_back_is_kept_again(
    slot, reserved, school, stranger_school, weeks, as_org, counsellor, actor_of
):
    claim = [SeatClaim(slot.pk, weeks[0], 2)]
    with as_org(stranger_school):
        take_seats(claims=claim, actor=actor_of(stranger_school))
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 3)], actor=counsellor)
    with as_org(stranger_school):
        free_seats(claims=claim, actor=actor_of(stranger_school))
    with as_org(school), pytest.raises(SeatsReserved), transaction.atomic():
        take_seats(claims=[SeatClaim(slot.pk, weeks[0], 1)], actor=counsellor)
    assert quota_taken(slot, as_org) == [0, 0]


def test_an_employer_frees_and_takes_for_the_learners_authority(
    slot, reserved, employer, authority, stranger_authority, weeks, as_org, actor_of
):
    ours = [SeatClaim(slot.pk, weeks[0], 3, authority.pk)]
    theirs = [SeatClaim(slot.pk, weeks[0], 2, stranger_authority.pk)]
    with as_org(employer):
        take_seats(claims=[*ours, *theirs], actor=actor_of(employer))
        assert quota_taken(slot, as_org) == [2, 0]
        free_seats(claims=theirs, actor=actor_of(employer))
        with pytest.raises(SeatsReserved), transaction.atomic():
            take_seats(claims=[SeatClaim(slot.pk, weeks[0], 1, authority.pk)], actor=actor_of(employer))
    assert (taken(slot, as_org), quota_taken(slot, as_org)) == ([3, 0], [0, 0])


def test_a_released_reserve_is_for_everybody(slot, school, stranger_authority, weeks, as_org, seeding, counsellor):
    with seeding():
        make_seats(slot, weeks, seats=2)
        make_quota(slot, stranger_authority, weeks, 2, release_on=today())
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, week, 2) for week in weeks], actor=counsellor)
    assert taken(slot, as_org) == [2, 2]


def test_an_authority_takes_no_seats_in_anothers_name(slot, reserved, school, stranger_authority, weeks, as_org):
    claim = SeatClaim(slot.pk, weeks[0], 1, stranger_authority.pk)
    with as_org(school), pytest.raises(ValueError, match="its own learners"):
        take_seats(claims=[claim], actor=Actor(kind=ActorKind.MEMBER, label="Malin Ekdahl"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_takers_of_two_authorities_never_eat_the_reserve(
    slot, school, stranger_school, stranger_authority, weeks, as_org, seeding, counsellor
):
    with seeding():
        make_seats(slot, weeks, seats=9)
        make_quota(slot, stranger_authority, weeks, 4, release_on=RELEASE)
    both = [*weeks], [*reversed(weeks)]
    sides = [(school if n % 3 else stranger_school, n) for n in range(60)]
    claims = [[SeatClaim(slot.pk, week, 1) for week in both[n % 2]] for _side, n in sides]
    outcome = race([side for side, _n in sides], as_org, claims, counsellor)
    theirs = quota_taken(slot, as_org)
    assert outcome.count("taken") == 9
    assert taken(slot, as_org) == [9, 9]
    assert theirs[0] == theirs[1]
    assert 4 <= theirs[0] <= 9  # the twenty of Mark had four seats that nobody else could take
