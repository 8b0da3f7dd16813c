"""A round's repair: what each way to mend lost places would do. Nobody is moved by looking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui import Figure, RunProgress, RunStage
from core.weeks import today
from employers.models import Slot
from placements.enums import (
    RUN_ACTIVE,
    RUN_OUT,
    RepairOption,
    RunPurpose,
    RunStatus,
)
from placements.models import AllocationRun, Assignment, Placement, Round
from placements.selectors.losses import Lost, lost_heading, lost_places
from schools.models import PeriodWeek

# The second option is queued as soon as the first is done; if nothing has come in this time, nothing will.
SECOND_WITHIN = timedelta(minutes=10)
FINISHED = (RunStatus.DRAFT, RunStatus.REVIEWED, *RUN_OUT)
OPTION_HINTS: Mapping[str, str | Promise] = {
    RepairOption.STAY: gettext_lazy("De som saknar plats får lediga platser. Alla andra behåller sin."),
    RepairOption.LEAST: gettext_lazy("Några andra får byta plats, om det gör att fler får en."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Where one learner would go: the slot's title and the wish it is, both empty without a place."""

    place: str
    rank: int | None

    @property
    def wish(self) -> str:
        """Return "val 2" or "utanför valen"; nothing without a place."""
        if not self.place:
            return ""
        return _("val %(rank)d") % {"rank": self.rank} if self.rank else _("utanför valen")


@dataclass(frozen=True, slots=True)
class Change:
    """What a repair would do with one learner. `confirmed`: the workplace has said yes to the learner already."""

    name: str
    class_name: str
    before: Step
    after: Step
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class RepairResult:
    """One way to repair: who gets a place, who would be moved, and who remains without."""

    run: AllocationRun
    option: RepairOption
    placed: tuple[Change, ...]
    moved: tuple[Change, ...]
    remaining: tuple[Change, ...]

    @property
    def title(self) -> str:
        """Return the option's name."""
        return str(self.option.label)

    @property
    def hint(self) -> str:
        """Return what the option does."""
        return str(OPTION_HINTS[self.option])

    @property
    def figures(self) -> list[Figure]:
        """Return the three figures that the options are compared by."""
        asked = len(self.placed) + len(self.remaining)
        return [
            Figure(_("%(placed)d av %(all)d") % {"placed": len(self.placed), "all": asked}, _("får en plats")),
            Figure(str(len(self.moved)), _("andra flyttas")),
            Figure(str(len(self.remaining)), _("utan plats")),
        ]

    @property
    def moved_confirmed(self) -> int:
        """Return how many would leave a workplace that has said yes to them."""
        return sum(1 for change in self.moved if change.confirmed)

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be published."""
        return self.run.status in (RunStatus.DRAFT, RunStatus.REVIEWED)


@dataclass(frozen=True, slots=True)
class Repair:
    """A round's repair: who has no place now, the two runs as far as they have come, and whether they still hold."""

    lost: Sequence[Lost]
    runs: Sequence[AllocationRun]
    results: Sequence[RepairResult]
    progress: RunProgress | None
    is_outdated: bool

    @property
    def heading(self) -> str:
        """Return the finding: how many have lost a place, or lack one."""
        since = [found for found in self.lost if found.is_new_loss]
        return lost_heading(since or self.lost) if self.lost else _("Alla elever har en plats")

    @property
    def options(self) -> list[RepairResult]:
        """Return the ways that can still be chosen."""
        return [found for found in self.results if found.is_open]

    @property
    def best(self) -> RepairResult | None:
        """Return the way that places most; of equals, the one that moves fewest."""
        return max(self.options, key=lambda found: (len(found.placed), -len(found.moved)), default=None)

    @property
    def is_same(self) -> bool:
        """Tell whether the ways differ in nothing."""
        return len(self.options) > 1 and len({(found.placed, found.moved) for found in self.options}) == 1

    @property
    def errors(self) -> list[str]:
        """Return why options failed."""
        return [run.error for run in self.runs if run.status == RunStatus.FAILED]

    @property
    def published(self) -> RepairResult | None:
        """Return the option that was published, or is about to be."""
        return next((found for found in self.results if found.run.status in RUN_OUT), None)


def refusal_to_repair(round: Round) -> str:
    """Return why the round cannot be repaired now, as a sentence; empty when it can."""
    if round.published_at is None:
        return _("Omgången är inte publicerad än. Kör fördelningen i stället.")
    coming = PeriodWeek.objects.filter(period__round_periods__round=round).values("period")
    begun = coming.filter(week_on__lte=today())
    if not coming.exclude(period__in=begun).exists():
        return _("Omgångens veckor har börjat. Ring arbetsplatsen, eller välj plats för hand.")
    if not lost_places(Round.objects.filter(pk=round.pk)):
        return _("Ingen i omgången saknar plats. Det finns inget att reparera.")
    return ""


# -- the two options


