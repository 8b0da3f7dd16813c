"""Places that were lost after publishing, and what each way to repair them would do. Nobody is moved by looking."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.ui import Figure, RunProgress, RunStage
from core.weeks import today
from employers.models import Slot
from placements.enums import (
    ENDED_BY_EMPLOYER,
    RUN_ACTIVE,
    RUN_OUT,
    PlacementStatus,
    RepairOption,
    RunPurpose,
    RunStatus,
)
from placements.models import AllocationRun, Assignment, Placement, PlacementWeek, Round, RoundPeriod
from placements.selectors.rights import may_run
from placements.selectors.rounds import rounds_of
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek

# The second option is queued as soon as the first is done; if nothing has come in this time, nothing will.
SECOND_WITHIN = timedelta(minutes=10)
NAMED = 3
FINISHED = (RunStatus.DRAFT, RunStatus.REVIEWED, *RUN_OUT)
OPTION_HINTS: Mapping[str, str | Promise] = {
    RepairOption.STAY: gettext_lazy("De som saknar plats får lediga platser. Alla andra behåller sin."),
    RepairOption.LEAST: gettext_lazy("Några andra får byta plats, om det gör att fler får en."),
}


class Cause(StrEnum):
    """Why a learner of a published round has no place."""

    EMPLOYER = "employer"
    NEW = "new"
    UNPLACED = "unplaced"


@dataclass(frozen=True, slots=True)
class Lost:
    """A learner of a published round who has no place in a period that has not begun."""

    round_id: UUID
    period_id: UUID
    learner_id: UUID
    name: str
    class_name: str
    school_name: str
    cause: Cause
    employer: str

    @property
    def words(self) -> str:
        """Return why there is no place, as half a sentence."""
        return {
            Cause.EMPLOYER: _("%(employer)s tackade nej") % {"employer": self.employer},
            Cause.NEW: _("kom efter publiceringen"),
            Cause.UNPLACED: _("fick ingen plats i fördelningen"),
        }[self.cause]

    @property
    def is_new_loss(self) -> bool:
        """Tell whether something has happened since publishing."""
        return self.cause != Cause.UNPLACED


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


# -- who has no place


def lost_places(
    rounds: QuerySet[Round], organisation: Organisation | None = None, *, since_publishing: bool = False
) -> list[Lost]:
    """Return everybody in the published rounds whom a repair could help; of them only those that something has
    happened to since, when asked so. Seven queries, nine at most, one when there is no class.

    A school sees its own learners only. Left out are periods that have begun, learners with a protected identity,
    those who are somewhere else in the weeks, and those who have cancelled themselves.
    """
    round_of = dict(_coming(rounds, organisation).values_list("period_id", "round_id"))
    missing = _missing(round_of) if round_of else []
    if missing and since_publishing:
        missing = _changed_since(round_of, missing)
    if not missing:
        return []
    learners = {learner_id for _period, learner_id in missing}
    latest = _latest(round_of, learners)
    away = _away(round_of, learners)
    known = _known(set(round_of.values()), learners)
    people = Learner.objects.select_related("school_class", "school_unit").in_bulk(learners)
    found = [
        _lost(people[learner_id], period_id, round_of[period_id], latest.get((period_id, learner_id)), known)
        for period_id, learner_id in missing
        if (period_id, learner_id) not in away
    ]
    return sorted(
        (each for each in found if each), key=lambda each: (each.class_name, each.name, each.learner_id, each.period_id)
    )


def _coming(rounds: QuerySet[Round], organisation: Organisation | None) -> QuerySet[RoundPeriod]:
    begun = PeriodWeek.objects.filter(period=OuterRef("period"), week_on__lte=today())
    found = RoundPeriod.objects.filter(~Exists(begun), round__in=rounds.filter(published_at__isnull=False).values("pk"))
    if organisation and organisation.kind == OrganisationKind.SCHOOL_UNIT:
        found = found.filter(period__school_unit=organisation.pk)
    return found


def _missing(periods: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """Learners of the periods' classes without a live place there: a difference of sets, quick whatever their size."""
    everybody = RoundPeriod.objects.filter(
        period__in=list(periods), period__school_class__learners__protection_mode=ProtectionMode.NONE
    ).values_list("period_id", "period__school_class__learners__pk")
    placed = Placement.objects.filter(period__in=list(periods), ended_at=None).values_list("period_id", "learner_id")
    return list(everybody.difference(placed))


def _changed_since(round_of: Mapping[UUID, UUID], missing: Sequence[tuple[UUID, UUID]]) -> list[tuple[UUID, UUID]]:
    """Leave out those for whom the published runs found no place: in a shortage they are nearly all."""
    rows = Placement.objects.filter(period__in=list(round_of), status__in=ENDED_BY_EMPLOYER)
    refused = set(rows.values_list("period_id", "learner_id"))
    runs = AllocationRun.objects.filter(
        round__in=set(round_of.values()), purpose=RunPurpose.FULL, status=RunStatus.PUBLISHED
    )
    unplaced = set(Assignment.objects.filter(run__in=runs, slot=None).values_list("period_id", "learner_id"))
    return [pair for pair in missing if pair in refused or pair not in unplaced]


