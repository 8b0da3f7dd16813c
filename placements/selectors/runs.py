"""Runs on pages: rounds with their latest run, a round's runs and locks, how far one has come and who did what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from core.models import StateChange
from core.ui import RunProgress, RunStage, StatusTag, Text, tag_for
from placements.enums import RUN_ACTIVE, RunPolicy, RunPurpose, RunStatus
from placements.models import AllocationRun, PlacementLock, Round
from placements.phases import PHASE_TAGS
from placements.selectors.rounds import RoundHead, RoundRow, rounds_of, with_numbers
from schools.enums import ProtectionMode

# A run's stages as a person follows them, each with the engine's and the worker's names for it.
STAGES = (
    (gettext_lazy("Läser underlag"), {"", "load"}),
    (gettext_lazy("Placerar"), {"check", "place"}),
    (gettext_lazy("Väger val"), {"rank", "lottery", "certificate"}),
    (gettext_lazy("Jämför regler"), {"compare"}),
    (gettext_lazy("Förklarar"), {"explain"}),
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


def latest_runs(heads: Sequence[RoundHead]) -> dict[UUID, AllocationRun]:
    """Return each round's latest run, the published one before others."""
    latest = (
        AllocationRun.objects.filter(round__in=[head.round.pk for head in heads])
        .exclude(status=RunStatus.DISCARDED)
        .order_by("round", F("published_at").asc(nulls_last=True), "-number")
        .distinct("round")
        .defer("log")
    )
    return {run.round_id: run for run in latest}


def index_rows(heads: Sequence[RoundHead], runs: Mapping[UUID, AllocationRun]) -> list[IndexRow]:
    """Return the rounds in their order with their numbers, each with its run."""
    return [_index_row(row, runs.get(row.round.pk)) for row in with_numbers(heads)]


def _index_row(row: RoundRow, run: AllocationRun | None) -> IndexRow:
    return IndexRow(row, run, run_name(run), run_state(run)) if run else IndexRow(row, None)


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
    """Return the runs of the organisation's rounds, with round and the people who did something joined."""
    people = ("requested_by", "reviewed_by", "published_by")
    return AllocationRun.objects.filter(round__in=rounds_of(organisation)).select_related("round", *people)


def run_name(run: AllocationRun) -> str:
    """Return "Provkörning 4", "Körning 4", "Andra omgången 5" or "Reparation 6"."""
    again = {
        RunPurpose.REST.value: _("Andra omgången %(number)d"),
        RunPurpose.REPAIR.value: _("Reparation %(number)d"),
    }
    name = _("Provkörning %(number)d") if run.is_trial else again.get(run.purpose, _("Körning %(number)d"))
    return name % {"number": run.number}


def rule_of(run: AllocationRun) -> str:
    """Return "Balanserad", and whether schools share the shortage."""
    label = str(RunPolicy(run.policy).label)
    return _("%(rule)s, bristen delad mellan skolorna") % {"rule": label} if run.shares_shortage else label


def run_tag(run: AllocationRun) -> StatusTag:
    """Return the run's status as a word and an icon."""
    named = {"name": run_name(run)}
    return {
        RunStatus.QUEUED.value: tag_for("allocating", _("%(name)s står i kö") % named),
        RunStatus.RUNNING.value: tag_for("allocating", _("%(name)s pågår") % named),
        RunStatus.DRAFT.value: tag_for("dry_run" if run.is_trial else "draft", _("%(name)s, inte publicerad") % named),
        RunStatus.REVIEWED.value: tag_for("awaiting_you", _("%(name)s, granskad men inte publicerad") % named),
        RunStatus.PUBLISHING.value: tag_for("allocating", _("%(name)s publiceras") % named),
        RunStatus.PUBLISHED.value: tag_for("published", _("%(name)s, publicerad") % named),
        RunStatus.RETRACTING.value: tag_for("allocating", _("%(name)s tas tillbaka") % named),
        RunStatus.DISCARDED.value: tag_for("discarded", _("%(name)s, kasserad") % named),
        RunStatus.FAILED.value: tag_for("failed", _("%(name)s avbröts") % named),
    }[run.status]


def run_state(run: AllocationRun) -> StatusTag:
    """Return the run's status beside its name, as a word and an icon."""
    tag = run_tag(run)
    return StatusTag(tag.tone, tag.icon, RunStatus(run.status).label)


