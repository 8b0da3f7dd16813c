"""Whether a round has been edited since a run read it: one digest of its rows, computed in the database.

What counts is what the round's own people can change or have asked for: its learners and periods, wishes, locks and
places, its rules, how travel is estimated, and the slots wished for or locked with their seats, caps and reserves. What
does not: seats that others take (the taking itself is refused when one is gone), a new slot that nobody has asked for
(else no school could publish while employers are adding theirs), and the places that the run itself has given.
"""

from hashlib import sha256
from typing import Final

from django.db import connection

from core.tenancy.scopes import require_scope
from placements.models import AllocationRun, Round
from placements.selectors.run_inputs.planning import planned_for

_SHARED: Final = """
WITH classes AS MATERIALIZED (
    SELECT p.id AS period_id, p.school_class_id, p.kind FROM placements_roundperiod rp
    JOIN schools_placementperiod p ON p.id = rp.period_id WHERE rp.round_id = %(round)s
), weeks AS MATERIALIZED (
    SELECT week_on FROM schools_periodweek WHERE period_id IN (SELECT period_id FROM classes)
), chosen AS NOT MATERIALIZED (
    SELECT c.learner_id, c.slot_id, c.rank FROM placements_choicelist l
    JOIN placements_choice c ON c.choice_list_id = l.id AND c.region_id = %(region)s
    WHERE l.round_id = %(round)s AND l.region_id = %(region)s
), locked AS MATERIALIZED (
    SELECT learner_id, slot_id FROM placements_placementlock WHERE round_id = %(round)s AND region_id = %(region)s
), asked AS MATERIALIZED (
    SELECT s.id, s.kinds, s.grades, s.min_age, s.starts_at, s.ends_at, s.break_minutes, s.status, s.workplace_id
    FROM employers_slot s WHERE s.id IN (SELECT slot_id FROM chosen UNION SELECT slot_id FROM locked)
)
"""
_PARTS: Final = """
SELECT kind, max_choices FROM placements_round WHERE id = %(round)s
;
SELECT c.school_class_id, c.kind, k.grade_level, w.week_on FROM classes c
JOIN schools_schoolclass k ON k.id = c.school_class_id LEFT JOIN schools_periodweek w ON w.period_id = c.period_id
;
SELECT id, school_class_id, birth_date, protection_mode FROM schools_learner
WHERE school_class_id IN (SELECT school_class_id FROM classes)
;
SELECT * FROM chosen
;
SELECT * FROM locked
;
SELECT learner_id, slot_id FROM placements_placement
WHERE round_id = %(round)s AND ended_at IS NULL AND NOT coalesce(run_id = %(run)s, false)
;
SELECT organisation_id, latitude, longitude FROM schools_schoolunit WHERE organisation_id IN
    (SELECT k.school_unit_id FROM schools_schoolclass k JOIN classes c ON c.school_class_id = k.id)
;
SELECT speed_kmh, detour_percent, start_minutes, limit_minutes FROM placements_travelmodel
WHERE region_id = %(region)s
;
SELECT a.*, w.latitude, w.longitude FROM asked a JOIN employers_workplace w ON w.id = a.workplace_id
;
SELECT slot_id, week_on, seats FROM employers_slotweek WHERE region_id = %(region)s
AND slot_id IN (SELECT id FROM asked) AND week_on IN (SELECT week_on FROM weeks)
;
SELECT workplace_id, week_on, cap FROM employers_workplaceweek WHERE region_id = %(region)s
AND workplace_id IN (SELECT workplace_id FROM asked) AND week_on IN (SELECT week_on FROM weeks)
;
SELECT slot_id, authority_id, week_on, seats, release_on FROM employers_slotquota WHERE region_id = %(region)s
AND slot_id IN (SELECT id FROM asked) AND week_on IN (SELECT week_on FROM weeks)
"""
# Each part counts by the number of its rows and the sum of their hashes: their order is nothing.
_DIGEST: Final = _SHARED + " UNION ALL ".join(
    f"SELECT {number}, count(*), sum(hash_record_extended(part, 0))::text FROM ({part}) part"  # noqa: S608 -- our own text
    for number, part in enumerate(_PARTS.split(";"))
)


def round_digest(round: Round, *, run: AllocationRun | None = None) -> str:
    """Return the digest of what a run of the round would be given now; the places given by `run` do not count."""
    require_scope()
    with planned_for(round), connection.cursor() as cursor:
        cursor.execute(_DIGEST, {"round": round.pk, "region": round.region_id, "run": run.pk if run else None})
        return sha256(repr(sorted(cursor.fetchall())).encode()).hexdigest()


def current_digest(run: AllocationRun) -> str:
    """Return what `run.inputs_hash` would be if the run read its round now."""
    return round_digest(run.round, run=run)
