"""Take in a class from a list: see first what it would do, then do all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.locks import lock
from core.permissions import Actor
from schools.enums import ProtectionMode
from schools.models import Guardian, Learner, SchoolClass, SchoolUnit
from schools.services.class_list import ListRow
from schools.services.codes import new_class_code, new_personal_code

CODE_TRIES = 5


class Action(StrEnum):
    """What a row of the list would do."""

    CREATE = "create"
    UPDATE = "update"
    MOVE = "move"
    SAME = "same"
    COUNT = "count"
    ERROR = "error"


class RowErrors(DomainError):
    """Some rows of the list must be mended first."""

    code = "row_errors"


class CodeExhausted(DomainError):
    """No free class code was found."""

    code = "code_exhausted"


@dataclass(frozen=True, slots=True)
class ClassDetails:
    """Which class the list is for."""

    unit: SchoolUnit
    name: str
    grade_level: int
    school_year: int
    mentor_name: str = ""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row and what it would do, to which learner."""

    row: ListRow
    action: Action
    learner: Learner | None = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. `left` are learners of the class who are not in the list; they stay."""

    details: ClassDetails
    school_class: SchoolClass | None
    rows: tuple[PlannedRow, ...]
    left: tuple[Learner, ...]
    protected_before: int

    def count(self, action: Action) -> int:
        """Return how many rows would do this."""
        return sum(planned.action == action for planned in self.rows)

    @property
    def new_protected(self) -> int:
        """Return how many learners without names must be added for the count to hold."""
        return max(0, self.count(Action.COUNT) - self.protected_before)

    @property
    def ok(self) -> bool:
        """Tell whether every row can be taken in."""
        return not self.count(Action.ERROR)

    @property
    def digest(self) -> str:
        """Return a mark that changes when the plan does, so that what was shown is what is done."""
        parts = [
            f"{one.row.number}{one.action}{one.learner.pk if one.learner else ''}{one.changes}" for one in self.rows
        ]
        return blake2b(
            "|".join([str(self.school_class and self.school_class.pk), *parts]).encode(), digest_size=8
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did."""

    school_class: SchoolClass
    created: int
    updated: int


# -- see


def plan_import(*, details: ClassDetails, rows: Sequence[ListRow]) -> ImportPlan:
    """Work out what the list would do. Reads only."""
    school_class = _existing(details)
    known = _known(details.unit)
    planned = tuple(_plan_row(row, school_class, known) for row in rows)
    named = {one.learner.pk for one in planned if one.learner}
    here = [one for one in known if school_class and one.school_class_id == school_class.pk]
    return ImportPlan(
        details=details,
        school_class=school_class,
        rows=planned,
        left=tuple(one for one in here if one.pk not in named),
        protected_before=_counted(school_class).count() if school_class else 0,
    )


def _existing(details: ClassDetails) -> SchoolClass | None:
    return SchoolClass.objects.filter(
        school_unit=details.unit, school_year=details.school_year, name__iexact=details.name
    ).first()


def _known(unit: SchoolUnit) -> list[Learner]:
    """The unit's learners who may be matched by name: no protected identity among them."""
    found = Learner.objects.filter(school_unit=unit, protection_mode=ProtectionMode.NONE)
    return list(found.select_related("school_class").prefetch_related("guardians"))


def _counted(school_class: SchoolClass) -> QuerySet[Learner]:
    return school_class.learners.filter(protection_mode=ProtectionMode.OUTSIDE)


def _plan_row(row: ListRow, school_class: SchoolClass | None, known: Sequence[Learner]) -> PlannedRow:
    learner = _match(row, school_class, known)
    if row.protected and learner:
        text = _(
            "Eleven finns redan med namn. Ring handläggaren för skyddade personuppgifter innan du läser in listan."
        )
        return PlannedRow(replace(row, errors=(*row.errors, text)), Action.ERROR)
    if row.protected:
        return PlannedRow(replace(row, first_name="", last_name=""), Action.COUNT)
    if row.errors:
        return PlannedRow(row, Action.ERROR)
    if learner is None:
        return PlannedRow(row, Action.CREATE)
    changes = tuple(_changes(row, learner))
    if school_class is None or learner.school_class_id != school_class.pk:
        return PlannedRow(row, Action.MOVE, learner, changes)
    return PlannedRow(row, Action.UPDATE if changes else Action.SAME, learner, changes)


def _match(row: ListRow, school_class: SchoolClass | None, known: Sequence[Learner]) -> Learner | None:
    """Find the learner by name and birth date; inside the class a missing birth date is no hindrance."""
    same_name = [one for one in known if (one.first_name.casefold(), one.last_name.casefold()) == row.name_key]
    here = [one for one in same_name if school_class and one.school_class_id == school_class.pk]
    for one in (*here, *same_name):
        if row.birth_date and one.birth_date == row.birth_date:
            return one
    open_ones = [one for one in here if not (row.birth_date and one.birth_date)]
    return open_ones[0] if len(open_ones) == 1 else None


def _changes(row: ListRow, learner: Learner) -> list[str]:
    """The learner's fields the row would change. An empty cell changes nothing."""
    fields = ("first_name", "last_name", "birth_date", "sex", "email")
    changed = [name for name in fields if _given(row, name) and getattr(row, name) != getattr(learner, name)]
    if row.guardian_name and not any(_is_same(row, one) for one in learner.guardians.all()):
        changed.append("guardian_name")
    return changed


def _given(row: ListRow, name: str) -> bool:
    return bool(getattr(row, name)) and getattr(row, name) != "unknown"


