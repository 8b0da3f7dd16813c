"""A run from request to draft, and what a killed worker leaves behind."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import DomainError
from core.models import StateChange
from core.tenancy import SystemReason, system_scope
from core.tenancy.tasks import scope_of
from employers.models import Workplace
from placements.allocation import solve
from placements.eligibility import RULE_VERSION
from placements.enums import RunPolicy, RunStatus
from placements.models import AllocationRun, Assignment, Choice, PlacementLock, RunFile
from placements.selectors.run_inputs import load_inputs
from placements.selectors.travel_model import travel_model
from placements.services import run_work
from placements.services.publishing import publish_run
from placements.services.run_work import ClaimLost, claim_run, perform_run, sweep_lost_runs
from placements.services.runs import request_run
from placements.tasks import run_allocation
from placements.travel import Origin
from schools.enums import ProtectionMode
from schools.models import SchoolUnit
from tests.factories import employers, placements, schools

# Tests that commit: a run's steps are transactions of their own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(region, authority, school, employer, weeks, seeding):
    """A bakery and a garage with one seat each, and a mill for grown-ups. Cia has not chosen, Dag is protected."""
    with seeding():
        school_class = schools.make_class(school)
        period = schools.make_period(school_class, weeks, learners=4)
        made = placements.make_round(period, phase="closed")
        workplace = employers.make_workplace(employer)
        bakery, garage = (employers.make_slot(workplace, title=title) for title in ("Bageriet", "Verkstaden"))
        grown = employers.make_slot(workplace, title="Sågen", min_age=18)
        for slot in (bakery, garage, grown):
            employers.make_seats(slot, weeks)
        amina, bo, cia = (schools.make_learner(school_class, name) for name in ("Amina", "Bo", "Cia"))
        schools.make_learner(school_class, "Dag", protection_mode=ProtectionMode.ALIAS)
        placements.make_choices(made, amina, [bakery, garage])
        placements.make_choices(made, bo, [grown, bakery], submitted=False)
    return SimpleNamespace(
        round=made, period=period, bakery=bakery, garage=garage, grown=grown, amina=amina, bo=bo, cia=cia, org=authority
    )


@pytest.fixture
def act(case, as_org, actor_of):
    """Ask for a run as the authority's coordinator."""

    def request(**fields):
        with as_org(case.org):
            values = {"is_trial": False, "policy": RunPolicy.OPTIMUM, **fields}
            return request_run(round=case.round, actor=actor_of(case.org), **values)

    return request


def do(run: AllocationRun) -> bool:
    """What the worker does when it gets the task."""
    return run_allocation(run_id=str(run.pk), organisation_id=str(run.authority_id))


def reread(run: AllocationRun) -> AllocationRun:
    with system_scope(SystemReason.SEED):
        return AllocationRun.objects.get(pk=run.pk)


def places(run: AllocationRun) -> dict[str, tuple[str | None, int | None]]:
    with system_scope(SystemReason.SEED):
        rows = Assignment.objects.filter(run=run).values_list("learner__first_name", "slot__title", "rank")
        return {name: (title, rank) for name, title, rank in rows}


def grow_silent(run: AllocationRun) -> None:
    with system_scope(SystemReason.SEED):
        AllocationRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))


def test_a_run_goes_from_request_to_the_right_draft(case, act):
    run = act()
    assert do(run) is True
    found = reread(run)
    assert (found.status, found.progress, found.attempts, found.engine) == (RunStatus.DRAFT, 100, 1, "core")
    # Two seats for three; somebody with wishes gets them first, and both wishes can be met at once.
    assert places(run) == {"Amina": ("Verkstaden", 2), "Bo": ("Bageriet", 2), "Cia": (None, None)}
    summary = found.summary
    assert (summary["learners"], summary["placed"], summary["by_rank"]) == (3, 2, {"2": 2})
    assert summary["unplaced"] == {"shortage": 1}
    assert [row["unplaced"] for row in summary["schools"]] == [{"shortage": 1}]
    assert (summary["silent"], summary["unsent"]) == (1, 1)
    assert set(summary["policies"]) == set(RunPolicy.values)
    assert summary["policies"]["optimum"]["moves"] == 0


