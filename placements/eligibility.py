"""Who may have which place: one function per rule, each dated and with its reference. No database.

The browse page, the allocation run and booking by hand all ask here. `reasons_against` gives what stops a
booking, `remarks` what a person should look at. With `free` (seats left per slot and week) the seats are
judged too; without it they are not, since a run weighs them itself.

An unknown birth date stops nobody by itself: it is data we ask for only when needed. The grade's ordinary
ages then decide, and where they leave it open the age becomes a remark.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.enums import PlacementKind
from core.weeks import and_list, range_label, school_year
from employers.enums import SlotStatus
from employers.hours import EARLIEST, LATEST, LONGEST_DAY, working_time
from employers.models import Slot

Free = Mapping[tuple[UUID, date], int]

RISK_ASSESSMENT_HOLDS = timedelta(days=730)
WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable code, a sentence for the page, its bare clause, and where it is written."""

    code: str
    message: str
    reference: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """What the rules need to know of one learner."""

    grade_level: int
    birth_date: date | None = None
    kind: str = PlacementKind.PRAO
    protected: bool = False
    earlier_slots: frozenset[UUID] = frozenset()
    whom: str = field(default="", init=False)


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What the rules need to know of a class, before its learners are looked at."""

    whom: str
    grade_level: int
    kind: str = PlacementKind.PRAO
    birth_date: date | None = field(default=None, init=False)
    protected: bool = field(default=False, init=False)
    earlier_slots: frozenset[UUID] = field(default=frozenset(), init=False)


Facts = LearnerFacts | ClassFacts


@dataclass(frozen=True, slots=True)
class Hours:
    """A cap on working hours."""

    per_day: timedelta
    per_week: timedelta
    earliest: time
    latest: time

    def stricter(self, other: "Hours | None") -> "Hours":
        """Return the cap that satisfies both: the stricter of law and tenant."""
        if other is None:
            return self
        return Hours(
            min(self.per_day, other.per_day),
            min(self.per_week, other.per_week),
            max(self.earliest, other.earliest),
            min(self.latest, other.latest),
        )


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


@dataclass(frozen=True, slots=True)
class Case:
    """One question: these facts, this slot (its workplace joined), these weeks."""

    facts: Facts
    slot: Slot
    weeks: Sequence[date]
    today: date
    free: Free | None = None
    tenant_hours: Hours | None = None

    @property
    def first_day(self) -> date:
        """The placement's first day."""
        return min(self.weeks)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `check` returns a clause that says what is wrong, or an empty string."""

    code: str
    reference: str
    valid_from: date
    blocks: bool
    check: Callable[[Case], str]

    def reason(self, case: Case) -> Reason | None:
        """Return the reason against, if the rule is in force on the first day and finds one."""
        clause = self.check(case) if self.valid_from <= case.first_day else ""
        if not clause:
            return None
        message = _sentence(case.facts, clause, blocks=self.blocks)
        return Reason(self.code, message, _reference(self, case), clause)


_rules: list[Rule] = []


def rule(
    code: str, reference: str, valid_from: date = date.min, *, blocks: bool = True
) -> Callable[[Callable[[Case], str]], Callable[[Case], str]]:
    """Register a function as a rule. Rules are asked in the order in which they stand in this file."""

    def register(check: Callable[[Case], str]) -> Callable[[Case], str]:
        _rules.append(Rule(code, reference, valid_from, blocks, check))
        return check

    return register


# -- the rules


@rule("protected", "Offentlighets- och sekretesslagen 21 kap., 22 kap. 1 §")
def by_hand_when_protected(case: Case) -> str:
    return _("platsen ordnas för hand av skolan") if case.facts.protected else ""


@rule("published", "")
def is_published(case: Case) -> str:
    return "" if case.slot.status == SlotStatus.PUBLISHED else _("platsen är inte öppen just nu")


@rule("kind", "")
def offers_kind(case: Case) -> str:
    if case.facts.kind in case.slot.kinds:
        return ""
    return _("platsen tar inte emot %(kind)s") % {"kind": PlacementKind(case.facts.kind).label}


@rule("grade", "")
def fits_grade(case: Case) -> str:
    if not case.slot.grades or case.facts.grade_level in case.slot.grades:
        return ""
    listed = [str(grade) for grade in sorted(case.slot.grades)]
    grades = and_list(listed)
    return _("platsen är för årskurs %(grades)s") % {"grades": grades}


@rule("age", "Arbetsmiljölagen 5 kap. 2–3 §§")
def has_reached_age(case: Case) -> str:
    least = case.slot.min_age
    if not least or _oldest_age(case) >= least:
        return ""
    return _("platsen kräver fyllda %(age)d") % {"age": least}


@rule("age_unknown", "Arbetsmiljölagen 5 kap. 2–3 §§", blocks=False)
def age_is_known(case: Case) -> str:
    least = case.slot.min_age
    if not least or case.facts.birth_date or _oldest_age(case) < least or _youngest_age(case) >= least:
        return ""
    return _("kontrollera åldern, platsen kräver fyllda %(age)d") % {"age": least}


@rule("hours", "")
def keeps_hours(case: Case) -> str:
    law = hours_law(case.facts.kind, case.first_day)
    if law is None:
        return ""
    cap, slot = law.cap.stricter(case.tenant_hours), case.slot
    if slot.starts_at < cap.earliest or slot.ends_at > cap.latest:
        return _("arbetstiden ska ligga mellan %(first)s och %(last)s") % {
            "first": cap.earliest.strftime("%H.%M"),
            "last": cap.latest.strftime("%H.%M"),
        }
    day = working_time(slot.starts_at, slot.ends_at, slot.break_minutes)
    if day > cap.per_day or day * WORKING_DAYS > cap.per_week:
        allowed = min(cap.per_day, cap.per_week / WORKING_DAYS)
        return _("arbetsdagen är längre än %(hours)s timmar") % {"hours": _hours(allowed)}
    return ""


@rule("weeks", "")
def offers_weeks(case: Case) -> str:
    if case.free is None:
        return ""
    absent = [week for week in case.weeks if (case.slot.pk, week) not in case.free]
    return _("platsen erbjuds inte %(weeks)s") % {"weeks": range_label(absent)} if absent else ""


@rule("seats", "")
def has_seats(case: Case) -> str:
    if case.free is None:
        return ""
    full = [week for week in case.weeks if case.free.get((case.slot.pk, week), 1) < 1]
    return _("platsen är fullbokad %(weeks)s") % {"weeks": range_label(full)} if full else ""


@rule("earlier_place", "")
def is_new_to_learner(case: Case) -> str:
    return _("det blir samma plats som en tidigare gång") if case.slot.pk in case.facts.earlier_slots else ""


@rule("risk_assessment", "AFS 2023:2, minderåriga; AML 3 kap. 2 a §", blocks=False)
def has_fresh_risk_assessment(case: Case) -> str:
    made = case.slot.workplace.risk_assessed_on
    if made is None:
        return _("arbetsplatsen har ingen riskbedömning")
    if case.first_day - made <= RISK_ASSESSMENT_HOLDS:
        return ""
    return _("riskbedömningen är äldre än två år")


RULES: tuple[Rule, ...] = tuple(_rules)
BLOCKING = tuple(found for found in RULES if found.blocks)
REMARKING = tuple(found for found in RULES if not found.blocks)


# -- the questions


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


def blocked_for_each(
    *,
    learners: Sequence[LearnerFacts],
    slots: Sequence[Slot],
    weeks: Iterable[date],
    today: date,
    free: Free | None = None,
    tenant_hours: Hours | None = None,
) -> list[dict[UUID, list[Reason]]]:
    """Return for each learner the slots that are stopped, with the reasons.

    Learners alike in the rules' eyes are judged once, so the work grows with kinds of learners times slots.
    The mappings are shared between them and must not be changed.
    """
    asked, by_id = tuple(weeks), {slot.pk: slot for slot in slots}
    judged: dict[tuple[Any, ...], dict[UUID, list[Reason]]] = {}
    found: list[dict[UUID, list[Reason]]] = []
    for facts in learners:
        age = facts.birth_date and _age_on(facts.birth_date, min(asked))
        key = (facts.grade_level, age, facts.kind, facts.protected)
        if key not in judged:
            alike = replace(facts, earlier_slots=frozenset())
            cases = (Case(alike, slot, asked, today, free, tenant_hours) for slot in slots)
            judged[key] = {case.slot.pk: reasons for case in cases if (reasons := _ask(BLOCKING, case))}
        own = {
            slot_id: _ask(BLOCKING, Case(facts, by_id[slot_id], asked, today, free, tenant_hours))
            for slot_id in facts.earlier_slots & by_id.keys()
        }
        found.append({**judged[key], **own} if own else judged[key])
    return found


def hours_law(kind: str, day: date) -> HoursLaw | None:
    """Return the cap on hours in force for the kind on the day."""
    in_force = [law for law in HOURS_LAWS if kind in law.kinds and law.valid_from <= day]
    return max(in_force, key=lambda law: law.valid_from, default=None)


def _ask(rules: Iterable[Rule], case: Case) -> list[Reason]:
    return [reason for asked in rules if (reason := asked.reason(case))]


def _sentence(facts: Facts, clause: str, *, blocks: bool) -> str:
    if not blocks:
        return f"{clause[:1].upper()}{clause[1:]}."
    if facts.whom:
        return _("Kan inte bokas för %(whom)s: %(clause)s.") % {"whom": facts.whom, "clause": clause}
    return _("Kan inte bokas: %(clause)s.") % {"clause": clause}


def _reference(asked: Rule, case: Case) -> str:
    law = hours_law(case.facts.kind, case.first_day) if asked.code == "hours" else None
    return law.reference if law else asked.reference


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):g}".replace(".", ",")


def _age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _ordinary_birth_year(case: Case) -> int:
    """Return the year most of the grade were born: grade 1 begins in the year of the seventh birthday."""
    return school_year(case.first_day) - case.facts.grade_level - 6


def _oldest_age(case: Case) -> int:
    if case.facts.birth_date:
        return _age_on(case.facts.birth_date, case.first_day)
    return _age_on(date(_ordinary_birth_year(case), 1, 1), case.first_day)


def _youngest_age(case: Case) -> int:
    if case.facts.birth_date:
        return _age_on(case.facts.birth_date, case.first_day)
    return _age_on(date(_ordinary_birth_year(case), 12, 31), case.first_day)
