"""Who in a published round has no place, and why: lost since publishing, come later, or never placed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import today
from placements.enums import ENDED_BY_EMPLOYER, PlacementStatus, RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Placement, PlacementWeek, Round, RoundPeriod
from placements.selectors.rights import may_run
from placements.selectors.rounds import rounds_of
from schools.enums import ProtectionMode
from schools.models import Learner, PeriodWeek

NAMED = 3


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


def lost_places(
    rounds: QuerySet[Round], organisation: Organisation | None = None, *, since_publishing: bool = False
) -> list[Lost]:
    """Return everybody in the published rounds whom a repair could help; of them only those that something has
    happened to since, when asked so. Seven queries, eight at most, two at most when nobody is missing.

    A school sees its own learners only. Left out are periods that have begun, learners with a protected identity,
    those who are somewhere else in the weeks, and those who have cancelled themselves.
    """
    coming = _coming(rounds, organisation)
    missing = _missing(coming, since_publishing=since_publishing)
    if not missing:
        return []
    round_of = dict(coming.values_list("period_id", "round_id"))
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


def _missing(coming: QuerySet[RoundPeriod], *, since_publishing: bool) -> list[tuple[UUID, UUID]]:
    """Learners of the periods' classes without a live place there.

    Asked since publishing, those for whom the published runs found no place are left out: in a shortage nearly all.
    """
    learner = "period__school_class__learners"
    held = Placement.objects.filter(period=OuterRef("period"), ended_at=None)
    without = ~Exists(held.filter(learner=OuterRef(learner)))
    unprotected = Q(**{f"{learner}__protection_mode": ProtectionMode.NONE})
    if not since_publishing:
        return list(coming.filter(without, unprotected).values_list("period_id", learner))
    never_placed = Assignment.objects.filter(
        run__round=OuterRef("round"),
        run__purpose=RunPurpose.FULL,
        run__status=RunStatus.PUBLISHED,
        slot=None,
        period=OuterRef("period"),
        learner=OuterRef(learner),
    )
    refused = Placement.objects.filter(
        ~Exists(held.filter(learner=OuterRef("learner"))),
        period__in=coming.values("period"),
        status__in=ENDED_BY_EMPLOYER,
        learner__school_class=F("period__school_class"),
        learner__protection_mode=ProtectionMode.NONE,
    )
    # Two questions, each a join of its own: asked at once, the second would be answered learner by learner.
    changed = coming.filter(without, ~Exists(never_placed), unprotected).values_list("period_id", learner)
    return list({*changed, *refused.values_list("period_id", "learner_id")})


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
