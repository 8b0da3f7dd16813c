"""What a run is given: a round's learners, seats, wishes and locks from the database, as the engine's arrays.

A dozen queries whatever the size, and no Python object per learner, wish or arc. Learners, slots and seat nodes are
numbered in order of their keys, so that the same rows always make the same arrays.
"""

from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.columns import uuids
from core.weeks import range_label
from employers.models import Slot
from placements.allocation import Problem, Wishes, fairness_steps, rank_costs
from placements.enums import RepairOption, RunPurpose
from placements.models import Round
from placements.selectors.run_inputs.arcs import Arcs
from placements.selectors.run_inputs.capacities import capacity_arrays
from placements.selectors.run_inputs.digest import current_digest, round_digest
from placements.selectors.run_inputs.inputs import Clause, Columns, RunClass, RunInputs, RunSchool, Weeks
from placements.selectors.run_inputs.keys import learner_keys, seat_keys
from placements.selectors.run_inputs.offers import Offers, give_back, read_offers
from placements.selectors.run_inputs.planning import planned_for
from placements.selectors.run_inputs.reach import Reach
from placements.selectors.run_inputs.rows import (
    InputsRefused,
    Learners,
    Pairs,
    count_unsent,
    period_weeks,
    read_earlier,
    read_learners,
    read_locks,
    read_refused,
    read_wishes,
)
from placements.selectors.travel_model import travel_model
from placements.travel import costs
from schools.models import Learner

__all__ = [
    "Clause",
    "Columns",
    "InputsRefused",
    "RunClass",
    "RunInputs",
    "RunSchool",
    "Weeks",
    "current_digest",
    "load_inputs",
    "names_of",
    "period_weeks",
    "round_digest",
]

Ints = NDArray[np.int64]
MOST_SHARED_ARCS: Final = 10_000_000


def load_inputs(round: Round, *, purpose: str = RunPurpose.FULL, option: str = "", fair: bool = False) -> RunInputs:
    """Read everything a run of the round needs.

    Learners who have a place in the weeks already, and those with a protected identity, are left out; a repair takes
    the places that the round has given into account instead. A learner without wishes takes part all the same, after
    those who chose. A saved list counts also when it was never sent in. With `fair`, schools share the unplaced.

    Raises:
        InputsRefused: a class has two periods in the round, nobody is left to place, a lock cannot be kept, or there
            are more possible places than can be solved at once.
    """
    with planned_for(round):
        return _load(round, purpose, option, fair=fair)


def _load(round: Round, purpose: str, option: str, *, fair: bool) -> RunInputs:
    digest = round_digest(round)  # first: what is edited while the rest is read makes it another
    learners = read_learners(round, purpose)
    wishes, locks = read_wishes(round, learners), read_locks(round, learners)
    offers = _offers(round, purpose, learners, wishes, locks)
    repairs = purpose == RunPurpose.REPAIR
    pairs = {"been_there": read_earlier(round, learners), "refused_there": read_refused(round, learners)}
    reach = Reach(learners, offers, travel_model(round.region_id), pairs)
    arcs = Arcs(reach)
    wish_slot = reach.slots.find(wishes.slot)
    wish_arc = arcs.find(wishes.learner, wish_slot)
    stopped = np.flatnonzero(wish_arc < 0)
    against = np.zeros(len(wish_arc), np.int64)
    against[stopped] = reach.against(wishes.learner[stopped], wish_slot[stopped])
    current = _current(learners, reach, arcs)
    locked = _locked(arcs, learners, reach, locks, current, purpose, option)
    problem = Problem(
        n_learners=len(learners.ids),
        learner=arcs.learner,
        seat=arcs.seat,
        levels=_levels(round, arcs, wishes, wish_arc, current if repairs and option == RepairOption.LEAST else None),
        **capacity_arrays(offers, learners.blocks, reach.seat_slot, reach.seat_block),
        locked=locked,
        learner_key=learner_keys(round, learners.ids.tobytes()),
        seat_key=seat_keys(round, offers.ids[reach.seat_slot], reach.seat_block, reach.blocks),
        **(_shared_out(learners, len(arcs.learner)) if fair else {}),
    )
    return RunInputs(
        problem=problem,
        digest=digest,
        columns=Columns(
            learner_id=learners.ids,
            learner_class=learners.of_class,
            learner_school=learners.of_school,
            classes=learners.classes,
            schools=learners.schools,
            slot_id=offers.ids,
            slot_workplace=offers.workplace,
            workplace_id=offers.workplace_ids,
            workplace_at=offers.workplace_at,
            seat_slot=reach.seat_slot,
            seat_block=reach.seat_block,
            blocks=learners.blocks,
        ),
        wishes=Wishes(learner=wishes.learner, number=wishes.rank, arc=wish_arc, rule=against),
        wish_slot=wish_slot.astype(np.int32),
        clauses=[Clause(code, text) for code, text in reach.clauses.found],
        current=current,
        held_slot=reach.slots.find(learners.held).astype(np.int32),
        travel=reach.travel,
        placed_before=learners.placed_before,
        unsent=count_unsent(round, learners),
        silent=len(learners.ids) - len(np.unique(wishes.learner)),
    )


