"""What came of the rounds: runs by the real engine, publishing, the employers' answers, and what happened then."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from accounts.models import User
from core.models import StateChange
from core.outbox.models import OutboxMessage, OutboxStatus
from core.permissions import SYSTEM, Actor, ActorKind
from core.states import move
from core.tenancy import Party, Scope
from core.weeks import WEEK
from dashboards.demo.dice import Dice
from dashboards.demo.season import Booking
from employers.services.capacity import SeatClaim, free_seats
from placements.enums import PlacementStatus, RunStatus
from placements.models import AllocationRun, AnswerLink, Placement, PlacementWeek, Round
from placements.selectors.links import answer_deadline
from placements.services.publishing import publish_run
from placements.services.run_work import perform_run
from placements.services.telling import tell_published

S = PlacementStatus
ANSWERED: Final = 0.5  # of the employers, in a round that waits for answers
REASONS: Final = {
    S.DECLINED_EMPLOYER: (
        "Vi har för få på plats de veckorna.",
        "Handledaren är föräldraledig till årsskiftet.",
        "Vi flyttar lokal just då och kan inte ta emot.",
    ),
    S.WITHDRAWN_EMPLOYER: ("Handledaren är sjukskriven.", "Vi har fått ont om personal och måste lämna återbud."),
    S.WITHDRAWN_LEARNER: ("Eleven är sjuk hela perioden.", "Familjen har flyttat."),
    S.TERMINATED: ("Avbröts efter två dagar i samråd med skolan.",),
}
ENDS: Final = frozenset(REASONS)
# The steps of a placement, in order, for the history.
PATH: Final = {
    S.RESERVED: (),
    S.DECLINED_EMPLOYER: (S.DECLINED_EMPLOYER,),
    S.EMPLOYER_CONFIRMED: (S.EMPLOYER_CONFIRMED,),
    S.READY: (S.EMPLOYER_CONFIRMED, S.READY),
    S.ACTIVE: (S.EMPLOYER_CONFIRMED, S.READY, S.ACTIVE),
    S.COMPLETED: (S.EMPLOYER_CONFIRMED, S.READY, S.ACTIVE, S.COMPLETED),
    S.WITHDRAWN_EMPLOYER: (S.EMPLOYER_CONFIRMED, S.WITHDRAWN_EMPLOYER),
    S.WITHDRAWN_LEARNER: (S.EMPLOYER_CONFIRMED, S.WITHDRAWN_LEARNER),
    S.TERMINATED: (S.EMPLOYER_CONFIRMED, S.READY, S.ACTIVE, S.TERMINATED),
}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who runs and publishes a school's rounds."""

    user: User
    actor: Actor


