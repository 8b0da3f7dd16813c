"""Who has lost a place after publishing, and what the two ways to repair would do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.tenancy import scope
from core.weeks import WEEK, monday, today
from placements.enums import PlacementStatus, RepairOption, RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Placement, Round
from placements.selectors.losses import losses, lost_places
from placements.selectors.repairs import refusal_to_repair, repair_of
from placements.services.answers import Answer, answer
from schools.enums import ProtectionMode
from tests.factories import placements, schools
from tests.factories.published import make_season

S = PlacementStatus


@pytest.fixture
def season(region, weeks, seeding):
    """Amina and Elias have a place each at the bakery, Viktor has none."""
    with seeding():
        return make_season(region, weeks).publish()


def say_no(season, number: int = 0) -> None:
    with scope(season.employers[0].organisation.scope()):
        row = Placement.objects.get(learner_name__startswith=season.learners[number].first_name)
        answer(answers=[Answer(row.pk, yes=False)], actor=season.employer_actor())


def lost(season, organisation=None) -> list[tuple[str, str]]:
    with scope(season.school.organisation.scope()):
        found = lost_places(Round.objects.filter(pk=season.round.pk), organisation)
        return [(each.name.partition(" ")[0], each.words) for each in found]


def test_a_no_a_newcomer_and_the_unplaced_are_told_apart(season, seeding):
    say_no(season)
    with seeding():
        schools.make_learner(season.school_class, "Zara")

    assert sorted(lost(season)) == [
        ("Amina", "Hulta Bageri tackade nej"),
        ("Viktor", "fick ingen plats i fördelningen"),
        ("Zara", "kom efter publiceringen"),
    ]


def test_only_what_has_happened_since_counts_as_lost(season, seeding):
    with scope(season.school.organisation.scope()):
        before = losses(season.school.organisation)
    say_no(season)
    with scope(season.school.organisation.scope()):
        (after,) = losses(season.school.organisation)
    assert (before, after.heading, after.causes) == (
        [],
        "En elev har förlorat sin plats",
        "Hulta Bageri tackade nej till en elev.",
    )
    with seeding():
        schools.make_learner(season.school_class, "Zara")
    with scope(season.school.organisation.scope()):
        (after,) = losses(season.school.organisation, round_id=season.round.pk)
    assert (after.heading, after.causes) == (
        "2 elever saknar plats",
        "Hulta Bageri tackade nej till en elev. En elev kom efter publiceringen.",
    )


def test_those_who_cancelled_are_protected_or_are_elsewhere_are_left_out(season, seeding, weeks):
    say_no(season)
    with seeding():
        Placement.objects.filter(learner=season.learners[0]).update(status=S.WITHDRAWN_LEARNER)
        schools.make_learner(season.school_class, "Dag", protection_mode=ProtectionMode.ALIAS)
        elsewhere = schools.make_period(season.school_class, weeks[:1])
        placement = Placement.objects.get(learner=season.learners[1])
        # Viktor is at another workplace in the first of the weeks, by another round.
        placement.pk, placement.learner, placement.period = None, season.learners[2], elsewhere
        placement._state.adding = True
        placement.save()
        placement.weeks.create(
            region_id=placement.region_id,
            authority_id=placement.authority_id,
            employer_id=placement.employer_id,
            learner=season.learners[2],
            week_on=weeks[0],
            days=(weeks[0], weeks[0] + timedelta(days=5)),
        )
    assert lost(season) == []


def test_a_school_sees_its_own_and_a_stranger_none(season, stranger_school, seeding):
    say_no(season)
    assert len(lost(season, season.school.organisation)) == 2
    with scope(stranger_school.organisation.scope()):
        assert lost_places(Round.objects.all(), stranger_school.organisation) == []


def test_refusals_say_why(season, seeding):
    with seeding():
        draft = placements.make_round(schools.make_period(schools.make_class(season.school, "8X"), [_monday(8)]))
        begun = placements.make_round(
            schools.make_period(schools.make_class(season.school, "8Y"), [_monday(0)]), phase="published"
        )
        assert refusal_to_repair(draft) == "Omgången är inte publicerad än. Kör fördelningen i stället."
        assert refusal_to_repair(begun).startswith("Omgångens veckor har börjat.")
        season.round.refresh_from_db()
        assert refusal_to_repair(season.round) == ""
        season.learners[2].delete()
    with scope(season.school.organisation.scope()):
        assert refusal_to_repair(season.round) == "Ingen i omgången saknar plats. Det finns inget att reparera."


def _monday(weeks_ahead: int):
    return monday(today()) + WEEK * weeks_ahead


def repair_run(season, option: str, **fields) -> AllocationRun:
    values = {"status": RunStatus.DRAFT, "finished_at": timezone.now(), **fields}
    return placements.make_run(season.round, purpose=RunPurpose.REPAIR, option=option, **values)


def assign(run, season, *places) -> None:
    """One row per learner: (slot, rank, slot left)."""
    for learner, (slot, rank, left) in zip(season.learners, places, strict=True):
        row = placements.make_assignment(run, learner, season.period, slot, rank)
        Assignment.objects.filter(pk=row.pk).update(moved_from=left)


@pytest.fixture
def repaired(season, seeding):
    """Amina has lost her place. Option one leaves her without; option two gives her Elias's, and moves him."""
    say_no(season)
    bakery, haulier = season.slots
    with seeding():
        Placement.objects.filter(learner=season.learners[1]).update(confirmed_at=timezone.now())
        stay, least = repair_run(season, RepairOption.STAY), repair_run(season, RepairOption.LEAST)
        assign(stay, season, (None, None, None), (bakery, 1, None), (haulier, 2, None))
        assign(least, season, (bakery, 1, None), (haulier, 2, bakery), (haulier, 2, None))
    return season


