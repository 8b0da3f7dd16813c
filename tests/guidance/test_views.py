from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from core.weeks import WEEK, monday, school_year, today
from guidance.models import Activity, Goal
from tests.factories.employers import make_seats
from tests.factories.guidance import make_activity, make_goal, make_plan
from tests.factories.placed import place
from tests.factories.placements import make_round
from tests.factories.schools import make_class, make_learner, make_period, make_school

YEAR = school_year(today())
WEEK_ON = date.fromisocalendar(YEAR, 41, 1)


def url(name: str, owner: Any, *args: Any) -> str:
    return reverse(f"guidance:{name}", args=[owner.organisation.slug, *args])


@pytest.fixture
def counsellor(member_client: Any, school: Any) -> Any:
    return member_client(school, Role.CAREER_COUNSELLOR)


def test_plan_offers_the_regions_sample_and_then_shows_it(counsellor: Any, school: Any) -> None:
    assert "Börja med regionens mall" in counsellor.get(url("plan", school)).text

    answer = counsellor.post(url("plan_start", school), follow=True)

    assert len(answer.context["page"].goals) == 3
    assert "Börja med regionens mall" not in answer.text


def test_plan_counts_the_placements_in(seeding: Any, counsellor: Any, school: Any, slot: Any, weeks: Any) -> None:
    with seeding():
        school_class = make_class(school, grade_level=8)
        first, _second = make_learner(school_class), make_learner(school_class)
        make_learner(school_class, protection_mode="outside_system")
        make_seats(slot, weeks, seats=2)
        period = make_period(school_class, weeks)
        place(first, period, make_round(period), slot, weeks, 1)
        make_activity(make_plan(school), WEEK_ON, title="Prao", grade_level=8, counts_placements=True)

    page = counsellor.get(url("plan", school)).context["page"]

    assert page.rows[0].placement_text == "1 av 2 elever i åk 8 har genomfört eller planerad prao."


def test_plan_groups_year_nine_by_days(
    seeding: Any, counsellor: Any, school: Any, slot: Any, published_nine: Any
) -> None:
    page = counsellor.get(url("plan", school)).context["page"]

    assert [(one.done, one.planned, one.missing, one.learners) for one in page.days] == [(5, 5, 0, 1), (0, 0, 10, 1)]


@pytest.fixture
def published_nine(seeding: Any, school: Any, slot: Any) -> None:
    with seeding():
        school_class = make_class(school, "9A", grade_level=9)
        first, _second = make_learner(school_class), make_learner(school_class)
        weeks = [monday(today()) - WEEK, monday(today()) + WEEK]
        period = make_period(school_class, weeks)
        place(first, period, make_round(period), slot, weeks, 1)


@pytest.mark.parametrize("query", ["1999", "i+fjol"])
def test_plan_answers_422_to_an_unknown_year(counsellor: Any, school: Any, query: str) -> None:
    assert counsellor.get(f"{url('plan', school)}?school_year={query}").status_code == 422


def test_activity_is_written_changed_and_removed(counsellor: Any, school: Any, as_org: Any) -> None:
    values = {
        "title": "Gymnasiemässa",
        "goal": "",
        "grade_level": "9",
        "week_on": WEEK_ON.isoformat(),
        "scope": "wide",
        "responsible": "SYV",
    }

    assert counsellor.post(url("activity_add", school), values).status_code == 302
    with as_org(school):
        activity = Activity.objects.get()
    assert counsellor.get(url("activity_change", school, activity.pk)).status_code == 200
    counsellor.post(url("activity_change", school, activity.pk), {**values, "title": "Öppet hus"})
    counsellor.post(url("activity_mark", school, activity.pk), {"done": "1"})
    with as_org(school):
        activity.refresh_from_db()
    assert activity.title == "Öppet hus"
    assert counsellor.get(url("activity_remove", school, activity.pk)).status_code == 200
    counsellor.post(url("activity_remove", school, activity.pk))
    with as_org(school):
        assert not Activity.objects.exists()


def test_forms_answer_422_and_say_what_is_wrong(counsellor: Any, school: Any) -> None:
    goal = counsellor.post(url("goal_add", school), {"text": ""})
    activity = counsellor.post(url("activity_add", school), {"title": "Mässa", "week_on": "2001-01-01"})

    assert (goal.status_code, activity.status_code) == (422, 422)
    assert list(activity.context["form"].errors) == ["grade_level", "week_on", "scope", "responsible"]


def test_goal_is_written_changed_and_removed(counsellor: Any, school: Any, as_org: Any) -> None:
    counsellor.post(url("goal_add", school), {"text": "Alla möter två yrken"})
    with as_org(school):
        goal = Goal.objects.get()
    counsellor.post(url("goal_change", school, goal.pk), {"text": "Alla möter tre yrken"})
    with as_org(school):
        goal.refresh_from_db()
    assert goal.text == "Alla möter tre yrken"
    counsellor.post(url("goal_remove", school, goal.pk))
    with as_org(school):
        assert not Goal.objects.exists()


def test_another_schools_goal_is_not_there(
    seeding: Any, counsellor: Any, school: Any, authority: Any, stranger_school: Any
) -> None:
    with seeding():
        sibling = make_goal(make_plan(make_school(authority, "Grannskolan")))
        stranger = make_goal(make_plan(stranger_school))

    for goal in (sibling, stranger):
        assert counsellor.get(url("goal_change", school, goal.pk)).status_code == 404


def test_mentor_reads_but_does_not_write(member_client: Any, school: Any) -> None:
    mentor = member_client(school, Role.MENTOR)

    assert mentor.get(url("plan", school)).status_code == 200
    assert mentor.get(url("goal_add", school)).status_code == 404


def test_authority_lists_its_own_schools_plans(
    seeding: Any, member_client: Any, authority: Any, school: Any, stranger_school: Any
) -> None:
    with seeding():
        plan = make_plan(school)
        make_goal(plan)
        make_activity(plan, WEEK_ON, done_on=today())
        make_goal(make_plan(stranger_school))
    client = member_client(authority, Role.AUTHORITY_COORDINATOR)

    plans = client.get(url("plan", authority)).context["plans"]

    assert [(one.name, one.goals, one.activities, one.done) for one in plans] == [("Norrängsskolan", 1, 1, 1)]
    assert client.get(url("goal_add", authority)).status_code == 404


def test_plan_asks_the_same_questions_of_one_activity_and_of_three(seeding: Any, counsellor: Any, school: Any) -> None:
    with seeding():
        plan = make_plan(school)
        goal = make_goal(plan)
        make_activity(plan, WEEK_ON, goal=goal, counts_placements=True)
    one = queries(counsellor, url("plan", school))
    with seeding():
        for week in (WEEK_ON + WEEK, WEEK_ON + 2 * WEEK):
            make_activity(plan, week, goal=make_goal(plan), counts_placements=True, grade_level=8)

    assert queries(counsellor, url("plan", school)) == one


def queries(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)
