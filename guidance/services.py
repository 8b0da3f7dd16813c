"""Writing a school's guidance plan."""

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.permissions import Actor
from core.weeks import monday, school_year, school_year_label, today
from guidance.models import Activity, Goal, GuidancePlan
from guidance.template import ACTIVITIES, GOALS
from schools.models import SchoolClass, SchoolUnit

FIRST_SPRING_WEEK: Final = 30  # ISO weeks below it are in the school year's second calendar year
LOWER_SECONDARY: Final = 7


@transaction.atomic
def start_plan(*, unit: SchoolUnit, year: int, actor: Actor) -> GuidancePlan:
    """Begin a year's plan from the region's sample: its goals, and the activities of the school's year groups.

    Raises:
        DomainError: the plan already has content.
    """
    plan = _plan_of(unit, year)
    if plan.goals.exists() or plan.activities.exists():
        text = _("Planen för %(year)s har redan börjat skrivas. Lägg till i den i stället.")
        raise DomainError(text % {"year": school_year_label(year)}, code="plan_started")
    owners = {"region_id": plan.region_id, "authority_id": plan.authority_id, "plan": plan}
    goals = Goal.objects.bulk_create(
        Goal(**owners, text=str(goal.text), measure=str(goal.measure), position=position)
        for position, goal in enumerate(GOALS)
    )
    lowest = _lowest_grade(unit, year)
    Activity.objects.bulk_create(
        Activity(
            **owners,
            goal=goals[sample.goal],
            title=str(sample.title),
            grade_level=sample.grade_level,
            week_on=_week_of(year, sample.week),
            scope=sample.scope,
            responsible=str(sample.responsible),
            counts_placements=sample.counts_placements,
        )
        for sample in ACTIVITIES
        if sample.grade_level >= lowest
    )
    return plan


@transaction.atomic
def add_goal(*, unit: SchoolUnit, year: int, text: str, measure: str, actor: Actor) -> Goal:
    """Add a goal last in the year's plan, which is begun if need be."""
    plan = _plan_of(unit, year)
    last = plan.goals.aggregate(Max("position"))["position__max"]
    goal = Goal.objects.create(
        region_id=plan.region_id,
        authority_id=plan.authority_id,
        plan=plan,
        text=text,
        measure=measure,
        position=0 if last is None else last + 1,
    )
    _touch(plan.pk)
    return goal


@transaction.atomic
def change_goal(*, goal: Goal, text: str, measure: str, actor: Actor) -> None:
    """Rewrite a goal."""
    goal.text, goal.measure = text, measure
    goal.save(update_fields=["text", "measure"])
    _touch(goal.plan_id)


@transaction.atomic
def remove_goal(*, goal: Goal, actor: Actor) -> None:
    """Take a goal away; its activities stay, without a goal."""
    goal.activities.update(goal=None)
    goal.delete()
    _touch(goal.plan_id)


@transaction.atomic
def add_activity(
    *,
    unit: SchoolUnit,
    year: int,
    title: str,
    grade_level: int,
    week_on: date,
    scope: str,
    responsible: str,
    goal: Goal | None,
    counts_placements: bool,
    actor: Actor,
) -> Activity:
    """Add an activity to the year's plan, which is begun if need be.

    Raises:
        DomainError: the week is outside the school year, or the goal is another plan's.
    """
    plan = _plan_of(unit, year)
    _check(plan, week_on, goal)
    activity = Activity.objects.create(
        region_id=plan.region_id,
        authority_id=plan.authority_id,
        plan=plan,
        goal=goal,
        title=title,
        grade_level=grade_level,
        week_on=week_on,
        scope=scope,
        responsible=responsible,
        counts_placements=counts_placements,
    )
    _touch(plan.pk)
    return activity


@transaction.atomic
def change_activity(
    *,
    activity: Activity,
    title: str,
    grade_level: int,
    week_on: date,
    scope: str,
    responsible: str,
    goal: Goal | None,
    counts_placements: bool,
    actor: Actor,
) -> None:
    """Rewrite an activity.

    Raises:
        DomainError: the week is outside the school year, or the goal is another plan's.
    """
    _check(activity.plan, week_on, goal)
    changes = {
        "title": title,
        "grade_level": grade_level,
        "week_on": week_on,
        "scope": scope,
        "responsible": responsible,
        "goal": goal,
        "counts_placements": counts_placements,
    }
    for name, value in changes.items():
        setattr(activity, name, value)
    activity.save(update_fields=list(changes))
    _touch(activity.plan_id)


@transaction.atomic
def remove_activity(*, activity: Activity, actor: Actor) -> None:
    """Take an activity away."""
    activity.delete()
    _touch(activity.plan_id)


@transaction.atomic
def mark_activity(*, activity: Activity, done: bool, actor: Actor) -> None:
    """Mark an activity as done today, or as not done after all.

    Raises:
        DomainError: its week has not begun.
    """
    if done and activity.week_on > monday(today()):
        raise DomainError(_("Aktiviteten ligger framåt i tiden. Flytta den till rätt vecka först."), code="not_yet")
    activity.done_on = today() if done else None
    activity.save(update_fields=["done_on"])
    _touch(activity.plan_id)


def _plan_of(unit: SchoolUnit, year: int) -> GuidancePlan:
    plan, _created = GuidancePlan.objects.get_or_create(
        region_id=unit.region_id, school_unit=unit, school_year=year, defaults={"authority_id": unit.authority_id}
    )
    return plan


def _touch(plan_id: UUID) -> None:
    GuidancePlan.objects.filter(pk=plan_id).update(updated_at=timezone.now())


def _check(plan: GuidancePlan, week_on: date, goal: Goal | None) -> None:
    if week_on != monday(week_on) or school_year(week_on) != plan.school_year:
        text = _("Välj en vecka under läsåret %(year)s.") % {"year": school_year_label(plan.school_year)}
        raise DomainError(text, code="week_outside_year", field="week_on")
    if goal is not None and goal.plan_id != plan.pk:
        raise DomainError(_("Välj ett av planens egna mål."), code="goal_of_other_plan", field="goal")


def _week_of(year: int, week: int) -> date:
    return date.fromisocalendar(year if week >= FIRST_SPRING_WEEK else year + 1, week, 1)


def _lowest_grade(unit: SchoolUnit, year: int) -> int:
    grades = SchoolClass.objects.filter(school_unit=unit, school_year=year).values_list("grade_level", flat=True)
    return min((LOWER_SECONDARY, *grades))
