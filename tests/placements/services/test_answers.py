"""Answers: a yes confirms, a no frees the seat and tells the school, and nothing happens twice."""

from datetime import date
from typing import Any

import pytest

from core.models import StateChange
from core.outbox.models import OutboxMessage
from core.tenancy import scope
from core.weeks import today
from employers.models import SlotWeek
from employers.services.capacity import SlotFull
from placements.models import Placement, PlacementWeek
from placements.services.answers import Answer, AnswerRefused, Outcome, answer
from placements.services.placing import PlacingRefused, place_learner
from tests.factories.employers import make_seats
from tests.factories.published import Season, make_season


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        return make_season(region, weeks, learners=2, seats=1).publish()


def give(season: Season, *, yes: bool, reason: str = "", number: int = 0) -> Outcome:
    placement = Placement.objects.get(learner=season.learners[number], employer=season.employers[0])
    with scope(season.employers[0].organisation.scope()):
        return answer(answers=[Answer(placement.pk, yes=yes, reason=reason)], actor=season.employer_actor())


def place(season: Season, number: int, slot: int) -> Placement:
    with scope(season.school.organisation.scope()):
        return place_learner(
            learner=season.learners[number],
            round=season.round,
            period=season.period,
            slot=season.slots[slot],
            actor=season.actor,
        )


def published(season: Season) -> Season:
    season.round.refresh_from_db()
    return season


def test_answer_yes_confirms_once(season: Season, scoped: None) -> None:
    assert [give(season, yes=True), give(season, yes=True)] == [Outcome(1, 0), Outcome(0, 0)]

    placement = season.placement()
    assert (placement.status, placement.confirmed_at is not None) == ("employer_confirmed", True)
    assert StateChange.objects.filter(subject_id=placement.pk).count() == 1


def test_answer_no_frees_the_seat_and_tells_the_school_once(season: Season, scoped: None) -> None:
    outcomes = [give(season, yes=False, reason="Ombyggnad"), give(season, yes=False, reason="Ombyggnad")]

    assert outcomes == [Outcome(0, 1), Outcome(0, 0)]
    placement = Placement.objects.get()
    assert (placement.status, placement.end_reason, placement.ended_at is not None) == (
        "declined_employer",
        "Ombyggnad",
        True,
    )
    assert set(PlacementWeek.objects.values_list("live", flat=True)) == {False}
    assert list(SlotWeek.objects.filter(slot=season.slots[0]).values_list("taken", flat=True)) == [0, 0]
    assert OutboxMessage.objects.filter(event="placements/school_declined").count() == 1


def test_answer_no_lets_another_learner_have_the_seat(season: Season, scoped: None) -> None:
    give(season, yes=False)

    placement = place(published(season), number=1, slot=0)

    assert (placement.learner, placement.status, placement.rank) == (season.learners[1], "reserved", 1)
    assert list(SlotWeek.objects.filter(slot=season.slots[0]).values_list("taken", flat=True)) == [1, 1]
    keys = OutboxMessage.objects.filter(event="placements/employer_digest").values_list("key", flat=True)
    assert sorted(keys) == sorted(
        f"employer_digest:{occasion}:{season.employers[0].pk}" for occasion in (season.run.pk, placement.pk)
    )


def test_answer_changes_from_yes_to_no_and_back(season: Season, scoped: None) -> None:
    give(season, yes=True)
    give(season, yes=False)
    withdrawn = Placement.objects.get().status
    give(season, yes=True)

    placement = season.placement()
    assert (withdrawn, placement.status, placement.ended_at) == ("withdrawn_employer", "employer_confirmed", None)
    assert list(SlotWeek.objects.filter(slot=season.slots[0]).values_list("taken", flat=True)) == [1, 1]
    assert set(PlacementWeek.objects.values_list("live", flat=True)) == {True}


def test_answer_yes_after_no_refuses_when_the_seat_is_gone(season: Season, scoped: None) -> None:
    give(season, yes=False)
    place(published(season), number=1, slot=0)

    with pytest.raises(SlotFull):
        give(season, yes=True)

    assert Placement.objects.get(learner=season.learners[0]).status == "declined_employer"


def test_answer_yes_after_no_refuses_when_the_learner_is_elsewhere(season: Season, scoped: None) -> None:
    give(season, yes=False)
    place(published(season), number=0, slot=1)

    with pytest.raises(AnswerRefused) as refused:
        give(season, yes=True)

    assert str(refused.value.message) == (
        "Skolan har redan ordnat en annan plats åt Amina Warsame. Ring skolan om ni ändå kan ta emot."
    )
    assert list(SlotWeek.objects.filter(slot=season.slots[0]).values_list("taken", flat=True)) == [0, 0]


def test_answer_refuses_once_the_placement_has_begun(season: Season, scoped: None) -> None:
    Placement.objects.update(starts_on=today())

    with pytest.raises(AnswerRefused) as refused:
        give(season, yes=False)

    assert str(refused.value.message) == "Amina Warsame har redan börjat. Ring skolan om något har ändrats."


def test_answer_refuses_another_employers_learner(season: Season, scoped: None) -> None:
    placement = season.placement()

    with scope(season.employers[1].organisation.scope()), pytest.raises(AnswerRefused):
        answer(answers=[Answer(placement.pk, yes=False)], actor=season.employer_actor(1))

    assert Placement.objects.get().status == "reserved"


def test_place_learner_refuses_a_second_place(season: Season, scoped: None) -> None:
    with pytest.raises(PlacingRefused) as refused:
        place(published(season), number=0, slot=1)

    assert str(refused.value.message) == "Amina Warsame har redan en plats. Ladda om sidan och se vilken."


def test_place_learner_says_when_the_slot_is_full(season: Season, scoped: None) -> None:
    with pytest.raises(SlotFull):
        place(published(season), number=1, slot=0)

    assert Placement.objects.count() == 1


def test_place_learner_follows_the_rules(season: Season, scoped: None) -> None:
    season.slots[1].grades = [9]
    season.slots[1].save(update_fields=["grades"])

    with pytest.raises(PlacingRefused) as refused:
        place(published(season), number=1, slot=1)

    assert str(refused.value.message) == "Kan inte bokas: platsen är för årskurs 9."


def test_place_learner_waits_for_publishing(region: Any, weeks: list[date], scoped: None) -> None:
    season = make_season(region, weeks)
    make_seats(season.slots[1], [], 1)

    with pytest.raises(PlacingRefused) as refused:
        place(season, number=2, slot=1)

    assert str(refused.value.message) == "Publicera fördelningen först. Sedan kan du välja plats för hand."
