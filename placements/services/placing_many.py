"""Turn a run's assignments into places, set by set: a quarter of a million learners without a Python object each.

Everything happens in the caller's transaction and scope: the rows written are judged by the same policies, constraints
and seat keeper as a single place chosen by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core.bulk import copy_rows, many_rows
from core.errors import StaleState
from core.permissions import Actor
from employers.enums import SlotStatus
from employers.services.capacity import SeatClaim, free_seats, take_seats
from placements.enums import PlacementStatus, RunPurpose
from placements.models import AllocationRun, AnswerLink, Placement
from placements.selectors.links import answer_deadline
from placements.services.placing import DoubleBooked, replace_moved

Progress = Callable[[str, int], None]

# What is alike for all learners of a class or a slot is joined here once; the later statements read this table alone.
# Keys ascend with the learners': rows written in that order find their pages of every index warm.
_GATHER: Final = """
CREATE TEMP TABLE run_places ON COMMIT DROP AS
WITH given AS MATERIALIZED (
    SELECT learner_id, slot_id, period_id, rank, row_number() OVER (ORDER BY learner_id) AS number
    FROM placements_assignment WHERE run_id = %(run)s AND slot_id IS NOT NULL
), keys AS (
    SELECT id, row_number() OVER (ORDER BY id) AS number
    FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, (SELECT count(*) FROM given))) random
)
SELECT k.id, a.learner_id, a.slot_id, a.period_id, a.rank, s.employer_id, s.status AS slot_status,
       l.school_unit_id, l.first_name || ' ' || l.last_name AS learner_name, c.name AS class_name,
       u.name AS school_name, u.phone AS school_phone, w.starts_on, w.ends_on
FROM given a
JOIN keys k USING (number)
JOIN employers_slot s ON s.id = a.slot_id
JOIN schools_learner l ON l.id = a.learner_id
JOIN schools_schoolclass c ON c.id = l.school_class_id
JOIN schools_schoolunit u ON u.organisation_id = l.school_unit_id
JOIN (SELECT period_id, min(week_on) AS starts_on, max(week_on) + 4 AS ends_on
      FROM schools_periodweek GROUP BY period_id) w ON w.period_id = a.period_id
ORDER BY a.number
"""
# Those who keep their place in a repair get no new one.
_COUNTS: Final = """
SELECT (SELECT count(*) FROM run_places), EXISTS (
    SELECT FROM placements_assignment a WHERE a.run_id = %(run)s AND a.slot_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM run_places r WHERE r.learner_id = a.learner_id))
"""
_STAYING: Final = """
DELETE FROM run_places r USING placements_placement p
WHERE p.round_id = %(round)s AND p.period_id = r.period_id AND p.learner_id = r.learner_id
  AND p.slot_id = r.slot_id AND p.ended_at IS NULL
"""
_PLACES: Final = """
INSERT INTO placements_placement (
    id, region_id, authority_id, employer_id, slot_id, learner_id, school_unit_id, round_id, period_id, run_id, kind,
    learner_name, class_name, school_name, school_phone, starts_on, ends_on, rank, status, end_reason, shown_at,
    created_at)
SELECT id, %(region)s, %(authority)s, employer_id, slot_id, learner_id, school_unit_id, %(round)s, period_id, %(run)s,
       %(kind)s, learner_name, class_name, school_name, school_phone, starts_on, ends_on, rank, %(status)s, '',
       %(shown_at)s, %(now)s
FROM run_places
"""
_WEEKS: Final = """
INSERT INTO placements_placementweek (
    id, region_id, authority_id, employer_id, placement_id, learner_id, week_on, days, live)
SELECT gen_random_uuid(), %(region)s, %(authority)s, r.employer_id, r.id, r.learner_id, w.week_on,
       daterange(w.week_on, w.week_on + 5), true
FROM run_places r JOIN schools_periodweek w ON w.period_id = r.period_id
ORDER BY r.id, w.week_on
"""
_SEATS: Final = """
SELECT r.slot_id, w.week_on, count(*) FROM run_places r JOIN schools_periodweek w ON w.period_id = r.period_id
GROUP BY r.slot_id, w.week_on
"""
_SEATS_HELD: Final = """
SELECT p.slot_id, w.week_on, count(*)
FROM placements_placement p JOIN placements_placementweek w ON w.placement_id = p.id
WHERE p.run_id = %(run)s GROUP BY p.slot_id, w.week_on
"""
_REMOVE_WEEKS: Final = """
DELETE FROM placements_placementweek WHERE placement_id IN (SELECT id FROM placements_placement WHERE run_id = %(run)s)
"""
_REMOVE_PLACES: Final = "DELETE FROM placements_placement WHERE run_id = %(run)s AND status = %(status)s"
_REMOVE_LINKS: Final = """
DELETE FROM placements_answerlink l WHERE round_id = %(round)s AND answered_at IS NULL AND NOT EXISTS (
    SELECT FROM placements_placement p WHERE p.round_id = l.round_id AND p.employer_id = l.employer_id)
