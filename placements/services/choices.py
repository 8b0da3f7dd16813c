"""A learner's wishes: add, remove, move and send in. Every step is saved; nothing changes after the round closes.

The list's row is locked before the clock is read, so a step that waited past the closing is refused.
"""

from typing import Literal

from django.db import transaction
from django.db.models import Case, F, Max, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.permissions import Actor, ActorKind
from core.weeks import today
from employers.models import Slot
from placements.eligibility import reasons_against
from placements.models import Choice, ChoiceList, Round
from placements.selectors.browse import free_by_week
from placements.selectors.choices import Season, learner_of, seasons_of
from placements.selectors.placements import facts_of
from placements.selectors.rounds import moment

Direction = Literal["up", "down"]


class ChoiceRefused(DomainError):
    """A wish cannot be added, moved or sent in."""

    code = "choice_refused"


class RoundClosed(ChoiceRefused):
    """The time for choosing is over, or has not come."""

    code = "round_closed"


@transaction.atomic
def add_choice(*, round: Round, slot: Slot, actor: Actor) -> None:
    """Put a slot last among the learner's wishes. Adding one that is there already changes nothing.

    Raises:
        RoundClosed: the round is not open for choosing.
        ChoiceRefused: the slot cannot be had, or the list is full.
    """
    held, season = _open_list(round, actor)
    if held.choices.filter(slot=slot).exists():
        return
    _check_slot(slot, season, actor)
    last = held.choices.aggregate(last=Max("rank"))["last"] or 0
    if last >= season.round.max_choices:
        words = {"count": season.round.max_choices}
        raise ChoiceRefused(_("Du har redan %(count)d val, fler går inte. Ta bort ett först.") % words)
    Choice.objects.create(
        region_id=held.region_id,
        authority_id=held.authority_id,
        choice_list=held,
        learner_id=held.learner_id,
        slot=slot,
        rank=last + 1,
    )
    _saved(held)


@transaction.atomic
def remove_choice(*, round: Round, slot: Slot, actor: Actor) -> None:
    """Take a slot out of the wishes; those below move up. A list that falls below the least number is not sent in.

    Raises:
        RoundClosed: the round is not open for choosing.
    """
    held, season = _open_list(round, actor)
    gone = held.choices.filter(slot=slot).first()
    if gone is None:
        return
    gone.delete()
    held.choices.filter(rank__gt=gone.rank).update(rank=F("rank") - 1)
    if held.submitted_at and held.choices.count() < season.round.min_choices:
        held.submitted_at = None
    _saved(held)


@transaction.atomic
def move_choice(*, round: Round, slot: Slot, direction: Direction, actor: Actor) -> None:
    """Let a wish change places with the one above or below. The first cannot go up, nor the last down.

    Raises:
        RoundClosed: the round is not open for choosing.
    """
    held, _season = _open_list(round, actor)
    moved = held.choices.filter(slot=slot).first()
    if moved is None:
        return
    other = moved.rank + (-1 if direction == "up" else 1)
    both = held.choices.filter(rank__in=(moved.rank, other))
    if both.count() == 2:
        both.update(rank=Case(When(rank=moved.rank, then=Value(other)), default=Value(moved.rank)))
        _saved(held)


@transaction.atomic
def submit_choices(*, round: Round, actor: Actor) -> None:
    """Send the wishes in. They can be changed until the round closes.

    Raises:
        RoundClosed: the round is not open for choosing.
        ChoiceRefused: too few wishes.
    """
    held, season = _open_list(round, actor)
    missing = season.round.min_choices - held.choices.count()
    if missing > 0:
        text = ngettext(
            "Lägg till %(count)d val till, sedan kan du skicka in.",
            "Lägg till %(count)d val till, sedan kan du skicka in.",
            missing,
        )
        raise ChoiceRefused(text % {"count": missing})
    held.submitted_at = timezone.now()
    _saved(held)


def _open_list(round: Round, actor: Actor) -> tuple[ChoiceList, Season]:
    """Return the learner's own list, made if need be and locked, in a round that is open for choosing."""
    if actor.kind != ActorKind.LEARNER or actor.learner_id is None:
        raise ChoiceRefused(_("Bara eleven själv kan ändra sina val."))
    owner = {"round_id": round.pk, "learner_id": actor.learner_id}
    _refuse_unless_open(Round.objects.get(pk=round.pk))
    made = {"region_id": actor.region_id, "authority_id": actor.authority_id, "saved_at": timezone.now()}
    ChoiceList.objects.get_or_create(**owner, defaults=made)
    held = ChoiceList.objects.select_for_update(of=("self",)).get(**owner)
    season = _season(round, actor)
    _refuse_unless_open(season.round)
    return held, season


def _season(round: Round, actor: Actor) -> Season:
    learner = learner_of(actor.learner_id) if actor.learner_id else None
    found = seasons_of(learner, timezone.now()) if learner else []
    for season in found:
        if season.round.pk == round.pk:
            return season
    raise ChoiceRefused(_("Den här omgången gäller inte din klass."))


def _refuse_unless_open(round: Round) -> None:
    now = timezone.now()
    if round.choose_at <= now < round.close_at and not round.published_at:
        return
    if now < round.choose_at:
        raise RoundClosed(_("Valet öppnar %(when)s.") % {"when": moment(round.choose_at)})
    raise RoundClosed(_("Valet stängde %(when)s. Dina val är kvar som de var.") % {"when": moment(round.close_at)})


def _check_slot(slot: Slot, season: Season, actor: Actor) -> None:
    held = Slot.objects.select_related("workplace").get(pk=slot.pk)
    assert actor.learner_id is not None
    facts = facts_of(learner_of(actor.learner_id), kind=season.round.kind, period=season.period)
    free = free_by_week([held], season.weeks)
    reasons = reasons_against(facts=facts, slot=held, weeks=season.weeks, today=today(), free=free)
    if reasons:
        words = {"place": held.workplace.name, "why": reasons[0].clause}
        raise ChoiceRefused(_("%(place)s kan inte väljas: %(why)s.") % words, code=reasons[0].code)


def _saved(held: ChoiceList) -> None:
    held.saved_at = timezone.now()
    held.save(update_fields=["saved_at", "submitted_at"])