def run_progress(run: AllocationRun, poll_url: str) -> RunProgress:
    """Return where the run is, as planks and a sentence."""
    failed = run.status == RunStatus.FAILED
    return RunProgress(
        title=_("Fördelningen avbröts") if failed else _("Fördelningen körs"),
        sentence=run.error if failed else _progress_sentence(run),
        stages=_stages(run.stage),
        poll_url="" if failed else poll_url,
        percent=run.progress,
        finished=run.status not in RUN_ACTIVE,
        failed=failed,
    )


def publishing_progress(run: AllocationRun, poll_url: str) -> RunProgress:
    """Return that the run is being published, or its publishing taken back, as planks and a sentence."""
    if run.status == RunStatus.RETRACTING:
        title = _("Publiceringen tas tillbaka")
        sentence = _("Alla platser lämnas tillbaka, eller inga. Inga brev går ut. Du kan lämna sidan.")
        before, current, after = _("Publicerad"), _("Lämnar tillbaka platserna"), _("Granskad")
    else:
        title = _("Resultatet publiceras")
        sentence = _("Platserna reserveras, alla eller inga. Du kan lämna sidan.")
        before, current, after = _("Granskad"), _("Reserverar platserna"), _("Publicerad")
    stages = [RunStage(before, "done"), RunStage(current, "current"), RunStage(after, "coming")]
    return RunProgress(title=title, sentence=sentence, stages=stages, poll_url=poll_url, percent=run.progress)


def _stages(stage: str) -> list[RunStage]:
    at = next((index for index, (_label, names) in enumerate(STAGES) if stage in names), 0)
    states = ["done" if index < at else "current" if index == at else "coming" for index in range(len(STAGES))]
    return [RunStage(label, state) for (label, _names), state in zip(STAGES, states, strict=True)]


def _progress_sentence(run: AllocationRun) -> str:
    if run.status == RunStatus.QUEUED:
        return _("Körningen står i kö och börjar strax. Du kan lämna sidan.")
    if run.attempts > 1:
        return _("Körningen avbröts och togs upp igen, försök %(attempt)d. Du kan lämna sidan.") % {
            "attempt": run.attempts
        }
    return _("Du kan lämna sidan. Resultatet blir ett utkast som eleverna inte ser.")


# -- who did what, when


R = RunStatus
EVENTS: Mapping[tuple[str, str], Text] = {
    ("", R.QUEUED): gettext_lazy("Startad"),
    (R.RUNNING, R.DRAFT): gettext_lazy("Klar"),
    (R.RUNNING, R.FAILED): gettext_lazy("Avbröts"),
    (R.RUNNING, R.QUEUED): gettext_lazy("Tas upp igen"),
    (R.DRAFT, R.REVIEWED): gettext_lazy("Granskad"),
    (R.REVIEWED, R.DRAFT): gettext_lazy("Öppnad igen"),
    (R.REVIEWED, R.PUBLISHING): gettext_lazy("Publicering begärd"),
    (R.PUBLISHING, R.REVIEWED): gettext_lazy("Publiceringen stoppades"),
    (R.PUBLISHING, R.PUBLISHED): gettext_lazy("Publicerad"),
    (R.PUBLISHED, R.RETRACTING): gettext_lazy("Ångrad"),
    (R.RETRACTING, R.PUBLISHED): gettext_lazy("Publiceringen gick inte att ta tillbaka"),
    (R.RETRACTING, R.REVIEWED): gettext_lazy("Publiceringen togs tillbaka"),
}


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One thing that happened to a run."""

    at: datetime
    text: str
    who: str


def run_history(run: AllocationRun) -> list[RunEvent]:
    """Return what happened to the run, the latest first. One query."""
    found = StateChange.objects.filter(subject=run._meta.label_lower, subject_id=run.pk).order_by("-at")
    return [RunEvent(change.at, words, change.actor_label) for change in found if (words := _event(change))]


def _event(change: StateChange) -> str:
    if change.before == change.after:
        return change.reason
    text = str(EVENTS.get((change.before, change.after), ""))
    if change.after == RunStatus.DISCARDED:
        text = _("Kasserad")
    return f"{text}: {change.reason}" if text and change.reason else text