def test_explanations_name_rule_and_lottery(case, act):
    run = act()
    do(run)
    with system_scope(SystemReason.SEED):
        found = Assignment.objects.get(run=run, learner=case.bo)
    (item,) = found.explanation
    assert item == {
        "rank": 1,
        "slot": str(case.grown.pk),
        "reason": "rule",
        "code": "age",
        "clause": "platsen kräver fyllda 18",
    }


def test_the_saved_places_are_the_engine_s(case, act):
    run = act()
    do(run)
    with system_scope(SystemReason.SEED):
        inputs = load_inputs(case.round)
        result = solve(inputs.problem, seed=run.seed)
        saved = dict(Assignment.objects.filter(run=run).values_list("learner_id", "slot_id"))
    learners = inputs.learner_ids(range(inputs.problem.n_learners))
    chosen = {
        learner: inputs.slot_of(int(arc)) if arc >= 0 else None
        for learner, arc in zip(learners, result.chosen, strict=True)
    }
    assert saved == chosen


def test_a_finished_run_is_not_done_again(case, act):
    run = act()
    assert [do(run), do(run)] == [True, False]
    assert reread(run).attempts == 1


def test_two_tasks_of_one_run_claim_it_once(case, act):
    run = act()
    first = claim_run(run_id=run.pk, in_scope=scope_of(run.authority_id))
    assert claim_run(run_id=run.pk, in_scope=scope_of(run.authority_id)) is None
    assert first.attempt == 1
    assert do(run) is False


@pytest.mark.parametrize("stage", ["load", "place", "compare", "save"])
def test_a_worker_killed_at_any_stage_leaves_exactly_one_result(case, act, stage):
    run = act()
    with killed_at(stage), pytest.raises(SystemExit):
        do(run)
    assert (reread(run).status, places(run)) == (RunStatus.RUNNING, {})
    grow_silent(run)
    assert do(run) is True
    assert (reread(run).status, reread(run).attempts, len(places(run))) == (RunStatus.DRAFT, 2, 3)


@contextmanager
def killed_at(stage: str):
    """The process ends the first time the claim reports the stage; on load before anything is read."""
    with pytest.MonkeyPatch.context() as patch:
        if stage == "load":
            patch.setattr(run_work, "load_inputs", stop)
        else:
            report = run_work._report
            patch.setattr(run_work, "_report", lambda claim, name: stop() if name == stage else report(claim, name))
        yield


def stop(*_args, **_more) -> None:
    raise SystemExit


def test_killed_between_saving_and_the_move_saves_nothing(case, act):
    run = act()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_work, "_finish", stop)
        with pytest.raises(SystemExit):
            do(run)
    assert places(run) == {}
    grow_silent(run)
    do(run)
    assert len(places(run)) == 3


def test_a_worker_that_was_given_up_cannot_write(case, act):
    run = act()
    scope = scope_of(run.authority_id)
    slow = claim_run(run_id=run.pk, in_scope=scope)
    grow_silent(run)
    assert do(run) is True
    with pytest.raises(ClaimLost):
        run_work._report(slow, "save")
    run_work._fail(slow, "för sent")
    assert (reread(run).status, reread(run).error) == (RunStatus.DRAFT, "")


def test_a_run_that_keeps_dying_fails_with_a_sentence(case, act):
    run = act()
    for _ in range(run_work.MOST_ATTEMPTS):
        claim_run(run_id=run.pk, in_scope=scope_of(run.authority_id))
        grow_silent(run)
    assert do(run) is False
    found = reread(run)
    assert (found.status, found.error) == (
        RunStatus.FAILED,
        "Körningen avbröts 5 gånger. Försök igen, eller kontakta supporten.",
    )


def test_sweep_wakes_lost_runs_only(case, act):
    run = act()
    assert sweep() == 0
    with system_scope(SystemReason.SEED):
        AllocationRun.objects.update(requested_at=timezone.now() - timedelta(seconds=30))
    assert (sweep(), sweep()) == (1, 0)
    claim_run(run_id=run.pk, in_scope=scope_of(run.authority_id))
    assert sweep() == 0
    grow_silent(run)
    assert sweep() == 1


