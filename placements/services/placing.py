"""Reserve places: rows, weeks, seats and answer links together, for a whole publishing or for one learner."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.locks import lock
from core.models import StateChange
from core.outbox.models import OutboxMessage
from core.outbox.services import enqueue_many
from core.permissions import Actor
from core.states import move
from core.weeks import today
from employers.models import Slot
from employers.services.capacity import SeatClaim, free_seats, take_seats
from placements.eligibility import reasons_against
from placements.enums import MOVABLE, PlacementStatus
from placements.models import AllocationRun, AnswerLink, Assignment, Choice, Placement, PlacementWeek, Round
from placements.selectors.links import answer_deadline
from placements.selectors.placements import facts_of, weeks_of
from schools.models import Guardian, Learner, PlacementPeriod

FRIDAY = timedelta(days=4)
BATCH = 500


class PlacingRefused(DomainError):
    """The learner cannot have the place."""

    code = "placing_refused"


class DoubleBooked(DomainError):
    """A learner already has a place in one of the weeks."""

    code = "double_booked"


@dataclass(frozen=True, slots=True)
class Place:
    """Who gets what: the learner (class and unit joined), the slot, the period with its weeks, and the wish's rank."""

    learner: Learner
    slot: Slot
    period_id: UUID
    weeks: Sequence[date]
    rank: int | None


@transaction.atomic
def place_learner(*, learner: Learner, round: Round, period: PlacementPeriod, slot: Slot, actor: Actor) -> Placement:
    """Give a learner of a published round a place by hand, and write to the employer, the learner and the guardians.

    Raises:
        PlacingRefused: the round is not published, the learner is not in it or has a place, or a rule says no.
        SlotFull: somebody else took the last seat.
        DoubleBooked: the learner is somewhere else in one of the weeks.
    """
    lock(f"placement:{period.pk}:{learner.pk}")
    weeks = weeks_of([period.pk])[period.pk]
    slot = Slot.objects.select_related("workplace", "employer").get(pk=slot.pk)
    _refuse_placing(learner, round, period, slot, weeks)
    wish = Choice.objects.filter(choice_list__round=round, learner=learner, slot=slot).first()
    place = Place(learner, slot, period.pk, weeks, wish.rank if wish else None)
    (placement,) = reserve(places=[place], round=round, actor=actor)
    enqueue_many(
        [
            digest_message(placement, f"employer_digest:{placement.pk}:{slot.employer_id}"),
            *result_messages([(learner, period.pk)], round=round, occasion=str(placement.pk)),
        ]
    )
    return placement


def reserve(*, places: Sequence[Place], round: Round, actor: Actor) -> list[Placement]:
    """Write placements with their weeks, open an answer link per employer, and take the seats. All or nothing.

    Raises:
        SlotFull: a slot or its workplace has too few seats left in a week.
        DoubleBooked: a learner is already somewhere in one of the weeks.
    """
    placements = [_placement(place, round) for place in places]
    weeks = [_week(row, monday) for row, place in zip(placements, places, strict=True) for monday in place.weeks]
    try:
        with transaction.atomic():
            Placement.objects.bulk_create(placements, batch_size=BATCH)
            PlacementWeek.objects.bulk_create(weeks, batch_size=BATCH)
    except IntegrityError as error:
        raise DoubleBooked(
            _("Någon av eleverna har redan en plats någon av veckorna. Se klassens resultat och försök igen.")
        ) from error
    _open_links({place.slot.employer_id for place in places}, round)
    counts = Counter((place.slot.pk, week_on) for place in places for week_on in place.weeks)
    take_seats(claims=[SeatClaim(slot_id, week_on, count) for (slot_id, week_on), count in counts.items()], actor=actor)
    return placements


def replace_moved(*, run: AllocationRun, actor: Actor, at: datetime) -> list[Placement]:
    """End the places that a repair takes its learners from, and free their seats. Returns them.

    Whoever the repair gives the same place, or none, keeps what they have.

    Raises:
        StaleState: a place changed at the same moment.
    """
    given = Assignment.objects.filter(run=run, learner=OuterRef("learner"), period=OuterRef("period"))
    held = Placement.objects.filter(round=run.round_id, ended_at=None, status__in=MOVABLE)
    leaving = list(held.filter(Exists(given.filter(slot__isnull=False).exclude(slot=OuterRef("slot")))).order_by("pk"))
    claims = claims_of(leaving)
    for placement in leaving:
        move(placement, PlacementStatus.REPLACED, actor=actor, ended_at=at)
    PlacementWeek.objects.filter(placement__in=[row.pk for row in leaving]).update(live=False)
    free_seats(claims=claims, actor=actor)
    return leaving


def restore_replaced(*, run: AllocationRun, actor: Actor) -> list[Placement]:
    """Give back the places that a published repair had ended, each in the state it left. Returns them.

    Raises:
        SlotFull: somebody else has taken a seat meanwhile.
    """
    ended = Placement.objects.filter(round=run.round_id, status=PlacementStatus.REPLACED, ended_at=run.published_at)
    restored = list(ended.order_by("pk"))
    changes = StateChange.objects.filter(
        subject=Placement._meta.label_lower,
        subject_id__in=[row.pk for row in restored],
        after=PlacementStatus.REPLACED,
    )
    before = dict(changes.order_by("at").values_list("subject_id", "before"))
    take_seats(claims=claims_of(restored), actor=actor)
    PlacementWeek.objects.filter(placement__in=list(before)).update(live=True)
    for placement in restored:
        move(placement, before[placement.pk], actor=actor, ended_at=None)
    return restored


