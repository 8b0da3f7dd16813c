"""What if: one wish granted, one learner more, one seat fewer, worked out exactly from a run's stored result.

Nothing is written. The answer holds for the round as the run read it; `is_outdated` says when that was another round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.weeks import range_label
from employers.models import Slot
from placements.allocation import AllocationError, LockConflict, ProblemError
from placements.allocation.reoptimise import Change, late_learner, seat_withdrawn, wish_forced
from placements.enums import RunPolicy, RunPurpose, RunStatus
from placements.models import AllocationRun, Assignment, Choice, Placement, Round, RunFile
from placements.selectors.repairs import Step
from placements.selectors.replay import NOWHERE, Replay
from placements.selectors.rounds import learners_in_round
from placements.selectors.run_inputs import current_digest, load_inputs, period_weeks
from placements.selectors.run_inputs.keys import learner_keys
from schools.models import Learner

# Above this many possible places the state is too large to lay out while somebody waits for a page.
LARGEST: Final = 1_000_000
ASKABLE: Final = (RunStatus.DRAFT, RunStatus.REVIEWED, RunStatus.PUBLISHED)


class WhatIfRefused(DomainError):
    """The question has no answer here; the message says what to do instead."""

    code = "what_if_refused"


@dataclass(frozen=True, slots=True)
class Effect:
    """What would happen to one learner. `asked`: the one the question is about."""

    name: str
    class_name: str
    before: Step
    after: Step
    asked: bool

    @property
    def loses(self) -> bool:
        """Tell whether the learner would be left without a place."""
        return bool(self.before.place) and not self.after.place


@dataclass(frozen=True, slots=True)
class Answer:
    """Who would move where: the heading is the finding, `tone` how much it costs."""

    tone: str
    heading: str
    effects: Sequence[Effect]

    @property
    def others(self) -> list[Effect]:
        """Return what happens to others than the one asked about."""
        return [effect for effect in self.effects if not effect.asked]


@dataclass(frozen=True, slots=True)
class Wish:
    """One of a learner's wishes, with whether the run granted it."""

    slot_id: UUID
    rank: int
    title: str
    granted: bool


@dataclass(frozen=True, slots=True)
class SeatOption:
    """A slot in a block of weeks that the run has put somebody in. `key` is how an address names it."""

    key: str
    label: str


# -- what can be asked


def refusal_to_ask(run: AllocationRun) -> str:
    """Return why nothing can be asked about the run (its round joined), as a sentence; empty when something can."""
    refusals = (
        (
            run.purpose != RunPurpose.FULL or run.status not in ASKABLE or not run.summary,
            _("Frågan kan ställas om en färdig körning av hela omgången."),
        ),
        (
            run.policy == RunPolicy.SERIAL,
            _("Lottad turordning räknas inte om för en elev i taget. Lås platsen och provkör i stället."),
        ),
        (
            run.summary.get("arcs", 0) > LARGEST,
            _("Körningen är för stor att räkna om medan du väntar. Lås platsen och provkör i stället."),
        ),
        (
            not RunFile.objects.filter(run=run).exists(),
            _("Körningens underlag finns inte kvar. Kör fördelningen igen."),
        ),
    )
    return next((sentence for holds, sentence in refusals if holds), "")


def published_run(round: Round, learner_id: UUID) -> AllocationRun | None:
    """Return the round's published run, if it knows the learner and can be asked about."""
    runs = AllocationRun.objects.filter(round=round, purpose=RunPurpose.FULL, status=RunStatus.PUBLISHED)
    found = runs.filter(assignments__learner=learner_id).select_related("round").first()
    return found if found and not refusal_to_ask(found) else None


def is_outdated(run: AllocationRun) -> bool:
    """Tell whether the round (joined) has been edited, or places come and gone, since the run read it."""
    later = Placement.objects.filter(Q(ended_at__isnull=False) | ~Q(run=run) | Q(run=None), round=run.round_id)
    return later.exists() or current_digest(run) != run.inputs_hash


