"""Taking a publishing back: as if it had not been, or not at all; by a worker who may be killed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core.models import StateChange
from core.outbox.models import OutboxMessage
from core.tenancy import scope
from employers.models import SlotWeek
from placements.models import AllocationRun, AnswerLink, Placement, PlacementWeek, Round
from placements.selectors.choices import outcome_of, seasons_of
from placements.services import retracting
from placements.services.answers import Answer, answer
from placements.services.placing import place_learner
from placements.services.publishing import publish_run
from placements.services.retracting import RetractionRefused, perform_retraction, request_retraction
from placements.services.run_work import sweep_lost_runs
from placements.services.telling import tell_published
from tests.factories.placements import make_assignment, make_run
from tests.factories.published import Season, make_season
from tests.factories.workers import killed_at


@pytest.fixture
def season(region: Any, weeks: list[date], scoped: None) -> Season:
    return make_season(region, weeks).publish(told=False)


def undo(season: Season, run: AllocationRun | None = None) -> AllocationRun:
    """Ask for it, and do what the worker does."""
    run = run or season.run
    with scope(season.authority_scope):
        request_retraction(run=run, actor=season.actor)
    perform_retraction(run_id=run.pk, in_scope=season.authority_scope)
    return AllocationRun.objects.select_related("round").get(pk=run.pk)


def rows() -> tuple[int, ...]:
    return (*(each.objects.count() for each in (Placement, PlacementWeek, AnswerLink)), taken())


def taken() -> int:
    return sum(SlotWeek.objects.values_list("taken", flat=True))


def test_nothing_is_left_of_it(season: Season) -> None:
    assert rows() == (2, 4, 1, 4)
    run = undo(season)
    assert rows() == (0, 0, 0, 0)
    assert (run.status, run.published_at, run.undo_until, run.results_at) == ("reviewed", None, None, None)
    assert run.round.published_at is None
    *_earlier, asked, done = StateChange.objects.filter(subject_id=run.pk).order_by("at")
    assert (asked.before, asked.after, asked.actor_label) == ("published", "retracting", "Malin Ekdahl")
    assert (done.before, done.after, done.reason) == ("retracting", "reviewed", "2 platser togs tillbaka")


def test_it_can_be_published_again_and_all_are_told_once(season: Season) -> None:
    undo(season)
    season.publish()
    assert rows() == (2, 4, 1, 4)
    assert OutboxMessage.objects.count() == 7


def test_not_when_the_time_is_out(season: Season) -> None:
    AllocationRun.objects.update(undo_until=timezone.now())
    with pytest.raises(RetractionRefused, match="Ångertiden är slut"):
        undo(season)
    assert rows() == (2, 4, 1, 4)


def test_not_when_people_have_been_told(season: Season) -> None:
    season.let_time_pass()
    AllocationRun.objects.update(undo_until=timezone.now() + timedelta(minutes=5))
    with pytest.raises(RetractionRefused, match="Ångertiden är slut"):
        undo(season)


@pytest.mark.parametrize("yes", [True, False])
def test_not_when_an_employer_has_answered(season: Season, yes: bool) -> None:
    with scope(season.employers[0].organisation.scope()):
        answer(answers=[Answer(season.placement().pk, yes=yes)], actor=season.employer_actor())
    before = rows()
    with pytest.raises(RetractionRefused, match="En placering är redan besvarad"):
        undo(season)
    assert rows() == before


def test_not_when_somebody_was_placed_by_hand_afterwards(season: Season) -> None:
    with scope(season.authority_scope):
        place_learner(
            learner=season.learners[2],
            round=Round.objects.get(),
            period=season.period,
            slot=season.slots[1],
            actor=season.actor,
        )
    with pytest.raises(RetractionRefused, match="plats för hand"):
        undo(season)


def test_a_run_that_is_not_published(season: Season) -> None:
    undo(season)
    with pytest.raises(RetractionRefused, match="inte publicerad"):
        undo(season)


# -- between asking and doing


def ask(season: Season) -> None:
    with scope(season.authority_scope):
        request_retraction(run=season.run, actor=season.actor)


def do(season: Season) -> bool:
    return perform_retraction(run_id=season.run.pk, in_scope=season.authority_scope)


def test_while_it_waits_nobody_is_told_and_no_learner_sees_it(season: Season) -> None:
    ask(season)
    AllocationRun.objects.update(undo_until=timezone.now(), results_at=timezone.now())
    Placement.objects.update(shown_at=timezone.now())
    assert tell_published() == 0
    amina = season.learners[0]
    (found,) = seasons_of(amina, timezone.now())
    outcome = outcome_of(found, amina.pk, timezone.now())
    assert (outcome.placement, outcome.assignment) == (None, None)


def test_it_is_asked_for_and_done_once(season: Season) -> None:
    ask(season)
    with pytest.raises(RetractionRefused, match="tas tillbaka just nu"):
        ask(season)
    assert [do(season), do(season)] == [True, False]


def test_an_answer_that_came_between_leaves_it_published_with_a_sentence(season: Season) -> None:
    ask(season)
    with scope(season.employers[0].organisation.scope()):
        answer(answers=[Answer(season.placement().pk, yes=True)], actor=season.employer_actor())
    before = rows()
    assert do(season) is True
    run = AllocationRun.objects.get()
    assert (run.status, run.error) == (
        "published",
        "En placering är redan besvarad. Byt plats för en elev i taget i stället.",
    )
    assert rows() == before


@pytest.mark.parametrize("step", ["remove_places", "_mark"])
def test_a_worker_killed_at_any_step_leaves_it_whole_and_the_next_does_it(season: Season, step: str) -> None:
    ask(season)
    before = rows()
    with killed_at(retracting, step), pytest.raises(SystemExit), transaction.atomic():
        do(season)
    assert (AllocationRun.objects.get().status, rows()) == ("retracting", before)
    AllocationRun.objects.update(attempts=1, heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert sweep_lost_runs() == 1
    assert do(season) is True
    assert rows() == (0, 0, 0, 0)


def test_a_retraction_that_kills_every_worker_is_given_up(season: Season) -> None:
    ask(season)
    AllocationRun.objects.update(attempts=5, heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert do(season) is False
    run = AllocationRun.objects.get()
    assert (run.status, run.error.split(".")[0]) == ("published", "Ångrandet avbröts 5 gånger")


# -- repairs


@pytest.fixture
def repair(season: Season) -> AllocationRun:
    """Elias moves to the other workplace and Viktor gets a place; Amina stays where she is."""
    season.let_time_pass()
    OutboxMessage.objects.all().delete()
    run = make_run(season.round, status="reviewed", purpose="repair", option="least")
    first, second = season.slots
    amina, elias, viktor = season.learners
    make_assignment(run, amina, season.period, first, 1)
    moved = make_assignment(run, elias, season.period, second, 2)
    moved.moved_from = first
    moved.save(update_fields=["moved_from"])
    make_assignment(run, viktor, season.period, second, 2)
    return run


def publish(season: Season, run: AllocationRun) -> int:
    with scope(season.authority_scope):
        return publish_run(run=run, actor=season.actor)


def places() -> list[tuple[str, str, str]]:
    found = Placement.objects.order_by("learner_name", "created_at")
    return [(row.learner_name.split()[0], row.slot.title, row.status) for row in found.select_related("slot")]


STAYED = ("Amina", "Hulta Bageri", "reserved")


def test_a_repair_moves_only_those_who_move(season: Season, repair: AllocationRun) -> None:
    untouched = Placement.objects.get(learner=season.learners[0])
    Placement.objects.filter(learner=season.learners[1]).update(status="employer_confirmed")

    assert publish(season, repair) == 2

    second = season.slots[1].title
    assert places() == [
        STAYED,
        ("Elias", "Hulta Bageri", "replaced"),
        ("Elias", second, "reserved"),
        ("Viktor", second, "reserved"),
    ]
    assert Placement.objects.get(pk=untouched.pk).run_id == season.run.pk
    by_slot = [sum(SlotWeek.objects.filter(slot=slot).values_list("taken", flat=True)) for slot in season.slots]
    assert by_slot == [2, 4]
    assert PlacementWeek.objects.filter(live=True).count() == 6
    assert Round.objects.get().published_at == untouched.run.published_at


def test_a_repair_tells_only_those_concerned(season: Season, repair: AllocationRun) -> None:
    publish(season, repair)
    assert OutboxMessage.objects.count() == 0
    AllocationRun.objects.filter(pk=repair.pk).update(undo_until=timezone.now(), results_at=timezone.now())
    tell_published()
    _amina, elias, viktor = season.learners
    told = [elias.pk, viktor.pk]
    guardians = [season.learners[number].guardians.get().pk for number in (1, 2)]
    assert {message.key for message in OutboxMessage.objects.all()} == {
        f"employer_digest:{repair.pk}:{season.employers[1].pk}",
        f"employer_released:{repair.pk}:{season.employers[0].pk}",
        *(f"learner_result:{repair.pk}:{pk}" for pk in told),
        *(f"guardian_result:{repair.pk}:{pk}" for pk in guardians),
    }


def test_a_repair_taken_back_gives_the_old_places_back_as_they_were(season: Season, repair: AllocationRun) -> None:
    Placement.objects.filter(learner=season.learners[1]).update(status="employer_confirmed")
    before = rows()
    publish(season, repair)

    undo(season, repair)

    assert places() == [STAYED, ("Elias", "Hulta Bageri", "employer_confirmed")]
    assert rows() == before
    assert PlacementWeek.objects.filter(live=True).count() == 4
    assert Placement.objects.exclude(ended_at=None).count() == 0
    assert Round.objects.get().published_at is not None


def test_the_full_run_under_a_repair_is_not_taken_back(season: Season, repair: AllocationRun) -> None:
    publish(season, repair)
    AllocationRun.objects.update(undo_until=timezone.now() + timedelta(minutes=5), told_at=None)
    with pytest.raises(RetractionRefused, match="En senare publicering bygger på den här"):
        undo(season)


def test_a_repair_with_no_seat_left_changes_nothing(season: Season, repair: AllocationRun) -> None:
    SlotWeek.objects.filter(slot=season.slots[1]).update(seats=1)
    before = (rows(), places())
    with pytest.raises(Exception, match="inte så många lediga platser"):
        publish(season, repair)
    assert (rows(), places()) == before


def test_a_learner_without_a_new_place_keeps_the_old(season: Season, repair: AllocationRun) -> None:
    repair.assignments.filter(learner=season.learners[1]).update(slot=None, moved_from=None)
    assert publish(season, repair) == 1
    assert places()[:2] == [STAYED, ("Elias", "Hulta Bageri", "reserved")]
