"""What schools are offered, and what coordinators see of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import PlacementKind
from core.weeks import WEEK
from employers.enums import OccupationField, SlotStatus
from employers.selectors import supply
from employers.selectors.supply import OpenSlot, WeekSupply, open_slots, supply_by_week, supply_by_week_and_field
from tests.factories.employers import make_cap, make_seats, make_slot, make_workplace


def open_for_prao(weeks) -> list[tuple[str, int, int]]:
    return [(found.slot.title, found.seats, found.left) for found in open_slots(kind=PlacementKind.PRAO, weeks=weeks)]


def test_open_slots_have_room_in_every_week(slot, school, weeks, as_org, seeding):
    with seeding():
        one_week = make_slot(slot.workplace, title="Bara en vecka")
        full = make_slot(slot.workplace, title="Full")
        make_seats(slot, weeks[:1], seats=4, taken=1)
        make_seats(slot, weeks[1:], seats=3, taken=1)
        make_seats(one_week, weeks[:1], seats=2)
        make_seats(full, weeks, seats=2, taken=2)
    with as_org(school):
        assert open_for_prao(weeks) == [("Hulta Bageri", 3, 2)]
        assert open_for_prao(weeks[:1]) == [("Bara en vecka", 2, 2), ("Hulta Bageri", 4, 3)]


@pytest.mark.parametrize("status", [SlotStatus.DRAFT, SlotStatus.SUBMITTED, SlotStatus.PAUSED, SlotStatus.EXPIRED])
def test_open_slots_are_published(slot, school, weeks, as_org, seeding, status):
    with seeding():
        hidden = make_slot(slot.workplace, title="Inte ute", status=status)
        make_seats(slot, weeks, seats=1)
        make_seats(hidden, weeks, seats=1)
    with as_org(school):
        assert open_for_prao(weeks) == [("Hulta Bageri", 1, 1)]


def test_open_slots_are_of_the_kind(slot, school, weeks, as_org, seeding):
    with seeding():
        make_seats(slot, weeks, seats=1)
        make_seats(make_slot(slot.workplace, title="Apl", kinds=[PlacementKind.APL]), weeks, seats=1)
    with as_org(school):
        assert open_for_prao(weeks) == [("Hulta Bageri", 1, 1)]


def test_open_slots_heed_the_cap_of_the_workplace(slot, school, weeks, as_org, seeding):
    with seeding():
        elsewhere = make_slot(make_workplace(slot.workplace.employer, "Hulta Butik"))
        make_seats(slot, weeks, seats=5)
        make_seats(elsewhere, weeks, seats=5)
        make_cap(slot.workplace, weeks[1:], cap=2)
    with as_org(school):
        assert open_for_prao(weeks) == [("Hulta Bageri", 5, 2), ("Hulta Butik", 5, 5)]


def test_open_slots_need_as_many_queries_for_three_as_for_one(slot, school, weeks, as_org, seeding):
    with seeding():
        make_seats(slot, weeks, seats=1)
    assert queries_for(weeks, school, as_org) == (1, 3)
    with seeding():
        for number in range(2):
            make_seats(make_slot(make_workplace(slot.workplace.employer, f"Hulta {number}")), weeks, seats=1)
    assert queries_for(weeks, school, as_org) == (3, 3)


def queries_for(weeks, school, as_org) -> tuple[int, int]:
    with as_org(school), CaptureQueriesContext(connection) as queries:
        found: list[OpenSlot] = open_slots(kind=PlacementKind.PRAO, weeks=weeks)
        assert [(each.slot.workplace.city, bool(each.slot.employer.name)) for each in found] == [("Borås", True)] * len(
            found
        )
    return len(found), len(queries)


def test_supply_by_week_sums_published_slots_under_the_caps(slot, region, weeks, as_org, seeding):
    with seeding():
        other = make_slot(slot.workplace, title="Butik", kinds=[PlacementKind.APL])
        draft = make_slot(slot.workplace, title="Utkast", status=SlotStatus.DRAFT)
        elsewhere = make_slot(make_workplace(slot.workplace.employer, "Hulta Butik"))
        make_seats(slot, weeks, seats=2, taken=1)
        make_seats(other, weeks, seats=2, taken=1)
        make_seats(draft, weeks, seats=9)
        make_seats(elsewhere, weeks, seats=4)
        make_cap(slot.workplace, weeks[:1], cap=3)
        slot.workplace.weeks.update(taken=2)
    asked = [*weeks, weeks[-1] + WEEK]
    with as_org(region):
        assert list(supply_by_week(weeks=asked).values()) == [
            WeekSupply(7, 2),
            WeekSupply(8, 2),
            WeekSupply(0, 0),
        ]
        prao = supply_by_week(weeks=asked, kind=PlacementKind.PRAO)
    assert list(prao.values()) == [WeekSupply(6, 1), WeekSupply(6, 1), WeekSupply(0, 0)]
    assert prao[weeks[0]].left == 5


def test_supply_by_week_and_field_caps_each_field_and_all_of_them(slot, region, weeks, as_org, seeding):
    with seeding():
        other = make_slot(slot.workplace, occupation_field=OccupationField.IT)
        free = make_slot(make_workplace(slot.workplace.employer, "Hulta Butik", municipality_code="1463"))
        make_seats(slot, weeks, seats=4, taken=1)
        make_seats(other, weeks[:1], seats=2)
        make_seats(free, weeks[:1], seats=5)
        make_cap(slot.workplace, weeks, cap=3)
        slot.workplace.weeks.update(taken=1)
    first, second = weeks
    craft, it = slot.occupation_field, OccupationField.IT.value
    with as_org(region):
        assert supply_by_week_and_field(weeks=weeks).value == {
            (first, ""): WeekSupply(8, 1),
            (first, craft): WeekSupply(8, 1),
            (first, it): WeekSupply(2, 0),
            (second, ""): WeekSupply(3, 1),
            (second, craft): WeekSupply(3, 1),
        }
        elsewhere = supply_by_week_and_field(weeks=weeks, kind=PlacementKind.PRAO, municipality_code="1463")
        assert elsewhere.value == {(first, ""): WeekSupply(5, 0), (first, craft): WeekSupply(5, 0)}
        assert supply_by_week_and_field(weeks=[]).value == {}


def test_supply_by_week_stops_at_the_region(slot, stranger_region, weeks, as_org, seeding):
    with seeding():
        make_seats(slot, weeks, seats=2)
    with as_org(stranger_region):
        assert list(supply_by_week(weeks=weeks).values()) == [WeekSupply(0, 0)] * 2


def test_supply_of_a_vast_region_is_kept_for_that_region(
    slot, region, stranger_region, weeks, as_org, seeding, monkeypatch
):
    monkeypatch.setattr(supply, "MANY_SEATS", 3)
    with seeding():
        make_seats(slot, weeks, seats=2)

    def counted(organisation) -> list[int]:
        with as_org(organisation):
            return [week.seats for week in supply_by_week(weeks=weeks).values()]

    def offer_more() -> None:
        with seeding():
            make_seats(make_slot(slot.workplace), weeks, seats=2)

    assert counted(region) == [2, 2]
    offer_more()
    assert counted(region) == [2, 2]
    assert counted(stranger_region) == [0, 0]


def test_supply_of_fewer_seats_is_of_this_second(slot, region, weeks, as_org, seeding):
    with as_org(region):
        assert [week.seats for week in supply_by_week(weeks=weeks).values()] == [0, 0]
    with seeding():
        make_seats(slot, weeks, seats=2)
    with as_org(region):
        assert [week.seats for week in supply_by_week(weeks=weeks).values()] == [2, 2]