def run_learners(run: AllocationRun) -> QuerySet[Assignment]:
    """Return the run's rows with learner, class and slot joined."""
    return Assignment.objects.filter(run=run).select_related("learner__school_class", "slot")


def wishes_of(row: Assignment, run: AllocationRun) -> list[Wish]:
    """Return the learner's wishes in order."""
    found = Choice.objects.filter(choice_list__round=run.round_id, learner=row.learner_id).order_by("rank")
    return [
        Wish(slot_id, rank, title, slot_id == row.slot_id)
        for slot_id, rank, title in found.values_list("slot_id", "rank", "slot__title")
    ]


def late_learners(run: AllocationRun) -> QuerySet[Learner]:
    """Return the learners of the round whom the run does not know."""
    return learners_in_round(run.round).exclude(pk__in=Assignment.objects.filter(run=run).values("learner"))


def seat_options(run: AllocationRun) -> list[SeatOption]:
    """Return the slots that the run has put somebody in, by title and weeks."""
    of_period = {period_id: weeks for period_id, _kind, weeks in period_weeks(run.round).values()}
    blocks = sorted(set(of_period.values()))
    used = (
        Assignment.objects.filter(run=run, slot__isnull=False)
        .order_by("slot__title", "slot_id")
        .values_list("slot_id", "slot__title", "period_id")
        .distinct()
    )
    labels = {
        f"{slot_id}.{blocks.index(of_period[period_id])}": f"{title}, {range_label(of_period[period_id])}"
        for slot_id, title, period_id in used
        if period_id in of_period
    }
    return [SeatOption(key, label) for key, label in labels.items()]


# -- the answers


def ask_wish(run: AllocationRun, *, learner_id: UUID, slot_id: UUID) -> Answer:
    """Return what it would take to give a learner of the run this slot.

    Raises:
        WhatIfRefused: no rule lets the learner have it, it is closed or locked, or the run cannot be asked.
    """
    replay = _replay(run)
    learner = replay.learner(learner_id)
    seat = next((node for node in replay.seats_of(learner) if replay.slot_at(node) == slot_id), None)
    if seat is None:
        raise WhatIfRefused(_("En regel hindrar att eleven får platsen, eller så erbjuds den inte de veckorna."))
    try:
        change = wish_forced(replay.state, learner, seat)
    except LockConflict as error:
        raise WhatIfRefused(_("Platsen är stängd eller hålls av låsningar. Ta bort en låsning först.")) from error
    effects = _effects(replay, change, asked=learner)
    if not effects:
        return Answer("go", _("Eleven har platsen redan"), effects)
    return _cost(effects, nobody=_("Ingen annan påverkas"))


def ask_late(run: AllocationRun, *, learner_id: UUID) -> Answer:
    """Return what would happen if a learner whom the run does not know took part in it.

    Raises:
        WhatIfRefused: the learner is not in the round, or the run cannot be asked.
    """
    replay = _replay(run)
    purpose = RunPurpose.REPAIR if run.round.published_at else RunPurpose.FULL
    inputs = load_inputs(run.round, purpose=purpose)
    problem = inputs.problem
    keys = learner_keys(run.round, learner_id.bytes)
    found = np.flatnonzero(problem.learner_key == keys[0])
    if not len(found):
        raise WhatIfRefused(_("Eleven är inte med i omgången, eller är på en annan plats de veckorna."))
    arcs = np.flatnonzero(problem.learner == found[0])
    seats = replay.seats_named(np.asarray(problem.seat_key)[problem.seat[arcs]])
    arcs, seats = arcs[seats >= 0], seats[seats >= 0]
    try:
        change = late_learner(replay.state, seats.tolist(), problem.levels[:, arcs], key=keys[0].decode())
    except ProblemError as error:
        raise WhatIfRefused(_("Det går inte att räkna ut med den här regeln. Provkör i stället.")) from error
    effects = _effects(replay, change, asked=replay.problem.n_learners, late=(learner_id, seats.tolist()))
    if not effects:
        learner = Learner.objects.select_related("school_class").get(pk=learner_id)
        nothing = Step("", None)
        alone = Effect(str(learner), learner.school_class.name, nothing, nothing, asked=True)
        return Answer("stop", _("Eleven får ingen plats"), [alone])
    return _cost(effects, nobody=_("Eleven får plats utan att någon annan flyttas"))


