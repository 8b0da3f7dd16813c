"""Open a round, change its dates, take it away, and remind those who have not sent in their wishes."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.outbox.models import OutboxMessage
from core.outbox.services import enqueue_many, withdraw
from core.permissions import Actor
from core.weeks import today
from placements.enums import RoundPhase
from placements.models import ChoiceList, Placement, Round, RoundPeriod
from placements.selectors.rounds import learners_in_round, phase, weeks_of_round
from schools.enums import ProtectionMode
from schools.models import PlacementPeriod

REMINDER_EVENT = "placements/choice_reminder"
REMINDER_DELAY = timedelta(minutes=10)
FEWEST, MOST = 3, 6


class RoundRefused(DomainError):
    """A round cannot be opened, changed or taken away as asked. `field` names the form field."""

    code = "round_refused"


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """What a round is opened or changed with."""

    title: str
    view_at: datetime
    choose_at: datetime
    close_at: datetime
    confirm_on: date
    min_choices: int = FEWEST
    max_choices: int = MOST


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many are reminded now, were already reminded today, and have no e-mail address."""

    sent: int
    already: int
    without_mail: int


def plan_problems(plan: RoundPlan, weeks: Iterable[date]) -> Iterator[RoundRefused]:
    """Say everything that is wrong with the dates and the numbers, each at its field."""
    first = min(weeks, default=None)
    if plan.choose_at < plan.view_at:
        yield RoundRefused(_("Låt platserna visas innan valet öppnar, eller samtidigt."), field="view_at")
    if plan.close_at <= plan.choose_at:
        yield RoundRefused(_("Valet stänger innan det öppnar. Välj en senare stängning."), field="close_at")
    elif plan.close_at <= timezone.now():
        yield RoundRefused(_("Stängningen har redan passerat. Välj en tid framåt."), field="close_at")
    if plan.confirm_on <= timezone.localdate(plan.close_at):
        yield RoundRefused(
            _("Arbetsplatserna kan svara först när valet har stängt. Välj en senare dag."), field="confirm_on"
        )
    if first:
        yield from _problems_with_start(plan, first)
    if not 1 <= plan.min_choices <= plan.max_choices:
        yield RoundRefused(_("Minst antal val kan inte vara fler än högst antal val."), field="min_choices")


def _problems_with_start(plan: RoundPlan, first: date) -> Iterator[RoundRefused]:
    words = {"day": date_format(first, "l j F")}
    if timezone.localdate(plan.close_at) >= first:
        yield RoundRefused(_("Praktiken börjar %(day)s. Valet behöver stänga före det.") % words, field="close_at")
    if plan.confirm_on >= first:
        yield RoundRefused(
            _("Praktiken börjar %(day)s. Arbetsplatserna behöver svara före det.") % words, field="confirm_on"
        )


@transaction.atomic
def open_round(*, periods: Sequence[UUID], plan: RoundPlan, school_unit_id: UUID | None, actor: Actor) -> Round:
    """Open a round for booked periods, with a secret seed for its lottery.

    Raises:
        RoundRefused: no periods, a period already in a round, a class twice or without learners, or bad dates.
    """
    chosen = _lock_periods(periods, school_unit_id)
    weeks = {week.week_on for period in chosen for week in period.weeks.all()}
    for problem in plan_problems(plan, weeks):
        raise problem
    opened = Round.objects.create(
        region_id=chosen[0].region_id,
        authority_id=chosen[0].authority_id,
        school_unit_id=school_unit_id,
        kind=chosen[0].kind,
        seed=secrets.token_hex(16),
        **_columns(plan),
    )
    RoundPeriod.objects.bulk_create(
        RoundPeriod(region_id=opened.region_id, authority_id=opened.authority_id, round=opened, period=period)
        for period in chosen
    )
    return opened


def _lock_periods(ids: Sequence[UUID], school_unit_id: UUID | None) -> list[PlacementPeriod]:
    """Load and lock the periods, so that two people cannot put the same one into two rounds."""
    mine = Q(school_unit_id=school_unit_id) if school_unit_id else Q()
    wanted = PlacementPeriod.objects.filter(mine, pk__in=ids).order_by("pk")
    chosen = list(wanted.select_for_update(of=("self",)).prefetch_related("weeks"))
    if not chosen:
        raise RoundRefused(_("Välj minst en klass som ska vara med."), field="periods")
    for problem in _period_problems(chosen):
        raise problem
    return sorted(chosen, key=lambda period: period.label)


