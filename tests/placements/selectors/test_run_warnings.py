"""What must be looked at before publishing, counted in the database as the rules count one by one."""

from datetime import timedelta
from typing import Any

import pytest

from core.weeks import today
from employers.enums import SlotStatus
from placements.eligibility import ClassFacts, remarks
from placements.enums import RunPurpose
from placements.models import AllocationRun, Assignment, TravelModel
from placements.selectors.run_warnings import refused_by_warnings, warnings_of
from tests.factories import employers, schools
from tests.factories.published import Season, make_season

RISK = "risk_assessment"


@pytest.fixture
def season(region: Any, weeks: Any, scoped: None) -> Season:
    made = make_season(region, weeks)
    made.run.accepted = {}
    made.run.save(update_fields=["accepted"])
    return made


def counts(season: Season) -> dict[str, int]:
    run = AllocationRun.objects.select_related("round").get(pk=season.run.pk)
    return {warning.code: warning.count for warning in warnings_of(run)}


def test_only_the_learner_without_a_place_is_a_warning_when_all_else_is_well(season):
    (warning,) = warnings_of(season.run)
    assert (warning.code, warning.heading, warning.acceptable, warning.open) == (
        "unplaced",
        "1 elev saknar plats",
        True,
        True,
    )


@pytest.mark.parametrize("days", [None, 0, 700, 731, 900])
def test_the_database_judges_risk_as_the_rule_does(season, days):
    made = None if days is None else today() - timedelta(days=days)
    slot = season.slots[0]
    type(slot.workplace).objects.filter(pk=slot.workplace_id).update(risk_assessed_on=made)
    slot.workplace.risk_assessed_on = made
    found = remarks(facts=ClassFacts("", 8, season.round.kind), slot=slot, weeks=season.weeks, today=today())
    by_rule = 2 if RISK in {reason.code for reason in found} else 0
    assert counts(season).get(RISK, 0) == by_rule


def test_a_long_journey_is_one_as_the_region_says(season):
    Assignment.objects.filter(learner=season.learners[0]).update(travel_minutes=45)
    Assignment.objects.filter(learner=season.learners[1]).update(travel_minutes=44)
    assert counts(season)["far"] == 1
    TravelModel.objects.update_or_create(region_id=season.round.region_id, defaults={"far_minutes": 60})
    assert "far" not in counts(season)


def test_a_place_without_supervisor_names_the_place(season):
    type(season.slots[0]).objects.filter(pk=season.slots[0].pk).update(supervisor_name="")
    found = {warning.code: warning for warning in warnings_of(season.run)}["supervisor"]
    assert (found.count, found.text) == (2, season.slots[0].title)


@pytest.mark.parametrize("how", ["seats", "paused", "workplace"])
def test_a_place_withdrawn_since_stands_first_and_cannot_be_accepted(season, how):
    slot = season.slots[0]
    if how == "seats":
        slot.weeks.update(seats=1)
    elif how == "paused":
        type(slot).objects.filter(pk=slot.pk).update(status=SlotStatus.PAUSED)
    else:
        employers.make_cap(slot.workplace, season.weeks[:1], 1)
    first = warnings_of(season.run)[0]
    assert (first.code, first.count, first.text, first.acceptable) == ("withdrawn", 2, slot.title, False)


def test_seats_kept_for_another_authority_are_gone_until_they_are_released(season, region):
    other = schools.make_authority(region, "Marks kommun", "1463")
    kept = employers.make_quota(season.slots[0], other, season.weeks[:1], 2)
    assert counts(season)["withdrawn"] == 2
    type(kept[0]).objects.update(release_on=today())
    assert "withdrawn" not in counts(season)


def test_seats_that_are_enough_are_no_warning(season):
    season.slots[0].weeks.update(seats=2)
    employers.make_cap(season.slots[0].workplace, season.weeks, 2)
    assert "withdrawn" not in counts(season)


def test_who_stays_in_a_repair_needs_no_new_seat_and_who_moves_gives_one_back(season):
    season.publish()
    season.slots[0].weeks.update(seats=2)
    repair = AllocationRun.objects.create(
        region_id=season.round.region_id,
        authority_id=season.round.authority_id,
        round=season.round,
        number=2,
        is_trial=False,
        purpose=RunPurpose.REPAIR,
        seed="x",
        status="draft",
    )
    both = {"region_id": repair.region_id, "authority_id": repair.authority_id, "run": repair, "period": season.period}
    amina, elias, viktor = season.learners
    Assignment.objects.create(**both, learner=amina, slot=season.slots[0], rank=1)
    moved = Assignment.objects.create(**both, learner=elias, slot=season.slots[1], rank=2, moved_from=season.slots[0])
    Assignment.objects.create(**both, learner=viktor, slot=season.slots[0], rank=1)
    assert [warning.code for warning in warnings_of(repair)] == []
    Assignment.objects.filter(pk=moved.pk).update(slot=season.slots[0], moved_from=None, rank=1)
    (gone,) = warnings_of(repair)
    assert (gone.code, gone.count) == ("withdrawn", 1)


def test_an_acceptance_holds_for_its_own_count_only(season):
    accepted = {"unplaced": {"by": "Malin", "at": "2026-03-04T10:00:00+01:00", "count": 1}}
    AllocationRun.objects.update(accepted=accepted)
    run = AllocationRun.objects.select_related("round").get()
    assert refused_by_warnings(run) == ""
    Assignment.objects.filter(run=run).update(slot=None)
    (warning,) = warnings_of(run)
    assert refused_by_warnings(run) == "Godta varningarna först: 3 elever saknar plats."
    assert (warning.count, warning.lapsed, warning.accepted) == (3, True, None)