def ask_seat(run: AllocationRun, *, key: str) -> Answer:
    """Return what would happen if a workplace took one learner fewer. `key` is one of `seat_options`.

    Raises:
        WhatIfRefused: there is no such place, the locks need the seat, or the run cannot be asked.
    """
    replay = _replay(run)
    node = _node(replay, key)
    cap_arc = int(np.flatnonzero(replay.problem.cap_tail == node)[0])
    if replay.state.net.flow[cap_arc] < replay.problem.cap_seats[cap_arc]:
        return Answer("go", _("Ingen påverkas: arbetsplatsen har fler platser än elever"), ())
    try:
        change = seat_withdrawn(replay.state, cap_arc)
    except LockConflict as error:
        raise WhatIfRefused(_("Platsen hålls av en låsning. Ta bort låsningen först.")) from error
    return _cost(_effects(replay, change), nobody=_("Ingen påverkas"))


def _replay(run: AllocationRun) -> Replay:
    if refusal := refusal_to_ask(run):
        raise WhatIfRefused(refusal)
    try:
        return Replay(run)
    except AllocationError as error:
        message = _("Körningen går inte att räkna om för en elev i taget. Lås platsen och provkör i stället.")
        raise WhatIfRefused(message) from error


def _node(replay: Replay, key: str) -> int:
    slot, _dot, block = key.partition(".")
    try:
        node = replay.node_of(UUID(slot), replay.blocks[int(block)])
    except (ValueError, IndexError):
        node = NOWHERE
    if node == NOWHERE:
        raise WhatIfRefused(_("Platsen finns inte i körningen. Välj en i listan."))
    return node


def _effects(
    replay: Replay, change: Change, *, asked: int = NOWHERE, late: tuple[UUID, list[int]] | None = None
) -> list[Effect]:
    """The moves with names and wishes: four queries, however long the chain."""
    problem = replay.problem

    def who(number: int) -> UUID:
        return late[0] if late and number == problem.n_learners else replay.learner_at(number)

    def slot(arc: int) -> UUID | None:
        if arc < 0:
            return None
        is_late = late is not None and arc >= problem.n_arcs
        return replay.slot_at(late[1][arc - problem.n_arcs] if is_late and late else int(problem.seat[arc]))

    moves = [(who(move.learner), slot(move.before), slot(move.after), move.learner == asked) for move in change.moves]
    people = Learner.objects.select_related("school_class").in_bulk([pk for pk, *_rest in moves])
    titles = dict(
        Slot.objects.filter(pk__in={pk for _who, *ends, _asked in moves for pk in ends if pk}).values_list(
            "pk", "title"
        )
    )
    wishes = Choice.objects.filter(choice_list__round=replay.run.round_id, learner__in=list(people))
    ranks = {(who, pk): rank for who, pk, rank in wishes.values_list("learner_id", "slot_id", "rank")}

    def step(learner_id: UUID, slot_id: UUID | None) -> Step:
        return Step(titles[slot_id], ranks.get((learner_id, slot_id))) if slot_id else Step("", None)

    return [
        Effect(str(people[pk]), people[pk].school_class.name, step(pk, before), step(pk, after), asked)
        for pk, before, after, asked in moves
    ]


def _cost(effects: Sequence[Effect], *, nobody: str) -> Answer:
    """The finding: who would be left without a place, else how many would change, else nobody."""
    others = [effect for effect in effects if not effect.asked]
    losers = sum(1 for effect in effects if effect.loses)
    if losers:
        text = ngettext("En elev blir utan plats", "%(n)d elever blir utan plats", losers) % {"n": losers}
        return Answer("stop", text, effects)
    if others:
        text = ngettext(
            "En annan elev byter plats, ingen blir utan", "%(n)d andra byter plats, ingen blir utan", len(others)
        )
        return Answer("wait", text % {"n": len(others)}, effects)
    return Answer("go", nobody, effects)