def _period_problems(chosen: Sequence[PlacementPeriod]) -> Iterator[RoundRefused]:
    pupils = Count("school_class__learners", Q(school_class__learners__protection_mode=ProtectionMode.NONE))
    known = PlacementPeriod.objects.filter(pk__in=[period.pk for period in chosen])
    counted = known.annotate(pupils=pupils, rounds=Count("round_periods", distinct=True))
    seen: set[UUID] = set()
    for period in counted.order_by("label"):
        words = {"label": period.label}
        if period.rounds:
            text = _("%(label)s är redan med i en annan omgång. Ta bort klassen ur urvalet.")
        elif not period.pupils:
            text = _("%(label)s har inga elever. Importera klassen först, eller ta bort den ur urvalet.")
        elif period.school_class_id in seen:
            text = _("%(label)s är vald med två perioder. Öppna en omgång för varje period.")
        elif period.kind != chosen[0].kind:
            text = _("%(label)s har en annan praktikform än de andra. Öppna en egen omgång för den.")
        else:
            text = ""
        if text:
            yield RoundRefused(text % words, field="periods")
        seen.add(period.school_class_id)


@transaction.atomic
def change_round(*, round: Round, plan: RoundPlan, actor: Actor) -> Round:
    """Change a round's title, dates and numbers while it has not closed.

    Raises:
        RoundRefused: it has closed, the dates do not hold, or the numbers change after the choosing has begun.
    """
    held = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    now = timezone.now()
    if phase(held, now) not in (RoundPhase.PLANNED, RoundPhase.VIEWING, RoundPhase.CHOOSING):
        raise RoundRefused(_("Valet har stängt, så datumen ligger fast."))
    for problem in plan_problems(plan, weeks_of_round(held)):
        raise problem
    numbers = (plan.min_choices, plan.max_choices) != (held.min_choices, held.max_choices)
    if numbers and held.choose_at <= now:
        raise RoundRefused(_("Eleverna har börjat välja, så antalet val ligger fast."), field="min_choices")
    for name, value in _columns(plan).items():
        setattr(held, name, value)
    held.save(update_fields=list(_columns(plan)))
    return held


def _columns(plan: RoundPlan) -> dict[str, object]:
    return {name: getattr(plan, name) for name in plan.__slots__}


@transaction.atomic
def delete_round(*, round: Round, actor: Actor) -> None:
    """Take away a round with its wishes. Its periods are free for another round.

    Raises:
        RoundRefused: places have been allocated in it.
    """
    held = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if held.runs.exists() or Placement.objects.filter(round=held).exists():
        raise RoundRefused(_("Omgången har en fördelning eller placeringar och kan inte tas bort."))
    held.delete()


@transaction.atomic
def remind_learners(*, round: Round, actor: Actor) -> Reminded:
    """Write to every learner who has not sent in, at most once a day each. Goes out after ten minutes.

    Raises:
        RoundRefused: the round is not open for choosing.
    """
    if phase(round, timezone.now()) != RoundPhase.CHOOSING:
        raise RoundRefused(_("Påminnelser kan skickas medan valet är öppet."))
    sent_in = ChoiceList.objects.filter(round=round, submitted_at__isnull=False).values("learner")
    waiting = list(learners_in_round(round).exclude(pk__in=sent_in))
    keys = {_reminder_key(round, learner.pk): learner for learner in waiting if learner.email}
    already = set(OutboxMessage.objects.filter(key__in=keys).values_list("key", flat=True))
    enqueue_many(
        OutboxMessage(
            region_id=round.region_id,
            authority_id=round.authority_id,
            key=key,
            event=REMINDER_EVENT,
            context={"round": str(round.pk), "learner": str(learner.pk)},
            due_at=timezone.now() + REMINDER_DELAY,
        )
        for key, learner in keys.items()
        if key not in already
    )
    return Reminded(len(keys) - len(already), len(already), len(waiting) - len(keys))


@transaction.atomic
def withdraw_reminders(*, round: Round, actor: Actor) -> int:
    """Take back today's reminders that have not gone out. Returns how many."""
    learners = learners_in_round(round).values_list("pk", flat=True)
    return withdraw(_reminder_key(round, learner) for learner in learners)


def _reminder_key(round: Round, learner_id: UUID) -> str:
    return f"choice-reminder:{round.pk}:{learner_id}:{today():%Y-%m-%d}"
