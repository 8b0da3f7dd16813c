"""The ten days of prao that every learner has a right to before the end of year 9, as counts."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from accounts.enums import PlacementKind
from core.tenancy.scopes import require_scope
from core.weeks import monday, today
from placements.models import Placement
from schools.enums import ProtectionMode
from schools.models import Learner

DUTY_DAYS: Final = 10
DAYS_PER_WEEK: Final = 5
LAST_GRADE: Final = 9


@dataclass(frozen=True, slots=True)
class TenDays:
    """Learners of one year group: who has the days behind them, who has them planned, who lacks some."""

    learners: int
    done: int
    planned: int

    @property
    def missing(self) -> int:
        """Return how many lack days that nobody has planned."""
        return self.learners - self.done - self.planned


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Learners who stand alike: so many days behind them, so many planned."""

    done: int
    planned: int
    learners: int

    @property
    def missing(self) -> int:
        """Return how many of the ten days nobody has planned."""
        return DUTY_DAYS - self.done - self.planned


_DAYS = """
WITH owned AS (
    SELECT learner.id, learner.authority_id AS authority, learner.school_unit_id AS school_unit
    FROM schools_learner learner
    JOIN schools_schoolclass class ON class.id = learner.school_class_id
    WHERE class.school_year = %(year)s AND class.grade_level = %(grade)s
    AND learner.protection_mode <> %(outside)s
    AND learner.region_id = %(region)s
    AND (%(authority)s::uuid IS NULL OR learner.authority_id = %(authority)s)
), counted AS (
    SELECT week.learner_id,
        least(%(week)s * count(*) FILTER (WHERE week.week_on < %(this_week)s), %(duty)s) AS done,
        least(%(week)s * count(*), %(duty)s) AS booked
    FROM placements_placementweek week
    JOIN placements_placement placement ON placement.id = week.placement_id AND placement.kind = %(kind)s
    WHERE week.live AND week.learner_id IN (SELECT id FROM owned)
    GROUP BY week.learner_id
), days AS (
    SELECT owned.*, coalesce(done, 0)::int AS done, coalesce(booked, 0)::int AS booked
    FROM owned LEFT JOIN counted ON counted.learner_id = owned.id
)
"""
_TEN_DAYS = """
SELECT CASE WHEN %(by)s = 'authority' THEN authority ELSE school_unit END AS owner, count(*),
    count(*) FILTER (WHERE done = %(duty)s),
    count(*) FILTER (WHERE done < %(duty)s AND booked = %(duty)s)
FROM days GROUP BY owner
"""
_DAY_GROUPS = """
SELECT done, booked - done AS planned, count(*)
FROM days WHERE school_unit = %(unit)s GROUP BY done, booked ORDER BY done DESC, booked DESC
"""


def ten_days(*, by: Literal["authority", "school_unit"], school_year: int) -> dict[UUID, TenDays]:
    """Return the counts of year 9 for each authority or school unit that the scope sees, in one query."""
    rows = _read(_DAYS + _TEN_DAYS, year=school_year, by=by)
    return {owner: TenDays(learners, done, planned) for owner, learners, done, planned in rows}


def day_groups(*, school_unit_id: UUID, school_year: int) -> list[DayGroup]:
    """Return a school's year 9 by days done and planned, those furthest on first, in one query."""
    return [DayGroup(*row) for row in _read(_DAYS + _DAY_GROUPS, year=school_year, unit=school_unit_id)]


def _read(sql: str, **params: Any) -> list[tuple[Any, ...]]:
    scope = require_scope()
    common: dict[str, Any] = {
        "grade": LAST_GRADE,
        "outside": ProtectionMode.OUTSIDE,
        "region": scope.region,
        "authority": scope.authority,
        "week": DAYS_PER_WEEK,
        "this_week": monday(today()),
        "kind": PlacementKind.PRAO,
        "duty": DUTY_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, {**common, **params})
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class GradePlacements:
    """How many of a year group have a place this school year, done or planned."""

    learners: int
    placed: int


def placements_by_grade(*, school_unit_id: UUID, school_year: int) -> dict[int, GradePlacements]:
    """Return the counts for each year group of a school in one school year, in one query."""
    held = Placement.objects.filter(
        learner=OuterRef("pk"), ended_at=None, starts_on__range=(date(school_year, 7, 1), date(school_year + 1, 6, 30))
    )
    rows = (
        Learner.objects.filter(school_unit_id=school_unit_id, school_class__school_year=school_year)
        .exclude(protection_mode=ProtectionMode.OUTSIDE)
        .annotate(is_placed=Exists(held))
        .values("school_class__grade_level")
        .annotate(learners=Count("pk"), placed=Count("pk", filter=Q(is_placed=True)))
        .order_by()
    )
    return {row["school_class__grade_level"]: GradePlacements(row["learners"], row["placed"]) for row in rows}
