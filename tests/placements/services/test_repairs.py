"""A repair: two runs one after the other, and the other set aside when one is published."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.tenancy import SystemReason, scope, system_scope
from core.tenancy.tasks import scope_of
from core.weeks import monday, today
from employers.models import Slot
from placements.enums import RepairOption, RunPolicy, RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Placement, Round
from placements.services.answers import Answer, answer
from placements.services.repairs import (
    RepairRefused,
    continue_repair,
    discard_rivals,
    request_repair,
    sweep_repairs,
)
from placements.services.runs import RunRefused, request_run
from placements.tasks import run_allocation
from schools.models import Learner
from tests.factories import placements, schools
from tests.factories.published import make_season

# A run's steps are transactions of their own.
pytestmark = pytest.mark.django_db(transaction=True)

REPAIRS = [("stay", RunStatus.DRAFT), ("least", RunStatus.DRAFT)]


@pytest.fixture
def season(region, weeks, seeding):
    """Two seats at the bakery, both taken, and one of them refused; Viktor has had no place since the run."""
    with seeding():
        return make_season(region, weeks, seats=2).publish()


@pytest.fixture
def broken(season):
    """The bakery has said no to Amina."""
    say_no(season, "Amina")
    return season


def say_no(season, name: str) -> None:
    with scope(season.employers[0].organisation.scope()):
        row = Placement.objects.get(learner_name__startswith=name, ended_at=None)
        answer(answers=[Answer(row.pk, yes=False)], actor=season.employer_actor())


def ask(season) -> AllocationRun:
    with scope(season.school.organisation.scope()):
        return request_repair(round=season.round, actor=season.actor)


def work(run: AllocationRun) -> None:
    """What the worker does when it is woken for the run."""
    run_allocation(run_id=str(run.pk), organisation_id=str(run.authority_id))


def repairs() -> list[AllocationRun]:
    with system_scope(SystemReason.SEED):
        return list(AllocationRun.objects.filter(purpose=RunPurpose.REPAIR).order_by("number"))


def states() -> list[tuple[str, str]]:
    return [(run.option, run.status) for run in repairs()]


def places(run: AllocationRun) -> dict[str, tuple[str | None, str | None]]:
    """Where each learner is after the run, and what place was left for it."""
    with system_scope(SystemReason.SEED):
        rows = Assignment.objects.filter(run=run).values_list(
            "learner__first_name", "slot__workplace__name", "moved_from__workplace__name"
        )
        return {name: (to, left) for name, to, left in rows}


def test_the_worker_does_both_options_one_after_the_other(broken):
    first = ask(broken)
    assert states() == [("stay", RunStatus.QUEUED)]
    work(first)
    assert states() == [("stay", RunStatus.DRAFT), ("least", RunStatus.QUEUED)]
    work(repairs()[1])
    assert states() == REPAIRS
    assert {run.policy for run in repairs()} == {RunPolicy.OPTIMUM}


def test_one_option_moves_nobody_and_the_other_as_few_as_it_takes(broken, seeding):
    """Only Elias is old enough for the haulier: his seat at the bakery is the one place that Viktor could have."""
    with seeding():
        Slot.objects.filter(pk=broken.slots[1].pk).update(min_age=16)
        Learner.objects.filter(pk=broken.learners[1].pk).update(birth_date=today() - timedelta(days=17 * 366))
    work(ask(broken))
    work(repairs()[1])

    bakery, haulier = "Hulta Bageri", "Viskadalens Åkeri"
    stay, least = repairs()
    # The bakery has said no to Amina: neither her own seat nor another of theirs is offered to her again.
    assert places(stay) == {"Amina": (None, None), "Elias": (bakery, None), "Viktor": (None, None)}
    assert places(least) == {"Amina": (None, None), "Elias": (haulier, bakery), "Viktor": (bakery, None)}


def test_the_second_is_queued_once_by_whoever_comes_first(broken):
    first = ask(broken)
    work(first)
    held = scope_of(first.authority_id)
    assert [continue_repair(run_id=first.pk, in_scope=held) for _ in range(2)] == [None, None]
    assert len(repairs()) == 2


def test_a_second_that_was_lost_is_found_by_the_sweep(broken, seeding):
    with seeding():
        run = placements.make_run(
            broken.round,
            purpose=RunPurpose.REPAIR,
            option=RepairOption.STAY,
            status=RunStatus.DRAFT,
            finished_at=timezone.now(),
        )
    with system_scope(SystemReason.SWEEP_RUNS):
        assert sweep_repairs() == 1
    work(run)
    assert states() == [("stay", RunStatus.DRAFT), ("least", RunStatus.QUEUED)]
    with system_scope(SystemReason.SWEEP_RUNS):
        assert sweep_repairs() == 0


def test_the_sweep_leaves_old_ones_alone(broken, seeding):
    with seeding():
        placements.make_run(
            broken.round,
            purpose=RunPurpose.REPAIR,
            option=RepairOption.STAY,
            status=RunStatus.DRAFT,
            finished_at=timezone.now() - timedelta(hours=1),
        )
    with system_scope(SystemReason.SWEEP_RUNS):
        assert sweep_repairs() == 0


def test_a_new_repair_sets_the_earlier_aside(broken):
    for _ in range(2):
        work(ask(broken))
        work(repairs()[-1])
    assert states() == [("stay", RunStatus.DISCARDED), ("least", RunStatus.DISCARDED), *REPAIRS]


def test_the_published_option_sets_the_other_aside(broken):
    work(ask(broken))
    work(repairs()[1])
    _stay, least = repairs()
    with scope(broken.school.organisation.scope()):
        assert discard_rivals(run=least, actor=broken.actor) == 1
    assert states() == [("stay", RunStatus.DISCARDED), ("least", RunStatus.DRAFT)]


def test_nothing_to_repair_is_refused(season, seeding):
    with seeding():
        season.learners[2].delete()
    with pytest.raises(RepairRefused, match="Ingen i omgången saknar plats"):
        ask(season)
    assert repairs() == []


def test_a_run_under_way_is_refused_and_named(broken):
    ask(broken)
    with pytest.raises(RunRefused, match="startade en körning"):
        ask(broken)
    with scope(broken.school.organisation.scope()), pytest.raises(RunRefused):
        request_run(
            round=Round.objects.get(pk=broken.round.pk),
            is_trial=False,
            policy=RunPolicy.OPTIMUM,
            actor=broken.actor,
            purpose=RunPurpose.REST,
        )
    assert len(repairs()) == 1


def test_a_class_that_has_not_begun_is_repaired_though_another_has(broken, seeding):
    with seeding():
        begun = schools.make_period(schools.make_class(broken.school, "8C", learners=1), [monday(today())])
        owners = {"region_id": broken.round.region_id, "authority_id": broken.round.authority_id}
        broken.round.round_periods.create(period=begun, **owners)
    work(ask(broken))
    assert states() == [("stay", RunStatus.DRAFT), ("least", RunStatus.QUEUED)]
    assert sorted(places(repairs()[0])) == ["Amina", "Elias", "Viktor"]
