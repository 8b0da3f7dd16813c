"""Messages after a publishing: not before they may be written, and then once each."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.outbox.models import OutboxMessage
from core.tenancy import SystemReason, scope, system_scope
from placements.models import AllocationRun
from placements.services import telling
from placements.services.publishing import publish_run
from placements.services.telling import EMPLOYERS_TOLD, tell_published
from schools.models import Learner
from tests.factories.placements import make_assignment, make_run
from tests.factories.published import Season, make_season
from tests.factories.schools import make_learner

pytestmark = pytest.mark.django_db(transaction=True)

EVERYBODY = {"employer_digest": 1, "learner_result": 3, "guardian_result": 3}


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        made = make_season(region, weeks)
    return made.publish(told=False)


def events() -> dict[str, int]:
    with system_scope(SystemReason.SEED):
        return Counter(message.event.partition("/")[2] for message in OutboxMessage.objects.all())


def change(**fields: Any) -> None:
    with system_scope(SystemReason.SEED):
        AllocationRun.objects.update(**fields)


def run() -> AllocationRun:
    with system_scope(SystemReason.SEED):
        return AllocationRun.objects.get()


def test_nobody_is_told_while_it_can_be_taken_back(season: Season) -> None:
    assert (tell_published(), events()) == (0, {})


def test_everybody_is_told_once_when_it_cannot(season: Season) -> None:
    change(undo_until=timezone.now())
    assert (tell_published(), tell_published()) == (1, 0)
    assert events() == EVERYBODY
    assert run().told_at is not None
    with system_scope(SystemReason.SEED):
        keys = set(OutboxMessage.objects.values_list("key", flat=True))
        learner = season.learners[0]
        assert {
            f"employer_digest:{season.run.pk}:{season.employers[0].pk}",
            f"learner_result:{season.run.pk}:{learner.pk}",
            f"guardian_result:{season.run.pk}:{learner.guardians.get().pk}",
        } < keys


def test_employers_first_and_learners_at_their_hour(season: Season) -> None:
    change(undo_until=timezone.now(), results_at=timezone.now() + timedelta(hours=1))
    assert (tell_published(), tell_published()) == (1, 0)
    assert (events(), run().stage, run().told_at) == ({"employer_digest": 1}, EMPLOYERS_TOLD, None)
    change(results_at=timezone.now())
    assert (tell_published(), tell_published()) == (1, 0)
    assert events() == EVERYBODY


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_killed_between_any_two_batches_each_is_told_once(season: Season, monkeypatch: Any, at: int) -> None:
    change(undo_until=timezone.now())
    monkeypatch.setattr(telling, "BATCH", 1)
    calls = iter(range(1, 100))
    enqueue = telling.enqueue_many

    def dying(messages: Any) -> None:
        if next(calls) == at:
            raise SystemExit
        enqueue(messages)

    monkeypatch.setattr(telling, "enqueue_many", dying)
    with pytest.raises(SystemExit):
        tell_published()
    assert run().told_at is None
    monkeypatch.setattr(telling, "enqueue_many", enqueue)
    change(heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert tell_published() == 1
    assert (events(), run().told_at is not None) == (EVERYBODY, True)


def test_a_second_sweep_leaves_a_telling_that_is_under_way(season: Season) -> None:
    change(undo_until=timezone.now(), heartbeat_at=timezone.now())
    assert (tell_published(), events()) == (0, {})


def test_those_without_an_address_get_no_message(season: Season) -> None:
    with system_scope(SystemReason.SEED):
        Learner.objects.filter(pk=season.learners[0].pk).update(email="")
        season.learners[1].guardians.update(email="")
    change(undo_until=timezone.now())
    tell_published()
    assert events() == {"employer_digest": 1, "learner_result": 2, "guardian_result": 2}


def test_a_second_round_tells_only_those_it_gave_a_place(season: Season, seeding: Any) -> None:
    change(undo_until=timezone.now())
    tell_published()
    with seeding():
        OutboxMessage.objects.all().delete()
        rest = make_run(season.round, status="reviewed", purpose="rest")
        make_assignment(rest, season.learners[2], season.period, season.slots[1], 2)
        left_out = make_learner(season.school_class, "Noor")
        make_assignment(rest, left_out, season.period, None, None)
    with scope(season.authority_scope):
        publish_run(run=rest, actor=season.actor)
    change(undo_until=timezone.now())
    tell_published()
    assert events() == {"employer_digest": 1, "learner_result": 1, "guardian_result": 1}


def test_queries_do_not_grow_with_learners(region: Any, weeks: list[date], seeding: Any) -> None:
    counts = []
    for learners in (2, 5):
        with seeding():
            made = make_season(region, weeks, learners=learners, seats=5)
        made.publish(told=False)
        change(undo_until=timezone.now())
        counts.append(queries_of(tell_published))
    assert counts[0] == counts[1]


def queries_of(work: Any) -> int:
    count = 0

    def counting(execute: Any, *rest: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*rest)

    with connection.execute_wrapper(counting):
        work()
    return count
