"""Publishing: all or nothing, once, by a worker that may die at any moment; and taking it back."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from core.errors import DomainError
from core.models import StateChange
from core.outbox.models import OutboxMessage
from core.tenancy import SystemReason, scope, system_scope
from employers.enums import SlotStatus
from employers.models import SlotWeek
from employers.services.capacity import SlotFull
from placements.models import AllocationRun, AnswerLink, Placement, PlacementWeek, Round
from placements.services.placing import DoubleBooked, Place, reserve
from placements.services.publishing import PublishingRefused, publish_run
from tests.factories.placements import make_round
from tests.factories.published import Season, make_season
from tests.factories.schools import make_period


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        return make_season(region, weeks)


def written() -> dict[str, int]:
    return {
        model.__name__: model.objects.count() for model in (Placement, PlacementWeek, AnswerLink, OutboxMessage)
    } | {"taken": sum(SlotWeek.objects.values_list("taken", flat=True)), "history": StateChange.objects.count()}


def test_publish_run_reserves_a_place_for_everyone_assigned(season: Season, scoped: None) -> None:
    season.publish(told=False)

    found = [
        (row.learner_name, row.class_name, row.school_name, row.school_phone, row.rank, row.status, row.starts_on)
        for row in Placement.objects.order_by("learner_name")
    ]
    assert found == [
        ("Amina Warsame", "8B", "Norrängsskolan", "033-00 00 02", 1, "reserved", season.weeks[0]),
        ("Elias Warsame", "8B", "Norrängsskolan", "033-00 00 02", 1, "reserved", season.weeks[0]),
    ]
    assert list(SlotWeek.objects.filter(slot=season.slots[0]).values_list("taken", flat=True)) == [2, 2]
    days = PlacementWeek.objects.order_by("week_on").first().days
    assert ((days.upper - days.lower).days, days.lower) == (5, season.weeks[0])


def test_publish_run_marks_run_and_round_and_keeps_history(season: Season, scoped: None) -> None:
    season.publish()

    run = AllocationRun.objects.select_related("round").get(pk=season.run.pk)
    assert (run.status, run.published_at is not None, run.round.published_at is not None) == ("published", True, True)
    changes = StateChange.objects.order_by("at").values_list("before", "after", "actor_label")
    assert list(changes) == [
        ("reviewed", "publishing", "Malin Ekdahl"),
        ("publishing", "published", "Malin Ekdahl"),
    ]


def test_publish_run_is_all_or_nothing_when_a_slot_is_full(region: Any, weeks: list[date], scoped: None) -> None:
    season = make_season(region, weeks, seats=1)
    before = written()

    with scope(season.school.organisation.scope()), pytest.raises(SlotFull) as refused:
        publish_run(run=season.run, actor=season.actor)

    assert season.slots[0].title in str(refused.value.message)
    assert written() == before
    assert AllocationRun.objects.get().status == "reviewed"
    assert Round.objects.get().published_at is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"is_trial": True}, "En provkörning publiceras aldrig. Kör fördelningen på riktigt först."),
        ({"status": "failed"}, "Fördelningen är inte klar eller är kasserad. Välj en färdig fördelning."),
        (
            {"status": "draft"},
            "Fördelningen är inte granskad. Gå igenom varningarna och markera den som granskad först.",
        ),
        (
            {"purpose": "rest"},
            "Hela omgången är inte publicerad. Publicera den först, eller kassera den här körningen.",
        ),
        (
            {"inputs_hash": "another"},
            "Elever, val, platser eller låsningar har ändrats efter körningen. Kör fördelningen igen.",
        ),
    ],
)
def test_publish_run_refuses_other_runs(season: Season, scoped: None, changes: dict[str, Any], sentence: str) -> None:
    AllocationRun.objects.update(**changes)

    with pytest.raises(PublishingRefused) as refused:
        season.publish()

    assert str(refused.value.message) == sentence


def test_publish_run_waits_until_the_choice_has_closed(season: Season, scoped: None) -> None:
    round_ = season.round
    Round.objects.update(close_at=round_.close_at + (round_.close_at - round_.view_at))

    with pytest.raises(PublishingRefused) as refused:
        season.publish()

    assert str(refused.value.message) == "Valet är fortfarande öppet. Publicera när det har stängt."


def test_publish_run_names_a_place_that_was_withdrawn(season: Season, scoped: None) -> None:
    season.slots[0].status = SlotStatus.PAUSED
    season.slots[0].save(update_fields=["status"])

    with pytest.raises(PublishingRefused) as refused:
        season.publish()

    assert str(refused.value.message) == (
        "Hulta Bageri tar inte emot elever längre. Kör fördelningen igen utan den platsen."
    )


def test_publish_run_refuses_a_learner_who_is_elsewhere(season: Season, scoped: None) -> None:
    period = make_period(season.school_class, season.weeks[:1])
    elsewhere = make_round(period, phase="closed")
    place = Place(season.learners[0], season.slots[1], period.pk, season.weeks[:1], None)
    reserve(places=[place], round=elsewhere, actor=season.actor)
    before = written()

    with pytest.raises(DoubleBooked):
        season.publish()

    assert written() == before


@pytest.mark.django_db(transaction=True)
def test_publish_run_by_two_coordinators_at_once(region: Any, weeks: list[date], seeding: Any) -> None:
    with seeding():
        season = make_season(region, weeks)
    together, outcomes = Barrier(2), []

    def publish() -> None:
        try:
            together.wait()
            with scope(season.school.organisation.scope()):
                outcomes.append(publish_run(run=season.run, actor=season.actor))
        except DomainError as error:
            outcomes.append(str(error.message))
        finally:
            connection.close()

    threads = [Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes, key=str) == [2, "Omgången är redan publicerad. Ladda om sidan och se resultatet."]
    with system_scope(SystemReason.SEED):
        assert written() == {
            "Placement": 2, "PlacementWeek": 4, "AnswerLink": 1, "OutboxMessage": 0, "taken": 4, "history": 2,
        }  # fmt: skip