def repair_of(round: Round, poll_url: str) -> Repair:
    """Return the round's repair as its page shows it. The queries do not grow with the number of learners."""
    runs = latest_pair(round)
    progress = _progress(runs, poll_url)
    done = [] if progress else [run for run in runs if run.status in FINISHED]
    return Repair(
        lost=lost_places(Round.objects.filter(pk=round.pk)),
        runs=runs,
        results=_results(done),
        progress=progress,
        is_outdated=bool(runs) and not progress and _is_outdated(round, runs),
    )


def latest_pair(round: Round) -> list[AllocationRun]:
    """Return the newest run of the first option and the run of the second that followed it, those that exist."""
    runs = list(
        AllocationRun.objects.filter(round=round, purpose=RunPurpose.REPAIR)
        .select_related("round", "requested_by")
        .defer("log", "summary")
        .order_by("-number")[:2]
    )[::-1]
    if len(runs) == 2 and runs[1].option == RepairOption.STAY:
        return runs[1:]
    return runs


def waits_for_second(runs: Sequence[AllocationRun], now: datetime) -> bool:
    """Tell whether the first option is done and the second should be queued any moment."""
    if len(runs) != 1 or runs[0].option != RepairOption.STAY:
        return False
    run = runs[0]
    done = run.status in (RunStatus.DRAFT, RunStatus.FAILED)
    return done and run.finished_at is not None and now - run.finished_at < SECOND_WITHIN


def _progress(runs: Sequence[AllocationRun], poll_url: str) -> RunProgress | None:
    """Both runs as one: a plank each."""
    active = next((run for run in runs if run.status in RUN_ACTIVE), None)
    waits = waits_for_second(runs, timezone.now())
    if active is None and not waits:
        return None
    first_done = waits or (active is not None and active.option == RepairOption.LEAST)
    states = ("done", "current") if first_done else ("current", "coming")
    half = active.progress // 2 if active else 0
    return RunProgress(
        title=_("Räknar på två sätt att reparera"),
        sentence=_("Du kan lämna sidan. Ingen flyttas förrän du har valt och publicerat."),
        stages=[
            RunStage(option.label, state)
            for option, state in zip((RepairOption.STAY, RepairOption.LEAST), states, strict=True)
        ],
        poll_url=poll_url,
        percent=half + (50 if first_done else 0),
        finished=False,
        failed=False,
    )


def _is_outdated(round: Round, runs: Sequence[AllocationRun]) -> bool:
    """Places have come or gone since the runs were asked for, by something else than these runs."""
    since = min(run.requested_at for run in runs)
    ours = [run.pk for run in runs]
    changed = Q(ended_at__gt=since) | Q(created_at__gt=since)
    return (
        not any(run.status in RUN_OUT for run in runs)
        and Placement.objects.filter(changed, round=round).exclude(run__in=ours).exists()
    )


def changed(run: AllocationRun) -> Q:
    """Return which of a repair's rows are about somebody: all but those of learners who keep their place."""
    given = Assignment.objects.filter(run=run, slot__isnull=False).values_list("learner_id", "slot_id")
    held = Placement.objects.filter(round=run.round_id, ended_at=None).exclude(run=run)
    # A difference of two sets: most keep their place, and nobody is looked up one by one.
    moved = given.difference(held.values_list("learner_id", "slot_id"))
    return Q(slot=None) | Q(learner__in=[learner_id for learner_id, _slot in moved])


def _results(runs: Sequence[AllocationRun]) -> list[RepairResult]:
    """Who is where after each run, against where they are without it. Two queries for each run."""
    return [_result(run, list(_rows(run))) for run in runs]


def _rows(run: AllocationRun) -> QuerySet[Assignment]:
    """The rows that are about somebody, each with the rank and the yes of the place it leaves."""
    left = Placement.objects.filter(
        period=OuterRef("period"), learner=OuterRef("learner"), slot=OuterRef("moved_from")
    ).order_by("-created_at")
    yes = Subquery(left.values("confirmed_at")[:1])
    found = Assignment.objects.filter(changed(run), run=run).annotate(
        rank_before=Subquery(left.values("rank")[:1]), confirmed_at=yes
    )
    return found.select_related("learner__school_class", "slot__workplace", "moved_from__workplace").order_by(
        "learner__school_class__name", "learner__last_name", "learner__first_name", "learner_id"
    )


def _result(run: AllocationRun, rows: Sequence[Assignment]) -> RepairResult:
    return RepairResult(
        run=run,
        option=RepairOption(run.option),
        placed=tuple(_change(row) for row in rows if row.slot_id and not row.moved_from_id),
        moved=tuple(_change(row) for row in rows if row.slot_id and row.moved_from_id),
        remaining=tuple(_change(row) for row in rows if not row.slot_id),
    )


def _change(row: Any) -> Change:
    """One learner's change; the row is annotated with the rank and the yes of the place left."""
    return Change(
        name=str(row.learner),
        class_name=row.learner.school_class.name,
        before=Step(_title(row.moved_from), row.rank_before),
        after=Step(_title(row.slot), row.rank),
        confirmed=row.confirmed_at is not None,
    )


def _title(slot: Slot | None) -> str:
    return slot.title if slot else ""
