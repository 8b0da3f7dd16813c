"""Guidance plans of a few schools: goals, and activities through the year."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from dashboards.demo.calendar import SchoolCalendar
from dashboards.demo.dice import Dice
from guidance.enums import GuidanceScope
from guidance.models import Activity, Goal, GuidancePlan
from schools.models import SchoolUnit

W, N = GuidanceScope.WIDE, GuidanceScope.NARROW
GOALS: Final = (
    (
        "Alla elever har tio dagars prao före sommarlovet i årskurs 9.",
        "Antal dagar för varje elev, följs upp i december och maj.",
    ),
    ("Varje elev möter minst tre yrken som den inte kände till.", "Elevernas egna svar efter prao."),
    (
        "Fler provar ett yrke där det andra könet är i majoritet.",
        "Placeringar efter yrkesområde och kön, hela skolan.",
    ),
)
# goal, title, grade, ISO week, scope, who, counts placements
ACTIVITIES: Final = (
    (0, "Information om prao på föräldramötet", 8, 37, W, "SYV", False),
    (1, "Lektion: vad är ett yrke?", 8, 39, W, "Lärare i samhällskunskap", False),
    (2, "Studiebesök på teknikföretag", 8, 41, W, "Lärare i teknik", False),
    (0, "Prao i årskurs 9", 9, 41, W, "SYV", True),
    (1, "Återsamling: vad lärde du dig på prao?", 9, 46, W, "Mentorer", False),
    (0, "Vägledningssamtal inför gymnasievalet", 9, 47, N, "SYV", False),
    (2, "Gymnasiemässa", 9, 48, W, "SYV", False),
    (0, "Prao i årskurs 8", 8, 11, W, "SYV", True),
    (1, "Yrkesdag med vårdnadshavare", 8, 16, W, "Arbetslaget i årskurs 8", False),
    (0, "Genomgång av dem som saknar dagar", 9, 19, N, "SYV", True),
)


def write_plans(dice: Dice, units: Sequence[SchoolUnit], calendar: SchoolCalendar) -> int:
    """Write one plan per unit, the past activities done. Returns the number of plans."""
    plans, goals, activities = [], [], []
    for unit in units:
        owners = {"region_id": unit.region_id, "authority_id": unit.authority_id}
        plan = GuidancePlan(id=dice.uuid(), **owners, school_unit=unit, school_year=calendar.year)
        own = [
            Goal(id=dice.uuid(), **owners, plan=plan, text=text, measure=measure, position=position)
            for position, (text, measure) in enumerate(GOALS)
        ]
        plans.append(plan)
        goals += own
        for goal, title, grade, week, scope, who, counts in ACTIVITIES:
            week_on = date.fromisocalendar(calendar.year + (week < 27), week, 1)
            done = week_on + timedelta(days=3) if week_on + timedelta(days=7) < calendar.today else None
            activities.append(
                Activity(
                    id=dice.uuid(),
                    **owners,
                    plan=plan,
                    goal=own[goal],
                    title=title,
                    grade_level=grade,
                    week_on=week_on,
                    scope=scope,
                    responsible=who,
                    counts_placements=counts,
                    done_on=done if dice.often(0.9) else None,
                )
            )
    GuidancePlan.objects.bulk_create(plans)
    Goal.objects.bulk_create(goals)
    Activity.objects.bulk_create(activities)
    return len(plans)
