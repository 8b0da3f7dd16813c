"""What the rules may look at: of a learner or a class, of a slot, of the two together; and what they answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TypeVar
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.enums import PlacementKind
from core.weeks import school_year
from employers.models import Slot
from placements.travel import UNKNOWN, Origin

Free = Mapping[tuple[UUID, date], int]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable code, a sentence for the page, its bare clause, and where it is written."""

    code: str
    message: str
    reference: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """What the rules need to know of one learner. `origin` is where journeys to a workplace are counted from."""

    grade_level: int
    birth_date: date | None = None
    kind: str = PlacementKind.PRAO
    protected: bool = False
    earlier_slots: frozenset[UUID] = frozenset()
    refused_slots: frozenset[UUID] = frozenset()
    origin: Origin | None = None
    whom: str = field(default="", init=False)


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What the rules need to know of a class, before its learners are looked at."""

    whom: str
    grade_level: int
    kind: str = PlacementKind.PRAO
    origin: Origin | None = None
    birth_date: date | None = field(default=None, init=False)
    protected: bool = field(default=False, init=False)
    earlier_slots: frozenset[UUID] = field(default=frozenset(), init=False)
    refused_slots: frozenset[UUID] = field(default=frozenset(), init=False)


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
class Case:
    """One question: these facts, this slot (its workplace joined), these weeks.

    Rules read the properties below and nothing else, each rule those it has declared: a run judges them by themselves,
    once for all learners and slots alike in them.
    """

    facts: Facts
    slot: Slot
    weeks: Sequence[date]
    today: date
    free: Free | None = None
    tenant_hours: Hours | None = None

    # -- of the learner and the weeks

    @property
    def first_day(self) -> date:
        """The placement's first day."""
        return min(self.weeks)

    @property
    def protected(self) -> bool:
        return self.facts.protected

    @property
    def kind(self) -> str:
        return self.facts.kind

    @property
    def grade_level(self) -> int:
        return self.facts.grade_level

    @property
    def age(self) -> int | None:
        """Age on the first day; None without a birth date."""
        born = self.facts.birth_date
        return age_on(day_number(born), day_number(self.first_day)) if born else None

    # -- of the slot

    @property
    def status(self) -> str:
        return self.slot.status

    @property
    def kinds(self) -> Sequence[str]:
        return self.slot.kinds

    @property
    def grades(self) -> Sequence[int]:
        return self.slot.grades

    @property
    def min_age(self) -> int | None:
        return self.slot.min_age

    @property
    def starts_at(self) -> time:
        return self.slot.starts_at

    @property
    def ends_at(self) -> time:
        return self.slot.ends_at

    @property
    def break_minutes(self) -> int:
        return self.slot.break_minutes

    @property
    def risk_assessed_on(self) -> date | None:
        return self.slot.workplace.risk_assessed_on

    # -- of the two together

    @property
    def offered(self) -> Sequence[int | None] | None:
        """For each week whether there is room: 1 or 0, None where nothing is offered. None when not asked about."""
        if self.free is None:
            return None
        return tuple(room(self.free.get((self.slot.pk, week))) for week in self.weeks)

    @property
    def been_there(self) -> bool:
        return self.slot.pk in self.facts.earlier_slots

    @property
    def refused_there(self) -> bool:
        return self.slot.pk in self.facts.refused_slots

    @property
    def longest_journey(self) -> int | None:
        """The region's limit in minutes, if there is one and the learner's journeys are known."""
        return self.facts.origin.model.limit_minutes if self.facts.origin else None

    @property
    def journey(self) -> int:
        """Minutes one way."""
        workplace = self.slot.workplace
        return self.facts.origin.minutes_to(workplace.latitude, workplace.longitude) if self.facts.origin else UNKNOWN


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `check` returns a clause that says what is wrong, or an empty string. It reads what `reads` names."""

    code: str
    reference: str | Callable[[Case], str]
    reads: tuple[str, ...]
    valid_from: date
    blocks: bool
    check: Callable[[Case], str]

    def clause(self, case: Case) -> str:
        """Return what is wrong, if the rule is in force on the first day."""
        if self.valid_from > date.min and self.valid_from > case.first_day:
            return ""
        return self.check(case)

    def reason(self, case: Case) -> Reason | None:
        """Return the reason against, if the rule finds one."""
        clause = self.clause(case)
        if not clause:
            return None
        reference = self.reference if isinstance(self.reference, str) else self.reference(case)
        return Reason(self.code, _sentence(case.facts, clause, blocks=self.blocks), reference, clause)


def day_number(day: date) -> int:
    """Return a day as a number like 20270412: such numbers are in the order of the days, and tell an age apart."""
    return day.year * 10_000 + day.month * 100 + day.day


Number = TypeVar("Number", int, NDArray[np.int64])


def age_on(born: Number, day: Number) -> Number:
    """Return the age on a day, both as `day_number` has them."""
    return (day - born) // 10_000


def ordinary_ages(grade_level: int, day: date) -> tuple[int, int]:
    """Return the youngest and the oldest age in the grade: grade 1 begins in the year of the seventh birthday."""
    born = school_year(day) - grade_level - 6
    youngest, oldest = date(born, 12, 31), date(born, 1, 1)
    return age_on(day_number(youngest), day_number(day)), age_on(day_number(oldest), day_number(day))


def room(left: int | None) -> int | None:
    """Return seats left as the rules see them: some or none; None where nothing is offered."""
    return None if left is None else min(max(left, 0), 1)


def _sentence(facts: Facts, clause: str, *, blocks: bool) -> str:
    if not blocks:
        return f"{clause[:1].upper()}{clause[1:]}."
    if facts.whom:
        return _("Kan inte bokas för %(whom)s: %(clause)s.") % {"whom": facts.whom, "clause": clause}
    return _("Kan inte bokas: %(clause)s.") % {"clause": clause}