def sweep() -> int:
    with pytest.MonkeyPatch.context() as patch, system_scope(SystemReason.SWEEP_RUNS):
        patch.setattr(run_work.run_allocation, "delay_on_commit", lambda **_ids: None)
        return sweep_lost_runs()


def test_a_lock_is_kept_and_a_broken_one_is_named(case, act, seeding):
    with seeding():
        held = PlacementLock.objects.create(
            region_id=case.round.region_id,
            authority_id=case.round.authority_id,
            round=case.round,
            learner=case.cia,
            slot=case.bakery,
            reason="Nära hemmet",
        )
    run = act()
    do(run)
    assert places(run)["Cia"] == ("Bageriet", None)
    assert reread(run).summary["locked"] == 1
    with seeding():
        PlacementLock.objects.filter(pk=held.pk).update(slot=case.grown)
    again = act()
    do(again)
    assert (reread(again).status, reread(again).error.split(",")[0]) == (
        RunStatus.FAILED,
        "Cia Warsame är låst till Sågen",
    )


def test_locks_that_do_not_fit_are_named(case, act, seeding):
    with seeding():
        for learner in (case.cia, case.bo):
            PlacementLock.objects.create(
                region_id=case.round.region_id,
                authority_id=case.round.authority_id,
                round=case.round,
                learner=learner,
                slot=case.bakery,
                reason="Bestämt",
            )
    run = act()
    do(run)
    assert reread(run).status == RunStatus.FAILED
    assert reread(run).error.startswith("De låsta platserna räcker inte till alla: ")


def test_the_same_round_gives_the_same_digest_and_places(case, act):
    first, second = act(), None
    do(first)
    second = act()
    do(second)
    assert (reread(first).inputs_hash, places(first)) == (reread(second).inputs_hash, places(second))
    assert [reread(first).number, reread(second).number] == [1, 2]


def test_the_files_hold_no_names_or_keys(case, act):
    run = act()
    do(run)
    with system_scope(SystemReason.SEED):
        saved = RunFile.objects.get(run=run)
    content = bytes(saved.problem) + bytes(saved.result)
    assert [
        text for text in ("Amina", "Bageriet", str(case.amina.pk), str(case.bakery.pk)) if text.encode() in content
    ] == []


def test_moves_are_in_the_history(case, act):
    run = act()
    do(run)
    with system_scope(SystemReason.SEED):
        found = StateChange.objects.filter(subject_id=run.pk).order_by("at").values_list("before", "after")
        assert list(found) == [("", "queued"), ("queued", "running"), ("running", "draft")]


def test_request_refuses_what_cannot_run(case, act, seeding):
    act()
    with pytest.raises(DomainError, match=r"^Någon startade en körning .* Vänta tills den är klar\.$"):
        act()
    with seeding():
        AllocationRun.objects.all().delete()
        now = timezone.now()
        type(case.round).objects.update(close_at=now + timedelta(days=1))
    with pytest.raises(DomainError, match="Provkör så länge"):
        act()
    assert act(is_trial=True).is_trial is True


def test_queries_do_not_grow_with_learners(case, act, seeding):
    counts = []
    for more in (1, 5):
        with seeding():
            for _ in range(more):
                learner = schools.make_learner(case.amina.school_class)
                placements.make_choices(case.round, learner, [case.bakery])
        run = act()
        with CaptureQueriesContext(connection) as found:
            do(run)
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("shares", "placed"), [(False, [2, 0]), (True, [1, 1])])
def test_schools_share_the_shortage_where_that_is_asked_for(case, act, seeding, shares, placed):
    """Two seats for three who have wished at one school and two silent ones at the other."""
    with seeding():
        other = schools.make_class(schools.make_school(case.org, "Ängsskolan"), "8E")
        weeks = sorted(case.period.weeks.values_list("week_on", flat=True))
        placements.add_period(case.round, schools.make_period(other, weeks, learners=2))
        for name in ("Disa", "Eva"):
            schools.make_learner(other, name)
    run = act(shares_shortage=shares)
    assert do(run) is True
    assert [row["placed"] for row in reread(run).summary["schools"]] == placed


