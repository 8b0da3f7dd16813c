"""What publishing a run would do: shown before the button is pressed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from placements.enums import RunStatus
from placements.models import AllocationRun, Assignment
from placements.selectors.links import answer_deadline
from schools.models import Guardian, PeriodWeek


@dataclass(frozen=True, slots=True)
class WorkplaceShare:
    """How many learners one workplace is asked to take."""

    workplace: str
    city: str
    learners: int


@dataclass(frozen=True, slots=True)
class PublishPreview:
    """Who gets what when a run is published, and what stands in the way."""

    placed: int
    unplaced: int
    learners_written: int
    guardians_written: int
    employers: int
    answer_by: date
    weeks: list[date]
    workplaces: list[WorkplaceShare]
    without_place: list[str]
    obstacle: str


def obstacle(run: AllocationRun, now: datetime) -> str:
    """Return why the run (its round joined) cannot be published, as a sentence; empty when it can."""
    if run.round.published_at or run.status == RunStatus.PUBLISHED:
        return _("Omgången är redan publicerad. Ladda om sidan och se resultatet.")
    if run.is_trial:
        return _("En provkörning publiceras aldrig. Kör fördelningen på riktigt först.")
    if run.status != RunStatus.DRAFT:
        return _("Fördelningen är inte klar eller är kasserad. Välj en färdig fördelning.")
    if now < run.round.close_at:
        return _("Valet är fortfarande öppet. Publicera när det har stängt.")
    return ""


def publishing_preview(run: AllocationRun, now: datetime) -> PublishPreview:
    """Return what the page before publishing shows, in three queries."""
    rows = list(
        Assignment.objects.filter(run=run)
        .select_related("learner__school_class", "slot__workplace")
        .order_by("learner__school_class__name", "learner__last_name", "learner__first_name")
    )
    shares = Counter(row.slot.workplace for row in rows if row.slot)
    guardians = Guardian.objects.filter(learner__in=[row.learner_id for row in rows]).exclude(email="").count()
    weeks = PeriodWeek.objects.filter(period__in={row.period_id for row in rows}).values_list("week_on", flat=True)
    return PublishPreview(
        placed=sum(shares.values()),
        unplaced=len(rows) - sum(shares.values()),
        learners_written=sum(1 for row in rows if row.learner.email),
        guardians_written=guardians,
        employers=len({workplace.employer_id for workplace in shares}),
        answer_by=answer_deadline(run.round.confirm_on).date(),
        weeks=sorted(set(weeks)),
        workplaces=[
            WorkplaceShare(workplace.name, workplace.city, count)
            for workplace, count in sorted(shares.items(), key=lambda share: (-share[1], share[0].name))
        ],
        without_place=[f"{row.learner}, {row.learner.school_class.name}" for row in rows if not row.slot],
        obstacle=obstacle(run, now),
    )
