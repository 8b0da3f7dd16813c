"""What one wish, one late learner or one seat fewer would do: the same as solving again from the start."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.tenancy import SystemReason, scope, system_scope
from core.tenancy.tasks import scope_of
from employers.models import SlotWeek
from placements.allocation import solve
from placements.enums import RunPolicy
from placements.models import AllocationRun, Assignment, PlacementLock, RunFile
from placements.selectors.run_inputs import load_inputs
from placements.selectors.whatif import (
    LARGEST,
    WhatIfRefused,
    ask_late,
    ask_seat,
    ask_wish,
    is_outdated,
    late_learners,
    refusal_to_ask,
    seat_options,
    wishes_of,
)
from placements.services.run_work import perform_run
from tests.factories import employers, placed, placements, schools

# A run's steps are transactions of their own.
pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("Amina", "Bo", "Cia", "Dag")


@pytest.fixture
def case(school, employer, weeks, seeding):
    """Four learners, a bakery with one seat, a garage with two and a mill with one for grown-ups alone."""
    with seeding():
        school_class = schools.make_class(school)
        learners = [schools.make_learner(school_class, name) for name in NAMES]
        period = schools.make_period(school_class, weeks)
        made = placements.make_round(period, phase="closed")
        workplace = employers.make_workplace(employer)
        bakery, garage, clinic = (
            employers.make_slot(workplace, title=title) for title in ("Bageriet", "Verkstaden", "Kliniken")
        )
        mill = employers.make_slot(workplace, title="Sågen", min_age=18)
        for slot, seats in ((bakery, 1), (garage, 2), (clinic, 1), (mill, 1)):
            employers.make_seats(slot, weeks, seats)
        for learner, wishes in zip(
            learners,
            [[bakery, garage], [bakery, garage, clinic], [garage, bakery, mill], [garage, clinic]],
            strict=True,
        ):
            placements.make_choices(made, learner, wishes)
        run = placements.make_run(made)
    perform_run(run_id=run.pk, in_scope=scope_of(run.authority_id))
    slots = {slot.title: slot for slot in (bakery, garage, clinic, mill)}
    found = SimpleNamespace(
        school=school,
        klass=school_class,
        round=made,
        weeks=weeks,
        slots=slots,
        learners=dict(zip(NAMES, learners, strict=True)),
    )
    found.run = reread(run)
    return found


def reread(run: AllocationRun) -> AllocationRun:
    with system_scope(SystemReason.SEED):
        return AllocationRun.objects.select_related("round").get(pk=run.pk)


def ours(case):
    return scope(case.school.organisation.scope())


def places_now(case) -> dict[str, str | None]:
    rows = Assignment.objects.filter(run=case.run).values_list("learner__first_name", "slot__title")
    return dict(rows)


def solved(case) -> dict[str, str | None]:
    """Where everybody would be if the run were made now."""
    inputs = load_inputs(case.round)
    result = solve(inputs.problem, seed=case.run.seed)
    titles = {slot.pk: slot.title for slot in case.slots.values()}
    names = {learner.pk: name for name, learner in case.learners.items()}
    return {
        names[pk]: titles[inputs.slot_of(int(arc))] if arc >= 0 else None
        for pk, arc in zip(inputs.learner_ids(range(len(result.chosen))), result.chosen, strict=True)
    }


def told(case, answer) -> dict[str, str | None]:
    """The run's places with the answer's changes."""
    after = places_now(case)
    for effect in answer.effects:
        name = effect.name.partition(" ")[0]
        assert (after.get(name) or "") == effect.before.place
        after[name] = effect.after.place or None
    return after


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", ["Bageriet", "Verkstaden", "Kliniken"])
def test_a_wish_costs_what_a_lock_would(case, seeding, name, title):
    learner, slot = case.learners[name], case.slots[title]
    with ours(case):
        answer = ask_wish(case.run, learner_id=learner.pk, slot_id=slot.pk)
        before = told(case, answer)
    with seeding():
        PlacementLock.objects.create(
            region_id=case.round.region_id,
            authority_id=case.round.authority_id,
            round=case.round,
            learner=learner,
            slot=slot,
            reason="test",
        )
    with ours(case):
        assert before == solved(case)


def test_the_heading_says_who_pays(case):
    with ours(case):
        places = places_now(case)
        holder = next(name for name, title in places.items() if title == "Bageriet")
        other = "Bo" if holder == "Amina" else "Amina"
        own = ask_wish(case.run, learner_id=case.learners[holder].pk, slot_id=case.slots["Bageriet"].pk)
        theirs = ask_wish(case.run, learner_id=case.learners[other].pk, slot_id=case.slots["Bageriet"].pk)
    assert (own.tone, own.heading, own.effects) == ("go", "Eleven har platsen redan", [])
    assert (theirs.tone, theirs.heading) == ("wait", "En annan elev byter plats, ingen blir utan")
    (paid,) = theirs.others
    assert (paid.name.partition(" ")[0], paid.before.place, paid.before.wish) == (holder, "Bageriet", "val 1")


def test_a_wish_that_a_rule_stops_is_refused(case):
    with ours(case), pytest.raises(WhatIfRefused, match="En regel hindrar"):
        ask_wish(case.run, learner_id=case.learners["Cia"].pk, slot_id=case.slots["Sågen"].pk)


def test_a_late_learner_gets_what_a_new_run_would_give(case, seeding):
    with seeding():
        late = schools.make_learner(case.klass, "Zara")
        placements.make_choices(case.round, late, [case.slots["Verkstaden"], case.slots["Bageriet"]])
    case.learners["Zara"] = late
    with ours(case):
        assert [learner.pk for learner in late_learners(case.run)] == [late.pk]
        answer = ask_late(case.run, learner_id=late.pk)
        places = told(case, answer)
        again = solved(case)
    # Five learners and four seats: somebody is without, by lot or by cost, and it is the same one.
    assert (places, answer.tone) == (again, "stop")


def test_a_late_learner_who_fits_nowhere_is_told_so(case, seeding):
    with seeding():
        late = schools.make_learner(case.klass, "Zara")
        SlotWeek.objects.update(seats=1, taken=1)
        SlotWeek.objects.filter(slot=case.slots["Sågen"]).update(taken=0)
    with ours(case):
        answer = ask_late(case.run, learner_id=late.pk)
    assert (answer.heading, [effect.name for effect in answer.effects]) == ("Eleven får ingen plats", ["Zara Warsame"])


@pytest.mark.parametrize("title", ["Bageriet", "Verkstaden", "Kliniken"])
def test_a_withdrawn_seat_does_what_a_new_run_would(case, seeding, title):
    with ours(case):
        key = next(option.key for option in seat_options(case.run) if option.label.startswith(title))
        answer = ask_seat(case.run, key=key)
        places = told(case, answer)
    with seeding():
        week = SlotWeek.objects.filter(slot=case.slots[title]).first()
        SlotWeek.objects.filter(slot=case.slots[title]).update(seats=week.seats - 1)
    with ours(case):
        assert places == solved(case)
    assert answer.heading == "En elev blir utan plats"


def test_a_seat_to_spare_costs_nobody(case, seeding):
    with seeding():
        SlotWeek.objects.filter(slot=case.slots["Verkstaden"]).update(seats=5)
        run = placements.make_run(case.round)
    perform_run(run_id=run.pk, in_scope=scope_of(run.authority_id))
    run = reread(run)
    with ours(case):
        key = next(option.key for option in seat_options(run) if option.label.startswith("Verkstaden"))
        answer = ask_seat(run, key=key)
    assert (answer.tone, answer.effects) == ("go", ())


@pytest.mark.parametrize(
    "key", ["", "x.0", "00000000-0000-4000-8000-000000000000.0", "00000000-0000-4000-8000-000000000000.9"]
)
def test_a_seat_that_is_not_there_is_refused(case, key):
    with ours(case), pytest.raises(WhatIfRefused, match="Platsen finns inte i körningen"):
        ask_seat(case.run, key=key)


def test_runs_that_cannot_be_asked_say_why(case, seeding):
    with ours(case):
        assert refusal_to_ask(case.run) == ""
        case.run.summary["arcs"] = LARGEST + 1
        assert refusal_to_ask(case.run).startswith("Körningen är för stor")
        case.run.policy = RunPolicy.SERIAL
        assert refusal_to_ask(case.run).startswith("Lottad turordning")
        case.run.status = "queued"
        assert refusal_to_ask(case.run).startswith("Frågan kan ställas om en färdig körning")


def test_a_damaged_file_is_refused_with_a_sentence(case, seeding):
    with seeding():
        saved = RunFile.objects.get(run=case.run)
        saved.result = bytes(saved.result)[:-200]
        saved.save()
    with ours(case), pytest.raises(WhatIfRefused, match="går inte att räkna om"):
        ask_wish(case.run, learner_id=case.learners["Bo"].pk, slot_id=case.slots["Bageriet"].pk)


def test_wishes_and_outdatedness_are_told(case, seeding):
    with ours(case):
        row = Assignment.objects.get(run=case.run, learner=case.learners["Cia"])
        wishes = [(wish.rank, wish.title, wish.granted) for wish in wishes_of(row, case.run)]
        before = is_outdated(case.run)
    with seeding():
        case.learners["Dag"].choice_lists.get().choices.get(rank=2).delete()
    with ours(case):
        after = is_outdated(case.run)
    assert wishes == [(1, "Verkstaden", True), (2, "Bageriet", False), (3, "Sågen", False)]
    assert (before, after) == (False, True)


def test_a_place_given_or_lost_since_makes_the_answers_old(case, seeding):
    with seeding():
        placed.place(
            case.learners["Dag"],
            case.round.round_periods.get().period,
            case.round,
            case.slots["Kliniken"],
            case.weeks,
            None,
        )
    with ours(case):
        assert is_outdated(case.run) is True


def test_queries_do_not_grow_with_the_chain(case):
    def count(name: str) -> int:
        with ours(case), CaptureQueriesContext(connection) as counted:
            ask_wish(case.run, learner_id=case.learners[name].pk, slot_id=case.slots["Bageriet"].pk)
        return len(counted)

    with ours(case):
        holder = next(name for name, title in places_now(case).items() if title == "Bageriet")
    count(holder)
    assert len({count(name) for name in NAMES if name != holder}) == 1