def claims_of(placements: Sequence[Placement]) -> list[SeatClaim]:
    """Return the seats that some placements hold, or held."""
    slots = {row.pk: row.slot_id for row in placements}
    weeks = PlacementWeek.objects.filter(placement__in=list(slots)).values_list("placement_id", "week_on")
    counts = Counter((slots[placement_id], week_on) for placement_id, week_on in weeks)
    return [SeatClaim(slot_id, week_on, count) for (slot_id, week_on), count in counts.items()]


def digest_message(placement: Placement, key: str) -> OutboxMessage:
    """Return the message that shows an employer all its learners of the placement's round."""
    return OutboxMessage(
        region_id=placement.region_id,
        authority_id=placement.authority_id,
        employer_id=placement.employer_id,
        key=key,
        event="placements/employer_digest",
        context={"round": str(placement.round_id), "employer": str(placement.employer_id)},
    )


def result_messages(learners: Iterable[tuple[Learner, UUID]], *, round: Round, occasion: str) -> list[OutboxMessage]:
    """Return one message for each learner with an address and one for each of their guardians with one."""
    found = {learner.pk: (learner, period_id) for learner, period_id in learners}
    guardians = Guardian.objects.filter(learner__in=list(found)).exclude(email="").values_list("pk", "learner_id")
    messages = [
        _result_message(round, "learner_result", f"learner_result:{occasion}:{pk}", period_id, learner=str(pk))
        for pk, (learner, period_id) in found.items()
        if learner.email
    ]
    return messages + [
        _result_message(
            round, "guardian_result", f"guardian_result:{occasion}:{pk}", found[learner_id][1], guardian=str(pk)
        )
        for pk, learner_id in guardians
    ]


def _result_message(round: Round, event: str, key: str, period_id: UUID, **ids: str) -> OutboxMessage:
    return OutboxMessage(
        region_id=round.region_id,
        authority_id=round.authority_id,
        key=key,
        event=f"placements/{event}",
        context={"period": str(period_id), **ids},
    )


def _refuse_placing(learner: Learner, round: Round, period: PlacementPeriod, slot: Slot, weeks: Sequence[date]) -> None:
    name = {"name": str(learner)}
    if round.published_at is None:
        raise PlacingRefused(_("Publicera fördelningen först. Sedan kan du välja plats för hand."))
    if learner.school_class_id != period.school_class_id or not round.round_periods.filter(period=period).exists():
        raise PlacingRefused(_("%(name)s är inte med i den här omgången.") % name)
    if weeks[0] <= today():
        raise PlacingRefused(_("Perioden har börjat. Ring arbetsplatsen i stället."))
    if Placement.objects.filter(period=period, learner=learner, ended_at=None).exists():
        raise PlacingRefused(_("%(name)s har redan en plats. Ladda om sidan och se vilken.") % name)
    facts = facts_of(learner, kind=round.kind, period=period)
    reasons = reasons_against(facts=facts, slot=slot, weeks=weeks, today=today())
    if reasons:
        raise PlacingRefused(reasons[0].message)


def _placement(place: Place, round: Round) -> Placement:
    learner, unit = place.learner, place.learner.school_unit
    return Placement(
        region_id=round.region_id,
        authority_id=round.authority_id,
        employer_id=place.slot.employer_id,
        slot=place.slot,
        learner=learner,
        school_unit=unit,
        round=round,
        period_id=place.period_id,
        kind=round.kind,
        learner_name=str(learner),
        class_name=learner.school_class.name,
        school_name=unit.name,
        school_phone=unit.phone,
        starts_on=place.weeks[0],
        ends_on=place.weeks[-1] + FRIDAY,
        rank=place.rank,
    )


def _week(placement: Placement, week_on: date) -> PlacementWeek:
    return PlacementWeek(
        region_id=placement.region_id,
        authority_id=placement.authority_id,
        employer_id=placement.employer_id,
        placement=placement,
        learner_id=placement.learner_id,
        week_on=week_on,
        days=DateRange(week_on, week_on + FRIDAY, "[]"),
    )


def _open_links(employer_ids: set[UUID], round: Round) -> None:
    """Make a link for each employer that has none in the round, and keep those about to close open."""
    deadline = answer_deadline(round.confirm_on)
    held = AnswerLink.objects.filter(round=round, employer__in=employer_ids)
    missing = employer_ids - set(held.values_list("employer_id", flat=True))
    held.filter(expires_at__lt=deadline).update(expires_at=deadline, answered_at=None)
    held.filter(answered_at__isnull=False).update(answered_at=None)
    AnswerLink.objects.bulk_create(
        AnswerLink(
            region_id=round.region_id,
            authority_id=round.authority_id,
            employer_id=employer_id,
            round=round,
            expires_at=deadline,
        )
        for employer_id in sorted(missing)
    )
