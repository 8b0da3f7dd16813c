from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from core.outbox.models import OutboxMessage
from core.weeks import WEEK, today
from placements.models import ChoiceList, Round, RoundPeriod
from placements.services.rounds import (
    RoundPlan,
    RoundRefused,
    change_round,
    delete_round,
    open_round,
    plan_problems,
    remind_learners,
    withdraw_reminders,
)
from schools.enums import ProtectionMode
from tests.factories.employers import make_employer, make_slot, make_workplace
from tests.factories.placements import make_choices, make_round, make_run
from tests.factories.schools import make_class, make_learner, make_period


def at(day, hour=8):
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture
def plan(weeks):
    first = weeks[0]
    return RoundPlan(
        title="Prao 8D",
        view_at=at(first - 7 * WEEK),
        choose_at=at(first - 6 * WEEK),
        close_at=at(first - 5 * WEEK, 16),
        confirm_on=first - 2 * WEEK,
    )


@pytest.fixture
def period(school_class, weeks, seeding):
    with seeding():
        return make_period(school_class, weeks)


@pytest.fixture
def counsellor(school, actor_of):
    return actor_of(school, "career_counsellor")


def opened(period, plan, school, actor):
    return open_round(periods=[period.pk], plan=plan, school_unit_id=school.pk, actor=actor)


def test_a_round_is_opened_with_its_periods_and_a_secret_seed(period, plan, school, counsellor, as_org):
    with as_org(school):
        first = opened(period, plan, school, counsellor)
        assert [link.period_id for link in first.round_periods.all()] == [period.pk]
        assert (first.kind, first.school_unit_id, len(first.seed)) == ("prao", school.pk, 32)


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        (lambda plan, _first: {"close_at": plan.choose_at}, "close_at",
         "Valet stänger innan det öppnar. Välj en senare stängning."),
        (lambda plan, _first: {"view_at": plan.choose_at + timedelta(hours=1)}, "view_at",
         "Låt platserna visas innan valet öppnar, eller samtidigt."),
        (lambda plan, _first: {"confirm_on": plan.close_at.date()}, "confirm_on",
         "Arbetsplatserna kan svara först när valet har stängt. Välj en senare dag."),
        (lambda _plan, _first: {"min_choices": 7}, "min_choices",
         "Minst antal val kan inte vara fler än högst antal val."),
        (lambda _plan, first: {"view_at": at(first - 30 * WEEK), "choose_at": at(first - 29 * WEEK),
                              "close_at": at(first - 28 * WEEK)}, "close_at",
         "Stängningen har redan passerat. Välj en tid framåt."),
    ],
)  # fmt: skip
def test_dates_that_do_not_hold_are_refused_at_their_field(plan, weeks, changed, field, sentence):
    problems = list(plan_problems(replace(plan, **changed(plan, weeks[0])), weeks))
    assert [(problem.field, str(problem)) for problem in problems] == [(field, sentence)]


def test_dates_after_the_first_week_are_refused(plan, weeks):
    late = replace(plan, close_at=at(weeks[0]), confirm_on=weeks[0] + timedelta(days=1))
    assert [problem.field for problem in plan_problems(late, weeks)] == ["close_at", "confirm_on"]


def test_a_round_without_periods_is_refused(plan, school, counsellor, as_org):
    with as_org(school), pytest.raises(RoundRefused) as refused:
        open_round(periods=[], plan=plan, school_unit_id=school.pk, actor=counsellor)
    assert (str(refused.value), refused.value.field) == ("Välj minst en klass som ska vara med.", "periods")


def test_another_schools_period_is_not_taken(stranger_school, weeks, plan, school, counsellor, as_org, seeding):
    with seeding():
        theirs = make_period(make_class(stranger_school, learners=1), weeks)
    with as_org(school), pytest.raises(RoundRefused):
        opened(theirs, plan, school, counsellor)
    with seeding():
        assert RoundPeriod.objects.count() == 0


def test_a_class_without_learners_is_refused(school, weeks, plan, counsellor, as_org, seeding):
    with seeding():
        empty = make_class(school, "8E")
        make_learner(empty, protection_mode=ProtectionMode.OUTSIDE)
        period = make_period(empty, weeks)
    with as_org(school), pytest.raises(RoundRefused) as refused:
        opened(period, plan, school, counsellor)
    assert str(refused.value) == "8E har inga elever. Importera klassen först, eller ta bort den ur urvalet."


