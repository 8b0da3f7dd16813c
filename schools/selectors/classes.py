"""Classes and their learners. Learners with a protected identity are counted, never listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, Collate, Lower

from accounts.models import Organisation
from core.weeks import monday
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek, SchoolClass
from schools.selectors.units import owned_by

# What follows "z" in ASCII.
_SWEDISH = {"å": "{", "ä": "|", "ö": "}", "é": "e", "ü": "u"}
_SWEDISH_ORDER = str.maketrans(_SWEDISH)

CLASSES_OFFERED = 200


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class in a list. `status` is a key of core.ui.STATUS."""

    school_class: SchoolClass
    learners: int
    weeks: tuple[date, ...]
    status: str


@dataclass(frozen=True, slots=True)
class ClassRoll:
    """The learners a reader may see by name, and how many are only counted."""

    learners: tuple[Learner, ...]
    protected: int

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return len(self.learners) + self.protected


def swedish_key(text: str) -> str:
    """Sort å, ä and ö after z."""
    return text.casefold().translate(_SWEDISH_ORDER)


def swedish(name: str) -> Collate:
    """Return the same key of a text column, to order by in the database whatever its collation is."""
    letters, order = Value("".join(_SWEDISH)), Value("".join(_SWEDISH.values()))
    return Collate(Func(Lower(name), letters, order, function="translate", output_field=TextField()), "C")


def classes_of(organisation: Organisation) -> QuerySet[SchoolClass]:
    """Return the classes of a school, or of an authority's schools, with their unit."""
    return SchoolClass.objects.filter(owned_by(organisation)).select_related("school_unit")


def found_classes(
    organisation: Organisation, *, school_year: int, search: str = "", sort: str = ""
) -> QuerySet[SchoolClass]:
    """Return the classes of a school year that the words are found in, by school and name unless asked otherwise."""
    classes = classes_of(organisation).filter(school_year=school_year).annotate(learner_count=_head_count())
    if search:
        classes = classes.filter(
            Q(name__icontains=search) | Q(school_unit__name__icontains=search) | Q(mentor_name__icontains=search)
        )
    wanted = [key.desc(nulls_first=True) if sort.startswith("-") else key.asc(nulls_last=True)
              for key in _orders().get(sort.removeprefix("-"), ())]  # fmt: skip
    return classes.order_by(*wanted, swedish("school_unit__name"), "school_unit", swedish("name"), "pk")


def _orders() -> dict[str, list[Any]]:
    weeks = PeriodWeek.objects.filter(period__school_class=OuterRef("pk")).order_by("week_on")
    return {
        "name": [swedish("name")],
        "grade": [F("grade_level")],
        "learners": [F("learner_count")],
        "weeks": [Subquery(weeks.values("week_on")[:1])],
        "school": [swedish("school_unit__name")],
    }


def _head_count() -> Coalesce:
    """Count a class's learners; by subquery, so that a page counts those of its own classes only."""
    learners = Learner.objects.filter(school_class=OuterRef("pk")).order_by().values("school_class")
    return Coalesce(Subquery(learners.annotate(number=Count("pk")).values("number")), 0)


def class_rows(classes: Iterable[SchoolClass], *, today: date) -> list[ClassRow]:
    """Return found classes with head-counts and booked weeks, in their order. Three queries."""
    found = list(classes)
    prefetch_related_objects(found, "periods__weeks")
    return [_class_row(each, today) for each in found]


def _class_row(found: SchoolClass, today: date) -> ClassRow:
    weeks = tuple(sorted({week.week_on for period in found.periods.all() for week in period.weeks.all()}))
    learners: int = found.learner_count  # type: ignore[attr-defined]
    return ClassRow(found, learners, weeks, _status(learners, weeks, today))


def _status(learners: int, weeks: tuple[date, ...], today: date) -> str:
    if not learners:
        return "missing"
    if not weeks:
        return "not_started"
    if monday(today) in weeks:
        return "ongoing"
    return "planned" if weeks[-1] > today else "completed"


def school_years(organisation: Organisation) -> list[int]:
    """Return the school years in which the organisation has classes, the latest first."""
    return list(classes_of(organisation).order_by("-school_year").values_list("school_year", flat=True).distinct())


def classes_without_weeks(organisation: Organisation, *, school_year: int) -> list[SchoolClass]:
    """Return the classes of a school year that have learners and no weeks, by school and name."""
    found = classes_of(organisation).filter(school_year=school_year, periods__weeks=None)
    return list(
        found.filter(Exists(Learner.objects.filter(school_class=OuterRef("pk")))).order_by(
            swedish("school_unit__name"), "school_unit", swedish("name")
        )
    )


def learners_of_class(school_class: SchoolClass) -> list[Learner]:
    """Return the learners who take part by name or alias, never those kept outside the system."""
    found = school_class.learners.exclude(protection_mode=ProtectionMode.OUTSIDE).prefetch_related("guardians")
    return sorted(found, key=lambda one: (swedish_key(one.last_name), swedish_key(one.first_name)))


def class_roll(school_class: SchoolClass, *, with_alias: bool) -> ClassRoll:
    """Return whom a reader may see. An alias is shown only to the one who handles protected identities."""
    hidden = set(ProtectionMode) - {ProtectionMode.NONE} - ({ProtectionMode.ALIAS} if with_alias else set())
    shown = tuple(one for one in learners_of_class(school_class) if one.protection_mode not in hidden)
    return ClassRoll(shown, school_class.learners.filter(protection_mode__in=hidden).count())


def head_count(school_class: SchoolClass) -> int:
    """Return how many learners need a place, those only counted included."""
    return school_class.learners.count()


@dataclass(frozen=True, slots=True)
class Bookable:
    """The classes to choose between: all of them, or the one chosen where they are too many to list."""

    classes: tuple[SchoolClass, ...]
    total: int
    lowest_grade: int


def bookable_classes(organisation: Organisation, *, school_year: int, chosen: UUID | None) -> Bookable:
    """Return the classes of a school year that weeks can be booked for, by school and name. Two queries."""
    found = found_classes(organisation, school_year=school_year)
    numbers = found.aggregate(total=Count("pk"), lowest=Min("grade_level"))
    offered = found if numbers["total"] <= CLASSES_OFFERED else found.filter(pk__in=[chosen] if chosen else [])
    return Bookable(tuple(offered), numbers["total"], numbers["lowest"] or 0)
