"""Who may have which place: one function per rule, each dated and with its reference. No database.

The browse page, booking by hand and the allocation run all ask here. `reasons_against` gives what stops a booking,
`remarks` what a person should look at. With `free` (seats left per slot and week) the seats are judged too; without it
they are not. A run asks through `placements.eligibility.tables`: the same rules, once for learners and slots alike.

An unknown birth date stops nobody by itself: it is data we ask for only when needed. The grade's ordinary ages then
decide, and where they leave it open the age becomes a remark.
"""

from collections.abc import Iterable
from datetime import date

from employers.models import Slot
from placements.eligibility.facts import Case, ClassFacts, Facts, Free, Hours, LearnerFacts, Reason, Rule
from placements.eligibility.rules import BLOCKING, REMARKING, RISK_ASSESSMENT_HOLDS, RULE_VERSION, RULES, hours_law

__all__ = [
    "BLOCKING",
    "RISK_ASSESSMENT_HOLDS",
    "RULES",
    "RULE_VERSION",
    "ClassFacts",
    "Facts",
    "Free",
    "Hours",
    "LearnerFacts",
    "Reason",
    "eligible",
    "hours_law",
    "reasons_against",
    "remarks",
]


def reasons_against(
    *,
    facts: Facts,
    slot: Slot,
    weeks: Iterable[date],
    today: date,
    free: Free | None = None,
    tenant_hours: Hours | None = None,
) -> list[Reason]:
    """Return everything that stops this learner or class from having the slot in these weeks."""
    return _ask(BLOCKING, Case(facts, slot, tuple(weeks), today, free, tenant_hours))


def remarks(*, facts: Facts, slot: Slot, weeks: Iterable[date], today: date) -> list[Reason]:
    """Return what stops nothing but should be looked at by a person before the placement begins."""
    return _ask(REMARKING, Case(facts, slot, tuple(weeks), today))


def eligible(*, facts: Facts, slot: Slot, weeks: Iterable[date], today: date, free: Free | None = None) -> bool:
    """Tell whether nothing stops it."""
    return not reasons_against(facts=facts, slot=slot, weeks=weeks, today=today, free=free)


def _ask(rules: Iterable[Rule], case: Case) -> list[Reason]:
    return [reason for asked in rules if (reason := asked.reason(case))]
