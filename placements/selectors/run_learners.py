"""What a run gave each learner, with the sentences that say why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.ui import StatusTag, tag_for
from employers.models import Slot
from placements.explaining import UNPLACED_LABELS, outcome_words, why_all
from placements.models import AllocationRun, Assignment, Round, RoundPeriod
from placements.selectors.run_warnings import condition_of
from schools.enums import ProtectionMode
from schools.selectors.classes import swedish
from schools.selectors.learners import matching

OUTCOMES: dict[str, Q] = {
    "first": Q(rank=1),
    "second_third": Q(rank__in=(2, 3)),
    "lower": Q(rank__gte=4),
    "outside": Q(rank=None, slot__isnull=False, locked=False),
    "locked": Q(locked=True),
    "moved": Q(moved_from__isnull=False),
    "unplaced": Q(slot=None),
    **{reason: Q(reason=reason) for reason in UNPLACED_LABELS},
}
_LAST_NAME, _FIRST_NAME = swedish("learner__last_name"), swedish("learner__first_name")
ORDERS: Mapping[str, Sequence[Any]] = {
    "class": (swedish("learner__school_unit__name"), swedish("learner__school_class__name"), _LAST_NAME, _FIRST_NAME),
    "name": (_LAST_NAME, _FIRST_NAME),
    "place": (swedish("slot__title"), _LAST_NAME),
    "travel": (F("travel_minutes"), _LAST_NAME),
    "wish": (F("rank"), _LAST_NAME),
}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One learner's result with the sentences that explain it."""

    assignment: Assignment
    words: str
    tag: StatusTag
    why: Sequence[str]
    is_far: bool = False

    @property
    def name(self) -> str:
        """Return the learner's name."""
        return str(self.assignment.learner)

    @property
    def class_name(self) -> str:
        """Return the class."""
        return self.assignment.learner.school_class.name

    @property
    def school_name(self) -> str:
        """Return the school."""
        return self.assignment.learner.school_unit.name

    @property
    def place(self) -> str:
        """Return the slot's title; empty without a place."""
        return self.assignment.slot.title if self.assignment.slot else ""

    @property
    def city(self) -> str:
        """Return the workplace's town."""
        return self.assignment.slot.workplace.city if self.assignment.slot else ""

    @property
    def moved_from(self) -> str:
        """Return the title of the place a repair takes the learner from; empty otherwise."""
        return self.assignment.moved_from.title if self.assignment.moved_from else ""

    @property
    def minutes(self) -> int | None:
        """Return the estimated journey, one way."""
        return self.assignment.travel_minutes


def results_of_run(
    run: AllocationRun,
    organisation: Organisation,
    *,
    class_id: UUID | None = None,
    outcome: str = "",
    search: str = "",
    sort: str = "",
) -> QuerySet[Assignment]:
    """Return the run's rows that the organisation may see: a school its own learners, nobody those with protection."""
    rows = Assignment.objects.filter(run=run, learner__protection_mode=ProtectionMode.NONE)
    if _is_school(organisation):
        rows = rows.filter(learner__school_unit=organisation.pk)
    if class_id:
        rows = rows.filter(learner__school_class=class_id)
    wanted = OUTCOMES[outcome] if outcome in OUTCOMES else condition_of(run, outcome) if outcome else None
    if wanted is not None:
        rows = rows.filter(wanted)
    rows = rows.filter(matching(search, organisation, learner="learner__"))
    order = [key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
             for key in ORDERS.get(sort.removeprefix("-"), ORDERS["class"])]  # fmt: skip
    joined = rows.select_related("learner__school_class", "learner__school_unit", "slot__workplace", "moved_from")
    return joined.order_by(*order, "id")


def result_rows(assignments: Iterable[Assignment], *, far: int) -> list[ResultRow]:
    """Return the rows with their sentences; one query for the names of the slots spoken of.

    A journey of `far` minutes or more is marked.
    """
    found = list(assignments)
    titles = slot_titles(item["slot"] for row in found for item in row.explanation)
    return [_result_row(row, titles, far) for row in found]


def slot_titles(ids: Iterable[str]) -> dict[str, str]:
    """Return the titles of slots by id."""
    rows = Slot.objects.filter(pk__in={UUID(pk) for pk in ids}).values_list("pk", "title")
    return {str(pk): title for pk, title in rows}


def _result_row(row: Assignment, titles: Mapping[str, str], far: int) -> ResultRow:
    words = outcome_words(rank=row.rank, placed=row.slot_id is not None, locked=row.locked, reason=row.reason)
    key = "unplaced" if row.slot_id is None else "locked" if row.locked else "confirmed" if row.rank else "planned"
    silent = [] if row.rank or row.explanation or row.locked else [_("Har inte gjort några val.")]
    is_far = row.travel_minutes is not None and row.travel_minutes >= far
    return ResultRow(row, words, tag_for(key, words), silent or why_all(row.explanation, titles), is_far)


def classes_of_round(round: Round, organisation: Organisation) -> dict[str, str]:
    """Return the classes of the round that the organisation may see, by id, as choices of a filter."""
    links = RoundPeriod.objects.filter(round=round).order_by("period__school_class__name", "period__school_unit__name")
    if _is_school(organisation):
        links = links.filter(period__school_unit=organisation.pk)
    found = links.values_list("period__school_class", "period__school_class__name", "period__school_unit__name")
    return {str(pk): name if _is_school(organisation) else f"{name}, {school}" for pk, name, school in found}


def _is_school(organisation: Organisation) -> bool:
    return organisation.kind == OrganisationKind.SCHOOL_UNIT
