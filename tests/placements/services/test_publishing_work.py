"""Publishing as a worker's job: once, whole, and never lost, whoever dies and whatever changes meanwhile."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.errors import DomainError
from core.models import StateChange
from core.outbox.models import OutboxMessage
from core.tenancy import SystemReason, scope, system_scope
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek
from placements.models import AllocationRun, AnswerLink, Placement, PlacementWeek, Round
from placements.services import claims, placing_many, publishing, run_work
from placements.services.publishing import PublishingRefused, perform_publishing, request_publishing
from placements.tasks import publish_run as task
from tests.factories.published import Season, make_season
from tests.factories.workers import killed_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        return make_season(region, weeks)


def ask(season: Season, **when: Any) -> None:
    with scope(season.authority_scope):
        request_publishing(run=season.run, actor=season.actor, **when)


def do(season: Season) -> bool:
    """What the worker does when it gets the task."""
    return task(run_id=str(season.run.pk), organisation_id=str(season.run.authority_id))


def reread(season: Season) -> AllocationRun:
    with system_scope(SystemReason.SEED):
        return AllocationRun.objects.select_related("round").get(pk=season.run.pk)


def written() -> dict[str, int]:
    with system_scope(SystemReason.SEED):
        found = {each.__name__: each.objects.count() for each in (Placement, PlacementWeek, AnswerLink, OutboxMessage)}
        return found | {"taken": sum(SlotWeek.objects.values_list("taken", flat=True))}


NOTHING = {"Placement": 0, "PlacementWeek": 0, "AnswerLink": 0, "OutboxMessage": 0, "taken": 0}
ALL = {"Placement": 2, "PlacementWeek": 4, "AnswerLink": 1, "OutboxMessage": 0, "taken": 4}


def change(season: Season, **fields: Any) -> None:
    with system_scope(SystemReason.SEED):
        AllocationRun.objects.filter(pk=season.run.pk).update(**fields)


def grow_silent(season: Season) -> None:
    change(season, heartbeat_at=timezone.now() - timedelta(minutes=5))


def test_a_reviewed_run_is_handed_to_a_worker_and_published(season: Season) -> None:
    hour = timezone.now() + timedelta(days=2)
    ask(season, results_at=hour)
    assert (reread(season).status, written()) == ("publishing", NOTHING)

    assert do(season) is True

    run = reread(season)
    assert (run.status, run.stage, run.progress, run.error) == ("published", "published", 100, "")
    assert run.undo_until - run.published_at == timedelta(minutes=15)
    assert (run.results_at, run.round.published_at) == (hour, run.published_at)
    assert written() == ALL
    with system_scope(SystemReason.SEED):
        assert set(Placement.objects.values_list("shown_at", "run_id")) == {(hour, run.pk)}


def test_results_are_shown_no_sooner_than_the_time_for_regret_has_passed(season: Season) -> None:
    ask(season)
    do(season)
    run = reread(season)
    with system_scope(SystemReason.SEED):
        assert set(Placement.objects.values_list("shown_at", flat=True)) == {run.undo_until}


def test_the_history_names_who_pressed_the_button(season: Season, member_client: Any, seeding: Any) -> None:
    with seeding():
        user = season.school.organisation.memberships.first().user
    with scope(season.authority_scope):
        from dataclasses import replace

        request_publishing(run=season.run, actor=replace(season.actor, user_id=user.pk))
    do(season)
    with system_scope(SystemReason.SEED):
        found = StateChange.objects.filter(subject_id=season.run.pk).order_by("at").values_list("after", "actor_label")
        assert list(found) == [("publishing", "Malin Ekdahl"), ("published", user.name)]


def test_a_publishing_is_asked_for_and_done_once(season: Season) -> None:
    ask(season)
    with pytest.raises(PublishingRefused, match="Omgången publiceras just nu"):
        ask(season)
    assert [do(season), do(season)] == [True, False]
    with pytest.raises(PublishingRefused, match="redan publicerad"):
        ask(season)
    assert written() == ALL


STEPS = ["gather", "write", "_mark"]


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_leaves_nothing_and_the_next_does_it_all(season: Season, step: str) -> None:
    ask(season)
    with killed_at(publishing, step), pytest.raises(SystemExit):
        do(season)
    assert (reread(season).status, written()) == ("publishing", NOTHING)
    assert do(season) is False, "the first may still be alive"

    grow_silent(season)
    assert do(season) is True
    assert (reread(season).status, written()) == ("published", ALL)


@pytest.mark.parametrize("step", ["_open_links", "take_seats", "check_now"])
def test_a_worker_killed_in_the_middle_of_the_rows_leaves_nothing(season: Season, step: str) -> None:
    ask(season)
    with killed_at(placing_many, step), pytest.raises(SystemExit):
        do(season)
    assert written() == NOTHING
    grow_silent(season)
    do(season)
    assert written() == ALL


def test_a_worker_given_up_for_lost_publishes_nothing(season: Season) -> None:
    """The slow one has written all its rows when the other takes the run over; its transaction must not commit."""
    ask(season)
    mark = publishing.Claim.hold

    def overtaken(self: Any, **fields: Any) -> None:
        change(season, attempts=self.attempt + 1)
        mark(self, **fields)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing.Claim, "hold", overtaken)
        assert do_in_own_connection(season) is False
    assert (reread(season).status, written()) == ("publishing", NOTHING)


def do_in_own_connection(season: Season) -> bool:
    found: list[bool] = []

    def work() -> None:
        try:
            found.append(do(season))
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
    return found[0]


def test_two_workers_publish_once(season: Season) -> None:
    ask(season)
    together, outcomes = Barrier(2), []

    def work() -> None:
        try:
            together.wait()
            outcomes.append(do(season))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(outcomes), written()) == ([False, True], ALL)


def test_a_publishing_that_keeps_dying_is_given_back_with_a_sentence(season: Season) -> None:
    ask(season)
    change(season, attempts=claims.MOST_ATTEMPTS)
    grow_silent(season)
    assert do(season) is False
    run = reread(season)
    assert (run.status, run.error) == (
        "reviewed",
        "Publiceringen avbröts 5 gånger. Inget är publicerat. Försök igen.",
    )


def test_a_lost_publishing_is_woken_by_the_sweep(season: Season) -> None:
    ask(season)
    assert sweep() == []
    grow_silent(season)
    assert sweep() == [str(season.run.pk)]


def sweep() -> list[str]:
    woken: list[str] = []
    with pytest.MonkeyPatch.context() as patch, system_scope(SystemReason.SWEEP_RUNS):
        patch.setattr(run_work.publish_run, "delay_on_commit", lambda **ids: woken.append(ids["run_id"]))
        run_work.sweep_lost_runs()
    return woken


# -- what changed between review and publishing


def refused(season: Season) -> str:
    """Ask, unless that is done, and do: the run is reviewed again, nothing written, the sentence in `error`."""
    if reread(season).status == "reviewed":
        ask(season)
    assert do(season) is True
    run = reread(season)
    assert (run.status, run.published_at, run.results_at, run.round.published_at) == ("reviewed", None, None, None)
    assert written() == NOTHING
    return run.error


def test_a_seat_withdrawn_after_it_was_asked_for(season: Season) -> None:
    ask(season)
    with system_scope(SystemReason.SEED):
        Slot.objects.filter(pk=season.slots[0].pk).update(status=SlotStatus.PAUSED)
    assert refused(season) == "Hulta Bageri tar inte emot elever längre. Kör fördelningen igen utan den platsen."


def test_a_seat_withdrawn_after_the_review_is_refused_at_once(season: Season) -> None:
    with system_scope(SystemReason.SEED):
        Slot.objects.filter(pk=season.slots[0].pk).update(status=SlotStatus.PAUSED)
    with pytest.raises(DomainError, match="Platser har dragits tillbaka efter körningen, för 2 elever: Hulta Bageri"):
        ask(season)
    assert reread(season).status == "reviewed"


def test_seats_taken_by_others_after_it_was_asked_for(season: Season) -> None:
    ask(season)
    with system_scope(SystemReason.SEED):
        SlotWeek.objects.filter(slot=season.slots[0], week_on=season.weeks[1]).update(seats=1)
    assert refused(season).startswith("Hulta Bageri har inte så många lediga platser v.")


def test_a_round_edited_after_the_run(season: Season) -> None:
    change(season, inputs_hash="what it was made from")
    assert refused(season) == (
        "Elever, val, platser eller låsningar har ändrats efter körningen. Kör fördelningen igen."
    )


def test_a_refused_publishing_can_be_asked_for_again(season: Season) -> None:
    ask(season)
    with system_scope(SystemReason.SEED):
        SlotWeek.objects.filter(slot=season.slots[0]).update(seats=1)
    refused(season)
    with system_scope(SystemReason.SEED):
        SlotWeek.objects.filter(slot=season.slots[0]).update(seats=3)
    ask(season)
    assert reread(season).error == ""
    do(season)
    assert written() == ALL


def test_a_run_not_reviewed_is_not_taken_up(season: Season, stranger_authority: Any) -> None:
    assert do(season) is False
    ask(season)
    assert perform_publishing(run_id=season.run.pk, in_scope=stranger_authority.organisation.scope()) is False
    change(season, status="draft")
    with pytest.raises(DomainError, match="inte granskad"):
        ask(season)


# -- life signs


def test_a_pulse_signs_life_from_its_own_connection_while_the_worker_writes(season: Season, settings: Any) -> None:
    settings.BRYGGAN_RUN_LEASE_SECONDS = 0.3
    ask(season)
    seen: list[tuple[int, Any]] = []
    write = publishing.write

    def slow(run: Any, **rest: Any) -> None:
        before = reread_elsewhere(season)
        write(run, **rest)
        for _ in range(100):
            seen.append(reread_elsewhere(season))
            if seen[-1][1] > before[1] and seen[-1][0] >= 85:
                break

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "write", slow)
        do(season)
    assert seen[-1][0] == 85
    assert reread(season).status == "published"


def reread_elsewhere(season: Season) -> tuple[int, Any]:
    found: list[tuple[int, Any]] = []

    def look() -> None:
        try:
            run = reread(season)
            found.append((run.progress, run.heartbeat_at))
        finally:
            connection.close()

    thread = Thread(target=look)
    thread.start()
    thread.join()
    return found[0]


def test_rounds_stay_unpublished_when_only_the_move_fails(season: Season) -> None:
    ask(season)
    with system_scope(SystemReason.SEED):
        Round.objects.update(published_at=timezone.now())
    do(season)
    run = reread(season)
    assert (run.status, run.error) == ("reviewed", "Omgången är redan publicerad. Ladda om sidan och se resultatet.")
    assert written() == NOTHING
