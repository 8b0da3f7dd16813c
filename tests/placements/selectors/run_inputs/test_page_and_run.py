"""What a page says of a learner and a slot is what a run says, for everything the rules look at."""

import random
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from accounts.enums import PlacementKind
from core.columns import uuids
from core.weeks import WEEK, school_year, today
from employers.enums import SlotStatus
from employers.selectors.supply import open_slots
from placements.eligibility import reasons_against
from placements.models import TravelModel
from placements.selectors.browse import Filters, browse_slots, free_by_week
from placements.selectors.placements import facts_of
from placements.selectors.run_inputs import load_inputs
from tests.factories import employers, placed, placements, schools

PLACES = [(57.72, 12.94), (57.7, 12.9), (57.9, 13.3), (58.4, 13.9), (57.72, None), (None, None)]


@pytest.fixture(params=range(4))
def world(request, region, authority, stranger_authority, employer, weeks, seeding):
    """Three classes at three schools, some two weeks long; slots of every sort; places, quotas and a travel limit."""
    dice = random.Random(request.param)
    with seeding():
        if request.param:
            TravelModel.objects.create(region=region, limit_minutes=dice.choice([60, 90]))
        periods, learners = [], []
        earlier = schools.make_period(
            schools.make_class(schools.make_school(authority, "Förr"), "7A"), [weeks[0] - 30 * WEEK], 1
        )
        for number in range(3):
            school = schools.make_school(authority, f"Skola {number}")
            school.latitude, school.longitude = dice.choice(PLACES)
            school.save()
            school_class = schools.make_class(school, f"8{number}", grade_level=dice.choice([8, 9]))
            born = [_birth_date(dice, school_class.grade_level) for _ in range(3)]
            learners += [schools.make_learner(school_class, birth_date=day) for day in born]
            periods.append(schools.make_period(school_class, weeks[: dice.choice([1, 2])]))
        slots = [_slot(dice, employer, weeks, authority, stranger_authority) for _ in range(40)]
        made = placements.make_round(*periods, phase="closed")
        past = placements.make_round(earlier, phase="published")
        for learner in learners:
            if dice.random() < 0.5:
                placed.place(learner, earlier, past, dice.choice(slots), [weeks[0] - 30 * WEEK], None)
            placements.make_choices(made, learner, dice.sample(slots, len(slots)))
    return made, learners, {period.school_class_id: period for period in periods}, slots


def _birth_date(dice: random.Random, grade_level: int) -> date | None:
    ordinary = school_year(today() + 10 * WEEK) - grade_level - 6
    return dice.choice([None, date(ordinary, dice.randint(1, 12), dice.randint(1, 28)), date(ordinary - 2, 1, 1)])


def _slot(dice, employer, weeks, authority, stranger_authority):
    latitude, longitude = dice.choice(PLACES)
    workplace = employers.make_workplace(employer, latitude=latitude, longitude=longitude)
    slot = employers.make_slot(
        workplace,
        kinds=dice.choice([[PlacementKind.PRAO]] * 6 + [[PlacementKind.APL], [PlacementKind.PRAO, PlacementKind.APL]]),
        grades=dice.choice([[], [8, 9], [8, 9], [8], [9]]),
        min_age=dice.choice([None, None, 13, 14, 15, 16]),
        starts_at=dice.choice([time(5), *[time(8)] * 5]),
        ends_at=dice.choice([*[time(15)] * 5, time(17), time(20, 30)]),
        break_minutes=dice.choice([30, 60]),
        status=dice.choice([SlotStatus.PUBLISHED] * 6 + [SlotStatus.PAUSED]),
    )
    offered = dice.choice([weeks, weeks, weeks[:1], weeks[1:], []])
    seats = dice.choice([1, 2])
    employers.make_seats(slot, offered, seats=seats, taken=dice.choice([0, 0, seats]))
    if dice.random() < 0.4:
        employers.make_cap(workplace, weeks, dice.choice([0, 1, 5]))
    if dice.random() < 0.4:
        kept_for = dice.choice([authority, stranger_authority])
        released = dice.choice([today() - timedelta(days=1), today(), today() + timedelta(days=1)])
        employers.make_quota(slot, kept_for, weeks, 2, release_on=released)
    return slot


def test_a_run_stops_what_a_page_stops_and_says_the_same(world, as_org, authority):
    made, learners, periods, slots = world
    with as_org(authority):
        inputs = load_inputs(made)
        ids = inputs.learner_ids(inputs.wishes.learner)
        slot_ids = inputs.columns.slot_id
        said = {}
        for row, learner_id in enumerate(ids):
            rule = int(inputs.wishes.rule[row])
            clause = inputs.clauses[rule - 1] if rule else None
            (slot_id,) = uuids(slot_ids[inputs.wish_slot[row : row + 1]])
            said[learner_id, slot_id] = (bool(inputs.wishes.arc[row] >= 0), clause and (clause.code, clause.text))
        expected = {}
        for learner in learners:
            period = periods[learner.school_class_id]
            weeks = sorted(period.weeks.values_list("week_on", flat=True))
            facts = facts_of(learner, kind=period.kind, period=period)
            free = free_by_week(slots, weeks)
            for slot in slots:
                found = reasons_against(facts=facts, slot=slot, weeks=weeks, today=today(), free=free)
                first = (found[0].code, found[0].clause) if found else None
                expected[learner.pk, slot.pk] = (not found, first)
    assert said == expected
    # The dice leave no rule out of the comparison but those which only some of the worlds have.
    found = {clause[0] for _yes, clause in expected.values() if clause}
    assert found - {"travel", "earlier_place"} == {"published", "kind", "grade", "age", "hours", "weeks", "seats"}


def test_the_list_of_places_sorts_out_what_a_page_about_each_would(world, as_org, authority):
    _made, learners, periods, _slots = world
    with as_org(authority):
        for learner in learners:
            period = periods[learner.school_class_id]
            weeks = sorted(period.weeks.values_list("week_on", flat=True))
            facts = facts_of(learner, kind=period.kind, period=period)
            for asked in (facts, replace(facts, protected=True), replace(facts, kind=PlacementKind.APL.value)):
                browse = browse_slots(facts=asked, weeks=weeks, filters=Filters())
                open_then = open_slots(kind=asked.kind, weeks=weeks)
                said = {
                    found.slot.pk: bool(reasons_against(facts=asked, slot=found.slot, weeks=weeks, today=today()))
                    for found in open_then
                }
                assert said == {**dict.fromkeys(browse.fitting, False), **dict.fromkeys(browse.unfitting, True)}
                assert browse.seats == {found.slot.pk: found.left for found in open_then}


@pytest.mark.parametrize("fact", ["earlier_slots", "refused_slots"])
def test_the_list_of_places_knows_earlier_and_refused_ones(fact, world, as_org, authority):
    _made, [learner, *_others], periods, _slots = world
    period = periods[learner.school_class_id]
    with as_org(authority):
        weeks = sorted(period.weeks.values_list("week_on", flat=True))
        facts = facts_of(learner, kind=period.kind, period=period)
        before = browse_slots(facts=facts, weeks=weeks, filters=Filters())
        asked = replace(facts, **{fact: frozenset(before.fitting[:1])})
        after = browse_slots(facts=asked, weeks=weeks, filters=Filters())
    assert before.fitting
    assert (after.fitting, set(after.unfitting)) == (before.fitting[1:], {*before.unfitting, before.fitting[0]})
