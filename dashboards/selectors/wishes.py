"""What the region's learners wish for in the first place, by occupation field: counted now and then, and kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from core.kept import kept
from core.tenancy.scopes import require_scope
from core.weeks import Term
from dashboards.selectors.aggregates import over_region
from dashboards.suppression import LIMIT, Cell
from schools.enums import ProtectionMode

# Every first choice of the region is read: a second for a whole country, and what is asked about is a term away. What
# is kept is suppressed already, so a cache is enough; the page tells when the wishes were counted.
KEPT_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Wishes:
    """Weeks wished for by first choice, as they may be shown, by occupation field; and when they were counted."""

    by_field: dict[str, Cell]
    counted_at: datetime

    def of(self, field: str) -> Cell:
        """Return the weeks wished for in a field, nought where nobody wishes for it."""
        return self.by_field.get(field, Cell(0))


def wishes_of_region(region_id: UUID, *, kind: str, term: Term) -> Wishes:
    """Return the wishes for one kind and the whole term, not older than ten minutes."""
    found = kept(
        f"wishes:{region_id}:{kind}:{term.code}",
        lambda: over_region(region_id, lambda: _counted(kind, term)),
        seconds=KEPT_SECONDS,
    )
    return Wishes(found.value, found.at)


def _shown(learners: int, weeks: int) -> Cell:
    return Cell(None, small=True) if learners < LIMIT else Cell(weeks)


# Weeks first, by round and class: joined to the choices they would multiply every row.
_COUNTED = """
WITH away AS MATERIALIZED (
    SELECT part.round_id, period.school_class_id, count(*) AS weeks
    FROM schools_periodweek week
    JOIN schools_placementperiod period ON period.id = week.period_id AND period.kind = %(kind)s
    JOIN placements_roundperiod part ON part.period_id = period.id
    WHERE week.region_id = %(region)s AND week.week_on = ANY(%(weeks)s::date[])
    GROUP BY part.round_id, period.school_class_id
)
SELECT slot.occupation_field, count(DISTINCT choice.learner_id), coalesce(sum(away.weeks), 0)::int
FROM placements_choicelist list
JOIN placements_choice choice ON choice.choice_list_id = list.id AND choice.rank = 1
JOIN employers_slot slot ON slot.id = choice.slot_id
JOIN schools_learner learner ON learner.id = choice.learner_id AND learner.protection_mode <> %(outside)s
LEFT JOIN away ON away.round_id = list.round_id AND away.school_class_id = learner.school_class_id
WHERE list.region_id = %(region)s AND list.round_id IN (SELECT round_id FROM away)
GROUP BY slot.occupation_field
"""


def _counted(kind: str, term: Term) -> dict[str, Cell]:
    """Return by occupation field the weeks of first choices, as they may be shown."""
    params: dict[str, Any] = {
        "kind": kind,
        "weeks": list(term.weeks),
        "region": require_scope().region,
        "outside": ProtectionMode.OUTSIDE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, params)
        return {field: _shown(learners, weeks) for field, learners, weeks in cursor.fetchall()}
