"""Places decided by hand before a run."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from core.models import StateChange
from employers.services.capacity import SeatClaim, take_seats
from placements.models import PlacementLock, Round
from placements.selectors.locks import lockable_slots, open_question
from placements.services.locks import LockRefused, lock_learner, unlock_learner
from schools.enums import ProtectionMode
from tests.factories import employers, placements, schools


@pytest.fixture
def case(school, employer, weeks, seeding):
    """A class of two; a bakery with one seat, a mill for grown-ups, a garage whose workplace is full."""
    with seeding():
        school_class = schools.make_class(school)
        made = placements.make_round(schools.make_period(school_class, weeks, learners=2), phase="closed")
        workplace, capped = employers.make_workplace(employer), employers.make_workplace(employer, "Bilab")
        bakery = employers.make_slot(workplace, title="Bageriet")
        mill = employers.make_slot(workplace, title="Sågen", min_age=18)
        garage = employers.make_slot(capped, title="Verkstaden")
        employers.make_seats(bakery, weeks)
        employers.make_seats(mill, weeks)
        employers.make_seats(garage, weeks, seats=3)
        employers.make_cap(capped, weeks, cap=1)
        amina, bo = (schools.make_learner(school_class, name) for name in ("Amina", "Bo"))
        placements.make_choices(made, amina, [garage, bakery])
    return SimpleNamespace(
        round=made, bakery=bakery, mill=mill, garage=garage, amina=amina, bo=bo, klass=school_class, school=school
    )


@pytest.fixture
def act(case, as_org, actor_of):
    """Lock a learner as the school's counsellor."""

    def lock(learner, slot, reason="Nära hemmet"):
        with as_org(case.school):
            return lock_learner(
                round=case.round, learner=learner, slot=slot, reason=reason, actor=actor_of(case.school)
            )

    return lock


def test_lock_keeps_the_reason_and_the_history(case, act, seeding):
    made = act(case.amina, case.bakery)
    with seeding():
        change = StateChange.objects.get(subject_id=made.pk)
    assert (made.slot, made.reason, change.after, change.reason) == (
        case.bakery,
        "Nära hemmet",
        "locked",
        "Nära hemmet",
    )


def test_a_second_lock_replaces_the_first(case, act, seeding):
    act(case.amina, case.bakery)
    act(case.amina, case.garage)
    with seeding():
        assert list(PlacementLock.objects.values_list("slot__title", flat=True)) == ["Verkstaden"]


def test_lock_refuses_a_slot_whose_seats_are_locked(case, act):
    act(case.amina, case.bakery)
    with pytest.raises(LockRefused, match=r"^Alla lediga platser på Bageriet v\.\s\d+–\d+ är redan låsta\."):
        act(case.bo, case.bakery)


def test_lock_counts_the_cap_of_the_workplace(case, act):
    act(case.amina, case.garage)
    with pytest.raises(LockRefused, match=r"^Alla lediga platser på Verkstaden"):
        act(case.bo, case.garage)


def test_lock_refuses_what_a_rule_stops(case, act):
    with pytest.raises(LockRefused, match=r"^Kan inte bokas: platsen kräver fyllda 18\.$"):
        act(case.amina, case.mill)


def test_lock_refuses_a_full_slot(case, act, as_org, actor_of, weeks):
    with as_org(case.school):
        take_seats(claims=[SeatClaim(case.bakery.pk, week, 1) for week in weeks], actor=actor_of(case.school))
    with pytest.raises(LockRefused, match=r"^Kan inte bokas: platsen är fullbokad"):
        act(case.amina, case.bakery)


def test_lock_refuses_after_publishing(case, act, seeding):
    with seeding():
        Round.objects.update(published_at=timezone.now())
    with pytest.raises(LockRefused, match=r"^Omgången är publicerad"):
        act(case.amina, case.bakery)


def test_a_protected_learner_has_no_question(case, seeding):
    with seeding():
        hidden = schools.make_learner(case.klass, protection_mode=ProtectionMode.ALIAS)
        assert open_question(round=case.round, learner_id=hidden.pk) is None


def test_options_begin_with_the_wishes(case, seeding):
    with seeding():
        question = open_question(round=case.round, learner_id=case.amina.pk)
        found = [(option.title, option.rank, option.left, option.against) for option in lockable_slots(question)]
    assert found == [
        ("Verkstaden", 1, 1, ""),
        ("Bageriet", 2, 1, ""),
        ("Sågen", None, 1, "Kan inte bokas: platsen kräver fyllda 18."),
    ]


def test_unlock_lets_the_next_run_decide(case, act, as_org, actor_of):
    made = act(case.amina, case.bakery)
    with as_org(case.school):
        unlock_learner(placement_lock=made, actor=actor_of(case.school))
        assert PlacementLock.objects.count() == 0