def _is_same(row: ListRow, guardian: Guardian) -> bool:
    same_email = not row.guardian_email or guardian.email == row.guardian_email
    return guardian.name == row.guardian_name and same_email and guardian.language == row.guardian_language


# -- do


@transaction.atomic
def import_class(*, details: ClassDetails, rows: Sequence[ListRow], actor: Actor) -> ImportResult:
    """Create or update a class and its learners, all or nothing. Learners not in the list stay as they are.

    Raises:
        RowErrors: a row must be mended first.
        DomainError: the list names nobody.
    """
    lock(f"schools.class:{details.unit.pk}:{details.school_year}:{details.name.casefold()}")
    plan = plan_import(details=details, rows=rows)
    if not plan.rows:
        raise DomainError(_("En klass måste ha minst en elev."), code="class_without_learners", field="file")
    if not plan.ok:
        raise RowErrors(_("Rätta raderna med fel och läs in listan igen. Inget har sparats."), field="file")
    school_class = _save_class(plan)
    codes = set(school_class.learners.values_list("personal_code", flat=True))
    created = _create_learners(plan, school_class, codes)
    moved = _update_learners(plan, school_class, codes)
    return ImportResult(school_class, created, moved)


def _save_class(plan: ImportPlan) -> SchoolClass:
    details = plan.details
    if plan.school_class is None:
        return _create_class(details)
    found, fields = plan.school_class, {"grade_level": details.grade_level}
    SchoolClass.objects.filter(pk=found.pk).update(**fields, mentor_name=details.mentor_name or found.mentor_name)
    return found


def _create_class(details: ClassDetails) -> SchoolClass:
    """Create a class with a code that no other class in any region has; other tenants' codes show only as a clash."""
    for _try in range(CODE_TRIES):
        try:
            with transaction.atomic():
                return SchoolClass.objects.create(
                    region_id=details.unit.region_id,
                    authority_id=details.unit.authority_id,
                    school_unit=details.unit,
                    name=details.name,
                    grade_level=details.grade_level,
                    school_year=details.school_year,
                    mentor_name=details.mentor_name,
                    code=new_class_code(details.name),
                )
        except IntegrityError:
            continue
    raise CodeExhausted(_("Klassen kunde inte få en egen kod. Försök igen."))


def _create_learners(plan: ImportPlan, school_class: SchoolClass, codes: set[str]) -> int:
    rows = [planned.row for planned in plan.rows if planned.action == Action.CREATE]
    learners = [_learner(school_class, codes, row) for row in rows]
    counted = [_learner(school_class, codes, None) for _number in range(plan.new_protected)]
    Learner.objects.bulk_create([*learners, *counted])
    guardians = [_guardian(learner, row) for learner, row in zip(learners, rows, strict=True) if row.guardian_name]
    Guardian.objects.bulk_create(guardians)
    return len(learners) + len(counted)


def _learner(school_class: SchoolClass, codes: set[str], row: ListRow | None) -> Learner:
    """A learner with a code of their own; without a row, one who is only counted."""
    codes.add(code := new_personal_code(codes))
    learner = Learner(
        region_id=school_class.region_id,
        authority_id=school_class.authority_id,
        school_unit_id=school_class.school_unit_id,
        school_class=school_class,
        personal_code=code,
    )
    if row is None:
        learner.protection_mode = ProtectionMode.OUTSIDE
    else:
        for name in ("first_name", "last_name", "birth_date", "sex", "email"):
            setattr(learner, name, getattr(row, name))
    return learner


def _guardian(learner: Learner, row: ListRow) -> Guardian:
    return Guardian(
        region_id=learner.region_id,
        authority_id=learner.authority_id,
        learner=learner,
        name=row.guardian_name,
        email=row.guardian_email,
        language=row.guardian_language,
    )


def _update_learners(plan: ImportPlan, school_class: SchoolClass, codes: set[str]) -> int:
    changed = [one for one in plan.rows if one.action in (Action.UPDATE, Action.MOVE)]
    for planned in changed:
        assert planned.learner is not None
        fields: dict[str, str | date | UUID | None] = {
            name: getattr(planned.row, name) for name in planned.changes if name != "guardian_name"
        }
        if planned.action == Action.MOVE:
            codes.add(code := new_personal_code(codes))
            fields |= {"school_class_id": school_class.pk, "personal_code": code}
        if fields:
            Learner.objects.filter(pk=planned.learner.pk).update(**fields)
        if "guardian_name" in planned.changes:
            _save_guardian(planned.learner, planned.row)
    return len(changed)


def _save_guardian(learner: Learner, row: ListRow) -> None:
    """Update the guardian of the same name, or add one."""
    found = next((one for one in learner.guardians.all() if one.name.casefold() == row.guardian_name.casefold()), None)
    if found is None:
        _guardian(learner, row).save(force_insert=True)
        return
    Guardian.objects.filter(pk=found.pk).update(
        name=row.guardian_name, email=row.guardian_email or found.email, language=row.guardian_language
    )


@transaction.atomic
def renew_codes(*, school_class: SchoolClass, actor: Actor) -> int:
    """Give every learner of the class a new personal code; the old ones stop working. Returns how many."""
    lock(f"schools.codes:{school_class.pk}")
    learners = list(school_class.learners.all())
    codes = {learner.personal_code for learner in learners}
    for learner in learners:
        codes.add(code := new_personal_code(codes))
        learner.personal_code = code
    return Learner.objects.bulk_update(learners, ["personal_code"])
