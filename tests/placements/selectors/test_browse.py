"""The list of places: its order, what it can be searched by, and how many want each."""

from datetime import UTC, datetime, time, timedelta

import pytest

from core.weeks import WEEK, today
from employers.selectors.slots import STALE_AFTER
from placements.eligibility import LearnerFacts
from placements.selectors import browse
from placements.selectors.browse import Filters, applicants_by_slot, browse_rows, browse_slots
from tests.factories.employers import make_employer, make_seats, make_slot, make_workplace
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_class, make_learner, make_period

FACTS = LearnerFacts(grade_level=8)


@pytest.fixture
def listed(school, weeks, as_org):
    """The titles of the list as a class of the school sees it."""

    def find(slots, **filters):
        with as_org(school):
            browse = browse_slots(facts=FACTS, weeks=weeks, filters=Filters(**filters))
        titles = {slot.pk: slot.title for slot in slots}
        return [titles[pk] for pk in browse.fitting]

    return find


@pytest.fixture
def offer(region, weeks, seeding):
    def make(name, **fields):
        city = fields.pop("city", "Borås")
        with seeding():
            slot = make_slot(make_workplace(make_employer(region, name), city=city), **fields)
            make_seats(slot, weeks, seats=2)
        return slot

    return make


def test_places_stand_by_workplace_and_title_those_not_confirmed_for_half_a_year_last(offer, listed):
    midnight = datetime.combine(today() - STALE_AFTER, time.min, UTC)
    slots = [
        offer("Ängen", title="Fresh", confirmed_at=midnight),
        offer("Almen", title="Stale", confirmed_at=midnight - timedelta(seconds=1)),
        offer("Asken", title="Never", confirmed_at=None),
        offer("björken", title="Second"),
        offer("Björken", title="First"),
    ]
    assert listed(slots) == ["First", "Second", "Fresh", "Stale", "Never"]


def test_the_list_may_be_empty(listed):
    assert listed([]) == []


def test_a_very_long_list_is_kept_for_the_weeks_and_judged_for_each_learner(
    offer, school, stranger_school, weeks, as_org, monkeypatch
):
    monkeypatch.setattr(browse, "MANY_SLOTS", 0)

    def found(unit, at, facts=FACTS):
        with as_org(unit):
            read = browse_slots(facts=facts, weeks=at, filters=Filters())
        return len(read.fitting), len(read.unfitting), sorted(read.seats.values())

    offer("Hulta Bageri", grades=[8])
    assert found(school, weeks) == (1, 0, [2])
    offer("Kinna Plåt", grades=[8])
    assert found(school, weeks) == (1, 0, [2])
    assert found(school, weeks, LearnerFacts(grade_level=9)) == (0, 1, [2])
    assert found(school, weeks[:1]) == (2, 0, [2, 2])
    assert found(stranger_school, weeks)[:2] == (2, 0)


def test_a_list_that_is_not_long_is_of_this_second(offer, listed):
    first = offer("Hulta Bageri", title="First")
    assert listed([first]) == ["First"]
    second = offer("Kinna Plåt", title="Second")
    assert listed([first, second]) == ["First", "Second"]


def test_every_word_is_looked_for_in_all_that_a_place_tells(offer, listed):
    slots = [
        offer("Hulta Bageri", title="Kaféet", tasks="Baka bullar.", occupation_field="craft"),
        offer("Kinna Plåt", title="Svetsen", tasks="Svetsa.", occupation_field="industry", city="Kinna"),
    ]
    assert listed(slots, text="HULTA bullar") == ["Kaféet"]
    assert listed(slots, text="kinna industri") == ["Svetsen"]
    assert listed(slots, text="svetsa bullar") == []
    assert listed(slots, field="craft", city="Kinna") == []
    assert listed(slots, field="industry") == ["Svetsen"]


def test_the_filters_are_those_of_all_places_with_room(offer, school, weeks, as_org):
    offer("Hulta Bageri", occupation_field="craft")
    offer("Kinna Plåt", occupation_field="industry", city="Kinna", grades=[9])
    with as_org(school):
        found = browse_slots(facts=FACTS, weeks=weeks, filters=Filters(text="finns inte"))
    assert (list(found.cities), [field for field, _name in found.fields]) == (["Borås", "Kinna"], ["craft", "industry"])


def test_rows_tell_seats_applicants_rank_and_every_reason_in_the_order_asked_for(
    offer, school, school_class, weeks, as_org, seeding
):
    open_one, too_old = offer("Hulta Bageri"), offer("Kinna Plåt", grades=[9], min_age=18)
    with seeding():
        made = make_round(make_period(school_class, weeks))
        make_choices(made, make_learner(school_class), [open_one])
    with as_org(school):
        found = browse_slots(facts=FACTS, weeks=weeks, filters=Filters())
        rows = browse_rows(
            [*found.unfitting, *found.fitting],
            browse=found,
            facts=FACTS,
            weeks=weeks,
            ranks={open_one.pk: 2},
            region_id=school.region_id,
        )
    told = [(row.slot, row.seats, row.applicants, row.rank, [reason.code for reason in row.reasons]) for row in rows]
    assert told == [(too_old, 2, 0, None, ["grade", "age"]), (open_one, 2, 1, 2, [])]


def test_applicants_are_those_of_all_schools_who_wish_for_the_weeks_and_wait(
    slot, school, stranger_school, weeks, as_org, seeding
):
    def wish(unit, name, away, **fields):
        school_class = make_class(unit, name)
        made = make_round(make_period(school_class, away), **fields)
        make_choices(made, make_learner(school_class), [slot])

    with seeding():
        wish(school, "8A", weeks)
        wish(stranger_school, "8B", weeks[:1])
        wish(school, "8C", [weeks[0] - WEEK])
        wish(school, "8D", weeks, phase="published")
    with as_org(school):
        assert applicants_by_slot([slot.pk], weeks, region_id=school.region_id) == {slot.pk: 2}
        assert applicants_by_slot([], weeks, region_id=school.region_id) == {}
