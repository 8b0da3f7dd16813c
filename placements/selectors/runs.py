"""Runs on pages: rounds with their latest run, a round's runs and locks, and each learner's result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.ui import RunProgress, RunStage, StatusTag, tag_for
from employers.models import Slot
from placements.enums import RUN_ACTIVE, RunStatus
from placements.explaining import UNPLACED_LABELS, outcome_words, why_all
from placements.models import AllocationRun, Assignment, PlacementLock, Round
from placements.phases import PHASE_TAGS
from placements.selectors.rounds import RoundRow, round_rows, rounds_of
from schools.enums import ProtectionMode

# A run's stages as a person follows them, each with the engine's and the worker's names for it.
STAGES = (
    (gettext_lazy("Läser underlag"), {"", "load"}),
    (gettext_lazy("Placerar"), {"check", "place"}),
    (gettext_lazy("Väger val"), {"rank", "lottery", "certificate"}),
    (gettext_lazy("Jämför regler"), {"compare"}),
    (gettext_lazy("Sparar"), {"save"}),
)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A round and its latest run, if any."""

    row: RoundRow
    run: AllocationRun | None
    name: str = ""
    state: StatusTag | None = None

    @property
    def phase_tag(self) -> str:
        """Return the key of the tag that tells where the round is."""
        return PHASE_TAGS[self.row.phase]


def run_index(organisation: Organisation, now: datetime) -> list[IndexRow]:
    """Return the organisation's rounds, those that need somebody first, each with its latest run."""
    rows = round_rows(rounds_of(organisation), now)
    latest = (
        AllocationRun.objects.filter(round__in=[row.round.pk for row in rows])
        .exclude(status=RunStatus.DISCARDED)
        .order_by("round", F("published_at").asc(nulls_last=True), "-number")
        .distinct("round")
        .defer("log")
    )
    found = {run.round_id: run for run in latest}
    return [_index_row(row, found.get(row.round.pk)) for row in rows]


def _index_row(row: RoundRow, run: AllocationRun | None) -> IndexRow:
    return IndexRow(row, run, run_name(run), run_state(run)) if run else IndexRow(row, None)


def may_run(organisation: Organisation, round: Round) -> bool:
    """Tell whether the round is the organisation's own to run: an authority's, or the school's."""
    return organisation.kind == OrganisationKind.AUTHORITY or round.school_unit_id == organisation.pk


def runs_of_round(round: Round) -> list[AllocationRun]:
    """Return the round's runs, the newest first."""
    return list(
        AllocationRun.objects.filter(round=round).select_related("requested_by").defer("log").order_by("-number")
    )


def locks_of_round(round: Round) -> list[PlacementLock]:
    """Return the places decided by hand, by class and name."""
    return list(
        PlacementLock.objects.filter(round=round, learner__protection_mode=ProtectionMode.NONE)
        .select_related("learner__school_class", "slot__workplace")
        .order_by("learner__school_class__name", "learner__last_name", "learner__first_name")
    )


def runs_of(organisation: Organisation) -> QuerySet[AllocationRun]:
    """Return the runs of the organisation's rounds, with round and requester joined."""
    return AllocationRun.objects.filter(round__in=rounds_of(organisation)).select_related("round", "requested_by")


def run_name(run: AllocationRun) -> str:
    """Return "Provkörning 4" or "Körning 4"."""
    return (_("Provkörning %(number)d") if run.is_trial else _("Körning %(number)d")) % {"number": run.number}


def run_tag(run: AllocationRun) -> StatusTag:
    """Return the run's status as a word and an icon."""
    named = {"name": run_name(run)}
    return {
        RunStatus.QUEUED.value: tag_for("allocating", _("%(name)s står i kö") % named),
        RunStatus.RUNNING.value: tag_for("allocating", _("%(name)s pågår") % named),
        RunStatus.DRAFT.value: tag_for(
            "dry_run" if run.is_trial else "reserved", _("%(name)s, inte publicerad") % named
        ),
        RunStatus.PUBLISHED.value: tag_for("published", _("%(name)s, publicerad") % named),
        RunStatus.DISCARDED.value: tag_for("discarded", _("%(name)s, kasserad") % named),
        RunStatus.FAILED.value: tag_for("failed", _("%(name)s avbröts") % named),
    }[run.status]


def run_state(run: AllocationRun) -> StatusTag:
    """Return the run's status beside its name, as a word and an icon."""
    tag = run_tag(run)
    return StatusTag(tag.tone, tag.icon, RunStatus(run.status).label)


