"""Which places a run can no longer have: withdrawn, taken by others or kept for them since. Counted in the database."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from core.tenancy.scopes import require_scope
from core.weeks import today
from employers.enums import SlotStatus
from employers.models import SlotQuota
from employers.selectors.quotas import reserved_for_others
from placements.enums import RunPurpose
from placements.models import AllocationRun
from placements.selectors.rounds import weeks_of_round

# Who keeps in a repair the place already held takes no new seat there, and who moves gives the old one back.
_KEEPING: Final = """
    EXCEPT SELECT learner_id, slot_id, period_id FROM placements_placement
    WHERE round_id = %(round)s AND ended_at IS NULL AND run_id IS DISTINCT FROM %(run)s
"""
_GONE: Final = """
WITH claimed AS MATERIALIZED (
    SELECT slot_id, period_id, count(*)::int AS learners FROM (
        SELECT learner_id, slot_id, period_id FROM placements_assignment
        WHERE run_id = %(run)s AND slot_id IS NOT NULL {keeping}
    ) given GROUP BY slot_id, period_id
), given_back AS MATERIALIZED (
    SELECT a.moved_from_id AS slot_id, a.period_id, -count(*)::int AS learners FROM placements_assignment a
    WHERE %(repair)s AND a.run_id = %(run)s AND a.moved_from_id IS NOT NULL GROUP BY a.moved_from_id, a.period_id
), claims AS MATERIALIZED (
    SELECT b.slot_id, w.week_on, sum(b.learners) AS seats
    FROM (SELECT * FROM claimed UNION ALL SELECT * FROM given_back) b
    JOIN schools_periodweek w ON w.period_id = b.period_id GROUP BY b.slot_id, w.week_on
), kept AS (
    SELECT * FROM unnest(%(kept_slots)s::uuid[], %(kept_weeks)s::date[], %(kept_seats)s::int[])
        k(slot_id, week_on, seats)
), gone AS (
    SELECT c.slot_id FROM claims c LEFT JOIN employers_slotweek w ON w.slot_id = c.slot_id AND w.week_on = c.week_on
    LEFT JOIN kept k ON k.slot_id = c.slot_id AND k.week_on = c.week_on
    WHERE c.seats > 0 AND c.seats > coalesce(w.seats - w.taken, 0) - coalesce(k.seats, 0)
    UNION
    SELECT s.id FROM employers_slot s JOIN (
        SELECT s.workplace_id, c.week_on, sum(c.seats) AS seats FROM claims c JOIN employers_slot s ON s.id = c.slot_id
        GROUP BY s.workplace_id, c.week_on
    ) d ON d.workplace_id = s.workplace_id JOIN employers_workplaceweek w
        ON w.workplace_id = d.workplace_id AND w.week_on = d.week_on
    WHERE d.seats > greatest(w.cap - w.taken, 0)
    UNION
    SELECT s.id FROM employers_slot s JOIN claimed c ON c.slot_id = s.id WHERE s.status <> %(offered)s
)
SELECT s.title, sum(c.learners)::int FROM gone g JOIN claimed c ON c.slot_id = g.slot_id
JOIN employers_slot s ON s.id = g.slot_id GROUP BY s.id, s.title ORDER BY s.title, s.id
"""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The places that are gone, by name, and how many learners the run puts there."""

    titles: list[str]
    learners: int


def withdrawn_since(run: AllocationRun) -> Withdrawn:
    """Return the places that can no longer take those whom the run puts there."""
    repairs = run.purpose == RunPurpose.REPAIR
    values: dict[str, Any] = {
        "run": run.pk,
        "round": run.round_id,
        "repair": repairs,
        "offered": SlotStatus.PUBLISHED.value,
        **_kept(run),
    }
    with connection.cursor() as cursor:
        cursor.execute(_GONE.format(keeping=_KEEPING if repairs else ""), values)
        rows = cursor.fetchall()
    return Withdrawn([title for title, _learners in rows], sum(learners for _title, learners in rows))


def _kept(run: AllocationRun) -> dict[str, list[Any]]:
    """What others have reserved in the round's weeks, as columns."""
    weeks = weeks_of_round(run.round)
    slots = SlotQuota.objects.filter(week_on__in=weeks, release_on__gt=today()).values_list("slot_id", flat=True)
    kept = reserved_for_others(set(slots), weeks, require_scope().authority, today())
    return {
        "kept_slots": [slot_id for slot_id, _week in kept],
        "kept_weeks": [week_on for _slot, week_on in kept],
        "kept_seats": list(kept.values()),
    }
