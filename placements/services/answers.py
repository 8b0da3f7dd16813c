"""The employer's answers, by a link or signed in: a yes confirms, a no frees the seats and tells the school."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.selectors import emails_with_roles
from core.errors import DomainError
from core.locks import lock
from core.outbox.models import OutboxMessage
from core.outbox.services import enqueue_many
from core.permissions import Actor
from core.states import move
from core.weeks import today
from employers.services.capacity import SeatClaim, free_seats, take_seats
from placements.enums import CONFIRMED, ENDED_BY_EMPLOYER, PlacementStatus
from placements.models import AnswerLink, Placement, PlacementWeek
from placements.selectors.links import answer_deadline

S = PlacementStatus
TOLD = (Role.CAREER_COUNSELLOR, Role.PRAO_TEACHER)


class AnswerRefused(DomainError):
    """The answer came too late, or the learner is going somewhere else now."""

    code = "answer_refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no to one learner; a no may say why."""

    placement_id: UUID
    yes: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many answers changed something."""

    confirmed: int
    declined: int


@transaction.atomic
def answer(*, answers: Sequence[Answer], actor: Actor, link: AnswerLink | None = None) -> Outcome:
    """Take an employer's answers; giving the same answer again changes nothing.

    A no ends the placement, frees its seats, and writes to the school. A yes after a no takes the seats again.

    Raises:
        AnswerRefused: a placement has begun, is not this employer's, or the learner got another place meanwhile.
        SlotFull: the seat given back has been taken by somebody else.
    """
    lock(f"answers:{actor.employer_id}")
    found = Placement.objects.filter(employer_id=actor.employer_id).select_related("slot", "employer")
    if link:
        found = found.filter(round_id=link.round_id)
    placements = found.in_bulk([given.placement_id for given in answers])
    if len(placements) != len({given.placement_id for given in answers}):
        raise AnswerRefused(_("Någon av eleverna finns inte längre i listan. Ladda om sidan och svara igen."))
    confirmed, declined = 0, []
    for given in answers:
        placement = placements[given.placement_id]
        if given.yes:
            confirmed += _confirm(placement, actor)
        elif _decline(placement, given.reason, actor):
            declined.append(placement)
    if link:
        AnswerLink.objects.filter(pk=link.pk).update(answered_at=timezone.now())
    _tell_schools(declined)
    return Outcome(confirmed, len(declined))


@transaction.atomic
def renew_link(*, link: AnswerLink, actor: Actor) -> None:
    """Mail the employer's contact a new link, open for at least a week; earlier links stop working."""
    now = timezone.now()
    deadline = max(link.expires_at, answer_deadline(today()))
    AnswerLink.objects.filter(pk=link.pk).update(expires_at=deadline, renewed_at=now)
    enqueue_many(
        [
            OutboxMessage(
                region_id=link.region_id,
                authority_id=link.authority_id,
                employer_id=link.employer_id,
                key=f"employer_digest:{link.pk}:renewed:{now.isoformat()}",
                event="placements/employer_digest",
                context={"round": str(link.round_id), "employer": str(link.employer_id)},
            )
        ]
    )


def _confirm(placement: Placement, actor: Actor) -> bool:
    if placement.status in CONFIRMED:
        return False
    _refuse_started(placement)
    if placement.status in ENDED_BY_EMPLOYER:
        _take_back(placement, actor)
    move(
        placement,
        S.EMPLOYER_CONFIRMED,
        actor=actor,
        confirmed_at=timezone.now(),
        ended_at=None,
        end_reason="",
    )
    return True


def _decline(placement: Placement, reason: str, actor: Actor) -> bool:
    if placement.status in ENDED_BY_EMPLOYER:
        Placement.objects.filter(pk=placement.pk).exclude(end_reason=reason).update(end_reason=reason)
        return False
    _refuse_started(placement)
    to = S.DECLINED_EMPLOYER if placement.status == S.RESERVED else S.WITHDRAWN_EMPLOYER
    move(placement, to, actor=actor, reason=reason, ended_at=timezone.now(), end_reason=reason)
    free_seats(claims=_claims(placement), actor=actor)
    PlacementWeek.objects.filter(placement=placement).update(live=False)
    return True


def _take_back(placement: Placement, actor: Actor) -> None:
    """Take the seats and weeks again. The school may have placed the learner elsewhere: the constraints know."""
    take_seats(claims=_claims(placement), actor=actor)
    try:
        with transaction.atomic():
            PlacementWeek.objects.filter(placement=placement).update(live=True)
    except IntegrityError as error:
        raise AnswerRefused(
            _("Skolan har redan ordnat en annan plats åt %(name)s. Ring skolan om ni ändå kan ta emot.")
            % {"name": placement.learner_name}
        ) from error


def _claims(placement: Placement) -> list[SeatClaim]:
    weeks = PlacementWeek.objects.filter(placement=placement).values_list("week_on", flat=True)
    return [SeatClaim(placement.slot_id, week_on, 1, placement.authority_id) for week_on in weeks]


def _refuse_started(placement: Placement) -> None:
    if placement.starts_on <= today():
        raise AnswerRefused(
            _("%(name)s har redan börjat. Ring skolan om något har ändrats.") % {"name": placement.learner_name}
        )


def _tell_schools(declined: Sequence[Placement]) -> None:
    """Write one message to each counsellor and prao teacher of the schools concerned."""
    by_unit: dict[UUID, list[Placement]] = defaultdict(list)
    for placement in declined:
        by_unit[placement.school_unit_id].append(placement)
    told = emails_with_roles(by_unit, TOLD)
    now = timezone.now().isoformat()
    enqueue_many(
        OutboxMessage(
            region_id=held[0].region_id,
            authority_id=held[0].authority_id,
            employer_id=held[0].employer_id,
            key=f"school_declined:{unit_id}:{user.pk}:{now}",
            event="placements/school_declined",
            context={"placements": [str(row.pk) for row in held], "user": str(user.pk)},
        )
        for unit_id, held in by_unit.items()
        for user in dict.fromkeys(told.get(unit_id, ()))
    )