def test_a_period_is_in_one_round_only(period, plan, school, counsellor, as_org):
    with as_org(school):
        opened(period, plan, school, counsellor)
        with pytest.raises(RoundRefused) as refused:
            opened(period, plan, school, counsellor)
        assert str(refused.value) == "8D är redan med i en annan omgång. Ta bort klassen ur urvalet."
        assert Round.objects.count() == 1


def test_a_class_is_not_in_a_round_twice(school_class, period, weeks, plan, school, counsellor, as_org, seeding):
    with seeding():
        again = make_period(school_class, [week + 4 * WEEK for week in weeks])
    with as_org(school), pytest.raises(RoundRefused) as refused:
        open_round(periods=[period.pk, again.pk], plan=plan, school_unit_id=school.pk, actor=counsellor)
    assert str(refused.value) == "8D är vald med två perioder. Öppna en omgång för varje period."


def test_dates_change_until_the_round_closes(period, plan, school, counsellor, as_org, seeding):
    with seeding():
        choosing = make_round(period)
    later = RoundPlan(
        title="Prao 8D, vår",
        view_at=choosing.view_at,
        choose_at=choosing.choose_at,
        close_at=choosing.close_at + timedelta(days=2),
        confirm_on=plan.confirm_on,
    )
    with as_org(school):
        change_round(round=choosing, plan=later, actor=counsellor)
        held = Round.objects.get()
        assert (held.title, held.close_at, held.seed) == ("Prao 8D, vår", later.close_at, choosing.seed)
        with pytest.raises(RoundRefused) as refused:
            change_round(round=choosing, plan=replace(later, min_choices=1), actor=counsellor)
        assert refused.value.field == "min_choices"


def test_a_closed_round_keeps_its_dates(period, plan, school, counsellor, as_org, seeding):
    with seeding():
        closed = make_round(period, phase="closed")
    with as_org(school), pytest.raises(RoundRefused) as refused:
        change_round(round=closed, plan=plan, actor=counsellor)
    assert str(refused.value) == "Valet har stängt, så datumen ligger fast."


def test_a_round_with_a_run_is_not_deleted(period, school, counsellor, as_org, seeding):
    with seeding():
        found = make_round(period, phase="closed")
        make_run(found)
    with as_org(school), pytest.raises(RoundRefused):
        delete_round(round=found, actor=counsellor)
    with seeding():
        assert Round.objects.count() == 1


def test_a_deleted_round_frees_its_periods(period, region, school, learner, plan, counsellor, as_org, seeding):
    with seeding():
        found = make_round(period)
        make_choices(found, learner, [make_slot(make_workplace(make_employer(region)))])
    with as_org(school):
        delete_round(round=found, actor=counsellor)
        assert (Round.objects.count(), ChoiceList.objects.count()) == (0, 0)
        assert opened(period, plan, school, counsellor).round_periods.count() == 1


def test_reminders_go_once_a_day_to_those_who_have_not_sent_in(
    school_class, period, region, school, learner, counsellor, as_org, seeding
):
    with seeding():
        slot = make_slot(make_workplace(make_employer(region)))
        saved, sent, without = (make_learner(school_class) for _ in range(3))
        make_learner(school_class, protection_mode=ProtectionMode.ALIAS)
        type(without).objects.filter(pk=without.pk).update(email="")
        found = make_round(period)
        make_choices(found, sent, [slot])
        make_choices(found, saved, [slot], submitted=False)
    with as_org(school):
        first = remind_learners(round=found, actor=counsellor)
        again = remind_learners(round=found, actor=counsellor)
        waiting = 3 + 2  # the class's own three, Amina, and the one with saved wishes
        assert (first.sent, first.already, first.without_mail) == (waiting, 0, 1)
        assert (again.sent, again.already, again.without_mail) == (0, waiting, 1)
        keys = set(OutboxMessage.objects.values_list("key", flat=True))
        assert len(keys) == waiting
        assert f"choice-reminder:{found.pk}:{learner.pk}:{today()}" in keys
        assert not [key for key in keys if str(sent.pk) in key]


def test_reminders_can_be_taken_back_and_sent_again(period, school, counsellor, as_org, seeding):
    with seeding():
        found = make_round(period)
    with as_org(school):
        assert remind_learners(round=found, actor=counsellor).sent == 3
        assert withdraw_reminders(round=found, actor=counsellor) == 3
        assert remind_learners(round=found, actor=counsellor).sent == 3


def test_no_reminders_when_the_round_is_closed(period, school, counsellor, as_org, seeding):
    with seeding():
        found = make_round(period, phase="closed")
    with as_org(school), pytest.raises(RoundRefused):
        remind_learners(round=found, actor=counsellor)