"""
_LINKS_HELD: Final = """
UPDATE placements_answerlink SET answered_at = NULL, expires_at = greatest(expires_at, %(deadline)s)
WHERE round_id = %(round)s AND employer_id IN (SELECT employer_id FROM run_places)
"""
_LINKS_MISSING: Final = """
SELECT DISTINCT employer_id FROM run_places r WHERE NOT EXISTS (
    SELECT FROM placements_answerlink l WHERE l.round_id = %(round)s AND l.employer_id = r.employer_id)
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """How many places the run gives, and the titles of the slots among them that no longer take learners.

    `incomplete` when somebody's class, weeks or slot are gone: then fewer places were laid out than the run gives.
    """

    places: int
    withdrawn: list[str]
    incomplete: bool


@many_rows()
def gather(run: AllocationRun) -> Gathered:
    """Lay the run's places out in a temporary table of the open transaction, `run_places`, for `write` to read."""
    values = _values(run)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS run_places")
        cursor.execute(_GATHER, values)
        cursor.execute("ANALYZE run_places")
        cursor.execute(
            "SELECT DISTINCT title FROM employers_slot WHERE id IN"
            " (SELECT slot_id FROM run_places WHERE slot_status <> %s) ORDER BY title",
            [SlotStatus.PUBLISHED],
        )
        withdrawn = [title for (title,) in cursor.fetchall()]
        cursor.execute(_COUNTS, values)
        places, missing = cursor.fetchone()
        if run.purpose == RunPurpose.REPAIR:
            cursor.execute(_STAYING, values)
            places -= cursor.rowcount
        return Gathered(int(places), withdrawn, bool(missing))


@many_rows()
def write(run: AllocationRun, *, actor: Actor, now: datetime, shown_at: datetime, progress: Progress) -> None:
    """Write the gathered places with their weeks, open an answer link per employer, and take the seats.

    In a repair, those who move leave their former places first.

    Raises:
        SlotFull: a slot or its workplace has too few seats left in a week.
        DoubleBooked: a learner is already somewhere in one of the weeks.
    """
    values = _values(run) | {"now": now, "shown_at": shown_at}
    if run.purpose == RunPurpose.REPAIR:
        replace_moved(run=run, actor=actor, at=now)
    try:
        with transaction.atomic():
            _execute(_PLACES, values)
            progress("publish", 40)
            _execute(_WEEKS, values)
    except IntegrityError as error:
        raise DoubleBooked(
            _("Någon av eleverna har redan en plats någon av veckorna. Se klassens resultat och försök igen.")
        ) from error
    progress("publish", 70)
    _open_links(run)
    claims = [SeatClaim(slot_id, week_on, count) for slot_id, week_on, count in _rows(_SEATS, values)]
    take_seats(claims=claims, actor=actor)
    progress("publish", 85)
    check_now()


@many_rows()
def remove_places(run: AllocationRun, *, actor: Actor) -> int:
    """Delete the places of a run with their weeks and unanswered links, and free the seats. Returns how many.

    Raises:
        StaleState: an employer answered at the same moment.
    """
    values = _values(run)
    claims = [SeatClaim(slot_id, week_on, count) for slot_id, week_on, count in _rows(_SEATS_HELD, values)]
    _execute(_REMOVE_WEEKS, values)
    removed = _execute(_REMOVE_PLACES, values)
    if Placement.objects.filter(run=run).exists():
        raise StaleState(_("En arbetsplats svarade just nu. Ladda om sidan och se vad som gäller."))
    _execute(_REMOVE_LINKS, values)
    free_seats(claims=claims, actor=actor)
    return removed


def check_now() -> None:
    """Let the foreign keys judge what has been written, while there is still time to show a sign of life."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _open_links(run: AllocationRun) -> None:
    """Make a link for each employer that has none in the round, and keep those about to close open."""
    values = _values(run) | {"deadline": answer_deadline(run.round.confirm_on)}
    _execute(_LINKS_HELD, values)
    copy_rows(
        AnswerLink,
        {"employer_id": [employer_id for (employer_id,) in _rows(_LINKS_MISSING, values)]},
        same={
            "region_id": run.region_id,
            "authority_id": run.authority_id,
            "round_id": run.round_id,
            "expires_at": values["deadline"],
        },
    )


def _values(run: AllocationRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "round": run.round_id,
        "region": run.region_id,
        "authority": run.authority_id,
        "kind": run.round.kind,
        "status": str(PlacementStatus.RESERVED),
    }


def _execute(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def employers_of(run: AllocationRun) -> set[UUID]:
    """Return the employers with a place of this run."""
    return set(Placement.objects.filter(run=run).order_by().values_list("employer_id", flat=True).distinct())