def test_both_options_are_told_by_who_gains_moves_and_remains(repaired):
    with scope(repaired.school.organisation.scope()):
        found = repair_of(repaired.round, "/here/")
    told = [
        (
            option.option,
            [(c.name, c.after.place, c.after.wish) for c in option.placed],
            [(c.name, c.before.place, c.before.wish, c.after.place, c.after.wish, c.confirmed) for c in option.moved],
            [c.name for c in option.remaining],
        )
        for option in found.options
    ]
    bakery, haulier = (slot.title for slot in repaired.slots)
    assert told == [
        ("stay", [("Viktor Warsame", haulier, "val 2")], [], ["Amina Warsame"]),
        (
            "least",
            [("Amina Warsame", bakery, "val 1"), ("Viktor Warsame", haulier, "val 2")],
            [("Elias Warsame", bakery, "val 1", haulier, "val 2", True)],
            [],
        ),
    ]
    assert [[figure.value for figure in option.figures] for option in found.options] == [
        ["1 av 2", "0", "1"],
        ["2 av 2", "1", "0"],
    ]
    assert (found.best.option, found.options[1].moved_confirmed, found.is_outdated) == ("least", 1, False)


def test_another_no_makes_the_options_outdated(repaired):
    say_no(repaired, 1)
    with scope(repaired.school.organisation.scope()):
        assert repair_of(repaired.round, "/here/").is_outdated is True


def test_the_published_option_is_told_and_the_other_is_gone(repaired, seeding):
    with seeding():
        stay, least = AllocationRun.objects.filter(purpose=RunPurpose.REPAIR).order_by("number")
        AllocationRun.objects.filter(pk=stay.pk).update(status=RunStatus.DISCARDED)
        AllocationRun.objects.filter(pk=least.pk).update(status=RunStatus.PUBLISHING)
    with scope(repaired.school.organisation.scope()):
        found = repair_of(repaired.round, "/here/")
    assert (found.options, found.published.option) == ([], "least")


@pytest.mark.parametrize(
    ("first", "second", "states", "percent"),
    [
        ({"status": RunStatus.QUEUED}, None, ["current", "coming"], 0),
        ({"status": RunStatus.RUNNING, "progress": 40}, None, ["current", "coming"], 20),
        ({}, None, ["done", "current"], 50),
        ({}, {"status": RunStatus.RUNNING, "progress": 40}, ["done", "current"], 70),
    ],
)
def test_both_runs_are_one_progress(season, seeding, first, second, states, percent):
    with seeding():
        repair_run(season, RepairOption.STAY, **first)
        if second:
            repair_run(season, RepairOption.LEAST, **second)
    with scope(season.school.organisation.scope()):
        found = repair_of(season.round, "/here/")
    assert ([stage.state for stage in found.progress.stages], found.progress.percent) == (states, percent)
    assert found.results == []


def test_a_second_option_that_never_came_is_not_waited_for(season, seeding):
    with seeding():
        repair_run(season, RepairOption.STAY, finished_at=timezone.now() - timedelta(hours=1))
    with scope(season.school.organisation.scope()):
        found = repair_of(season.round, "/here/")
    assert (found.progress, [option.option for option in found.options]) == (None, ["stay"])


def test_queries_do_not_grow_with_the_learners(repaired, seeding):
    with scope(repaired.school.organisation.scope()), CaptureQueriesContext(connection) as before:
        repair_of(repaired.round, "/here/")
    with seeding():
        runs = list(AllocationRun.objects.filter(purpose=RunPurpose.REPAIR))
        for number in range(5):
            learner = schools.make_learner(repaired.school_class, f"Elev {number}")
            for run in runs:
                placements.make_assignment(run, learner, repaired.period, repaired.slots[1], 1)
    with scope(repaired.school.organisation.scope()), CaptureQueriesContext(connection) as after:
        found = repair_of(repaired.round, "/here/")
    assert (len(after), len(found.options[0].placed)) == (len(before), 6)
