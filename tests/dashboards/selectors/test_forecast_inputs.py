"""What a forecast reads of the region's rows: numbers only, and of nobody who already has a place."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.weeks import school_year, today
from dashboards.selectors.forecast_inputs import FIELDS, NO_CAP, NOT_OFFERED, forecast_inputs
from placements.models import TravelModel
from schools.enums import ProtectionMode
from schools.models import SchoolUnit
from tests.factories.employers import make_cap, make_seats, make_slot, make_workplace
from tests.factories.placed import place
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_class, make_learner, make_period


def read(region, week):
    return forecast_inputs(region.pk, kind="prao", start_year=school_year(week))


@pytest.fixture
def last_year():
    return today() - timedelta(weeks=40)


def test_learners_with_a_place_and_weeks_gone_are_left_out(region, school, slot, weeks, seeding, as_org):
    with seeding():
        booked = make_class(school, learners=2)
        period = make_period(booked, weeks, learners=24)
        place(booked.learners.first(), period, make_round(period, phase="published"), slot, weeks, 1)
        make_period(make_class(school, "8E"), weeks, learners=20)
        make_period(make_class(school, "9A", 9), weeks[1:], learners=10)
        make_period(make_class(school, "8F"), [today() - timedelta(days=today().weekday())], learners=99)
    with as_org(region):
        found = read(region, weeks[0])
    groups = sorted(zip(found.heads.tolist(), (found.blocks[block] for block in found.group_block), strict=True))
    assert groups == [(10, (1,)), (43, (0, 1))]  # the classes of a grade that are out together are one group
    assert (found.placed_already, found.periods, found.weeks) == (1, 3, tuple(weeks))


def test_seats_are_what_is_left_of_published_slots(region, school, slot, weeks, seeding, as_org):
    with seeding():
        make_period(make_class(school), weeks, learners=20)
        make_seats(slot, weeks[:1], seats=5, taken=2)
        make_cap(slot.workplace, weeks[:1], cap=4)
        make_seats(make_slot(slot.workplace, status="paused"), weeks, seats=5)
        make_seats(make_slot(slot.workplace, kinds=["apl"]), weeks, seats=5)
    with as_org(region):
        found = read(region, weeks[0])
    assert found.left.tolist() == [[3, NOT_OFFERED]]
    assert found.room.tolist() == [[4, NO_CAP]]
    assert [FIELDS[field] for field in found.slot_field] == ["craft"]


def test_rules_and_the_limit_of_travel_close_slots(region, school, slot, weeks, seeding, as_org):
    with seeding():
        SchoolUnit.objects.filter(pk=school.pk).update(latitude=57.72, longitude=12.94)
        for name, grade in (("8A", 8), ("9A", 9)):
            make_period(make_class(school, name, grade), weeks, learners=20)
        far = make_workplace(slot.workplace.employer, "Långt bort", latitude=58.72, longitude=12.94)
        for each in (
            slot,
            make_slot(slot.workplace, title="Bara nian", grades=[9], occupation_field="it"),
            make_slot(slot.workplace, title="Vuxna", min_age=18, occupation_field="sales"),
            make_slot(far, title="Utom räckhåll", occupation_field="social"),
        ):
            make_seats(each, weeks, seats=5)
        TravelModel.objects.create(region=region, limit_minutes=90)
    with as_org(region):
        found = read(region, weeks[0])
    names = [FIELDS[field] for field in found.slot_field]
    open_to = [sorted(name for name, fits in zip(names, row, strict=True) if fits) for row in found.fits]
    assert sorted(open_to) == [["craft"], ["craft", "it"]]
    assert found.journey[:, names.index("social")].min() > 90
    assert set(found.journey[:, names.index("craft")]) == {-1}


def test_last_years_wishes_are_counted_over_every_authority(
    region, school, stranger_school, slot, weeks, last_year, seeding, as_org
):
    with seeding():
        make_period(make_class(school, "8Z"), weeks, learners=20)
        other = make_slot(slot.workplace, title="Djur", occupation_field="nature")
        for unit in (school, stranger_school):
            held = make_class(unit, "8D")
            week = last_year - timedelta(days=last_year.weekday())
            made = make_round(make_period(held, [week]), phase="published")
            make_choices(made, make_learner(held), [slot, other])
            make_choices(made, make_learner(held, protection_mode=ProtectionMode.OUTSIDE), [other, slot])
        make_choices(make_round(make_period(held, weeks)), held.learners.first(), [other])  # this year: not history
    with as_org(region):
        history = read(region, weeks[0]).history
    assert (history.lists, history.wishes_each) == (2, 2)
    assert {
        (rank + 1, FIELDS[field]): int(history.by_rank[rank, field])
        for rank, field in zip(*history.by_rank.nonzero(), strict=True)
    } == {
        (1, "craft"): 2,
        (2, "nature"): 2,
    }


def test_nothing_is_read_of_another_region(region, stranger_region, school, slot, weeks, seeding, as_org):
    with seeding():
        make_period(make_class(school), weeks, learners=20)
        make_seats(slot, weeks, seats=5)
    with as_org(stranger_region):
        found = read(stranger_region, weeks[0])
    assert (len(found.heads), len(found.slot_field)) == (0, 0)


def test_the_number_of_queries_does_not_grow(region, school, slot, weeks, seeding, as_org):
    def queries() -> int:
        with as_org(region), CaptureQueriesContext(connection) as counted:
            read(region, weeks[0])
        return len(counted)

    with seeding():
        make_period(make_class(school, "8A"), weeks, learners=20)
        make_seats(slot, weeks, seats=5)
    before = queries()
    with seeding():
        for number in range(3):
            make_period(make_class(school, f"9{number}", 9), weeks[:1], learners=20)
            make_seats(make_slot(slot.workplace, title=f"Plats {number}"), weeks, seats=5)
    assert queries() == before
