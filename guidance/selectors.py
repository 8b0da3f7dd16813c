"""A school's plan for a page: goals, the year month by month, and how the placements stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.ui import StatusTag, tag_for
from core.weeks import monday, school_year, school_year_label, today, week_label
from guidance.models import Activity, Goal, GuidancePlan
from placements.selectors.days import DayGroup, GradePlacements, day_groups, placements_by_grade
from schools.models import SchoolUnit


def grade_label(grade_level: int) -> str:
    """Return "åk 8", or "förskoleklass"."""
    return _("åk %(level)s") % {"level": grade_level} if grade_level else _("förskoleklass")


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity in the year: laid, planned, or past without being marked."""

    activity: Activity
    placements: GradePlacements | None

    @property
    def week(self) -> str:
        """Return "v. 41"."""
        return week_label(self.activity.week_on)

    @property
    def grade(self) -> str:
        """Return "åk 8"."""
        return grade_label(self.activity.grade_level)

    @property
    def is_past(self) -> bool:
        """Tell whether its week is over and nobody has marked it."""
        return self.activity.done_on is None and self.activity.week_on < monday(today())

    @property
    def can_be_marked(self) -> bool:
        """Tell whether it can be marked as done: its week has begun."""
        return self.activity.done_on is None and self.activity.week_on <= monday(today())

    @property
    def plank(self) -> tuple[int, int, int]:
        """Return its one plank: laid, planned or missing."""
        if self.activity.done_on:
            return 1, 0, 0
        return (0, 0, 1) if self.is_past else (0, 1, 0)

    @property
    def tag(self) -> StatusTag:
        """Return the status."""
        if self.activity.done_on:
            return tag_for("completed")
        return tag_for("awaiting_you", _("Inte avprickad")) if self.is_past else tag_for("planned")

    @property
    def placement_text(self) -> str:
        """Return "22 av 24 elever i åk 8 har genomfört eller planerad prao", or '' when it does not count them."""
        if not self.activity.counts_placements:
            return ""
        found = self.placements or GradePlacements(0, 0)
        if not found.learners:
            return _("Inga elever i %(grade)s är inlästa ännu.") % {"grade": self.grade}
        return _("%(placed)s av %(learners)s elever i %(grade)s har genomfört eller planerad prao.") % {
            "placed": found.placed,
            "learners": found.learners,
            "grade": self.grade,
        }


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the year with its activities."""

    label: str
    rows: list[ActivityRow]


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal with how many of its activities are done."""

    goal: Goal
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PlanPage:
    """All that the page of a plan shows."""

    unit: SchoolUnit
    year: int
    goals: list[GoalRow]
    months: list[Month]
    days: list[DayGroup]

    @property
    def label(self) -> str:
        """Return "2026/27"."""
        return school_year_label(self.year)

    @property
    def rows(self) -> list[ActivityRow]:
        """Return every activity in the order of the year."""
        return [row for month in self.months for row in month.rows]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is written."""
        return not self.goals and not self.months

    @property
    def heading(self) -> str:
        """Say how the year stands."""
        rows = self.rows
        if self.is_empty:
            return _("Ingen plan för %(year)s ännu") % {"year": self.label}
        forgotten = sum(row.is_past for row in rows)
        if forgotten == 1:
            return _("En aktivitet är inte avprickad")
        if forgotten:
            return _("%(count)s aktiviteter är inte avprickade") % {"count": forgotten}
        done = sum(row.activity.done_on is not None for row in rows)
        return _("%(done)s av %(total)s aktiviteter är genomförda") % {"done": done, "total": len(rows)}


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A school's plan in the authority's list."""

    name: str
    slug: str
    goals: int
    activities: int
    done: int
    forgotten: int

    @property
    def tag(self) -> StatusTag:
        """Return how the plan stands."""
        if not self.goals and not self.activities:
            return tag_for("not_started")
        if self.forgotten:
            return tag_for("awaiting_you", _("%(count)s inte avprickade") % {"count": self.forgotten})
        return tag_for("done") if self.done == self.activities else tag_for("ongoing")


def plan_page(*, unit: SchoolUnit, year: int) -> PlanPage:
    """Return a school's plan of one year, in a constant number of queries."""
    activities = list(activities_of(unit).filter(plan__school_year=year).order_by("week_on", "grade_level", "title"))
    counted = any(activity.counts_placements for activity in activities)
    placed = placements_by_grade(school_unit_id=unit.pk, school_year=year) if counted else {}
    rows = [ActivityRow(activity, placed.get(activity.grade_level)) for activity in activities]
    return PlanPage(
        unit=unit,
        year=year,
        goals=_goal_rows(goals_of(unit).filter(plan__school_year=year).order_by("position", "pk"), activities),
        months=_months(rows),
        days=day_groups(school_unit_id=unit.pk, school_year=year),
    )


def goals_of(unit: SchoolUnit) -> QuerySet[Goal]:
    """Return the goals of all the school's plans."""
    return Goal.objects.filter(plan__school_unit=unit).select_related("plan")


def activities_of(unit: SchoolUnit) -> QuerySet[Activity]:
    """Return the activities of all the school's plans."""
    return Activity.objects.filter(plan__school_unit=unit).select_related("plan", "goal")


def plans_of_authority(*, authority_id: UUID, year: int) -> list[PlanSummary]:
    """Return every school of the authority with what its plan holds, in two queries."""
    now = monday(today())
    plans = GuidancePlan.objects.filter(authority_id=authority_id, school_year=year).annotate(
        goal_count=Count("goals", distinct=True),
        activity_count=Count("activities", distinct=True),
        done_count=Count("activities", filter=Q(activities__done_on__isnull=False), distinct=True),
        forgotten_count=Count(
            "activities", filter=Q(activities__done_on=None, activities__week_on__lt=now), distinct=True
        ),
    )
    found = {plan.school_unit_id: plan for plan in plans}
    units = SchoolUnit.objects.filter(authority_id=authority_id).select_related("organisation").order_by("name")
    return [_summary(unit, found.get(unit.pk)) for unit in units]


def years_to_choose() -> list[int]:
    """Return last school year, this and the next."""
    this = school_year(today())
    return [this - 1, this, this + 1]


def _summary(unit: SchoolUnit, plan: GuidancePlan | None) -> PlanSummary:
    counts = ("goal_count", "activity_count", "done_count", "forgotten_count")
    return PlanSummary(unit.name, unit.organisation.slug, *(getattr(plan, name, 0) for name in counts))


def _goal_rows(goals: Iterable[Goal], activities: list[Activity]) -> list[GoalRow]:
    rows = []
    for goal in goals:
        mine = [activity for activity in activities if activity.goal_id == goal.pk]
        rows.append(GoalRow(goal, sum(activity.done_on is not None for activity in mine), len(mine)))
    return rows


def _months(rows: list[ActivityRow]) -> list[Month]:
    def first_of_month(row: ActivityRow) -> date:
        return row.activity.week_on.replace(day=1)

    return [
        Month(date_format(month, "F Y").capitalize(), list(found)) for month, found in groupby(rows, first_of_month)
    ]
