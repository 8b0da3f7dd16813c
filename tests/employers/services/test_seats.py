"""Numbers typed into weeks, against what is booked and what is past."""

from datetime import timedelta

import pytest

from accounts.enums import Role
from core.weeks import WEEK, monday, today, week_label
from employers.models import SlotWeek, WorkplaceWeek
from employers.services.capacity import SeatClaim, take_seats
from employers.services.seats import SeatsRefused, plan_weeks, set_cap, set_seats
from tests.factories.employers import make_seats, make_slot


@pytest.fixture
def baker(employer, actor_of):
    return actor_of(employer, Role.EMPLOYER_ADMINISTRATOR)


def seats(slot) -> list[tuple[int, int]]:
    return list(SlotWeek.objects.filter(slot=slot).order_by("week_on").values_list("seats", "taken"))


def caps(workplace) -> list[tuple[int, int]]:
    rows = WorkplaceWeek.objects.filter(workplace=workplace).order_by("week_on")
    return list(rows.values_list("cap", "taken"))


def refusals(call, **kwargs) -> dict:
    with pytest.raises(SeatsRefused) as refused:
        call(**kwargs)
    return dict(refused.value.weeks)


def test_set_seats_writes_changes_and_leaves_the_rest(slot, employer, baker, weeks, as_org):
    later = weeks[-1] + WEEK
    with as_org(employer):
        set_seats(slot=slot, seats={weeks[0]: 2, weeks[1]: 0, later: 1}, actor=baker)
        assert seats(slot) == [(2, 0), (1, 0)]
        set_seats(slot=slot, seats={weeks[0]: 3, weeks[1]: 4}, actor=baker)
        assert seats(slot) == [(3, 0), (4, 0), (1, 0)]
        set_seats(slot=slot, seats={weeks[0]: 0}, actor=baker)
        assert seats(slot) == [(0, 0), (4, 0), (1, 0)]


def test_set_seats_refuses_past_weeks_and_fewer_than_booked(slot, employer, baker, weeks, as_org, seeding):
    past = monday(today()) - WEEK
    with seeding():
        make_seats(slot, weeks[:1], seats=4, taken=3)
        make_seats(slot, weeks[1:], seats=4, taken=1)
    with as_org(employer):
        typed = {past: 1, weeks[0]: 2, weeks[1]: 0}
        assert refusals(set_seats, slot=slot, seats=typed, actor=baker) == {
            past: f"{week_label(past).capitalize()} har redan varit. Skriv platser från den här veckan och framåt.",
            weeks[0]: f"3 elever är redan bokade {week_label(weeks[0])}. Skriv minst 3.",
            weeks[1]: f"1 elev är redan bokad {week_label(weeks[1])}. Skriv minst 1.",
        }
        assert seats(slot) == [(4, 3), (4, 1)]


@pytest.mark.parametrize("count", [-1, 100])
def test_set_seats_refuses_absurd_numbers(slot, employer, baker, weeks, as_org, count):
    with as_org(employer):
        assert refusals(set_seats, slot=slot, seats={weeks[0]: count}, actor=baker) == {
            weeks[0]: "Skriv ett tal från 0 till 99."
        }


def test_set_seats_refuses_a_day_that_is_no_monday(slot, employer, baker, weeks, as_org):
    tuesday = weeks[0] + timedelta(days=1)
    with as_org(employer):
        assert list(refusals(set_seats, slot=slot, seats={tuesday: 1}, actor=baker)) == [tuesday]


def test_set_cap_counts_what_is_taken_already(slot, employer, school, baker, weeks, as_org, seeding, actor_of):
    with seeding():
        other = make_slot(slot.workplace, title="Butik")
        make_seats(slot, weeks, seats=3, taken=2)
        make_seats(other, weeks[:1], seats=3, taken=1)
    with as_org(employer):
        assert refusals(set_cap, workplace=slot.workplace, cap=2, weeks=weeks, actor=baker) == {
            weeks[0]: f"3 elever är redan bokade {week_label(weeks[0])}. Skriv minst 3."
        }
        set_cap(workplace=slot.workplace, cap=3, weeks=weeks, actor=baker)
        assert caps(slot.workplace) == [(3, 3), (3, 2)]
    with as_org(school):
        take_seats(claims=[SeatClaim(slot.pk, weeks[1], 1)], actor=actor_of(school))
        assert caps(slot.workplace) == [(3, 3), (3, 3)]
    with as_org(employer):
        set_cap(workplace=slot.workplace, cap=None, weeks=weeks, actor=baker)
        assert caps(slot.workplace) == []


def test_new_weeks_come_under_the_cap(slot, employer, baker, weeks, as_org):
    with as_org(employer):
        set_cap(workplace=slot.workplace, cap=2, weeks=weeks[:1], actor=baker)
        set_seats(slot=slot, seats={weeks[1]: 5}, actor=baker)
        assert caps(slot.workplace) == [(2, 0), (2, 0)]


def test_plan_weeks_does_both_or_neither(slot, employer, baker, weeks, as_org):
    past = monday(today()) - WEEK
    with as_org(employer):
        assert list(refusals(plan_weeks, slot=slot, seats={past: 1}, cap=2, weeks=weeks, actor=baker)) == [past]
        assert caps(slot.workplace) == []
        plan_weeks(slot=slot, seats={weeks[0]: 1}, cap=2, weeks=weeks, actor=baker)
        assert (seats(slot), caps(slot.workplace)) == ([(1, 0)], [(2, 0), (2, 0)])
