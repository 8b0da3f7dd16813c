"""Guidance plans with goals and activities."""

from datetime import date
from typing import Any

from core.weeks import school_year, today
from guidance.models import Activity, Goal, GuidancePlan
from schools.models import SchoolUnit


def make_plan(school: SchoolUnit, year: int | None = None) -> GuidancePlan:
    return GuidancePlan.objects.create(
        region_id=school.region_id,
        authority_id=school.authority_id,
        school_unit=school,
        school_year=school_year(today()) if year is None else year,
    )


def make_goal(plan: GuidancePlan, text: str = "Alla elever möter två yrken") -> Goal:
    return Goal.objects.create(
        region_id=plan.region_id, authority_id=plan.authority_id, plan=plan, text=text, position=plan.goals.count()
    )


def make_activity(plan: GuidancePlan, week_on: date, **fields: Any) -> Activity:
    values: dict[str, Any] = {"title": "Gymnasiemässa", "grade_level": 9, "responsible": "SYV"}
    return Activity.objects.create(
        region_id=plan.region_id, authority_id=plan.authority_id, plan=plan, week_on=week_on, **{**values, **fields}
    )
