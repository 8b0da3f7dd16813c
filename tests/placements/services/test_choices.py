from datetime import timedelta

import pytest
from django.utils import timezone

from core.tenancy import SystemReason, system_scope
from employers.enums import SlotStatus
from placements.models import Choice, ChoiceList, Round
from placements.services.choices import (
    ChoiceRefused,
    RoundClosed,
    add_choice,
    move_choice,
    remove_choice,
    submit_choices,
)
from tests.factories.employers import make_employer, make_seats, make_slot, make_workplace
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_class, make_learner, make_period

NAMES = ("Hulta Bageri", "Kinna Plåt", "Åsunden Hotell", "Viskans Trädgård")


@pytest.fixture
def slots(region, seeding, weeks):
    with seeding():
        made = [make_slot(make_workplace(make_employer(region, name))) for name in NAMES]
        for slot in made:
            make_seats(slot, weeks, 2)
    return made


@pytest.fixture
def open_round(school_class, weeks, seeding):
    with seeding():
        return make_round(make_period(school_class, weeks), min_choices=2, max_choices=3)


def ranking(learner):
    rows = Choice.objects.filter(learner=learner).order_by("rank").values_list("rank", "slot__workplace__name")
    return list(rows)


def close(found):
    with system_scope(SystemReason.SEED):
        Round.objects.filter(pk=found.pk).update(
            view_at=timezone.now() - timedelta(days=3),
            choose_at=timezone.now() - timedelta(days=2),
            close_at=timezone.now() - timedelta(seconds=1),
        )


def test_wishes_are_saved_in_the_order_they_are_added(open_round, slots, learner, learner_actor, as_learner):
    with as_learner(learner):
        for slot in slots[:2]:
            add_choice(round=open_round, slot=slot, actor=learner_actor(learner))
        assert ranking(learner) == [(1, "Hulta Bageri"), (2, "Kinna Plåt")]
        assert ChoiceList.objects.get().submitted_at is None


def test_adding_twice_changes_nothing(open_round, slots, learner, learner_actor, as_learner):
    with as_learner(learner):
        for _ in range(2):
            add_choice(round=open_round, slot=slots[0], actor=learner_actor(learner))
        assert ranking(learner) == [(1, "Hulta Bageri")]


def test_one_more_than_the_most_is_refused(open_round, slots, learner, learner_actor, as_learner):
    with as_learner(learner):
        for slot in slots[:3]:
            add_choice(round=open_round, slot=slot, actor=learner_actor(learner))
        with pytest.raises(ChoiceRefused) as refused:
            add_choice(round=open_round, slot=slots[3], actor=learner_actor(learner))
        assert str(refused.value) == "Du har redan 3 val, fler går inte. Ta bort ett först."
        assert len(ranking(learner)) == 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"min_age": 18}, "Hulta Bageri kan inte väljas: platsen kräver fyllda 18."),
        ({"grades": [9]}, "Hulta Bageri kan inte väljas: platsen är för årskurs 9."),
        ({"status": SlotStatus.PAUSED}, "Hulta Bageri kan inte väljas: platsen är inte öppen just nu."),
    ],
)
def test_a_place_that_does_not_fit_is_refused_with_the_reason(
    fields, sentence, open_round, region, weeks, learner, learner_actor, as_learner, seeding
):
    with seeding():
        slot = make_slot(make_workplace(make_employer(region)), **fields)
        make_seats(slot, weeks, 2)
    with as_learner(learner), pytest.raises(ChoiceRefused) as refused:
        add_choice(round=open_round, slot=slot, actor=learner_actor(learner))
    assert str(refused.value) == sentence
    with as_learner(learner):
        assert ranking(learner) == []


def test_a_full_place_is_refused(open_round, region, weeks, learner, learner_actor, as_learner, seeding):
    with seeding():
        slot = make_slot(make_workplace(make_employer(region)))
        make_seats(slot, weeks[:1], 2, taken=2)
        make_seats(slot, weeks[1:], 2)
    with as_learner(learner), pytest.raises(ChoiceRefused) as refused:
        add_choice(round=open_round, slot=slot, actor=learner_actor(learner))
    assert refused.value.code == "seats"


def test_removing_closes_the_gap(open_round, slots, learner, learner_actor, as_learner, seeding):
    with seeding():
        make_choices(open_round, learner, slots[:3], submitted=False)
    with as_learner(learner):
        remove_choice(round=open_round, slot=slots[0], actor=learner_actor(learner))
        assert ranking(learner) == [(1, "Kinna Plåt"), (2, "Åsunden Hotell")]


