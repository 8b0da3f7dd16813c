"""Which of very many slots fit one learner: each rule asked once for slots that are alike, as a run asks it.

What a rule may read of a slot, and where that is known, is named once for runs and pages: at the top of
`placements.selectors.run_inputs.reach`, and in FACTS of `offers` there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from placements.eligibility import BLOCKING
from placements.eligibility.facts import Case, Facts, Rule
from placements.eligibility.tables import Clauses, judge
from placements.selectors.run_inputs.offers import FACTS
from placements.selectors.run_inputs.reach import OF_JOURNEYS, OF_KINDS, OF_WEEKS
from placements.travel import UNKNOWN, Minutes, between

# What a rule may read of the learner and the weeks: the same for every slot.
OF_LEARNER: Final = (OF_KINDS | OF_WEEKS | OF_JOURNEYS) - {*FACTS, "journey"}

Yes = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ManySlots:
    """Slots as the rules see them: which they are, where their workplaces are ([·, 2]; NaN unknown), and their kinds.

    A kind is the values of FACTS: slots of one kind are alike in the rules' eyes. `of_kind` is an index into `kinds`.
    """

    ids: Sequence[UUID]
    places: NDArray[np.float64]
    of_kind: NDArray[np.int64]
    kinds: Sequence[Mapping[str, Any]]


def many_slots(ids: Sequence[UUID], places: Iterable[Sequence[Any]], facts: Iterable[Sequence[Any]]) -> ManySlots:
    """Put slots together: their ids, the coordinates of their workplaces, and their values of FACTS."""
    # Column by column: row by row it would take as long as to read them.
    columns = [map(tuple, column) if isinstance(column[0], list) else column for column in zip(*facts, strict=True)]
    number: dict[tuple[Any, ...], int] = {}
    of_kind = [number.setdefault(kind, len(number)) for kind in zip(*columns, strict=True)]
    return ManySlots(
        ids,
        np.array(list(places), np.float64).reshape(-1, 2),
        np.array(of_kind, np.int64),
        [dict(zip(FACTS, kind, strict=True)) for kind in number],
    )


def unfit(asked: Case, slots: ManySlots) -> Yes:
    """Tell for each slot whether something stops it for the learner and the weeks of a case, whose slot is not read."""
    learner = {name: getattr(asked, name) for name in OF_LEARNER}
    stopped = np.zeros(len(slots.ids), np.bool_)
    for rule in BLOCKING:
        reads = set(rule.reads) - OF_LEARNER
        if reads <= set(FACTS):
            stopped |= _stops(rule, learner, slots.kinds)[slots.of_kind]
        elif reads == {"journey"}:
            lengths, of_slot = np.unique(_journeys(asked.facts, slots), return_inverse=True)
            stopped |= _stops(rule, learner, [{"journey": int(length)} for length in lengths])[of_slot]
        else:
            (fact,) = reads
            said = _stops(rule, learner, [{fact: False}, {fact: True}])
            stopped |= said[_named(asked.facts, fact, slots.ids).astype(np.int64)]
    return stopped


def _stops(rule: Rule, learner: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Yes:
    """For each row of facts about slots, whether the rule stops the learner."""
    answers: Yes = judge(rule, [learner], rows, clauses=Clauses())[0] > 0
    return answers


def _journeys(facts: Facts, slots: ManySlots) -> Minutes:
    if facts.origin is None:
        return np.full(len(slots.ids), UNKNOWN, np.int32)
    start = np.array((facts.origin.latitude, facts.origin.longitude), np.float64)
    return between(start, slots.places, facts.origin.model)


def _named(facts: Facts, fact: str, ids: Sequence[UUID]) -> Yes:
    """Which slots a fact of the learner and one slot is true for."""
    true_for = {"been_there": facts.earlier_slots, "refused_there": facts.refused_slots}[fact]
    return np.array([slot_id in true_for for slot_id in ids] if true_for else np.zeros(len(ids)), np.bool_)
