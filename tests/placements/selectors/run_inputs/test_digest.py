"""A round that was edited has another digest; one that others merely take seats beside has the same."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from core.weeks import WEEK
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek, Workplace, WorkplaceWeek
from placements.models import Choice, Placement, PlacementLock, Round, TravelModel
from placements.selectors.run_inputs import current_digest, load_inputs, round_digest
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek, SchoolClass, SchoolUnit
from tests.factories import employers, placed, placements, schools


@pytest.fixture
def case(authority, school, employer, weeks, seeding):
    with seeding():
        school_class = schools.make_class(school)
        learner, other = schools.make_learner(school_class, "Amina"), schools.make_learner(school_class, "Bo")
        period = schools.make_period(school_class, weeks)
        made = placements.make_round(period, phase="closed")
        asked, unasked = (employers.make_slot(employers.make_workplace(employer)) for _ in range(2))
        for slot in (asked, unasked):
            employers.make_seats(slot, weeks, 2)
        employers.make_cap(asked.workplace, weeks, 5)
        placements.make_choices(made, learner, [asked])
        run = placements.make_run(made)
    return SimpleNamespace(
        round=made, period=period, weeks=weeks, learner=learner, other=other, asked=asked, unasked=unasked, run=run
    )


@pytest.fixture
def digest(case, as_org, authority):
    def reading() -> str:
        with as_org(authority):
            return round_digest(Round.objects.get(pk=case.round.pk))

    return reading


def lock(case):
    owners = {"region_id": case.round.region_id, "authority_id": case.round.authority_id}
    PlacementLock.objects.create(**owners, round=case.round, learner=case.other, slot=case.asked, reason="Nära")


def limit(case):
    TravelModel.objects.create(region_id=case.round.region_id, limit_minutes=60)


def later(case):
    PeriodWeek.objects.filter(period=case.period, week_on=case.weeks[1]).update(week_on=case.weeks[1] + WEEK)


EDITS = {
    "a wish more": lambda case: placements.make_choices(case.round, case.other, [case.asked]),
    "a wish gone": lambda _case: Choice.objects.all().delete(),
    "another wish": lambda case: Choice.objects.update(slot=case.unasked),
    "another rank": lambda _case: Choice.objects.update(rank=2),
    "a learner more": lambda case: schools.make_learner(case.learner.school_class),
    "a learner gone": lambda case: Learner.objects.filter(pk=case.other.pk).delete(),
    "a birth date": lambda case: Learner.objects.filter(pk=case.other.pk).update(birth_date=None),
    "a protected identity": lambda case: Learner.objects.filter(pk=case.other.pk).update(
        protection_mode=ProtectionMode.ALIAS
    ),
    "another grade": lambda _case: SchoolClass.objects.update(grade_level=9),
    "other weeks": later,
    "a lock": lock,
    "a place by hand": lambda case: placed.place(case.other, case.period, case.round, case.unasked, case.weeks, None),
    "longer lists": lambda _case: Round.objects.update(max_choices=9),
    "a travel limit": limit,
    "the school has moved": lambda _case: SchoolUnit.objects.update(latitude=58.0),
    "the workplace has moved": lambda _case: Workplace.objects.update(latitude=58.0),
    "fewer seats at a wished slot": lambda case: SlotWeek.objects.filter(slot=case.asked).update(seats=1),
    "a lower cap there": lambda _case: WorkplaceWeek.objects.update(cap=1),
    "a wished slot closed": lambda case: Slot.objects.filter(pk=case.asked.pk).update(status=SlotStatus.PAUSED),
    "a wished slot for others": lambda case: Slot.objects.filter(pk=case.asked.pk).update(grades=[9]),
    "a reserve there": lambda case: employers.make_quota(
        case.asked, SimpleNamespace(pk=case.round.authority_id), case.weeks, 1
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_every_edit_counts(case, digest, seeding, edit):
    before = digest()
    with seeding():
        edit(case)
    assert digest() != before


def give_by_run(case):
    Placement.objects.create(
        region_id=case.round.region_id,
        authority_id=case.round.authority_id,
        employer_id=case.unasked.employer_id,
        slot=case.unasked,
        learner=case.other,
        school_unit_id=case.other.school_unit_id,
        round=case.round,
        period=case.period,
        run=case.run,
        starts_on=case.weeks[0],
        ends_on=case.weeks[1],
    )
    SlotWeek.objects.filter(slot=case.unasked).update(taken=1)


OTHER = {
    "seats taken": lambda _case: SlotWeek.objects.update(taken=1),
    "a new slot nobody has asked for": lambda case: employers.make_seats(
        employers.make_slot(case.asked.workplace), case.weeks
    ),
    "that slot changed": lambda case: Slot.objects.filter(pk=case.unasked.pk).update(grades=[9]),
    "names": lambda _case: Learner.objects.update(first_name="Annan"),
    "a list sent in": lambda case: case.round.choice_lists.update(submitted_at=timezone.now() + timedelta(days=1)),
    "places given by the run itself": give_by_run,
}


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER.keys())
def test_what_is_no_edit_of_the_round_does_not(case, as_org, authority, seeding, change):
    with as_org(authority):
        before = current_digest(case.run)
        assert load_inputs(case.round).digest == before
    with seeding():
        change(case)
    with as_org(authority):
        assert current_digest(case.run) == before