def test_a_sent_list_that_becomes_too_short_is_no_longer_sent(
    open_round, slots, learner, learner_actor, as_learner, seeding
):
    with seeding():
        make_choices(open_round, learner, slots[:3])
    actor = learner_actor(learner)
    with as_learner(learner):
        remove_choice(round=open_round, slot=slots[0], actor=actor)
        assert ChoiceList.objects.get().submitted_at is not None
        remove_choice(round=open_round, slot=slots[1], actor=actor)
        assert ChoiceList.objects.get().submitted_at is None


def test_moving_swaps_two_and_stops_at_the_ends(open_round, slots, learner, learner_actor, as_learner, seeding):
    with seeding():
        make_choices(open_round, learner, slots[:3])
    actor = learner_actor(learner)
    with as_learner(learner):
        move_choice(round=open_round, slot=slots[2], direction="up", actor=actor)
        assert ranking(learner) == [(1, "Hulta Bageri"), (2, "Åsunden Hotell"), (3, "Kinna Plåt")]
        move_choice(round=open_round, slot=slots[0], direction="down", actor=actor)
        assert ranking(learner) == [(1, "Åsunden Hotell"), (2, "Hulta Bageri"), (3, "Kinna Plåt")]
        move_choice(round=open_round, slot=slots[2], direction="up", actor=actor)
        move_choice(round=open_round, slot=slots[1], direction="down", actor=actor)
        assert ranking(learner) == [(1, "Åsunden Hotell"), (2, "Hulta Bageri"), (3, "Kinna Plåt")]


def test_sending_in_needs_the_least_number(open_round, slots, learner, learner_actor, as_learner):
    actor = learner_actor(learner)
    with as_learner(learner):
        add_choice(round=open_round, slot=slots[0], actor=actor)
        with pytest.raises(ChoiceRefused) as refused:
            submit_choices(round=open_round, actor=actor)
        assert str(refused.value) == "Lägg till 1 val till, sedan kan du skicka in."
        add_choice(round=open_round, slot=slots[1], actor=actor)
        submit_choices(round=open_round, actor=actor)
        assert ChoiceList.objects.get().submitted_at is not None


def test_nothing_changes_after_closing(open_round, slots, learner, learner_actor, as_learner, seeding):
    with seeding():
        make_choices(open_round, learner, slots[:2], submitted=False)
    close(open_round)
    actor = learner_actor(learner)
    steps = [
        lambda: add_choice(round=open_round, slot=slots[2], actor=actor),
        lambda: remove_choice(round=open_round, slot=slots[0], actor=actor),
        lambda: move_choice(round=open_round, slot=slots[0], direction="down", actor=actor),
        lambda: submit_choices(round=open_round, actor=actor),
    ]
    with as_learner(learner):
        for step in steps:
            with pytest.raises(RoundClosed):
                step()
        assert ranking(learner) == [(1, "Hulta Bageri"), (2, "Kinna Plåt")]
        assert ChoiceList.objects.get().submitted_at is None


def test_choosing_has_to_have_begun(school_class, weeks, slots, learner, learner_actor, as_learner, seeding):
    with seeding():
        viewing = make_round(make_period(school_class, weeks), phase="viewing")
    with as_learner(learner), pytest.raises(RoundClosed):
        add_choice(round=viewing, slot=slots[0], actor=learner_actor(learner))


def test_a_round_of_another_class_is_refused(school, open_round, slots, learner_actor, as_learner, seeding):
    with seeding():
        outsider = make_learner(make_class(school, "8E"))
    with as_learner(outsider), pytest.raises(ChoiceRefused) as refused:
        add_choice(round=open_round, slot=slots[0], actor=learner_actor(outsider))
    assert str(refused.value) == "Den här omgången gäller inte din klass."


def test_staff_cannot_choose_for_a_learner(open_round, slots, school, actor_of, as_org):
    with as_org(school), pytest.raises(ChoiceRefused):
        add_choice(round=open_round, slot=slots[0], actor=actor_of(school))


def test_a_learner_sees_and_changes_only_own_wishes(
    open_round, slots, school_class, learner, learner_actor, as_learner, seeding
):
    with seeding():
        other = make_learner(school_class)
        make_choices(open_round, other, slots[:3])
        make_choices(open_round, learner, slots[:1], submitted=False)
    with as_learner(learner):
        assert [held.learner_id for held in ChoiceList.objects.all()] == [learner.pk]
        remove_choice(round=open_round, slot=slots[0], actor=learner_actor(learner))
        assert Choice.objects.count() == 0
    with seeding():
        assert ranking(other) == [(1, "Hulta Bageri"), (2, "Kinna Plåt"), (3, "Åsunden Hotell")]
