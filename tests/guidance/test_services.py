from datetime import date
from typing import Any

import pytest

from accounts.enums import Role
from core.errors import DomainError
from core.weeks import WEEK, monday, school_year, today
from guidance.models import Activity, Goal
from guidance.services import (
    add_activity,
    add_goal,
    change_activity,
    mark_activity,
    remove_activity,
    remove_goal,
    start_plan,
)
from guidance.template import ACTIVITIES, GOALS
from tests.factories.guidance import make_activity, make_goal, make_plan
from tests.factories.schools import make_class

YEAR = school_year(today())
WEEK_ON = date.fromisocalendar(YEAR, 41, 1)
VALUES = {
    "title": "Gymnasiemässa",
    "grade_level": 9,
    "scope": "wide",
    "responsible": "SYV",
    "counts_placements": False,
}


@pytest.fixture
def actor(actor_of: Any, school: Any) -> Any:
    return actor_of(school, Role.CAREER_COUNSELLOR)


def test_start_plan_takes_the_goals_and_the_years_of_the_school(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        plan = start_plan(unit=school, year=YEAR, actor=actor)

        assert plan.goals.count() == len(GOALS)
        assert plan.activities.count() == len([one for one in ACTIVITIES if one.grade_level >= 7])
        assert {school_year(week) for week in plan.activities.values_list("week_on", flat=True)} == {YEAR}


def test_start_plan_takes_the_lower_years_where_the_school_has_them(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        make_class(school, "1A", grade_level=1)

        assert start_plan(unit=school, year=YEAR, actor=actor).activities.count() == len(ACTIVITIES)


def test_start_plan_refuses_a_plan_that_is_begun(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        make_goal(make_plan(school))

        with pytest.raises(DomainError) as refusal:
            start_plan(unit=school, year=YEAR, actor=actor)

    assert refusal.value.code == "plan_started"


def test_add_goal_begins_the_plan_and_keeps_the_order(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        for text in ("Först", "Sedan"):
            add_goal(unit=school, year=YEAR, text=text, measure="", actor=actor)

        assert list(Goal.objects.order_by("position").values_list("text", flat=True)) == ["Först", "Sedan"]


def test_add_activity_refuses_a_week_outside_the_year(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school), pytest.raises(DomainError) as refusal:
        add_activity(
            unit=school, year=YEAR, week_on=date.fromisocalendar(YEAR + 1, 41, 1), goal=None, actor=actor, **VALUES
        )

    assert (refusal.value.code, refusal.value.field) == ("week_outside_year", "week_on")


def test_change_activity_refuses_another_plans_goal(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        activity = make_activity(make_plan(school), WEEK_ON)
        stranger = make_goal(make_plan(school, YEAR + 1))

        with pytest.raises(DomainError) as refusal:
            change_activity(activity=activity, week_on=WEEK_ON, goal=stranger, actor=actor, **VALUES)

    assert refusal.value.code == "goal_of_other_plan"


def test_remove_goal_keeps_its_activities(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        plan = make_plan(school)
        goal = make_goal(plan)
        activity = make_activity(plan, WEEK_ON, goal=goal)

        remove_goal(goal=goal, actor=actor)

        activity.refresh_from_db()
        assert activity.goal_id is None


def test_mark_activity_can_be_taken_back(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        activity = make_activity(make_plan(school), monday(today()))

        mark_activity(activity=activity, done=True, actor=actor)
        assert Activity.objects.get().done_on == today()
        mark_activity(activity=activity, done=False, actor=actor)
        assert Activity.objects.get().done_on is None


def test_mark_activity_refuses_a_week_to_come(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        activity = make_activity(make_plan(school), monday(today()) + WEEK)

        with pytest.raises(DomainError) as refusal:
            mark_activity(activity=activity, done=True, actor=actor)

    assert refusal.value.code == "not_yet"


def test_remove_activity_takes_it_away(as_org: Any, school: Any, actor: Any) -> None:
    with as_org(school):
        remove_activity(activity=make_activity(make_plan(school), WEEK_ON), actor=actor)

        assert not Activity.objects.exists()