def names_of(inputs: RunInputs, learners: Any) -> list[str]:
    """Return the names of some learners, in the open scope: for the few that a message is about."""
    ids = inputs.learner_ids(learners)
    found = {each.pk: str(each) for each in Learner.objects.filter(pk__in=ids)}
    return [found[pk] for pk in ids]


def _offers(round: Round, purpose: str, learners: Learners, wishes: Pairs, locks: Pairs) -> Offers:
    weeks = tuple(sorted({week for block in learners.blocks for week in block}))
    holds = learners.held != b""
    offers = read_offers(
        round,
        purpose,
        kinds={each.kind for each in learners.classes},
        weeks=weeks,
        named=np.concatenate([wishes.slot, locks.slot, learners.held[holds]]),
    )
    slots = offers.index
    for number, block in enumerate(learners.blocks):
        give_back(offers, slots.find(learners.held[holds & (learners.of_block == number)]), block)
    return offers


def _current(learners: Learners, reach: Reach, arcs: Arcs) -> Ints:
    """The arc of the place each learner has now, −1 where there is none or a rule has come between."""
    current = np.full(len(learners.ids), -1, np.int64)
    holders = np.flatnonzero(learners.held != b"")
    current[holders] = arcs.find(holders, reach.slots.find(learners.held[holders]))
    return current


def _levels(round: Round, arcs: Arcs, wishes: Pairs, wish_arc: Ints, current: Ints | None) -> Ints:
    """Rank and travel; before them, in a repair that may move people: no newcomer instead of them, and few moves."""
    made = np.bincount(wishes.learner, minlength=len(arcs.counts))
    # A place outside the wishes costs the learner's own next rank. Without any wish that would be a first wish, and
    # in a shortage the silent would go before those who chose: they are priced as after a full list.
    made[made == 0] = round.max_choices
    before = 0 if current is None else 2
    levels = np.empty((before + 2, len(arcs.learner)), np.int64)
    arcs.of_learners(rank_costs(np.zeros_like(made), made), levels[before])
    wished = wish_arc >= 0
    levels[before, wish_arc[wished]] = rank_costs(wishes.rank[wished], made[wishes.learner[wished]])
    arcs.of_rows(costs(arcs.row_minutes), levels[before + 1])
    if current is not None:
        stays = current >= 0
        arcs.of_learners(~stays, levels[0])
        arcs.of_learners(stays, levels[1])
        levels[1, current[stays]] = 0
    return levels


def _locked(
    arcs: Arcs, learners: Learners, reach: Reach, locks: Pairs, current: Ints, purpose: str, option: str
) -> Ints | None:
    """The arc each locked learner must have. In a repair those who have a place keep it, if anybody is locked at all.

    Raises:
        InputsRefused: a rule or a withdrawn seat stands between a learner and the lock.
    """
    locked = np.full(len(learners.ids), -1, np.int64)
    found = arcs.find(locks.learner, reach.slots.find(locks.slot))
    if purpose == RunPurpose.REPAIR:
        held = (found >= 0) & (current[locks.learner] < 0)
        locked[locks.learner[held]] = found[held]
        keeps = locks.learner[current[locks.learner] >= 0] if option == RepairOption.LEAST else slice(None)
        locked[keeps] = np.where(current[keeps] >= 0, current[keeps], locked[keeps])
    elif (found < 0).any():
        raise _broken(learners, locks, int(np.argmax(found < 0)))
    else:
        locked[locks.learner] = found
    return locked if (locked >= 0).any() else None


def _broken(learners: Learners, locks: Pairs, row: int) -> InputsRefused:
    learner = Learner.objects.get(pk=uuids(learners.ids[locks.learner[row : row + 1]])[0])
    slot = Slot.objects.get(pk=uuids(locks.slot[row : row + 1])[0])
    weeks = learners.blocks[int(learners.of_block[locks.learner[row]])]
    return InputsRefused(
        _("%(name)s är låst till %(slot)s, som inte går att få %(weeks)s längre. Ta bort låsningen.")
        % {"name": learner, "slot": slot.title, "weeks": range_label(weeks)}
    )


def _shared_out(learners: Learners, arcs: int) -> dict[str, Any]:
    """The schools as groups that share the learners without a place, each in proportion to its size.

    Raises:
        InputsRefused: the compiled core does not share out, and for OR-Tools there is too much.
    """
    if arcs > MOST_SHARED_ARCS:
        raise InputsRefused(
            _("Omgången är för stor för att dela bristen mellan skolorna. Kör utan, eller dela upp omgången.")
        )
    sizes = np.bincount(learners.of_school, minlength=len(learners.schools))
    return {"group": learners.of_school, "group_step": fairness_steps(sizes)}