def _latest(periods: Iterable[UUID], learners: Iterable[UUID]) -> dict[tuple[UUID, UUID], tuple[str, str]]:
    """The status and the employer of the latest place that each learner has had in each period."""
    rows = Placement.objects.filter(period__in=list(periods), learner__in=list(learners)).order_by("created_at")
    return {
        (period_id, learner_id): (status, employer)
        for period_id, learner_id, status, employer in rows.values_list(
            "period_id", "learner_id", "status", "employer__name"
        )
    }


def _away(periods: Iterable[UUID], learners: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Who is somewhere else in one of a period's weeks."""
    of_week: defaultdict[date, set[UUID]] = defaultdict(set)
    weeks = PeriodWeek.objects.filter(period__in=list(periods))
    for period_id, week_on in weeks.values_list("period_id", "week_on"):
        of_week[week_on].add(period_id)
    busy = PlacementWeek.objects.filter(live=True, learner__in=list(learners), week_on__in=list(of_week))
    return {
        (period_id, learner_id)
        for learner_id, week_on in busy.values_list("learner_id", "week_on")
        for period_id in of_week[week_on]
    }


def _known(rounds: set[UUID], learners: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """By round with a published run: the learners whom that run knew."""
    runs = AllocationRun.objects.filter(round__in=rounds, purpose=RunPurpose.FULL, status=RunStatus.PUBLISHED)
    round_of = dict(runs.values_list("pk", "round_id"))
    known: dict[UUID, set[UUID]] = {round_id: set() for round_id in round_of.values()}
    rows = Assignment.objects.filter(run__in=list(round_of), learner__in=list(learners))
    for run_id, learner_id in rows.values_list("run_id", "learner_id"):
        known[round_of[run_id]].add(learner_id)
    return known


def _lost(
    learner: Learner,
    period_id: UUID,
    round_id: UUID,
    latest: tuple[str, str] | None,
    known: Mapping[UUID, set[UUID]],
) -> Lost | None:
    """Why the learner has no place; None for one who has cancelled."""
    status, employer = latest or ("", "")
    if status == PlacementStatus.WITHDRAWN_LEARNER:
        return None
    is_new = not latest and round_id in known and learner.pk not in known[round_id]
    return Lost(
        round_id=round_id,
        period_id=period_id,
        learner_id=learner.pk,
        name=str(learner),
        class_name=learner.school_class.name,
        school_name=learner.school_unit.name,
        cause=Cause.EMPLOYER if status in ENDED_BY_EMPLOYER else Cause.NEW if is_new else Cause.UNPLACED,
        employer=employer,
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """A round in which somebody has lost a place since it was published."""

    round: Round
    lost: Sequence[Lost]

    @property
    def heading(self) -> str:
        """Return what has happened, as a sentence without its full stop."""
        return lost_heading(self.lost)

    @property
    def causes(self) -> str:
        """Return who said no to how many, and how many are new, as sentences."""
        said_no = Counter(found.employer for found in self.lost if found.cause == Cause.EMPLOYER)
        told = [
            ngettext("%(employer)s tackade nej till en elev.", "%(employer)s tackade nej till %(n)d elever.", count)
            % {"employer": employer, "n": count}
            for employer, count in said_no.most_common(NAMED)
        ]
        if more := len(said_no) - len(told):
            told.append(ngettext("En arbetsplats till sa nej.", "%(n)d arbetsplatser till sa nej.", more) % {"n": more})
        if new := sum(1 for found in self.lost if found.cause == Cause.NEW):
            told.append(
                ngettext("En elev kom efter publiceringen.", "%(n)d elever kom efter publiceringen.", new) % {"n": new}
            )
        return " ".join(told)


def losses(organisation: Organisation, *, round_id: UUID | None = None) -> list[Loss]:
    """Return the rounds that the organisation may run and in which somebody has lost a place."""
    rounds = rounds_of(organisation).filter(published_at__isnull=False).order_by("confirm_on", "title")
    if round_id:
        rounds = rounds.filter(pk=round_id)
    ours = [found for found in rounds if may_run(organisation, found)]
    lost: defaultdict[UUID, list[Lost]] = defaultdict(list)
    if ours:
        for each in lost_places(Round.objects.filter(pk__in=[found.pk for found in ours]), since_publishing=True):
            if each.is_new_loss:
                lost[each.round_id].append(each)
    return [Loss(found, lost[found.pk]) for found in ours if lost[found.pk]]


def lost_heading(lost: Sequence[Lost]) -> str:
    """Return "2 elever har förlorat sin plats"; a newcomer has not lost one, but lacks one."""
    number = {"n": len(lost)}
    if all(found.cause == Cause.EMPLOYER for found in lost):
        return ngettext("En elev har förlorat sin plats", "%(n)d elever har förlorat sin plats", len(lost)) % number
    return ngettext("En elev saknar plats", "%(n)d elever saknar plats", len(lost)) % number


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
