"""What publishing a run would do, shown before the button is pressed; and what taking it back would undo."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from placements.enums import RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Placement
from placements.selectors.links import answer_deadline
from placements.selectors.repairs import changed
from placements.selectors.rights import refused_by_right
from placements.selectors.run_warnings import refused_by_warnings
from placements.selectors.undoing import undo_obstacle
from schools.models import Guardian, PeriodWeek

SHOWN = 20


@dataclass(frozen=True, slots=True)
class WorkplaceShare:
    """How many learners one workplace is asked to take."""

    workplace: str
    city: str
    learners: int


@dataclass(frozen=True, slots=True)
class PublishPreview:
    """Who gets what when a run is published, and what stands in the way.

    The lists hold the first SHOWN; `more_workplaces` and `more_without` count the others.
    """

    placed: int
    unplaced: int
    moved: int
    learners_written: int
    guardians_written: int
    employers: int
    answer_by: date
    undo_minutes: int
    weeks: list[date]
    workplaces: list[WorkplaceShare]
    more_workplaces: int
    without_place: list[str]
    more_without: int
    obstacle: str


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What taking a published run back would undo, and until when; `obstacle` says why it cannot be done."""

    placements: int
    employers: int
    moved: int
    until: datetime | None
    obstacle: str


def obstacle(run: AllocationRun, now: datetime) -> str:
    """Return why the run (its round joined) cannot be published, as a sentence; empty when it can."""
    is_full, done = run.purpose == RunPurpose.FULL, run.round.published_at is not None
    refusals = (
        (run.is_trial, _("En provkörning publiceras aldrig. Kör fördelningen på riktigt först.")),
        (
            run.status == RunStatus.PUBLISHED or (is_full and done),
            _("Omgången är redan publicerad. Ladda om sidan och se resultatet."),
        ),
        (
            not is_full and not done,
            _("Hela omgången är inte publicerad. Publicera den först, eller kassera den här körningen."),
        ),
        (
            run.status == RunStatus.DRAFT,
            _("Fördelningen är inte granskad. Gå igenom varningarna och markera den som granskad först."),
        ),
        (
            run.status not in {RunStatus.REVIEWED, RunStatus.PUBLISHING},
            _("Fördelningen är inte klar eller är kasserad. Välj en färdig fördelning."),
        ),
        (now < run.round.close_at, _("Valet är fortfarande öppet. Publicera när det har stängt.")),
    )
    return next((sentence for holds, sentence in refusals if holds), "")


def refusal_to_publish(run: AllocationRun, organisation_id: UUID | None, now: datetime) -> str:
    """Return why the organisation cannot ask for the run to be published: what `obstacle` says, or what came after the
    review, a warning whose count has changed or a school that shares the weeks. Empty when it can.
    """
    return obstacle(run, now) or refused_by_right(run.round, organisation_id) or _changed_since(run)


def _changed_since(run: AllocationRun) -> str:
    refusal = refused_by_warnings(run)
    return _("Något har ändrats sedan granskningen. %(what)s") % {"what": refusal} if refusal else ""


def publishing_preview(run: AllocationRun, organisation_id: UUID, now: datetime) -> PublishPreview:
    """Return what the organisation's page before publishing shows. As many queries whatever the number of learners."""
    rows = Assignment.objects.filter(changed(run) if run.purpose == RunPurpose.REPAIR else Q(), run=run)
    placed = rows.filter(slot__isnull=False).order_by()
    # Those without a place have been told so once, when the whole round was published.
    told = rows.order_by() if run.purpose == RunPurpose.FULL else placed
    learners = told.values("learner")
    shares = placed.values("slot__workplace__name", "slot__workplace__city", "slot__workplace").annotate(
        count=Count("pk")
    )
    shown = shares.order_by("-count", "slot__workplace__name", "slot__workplace")[:SHOWN]
    counts = rows.aggregate(
        placed=Count("slot"),
        all=Count("pk"),
        moved=Count("moved_from"),
        workplaces=Count("slot__workplace", distinct=True),
        employers=Count("slot__employer", distinct=True),
    )
    without = rows.filter(slot=None).select_related("learner__school_class")
    named = without.order_by("learner__school_class__name", "learner__last_name", "learner__first_name")[:SHOWN]
    return PublishPreview(
        placed=counts["placed"],
        unplaced=counts["all"] - counts["placed"],
        moved=counts["moved"],
        learners_written=told.exclude(learner__email="").count(),
        guardians_written=Guardian.objects.filter(learner__in=learners).exclude(email="").count(),
        employers=counts["employers"],
        answer_by=answer_deadline(run.round.confirm_on).date(),
        undo_minutes=undo_minutes(),
        weeks=_weeks(run),
        workplaces=[
            WorkplaceShare(share["slot__workplace__name"], share["slot__workplace__city"], share["count"])
            for share in shown
        ],
        more_workplaces=max(0, counts["workplaces"] - SHOWN),
        without_place=[f"{row.learner}, {row.learner.school_class.name}" for row in named],
        more_without=max(0, counts["all"] - counts["placed"] - SHOWN),
        obstacle=refusal_to_publish(run, organisation_id, now),
    )


def undo_minutes() -> int:
    """Return for how many minutes a publishing can be taken back."""
    return int(timedelta(seconds=settings.BRYGGAN_UNDO_SECONDS).total_seconds() // 60)


def may_undo(run: AllocationRun, now: datetime) -> bool:
    """Tell whether a published run can still be taken back."""
    return run.status == RunStatus.PUBLISHED and not undo_obstacle(run, now)


def undo_preview(run: AllocationRun, now: datetime) -> UndoPreview:
    """Return what taking the published run back would undo."""
    held = Placement.objects.filter(run=run)
    counts = held.aggregate(all=Count("pk"), employers=Count("employer", distinct=True))
    moved = Assignment.objects.filter(run=run, moved_from__isnull=False).count()
    return UndoPreview(counts["all"], counts["employers"], moved, run.undo_until, undo_obstacle(run, now))


def _weeks(run: AllocationRun) -> list[date]:
    found = PeriodWeek.objects.filter(period__in=Assignment.objects.filter(run=run).order_by().values("period"))
    return sorted(set(found.values_list("week_on", flat=True)))
