"""Which slots a learner can be locked to before a run, and why not the others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q

from core.weeks import today
from employers.enums import SlotStatus
from employers.models import Slot, SlotWeek, WorkplaceWeek
from employers.selectors.quotas import reserved_for_others
from placements.eligibility import reasons_against
from placements.models import Choice, PlacementLock, PlacementWeek, Round, RoundPeriod
from placements.selectors.placements import facts_of
from placements.selectors.rounds import learners_in_round
from schools.models import Learner, PeriodWeek


@dataclass(frozen=True, slots=True)
class LockQuestion:
    """A learner of a round and the weeks a place is sought for."""

    round: Round
    learner: Learner
    kind: str
    weeks: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class LockOption:
    """A slot the learner could be locked to: the wish's rank, seats left when other locks are counted, and why not."""

    slot_id: UUID
    title: str
    city: str
    rank: int | None
    left: int
    against: str


def open_question(*, round: Round, learner_id: UUID) -> LockQuestion | None:
    """Return what a lock of the learner would be about; None when the learner has no place to be given in the round."""
    learner = learners_in_round(round).filter(pk=learner_id).first()
    if learner is None:
        return None
    period = RoundPeriod.objects.select_related("period").filter(
        round=round, period__school_class_id=learner.school_class_id
    )
    weeks = tuple(
        PeriodWeek.objects.filter(period__in=period.values("period"))
        .order_by("week_on")
        .values_list("week_on", flat=True)
    )
    first = period.first()
    busy = PlacementWeek.objects.filter(learner=learner, live=True, week_on__in=weeks).exists()
    return None if first is None or not weeks or busy else LockQuestion(round, learner, first.period.kind, weeks)


def lockable_slots(question: LockQuestion, *, named: Iterable[UUID] = ()) -> list[LockOption]:
    """Return the slots offered in the weeks, and those `named`: wishes first, then by name."""
    weeks, learner = question.weeks, question.learner
    ranks = dict(
        Choice.objects.filter(choice_list__round=question.round, learner=learner).values_list("slot_id", "rank")
    )
    offered = Q(status=SlotStatus.PUBLISHED, kinds__contains=[question.kind], weeks__week_on__in=weeks)
    slots = list(
        Slot.objects.filter(offered | Q(pk__in=[*named, *ranks]))
        .select_related("workplace")
        .distinct()
        .order_by("title")
    )
    free = _seats_left(question, slots)
    facts = facts_of(learner, kind=question.kind)
    options = [
        LockOption(
            slot_id=slot.pk,
            title=slot.title,
            city=slot.workplace.city,
            rank=ranks.get(slot.pk),
            left=min(
                (min(free.slot[slot.pk, week], free.workplace[slot.workplace_id, week]) for week in weeks), default=0
            ),
            against=" ".join(
                reason.message
                for reason in reasons_against(facts=facts, slot=slot, weeks=weeks, today=today(), free=free.offered)
            ),
        )
        for slot in slots
    ]
    return sorted(options, key=lambda option: (option.rank is None, option.rank or 0, option.title))


class _Left(Counter[tuple[UUID, date]]):
    """Seats left, unlimited where nobody has set a number."""

    unlimited = 10**6

    def __missing__(self, key: tuple[UUID, date]) -> int:
        return self.unlimited


@dataclass(frozen=True, slots=True)
class _Free:
    offered: dict[tuple[UUID, date], int]
    slot: Counter[tuple[UUID, date]]
    workplace: _Left


def _seats_left(question: LockQuestion, slots: list[Slot]) -> _Free:
    """Seats left per slot and workplace in each week, less those locked for others of the round.

    What is kept for other authorities is not offered.
    """
    ids = [slot.pk for slot in slots]
    kept = reserved_for_others(ids, question.weeks, question.round.authority_id, today())
    offered = {
        (slot_id, week_on): free - kept.get((slot_id, week_on), 0)
        for slot_id, week_on, free in SlotWeek.objects.filter(slot__in=slots, week_on__in=question.weeks)
        .annotate(free=F("seats") - F("taken"))
        .values_list("slot_id", "week_on", "free")
    }
    caps = WorkplaceWeek.objects.filter(
        workplace__in={slot.workplace_id for slot in slots}, week_on__in=question.weeks
    ).annotate(free=F("cap") - F("taken"))
    workplace = _Left(
        {(owner, week_on): free for owner, week_on, free in caps.values_list("workplace_id", "week_on", "free")}
    )
    slot = Counter(offered)
    locks = PlacementLock.objects.filter(
        round=question.round,
        learner__school_class__periods__round_periods__round=question.round,
        learner__school_class__periods__weeks__week_on__in=question.weeks,
    ).exclude(learner=question.learner)
    taken = locks.values_list("slot_id", "slot__workplace_id", "learner__school_class__periods__weeks__week_on")
    for slot_id, workplace_id, week_on in taken:
        slot[slot_id, week_on] -= 1
        workplace[workplace_id, week_on] -= 1
    return _Free(offered, slot, workplace)
