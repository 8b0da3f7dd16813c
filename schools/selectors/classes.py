"""Classes and their learners. Learners with a protected identity are counted, never listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from core.weeks import monday
from schools.enums import ProtectionMode
from schools.models import Learner, SchoolClass, SchoolUnit

# What follows "z" in ASCII.
_SWEDISH_ORDER = str.maketrans({"å": "{", "ä": "|", "ö": "}", "é": "e", "ü": "u"})


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


def classes_of(units: Sequence[SchoolUnit]) -> QuerySet[SchoolClass]:
    """Return the classes of these units, with their unit."""
    return SchoolClass.objects.filter(school_unit__in=[unit.pk for unit in units]).select_related("school_unit")


def class_rows(
    units: Sequence[SchoolUnit], *, school_year: int, today: date, search: str = "", sort: str = ""
) -> list[ClassRow]:
    """Return the classes of a school year with head-counts and booked weeks, by school and name."""
    classes = (
        classes_of(units)
        .filter(school_year=school_year)
        .annotate(learner_count=Count("learners"))
        .prefetch_related("periods__weeks")
    )
    if search:
        classes = classes.filter(
            Q(name__icontains=search) | Q(school_unit__name__icontains=search) | Q(mentor_name__icontains=search)
        )
    rows = [_class_row(found, today) for found in classes]
    return _sorted(rows, sort)


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


def _sorted(rows: list[ClassRow], sort: str) -> list[ClassRow]:
    rows.sort(key=lambda row: (swedish_key(row.school_class.school_unit.name), row.school_class.name))
    keys = {
        "name": lambda row: row.school_class.name,
        "grade": lambda row: row.school_class.grade_level,
        "learners": lambda row: row.learners,
        "weeks": lambda row: row.weeks or (date.max,),
        "school": lambda row: swedish_key(row.school_class.school_unit.name),
    }
    key = keys.get(sort.removeprefix("-"))
    if key:
        rows.sort(key=key, reverse=sort.startswith("-"))
    return rows


def school_years(units: Sequence[SchoolUnit]) -> list[int]:
    """Return the school years in which these units have classes, the latest first."""
    years = classes_of(units).order_by("-school_year").values_list("school_year", flat=True).distinct()
    return list(years)


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


def bookable_classes(units: Sequence[SchoolUnit], *, school_year: int) -> list[SchoolClass]:
    """Return the classes of a school year with their head-counts (`learner_count`), by school and name."""
    found = classes_of(units).filter(school_year=school_year).annotate(learner_count=Count("learners"))
    return sorted(found, key=lambda one: (swedish_key(one.school_unit.name), one.name))
