"""The rules: one function each, dated, with its reference and the facts it reads. They are asked in this order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.utils.translation import gettext as _

from accounts.enums import PlacementKind
from core.weeks import and_list, range_label
from employers.enums import SlotStatus
from employers.hours import EARLIEST, LATEST, LONGEST_DAY, working_time
from placements.eligibility.facts import Case, Hours, Rule, ordinary_ages

# Changes whenever a rule, or the objective, may answer differently; a run keeps the version it was judged by.
RULE_VERSION = "2026.2"

RISK_ASSESSMENT_HOLDS = timedelta(days=730)
WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class HoursLaw:
    """A cap set by regulation for some kinds, from a date on."""

    kinds: frozenset[str]
    cap: Hours
    reference: str
    valid_from: date


_PRAO = frozenset({PlacementKind.PRAO.value})
_YOUTH = frozenset({PlacementKind.APL.value, PlacementKind.APPRENTICE.value})
_CHILD_CAP = Hours(LONGEST_DAY, WORKING_DAYS * LONGEST_DAY, EARLIEST, LATEST)
_YOUTH_CAP = Hours(timedelta(hours=8), timedelta(hours=40), time(6), time(22))

HOURS_LAWS = (
    HoursLaw(_PRAO, _CHILD_CAP, "AFS 2012:3", date(2012, 11, 1)),
    HoursLaw(_YOUTH, _YOUTH_CAP, "AFS 2012:3", date(2012, 11, 1)),
    HoursLaw(_PRAO, _CHILD_CAP, "AFS 2023:2, minderåriga", date(2025, 1, 1)),
    HoursLaw(_YOUTH, _YOUTH_CAP, "AFS 2023:2, minderåriga", date(2025, 1, 1)),
)


def hours_law(kind: str, day: date) -> HoursLaw | None:
    """Return the cap on hours in force for the kind on the day."""
    in_force = [law for law in HOURS_LAWS if kind in law.kinds and law.valid_from <= day]
    return max(in_force, key=lambda law: law.valid_from, default=None)


def _hours_reference(case: Case) -> str:
    law = hours_law(case.kind, case.first_day)
    return law.reference if law else ""


_rules: list[Rule] = []


def rule(
    code: str,
    reference: str | Callable[[Case], str],
    *reads: str,
    valid_from: date = date.min,
    blocks: bool = True,
) -> Callable[[Callable[[Case], str]], Callable[[Case], str]]:
    """Register a function as a rule that reads these properties of the case."""

    def register(check: Callable[[Case], str]) -> Callable[[Case], str]:
        in_force = ("first_day",) if valid_from > date.min else ()
        _rules.append(Rule(code, reference, (*reads, *in_force), valid_from, blocks, check))
        return check

    return register


@rule("protected", "Offentlighets- och sekretesslagen 21 kap., 22 kap. 1 §", "protected")
def by_hand_when_protected(case: Case) -> str:
    return _("platsen ordnas för hand av skolan") if case.protected else ""


@rule("published", "", "status")
def is_published(case: Case) -> str:
    return "" if case.status == SlotStatus.PUBLISHED else _("platsen är inte öppen just nu")


@rule("kind", "", "kind", "kinds")
def offers_kind(case: Case) -> str:
    if case.kind in case.kinds:
        return ""
    return _("platsen tar inte emot %(kind)s") % {"kind": PlacementKind(case.kind).label}


@rule("grade", "", "grade_level", "grades")
def fits_grade(case: Case) -> str:
    if not case.grades or case.grade_level in case.grades:
        return ""
    grades = and_list([str(grade) for grade in sorted(case.grades)])
    return _("platsen är för årskurs %(grades)s") % {"grades": grades}


@rule("age", "Arbetsmiljölagen 5 kap. 2–3 §§", "age", "grade_level", "first_day", "min_age")
def has_reached_age(case: Case) -> str:
    if not case.min_age or _oldest_age(case) >= case.min_age:
        return ""
    return _("platsen kräver fyllda %(age)d") % {"age": case.min_age}


@rule("age_unknown", "Arbetsmiljölagen 5 kap. 2–3 §§", "age", "grade_level", "first_day", "min_age", blocks=False)
def age_is_known(case: Case) -> str:
    least = case.min_age
    if not least or case.age is not None or _oldest_age(case) < least or _youngest_age(case) >= least:
        return ""
    return _("kontrollera åldern, platsen kräver fyllda %(age)d") % {"age": least}


@rule("hours", _hours_reference, "kind", "first_day", "tenant_hours", "starts_at", "ends_at", "break_minutes")
def keeps_hours(case: Case) -> str:
    law = hours_law(case.kind, case.first_day)
    if law is None:
        return ""
    cap = law.cap.stricter(case.tenant_hours)
    if case.starts_at < cap.earliest or case.ends_at > cap.latest:
        return _("arbetstiden ska ligga mellan %(first)s och %(last)s") % {
            "first": cap.earliest.strftime("%H.%M"),
            "last": cap.latest.strftime("%H.%M"),
        }
    day = working_time(case.starts_at, case.ends_at, case.break_minutes)
    if day > cap.per_day or day * WORKING_DAYS > cap.per_week:
        allowed = min(cap.per_day, cap.per_week / WORKING_DAYS)
        return _("arbetsdagen är längre än %(hours)s timmar") % {"hours": _hours(allowed)}
    return ""


@rule("weeks", "", "offered", "weeks")
def offers_weeks(case: Case) -> str:
    if case.offered is None:
        return ""
    absent = [week for week, left in zip(case.weeks, case.offered, strict=True) if left is None]
    return _("platsen erbjuds inte %(weeks)s") % {"weeks": range_label(absent)} if absent else ""


@rule("seats", "", "offered", "weeks")
def has_seats(case: Case) -> str:
    if case.offered is None:
        return ""
    full = [week for week, left in zip(case.weeks, case.offered, strict=True) if left == 0]
    return _("platsen är fullbokad %(weeks)s") % {"weeks": range_label(full)} if full else ""


@rule("earlier_place", "", "been_there")
def is_new_to_learner(case: Case) -> str:
    return _("det blir samma plats som en tidigare gång") if case.been_there else ""


@rule("refused", "", "refused_there")
def has_not_said_no(case: Case) -> str:
    return _("arbetsplatsen har tackat nej") if case.refused_there else ""


@rule("travel", "", "longest_journey", "journey")
def is_within_reach(case: Case) -> str:
    if case.longest_journey is None or case.journey <= case.longest_journey:
        return ""
    return _("resan är för lång (cirka %(minutes)d minuter)") % {"minutes": case.journey}


@rule("risk_assessment", "AFS 2023:2, minderåriga; AML 3 kap. 2 a §", "risk_assessed_on", "first_day", blocks=False)
def has_fresh_risk_assessment(case: Case) -> str:
    made = case.risk_assessed_on
    if made is None:
        return _("arbetsplatsen har ingen riskbedömning")
    if case.first_day - made <= RISK_ASSESSMENT_HOLDS:
        return ""
    return _("riskbedömningen är äldre än två år")


RULES: tuple[Rule, ...] = tuple(_rules)
BLOCKING = tuple(found for found in RULES if found.blocks)
REMARKING = tuple(found for found in RULES if not found.blocks)


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):g}".replace(".", ",")


def _oldest_age(case: Case) -> int:
    return ordinary_ages(case.grade_level, case.first_day)[1] if case.age is None else case.age


def _youngest_age(case: Case) -> int:
    return ordinary_ages(case.grade_level, case.first_day)[0] if case.age is None else case.age