def run_progress(run: AllocationRun, poll_url: str) -> RunProgress:
    """Return where the run is, as planks and a sentence."""
    at = next((index for index, (_label, names) in enumerate(STAGES) if run.stage in names), 0)
    states = ["done" if index < at else "current" if index == at else "coming" for index in range(len(STAGES))]
    failed = run.status == RunStatus.FAILED
    return RunProgress(
        title=_("Fördelningen avbröts") if failed else _("Fördelningen körs"),
        sentence=run.error if failed else _progress_sentence(run),
        stages=[RunStage(label, state) for (label, _names), state in zip(STAGES, states, strict=True)],
        poll_url="" if failed else poll_url,
        percent=run.progress,
        finished=run.status not in RUN_ACTIVE,
        failed=failed,
    )


def _progress_sentence(run: AllocationRun) -> str:
    if run.status == RunStatus.QUEUED:
        return _("Körningen står i kö och börjar strax. Du kan lämna sidan.")
    if run.attempts > 1:
        return _("Körningen avbröts och togs upp igen, försök %(attempt)d. Du kan lämna sidan.") % {
            "attempt": run.attempts
        }
    return _("Du kan lämna sidan. Resultatet blir ett utkast som eleverna inte ser.")


# -- each learner's result

OUTCOMES: dict[str, Q] = {
    "first": Q(rank=1),
    "second_third": Q(rank__in=(2, 3)),
    "lower": Q(rank__gte=4),
    "outside": Q(rank=None, slot__isnull=False, locked=False),
    "locked": Q(locked=True),
    "unplaced": Q(slot=None),
    **{reason: Q(reason=reason) for reason in UNPLACED_LABELS},
}
ORDERS = {
    "class": ("learner__school_class__name", "learner__last_name", "learner__first_name"),
    "name": ("learner__last_name", "learner__first_name"),
    "place": ("slot__title", "learner__last_name"),
    "wish": ("rank", "learner__last_name"),
}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One learner's result with the sentences that explain it."""

    assignment: Assignment
    words: str
    tag: StatusTag
    why: Sequence[str]

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
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        rows = rows.filter(learner__school_unit=organisation.pk)
    if class_id:
        rows = rows.filter(learner__school_class=class_id)
    if outcome in OUTCOMES:
        rows = rows.filter(OUTCOMES[outcome])
    for word in search.split():
        rows = rows.filter(Q(learner__first_name__icontains=word) | Q(learner__last_name__icontains=word))
    order = [F(name).desc(nulls_last=True) if sort.startswith("-") else F(name).asc(nulls_last=True)
             for name in ORDERS.get(sort.removeprefix("-"), ORDERS["class"])]  # fmt: skip
    return rows.select_related("learner__school_class", "learner__school_unit", "slot__workplace").order_by(
        *order, "id"
    )


def result_rows(assignments: Iterable[Assignment]) -> list[ResultRow]:
    """Return the rows with their sentences; one query for the names of the slots spoken of."""
    found = list(assignments)
    titles = slot_titles(item["slot"] for row in found for item in row.explanation)
    return [_result_row(row, titles) for row in found]


def slot_titles(ids: Iterable[str]) -> dict[str, str]:
    """Return the titles of slots by id."""
    rows = Slot.objects.filter(pk__in={UUID(pk) for pk in ids}).values_list("pk", "title")
    return {str(pk): title for pk, title in rows}


def _result_row(row: Assignment, titles: Mapping[str, str]) -> ResultRow:
    words = outcome_words(rank=row.rank, placed=row.slot_id is not None, locked=row.locked, reason=row.reason)
    key = "unplaced" if row.slot_id is None else "locked" if row.locked else "confirmed" if row.rank else "planned"
    silent = [] if row.rank or row.explanation or row.locked else [_("Har inte gjort några val.")]
    return ResultRow(row, words, tag_for(key, words), silent or why_all(row.explanation, titles))


def classes_of_run(run: AllocationRun, organisation: Organisation) -> list[tuple[str, str]]:
    """Return the classes of the run that the organisation may see, as choices of a filter."""
    rows = results_of_run(run, organisation).order_by("learner__school_class__name").distinct()
    found = rows.values_list("learner__school_class_id", "learner__school_class__name", "learner__school_unit__name")
    return [(str(pk), f"{name}, {school}" if not _is_school(organisation) else name) for pk, name, school in found]


def _is_school(organisation: Organisation) -> bool:
    return organisation.kind == OrganisationKind.SCHOOL_UNIT