class Outcomes:
    """Takes rounds through their phases, up to now."""

    def __init__(self, dice: Dice, now: datetime, publisher_of: Callable[[Booking], Publisher], waits: str) -> None:
        self.dice, self.now, self.publisher_of, self.waits = dice, now, publisher_of, waits
        self.history: list[StateChange] = []
        self.moments: dict[tuple[datetime, str], list[Placement]] = {}

    def run(self, booking: Booking, made: Round, *, is_trial: bool = False) -> AllocationRun:
        """Allocate with the engine. Returns the draft."""
        publisher = self.publisher_of(booking)
        run = AllocationRun.objects.create(
            id=self.dice.uuid(),
            region_id=made.region_id,
            authority_id=made.authority_id,
            round=made,
            number=1 + AllocationRun.objects.filter(round=made).count(),
            is_trial=is_trial,
            seed=made.seed,
            requested_by=publisher.user,
        )
        perform_run(run_id=run.pk, in_scope=Scope(Party.AUTHORITY, region=made.region_id, authority=made.authority_id))
        run.refresh_from_db()
        return run

    def publish(self, booking: Booking, made: Round) -> None:
        """Allocate, publish and let the answers come in, each at its time."""
        run = self.run(booking, made)
        if run.status != RunStatus.DRAFT or booking.published_at is None:
            return
        actor = self.publisher_of(booking).actor
        move(run, RunStatus.REVIEWED, actor=actor, reviewed_by_id=actor.user_id, reviewed_at=booking.published_at)
        publish_run(run=run, actor=actor)
        placements = list(
            Placement.objects.filter(round=made).select_related("employer").order_by("slot_id", "learner_id")
        )
        self._backdate(run, made, booking.published_at)
        self._fates(made, placements)

    def _backdate(self, run: AllocationRun, made: Round, at: datetime) -> None:
        earlier = at - timedelta(hours=2)
        Round.objects.filter(pk=made.pk).update(published_at=at)
        AllocationRun.objects.filter(pk=run.pk).update(
            published_at=at,
            undo_until=at,
            results_at=at,
            requested_at=earlier,
            finished_at=earlier + timedelta(seconds=4),
        )
        StateChange.objects.filter(subject_id=run.pk).update(at=earlier)
        StateChange.objects.filter(subject_id=run.pk, after=RunStatus.PUBLISHED).update(at=at)
        Placement.objects.filter(round=made).update(created_at=at, shown_at=at)
        tell_published()
        closes = timezone.make_aware(datetime.combine(made.confirm_on, time(23, 59, 59)))
        past = made.confirm_on < timezone.localdate(self.now)
        expires_at = closes if past else answer_deadline(made.confirm_on)
        AnswerLink.objects.filter(round=made).update(created_at=at, expires_at=expires_at)
        OutboxMessage.objects.filter(authority_id=made.authority_id, status=OutboxStatus.QUEUED).update(
            status=OutboxStatus.SENT, sent_at=at + timedelta(minutes=3), created_at=at, due_at=at, attempts=1
        )

    def _fates(self, made: Round, placements: Sequence[Placement]) -> None:
        today = timezone.localdate(self.now)
        waiting = made.confirm_on >= today
        answers: dict[object, str] = {}
        for placement in placements:
            if waiting:
                if placement.employer_id not in answers:
                    declined = S.DECLINED_EMPLOYER in answers.values()
                    answers[placement.employer_id] = self._answer(placement, declined=declined)
                fate = answers[placement.employer_id]
            else:
                fate = self._fate(placement, today)
            self._apply(made, placement, fate)
        Placement.objects.bulk_update(placements, ["status", "end_reason", "ended_at", "confirmed_at"], batch_size=500)
        self._free([row for row in placements if row.ended_at])
        answered = {row.employer_id for row in placements if row.status != S.RESERVED}
        AnswerLink.objects.filter(round=made, employer__in=answered).update(answered_at=self._answered_at(made))

    def _answer(self, placement: Placement, *, declined: bool) -> str:
        """In a round that waits, one employer says no, the known one has not answered, half of the others have."""
        if placement.employer.name == self.waits:
            return S.RESERVED
        if not declined:
            return S.DECLINED_EMPLOYER
        return S.EMPLOYER_CONFIRMED if self.dice.often(ANSWERED) else S.RESERVED

    def _fate(self, placement: Placement, today: date) -> str:
        if placement.ends_on < today - timedelta(days=today.weekday()):
            return self.dice.weighted((S.COMPLETED, S.TERMINATED, S.WITHDRAWN_LEARNER), (955, 20, 25))
        if placement.starts_on <= today:
            return self.dice.weighted((S.ACTIVE, S.WITHDRAWN_LEARNER), (96, 4))
        if placement.starts_on <= today + 2 * WEEK:
            return self.dice.weighted((S.READY, S.EMPLOYER_CONFIRMED, S.WITHDRAWN_EMPLOYER), (70, 24, 6))
        return self.dice.weighted((S.EMPLOYER_CONFIRMED, S.WITHDRAWN_EMPLOYER), (95, 5))

    def _answered_at(self, made: Round) -> datetime:
        published = made.confirm_on - timedelta(days=6)
        at = timezone.make_aware(datetime.combine(published, time(self.dice.randint(8, 16), self.dice.randint(0, 59))))
        return min(at, self.now - timedelta(hours=3))

    def _apply(self, made: Round, placement: Placement, fate: str) -> None:
        placement.status = fate
        before: str = S.RESERVED
        for step in PATH[PlacementStatus(fate)]:
            at = self._moment(made, placement, step)
            if step == S.EMPLOYER_CONFIRMED:
                placement.confirmed_at = at
            if step in ENDS:
                placement.ended_at = at
                placement.end_reason = self.dice.choice(REASONS[step])
            self._note(placement, before, step, at)
            before = step

    def _moment(self, made: Round, placement: Placement, step: str) -> datetime:
        days = {
            S.READY: placement.starts_on - timedelta(days=5),
            S.ACTIVE: placement.starts_on,
            S.COMPLETED: placement.ends_on,
            S.TERMINATED: placement.starts_on + timedelta(days=1),
            S.WITHDRAWN_EMPLOYER: placement.starts_on - timedelta(days=8),
            S.WITHDRAWN_LEARNER: placement.starts_on,
        }
        if step not in days:
            return self._answered_at(made)
        return min(timezone.make_aware(datetime.combine(days[PlacementStatus(step)], time(9, 5))), self.now)

    def _note(self, placement: Placement, before: str, after: str, at: datetime) -> None:
        link = Actor(kind=ActorKind.LINK, label=f"{placement.employer.name}, genom länk")
        actor = link if after in (S.EMPLOYER_CONFIRMED, S.DECLINED_EMPLOYER, S.WITHDRAWN_EMPLOYER) else SYSTEM
        self.history.append(
            StateChange(
                id=self.dice.uuid(),
                region_id=placement.region_id,
                authority_id=placement.authority_id,
                employer_id=placement.employer_id,
                subject=placement._meta.label_lower,
                subject_id=placement.pk,
                before=before,
                after=after,
                reason=placement.end_reason if after in ENDS else "",
                actor_kind=actor.kind,
                actor_label=actor.label,
            )
        )
        # The column is filled by the clock when the row is written: the true time is set afterwards, by groups.
        self.moments.setdefault((at.replace(minute=5, second=0, microsecond=0), after), []).append(placement)

    def _free(self, ended: Sequence[Placement]) -> None:
        if not ended:
            return
        weeks = PlacementWeek.objects.filter(placement__in=ended)
        held = weeks.values_list("placement__slot_id", "week_on", "authority_id")
        claims = [SeatClaim(slot_id, week, 1, authority_id) for slot_id, week, authority_id in held]
        weeks.update(live=False)
        free_seats(claims=claims, actor=SYSTEM)

    def write_history(self) -> None:
        """Insert the history of the placements, at the times when things happened."""
        StateChange.objects.bulk_create(self.history, batch_size=1000)
        for (at, after), placements in self.moments.items():
            moved = [placement.pk for placement in placements]
            StateChange.objects.filter(subject_id__in=moved, after=after).update(at=at)


def by_first_week(bookings: Iterable[Booking]) -> list[Booking]:
    """Return bookings in the order in which their seats were taken."""
    return sorted(bookings, key=lambda each: (each.weeks[0], each.unit.name, each.periods[0].label))