# -- life signs, and what changes meanwhile


def test_a_pulse_holds_the_run_while_the_engine_is_silent(case, act, settings):
    """The engine takes three leases; another worker that is woken meanwhile must find the run held."""
    settings.BRYGGAN_RUN_LEASE_SECONDS = 0.5
    run, others = act(), []

    def slowly(*args, **options):
        for _ in range(3):
            time.sleep(0.5)
            others.append(claimed_elsewhere(run))
        return solve(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_work, "solve", slowly)
        patch.setattr(run_work, "COMPARED_ARCS", 0)
        assert do(run) is True
    assert (others, reread(run).attempts, reread(run).status) == ([None] * 3, 1, RunStatus.DRAFT)


def claimed_elsewhere(run):
    found = []

    def take():
        try:
            found.append(claim_run(run_id=run.pk, in_scope=scope_of(run.authority_id)))
        finally:
            connection.close()

    thread = Thread(target=take)
    thread.start()
    thread.join()
    return found[0]


def test_the_pulse_ends_with_the_work(case, act):
    before = {thread.name for thread in threading.enumerate()}
    do(act())
    assert {thread.name for thread in threading.enumerate()} == before


def test_a_round_edited_while_its_run_is_in_progress_says_so(case, act, as_org, actor_of, seeding):
    run = act()
    save = run_work._save

    def edited(claim, made):
        with seeding():
            Choice.objects.filter(learner=case.amina, rank=1).delete()
        save(claim, made)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_work, "_save", edited)
        assert do(run) is True
    found = reread(run)
    assert (found.status, found.error) == (
        RunStatus.DRAFT,
        "Omgången ändrades medan fördelningen räknades. Kör fördelningen igen: den här går inte att publicera.",
    )
    with seeding():
        AllocationRun.objects.update(status=RunStatus.REVIEWED)
    with as_org(case.org), pytest.raises(DomainError, match="har ändrats efter körningen"):
        publish_run(run=reread(run), actor=actor_of(case.org))


def test_what_was_run_can_be_published_as_it_stands(case, act, as_org, actor_of, seeding):
    run = act()
    do(run)
    assert reread(run).error == ""
    with seeding():
        AllocationRun.objects.update(status=RunStatus.REVIEWED)
    with as_org(case.org):
        assert publish_run(run=reread(run), actor=actor_of(case.org)) == 2


def test_a_row_says_how_far_the_journey_is(case, act, seeding):
    with seeding():
        SchoolUnit.objects.update(latitude=57.72, longitude=12.94)
        Workplace.objects.update(latitude=57.72, longitude=13.94)
        model = travel_model(case.round.region_id)
    run = act()
    do(run)
    expected = Origin(57.72, 12.94, model).minutes_to(57.72, 13.94)
    with system_scope(SystemReason.SEED):
        found = dict(Assignment.objects.filter(run=run).values_list("learner__first_name", "travel_minutes"))
    assert expected > 60
    assert found == {"Amina": expected, "Bo": expected, "Cia": None}


def test_the_run_says_which_rules_and_what_lacked(case, act):
    run = act()
    do(run)
    found = reread(run)
    assert found.rule_version == RULE_VERSION
    (piece,) = found.summary["pieces"]
    assert (piece["learners"], piece["seats"], piece["schools"]) == (3, 2, ["Norrängsskolan"])
    assert found.summary["helps"]["trade"] == [[case.bakery.occupation_field, 1]]


def test_task_is_sent_when_the_request_commits(case, act):
    sent = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_allocation, "apply_async", lambda *args, **options: sent.append((args, options)))
        run = act()
    assert connection.in_atomic_block is False
    ((args, options),) = sent
    ids = options.get("kwargs") or args[1]
    assert ids == {"run_id": str(run.pk), "organisation_id": str(run.authority_id)}


def test_perform_ignores_a_run_of_another_authority(case, act, stranger_authority):
    run = act()
    assert perform_run(run_id=run.pk, in_scope=scope_of(stranger_authority.pk)) is False
    assert reread(run).status == RunStatus.QUEUED
