"""Which of very many slots fit one learner: each rule asked once for slots that are alike, as a run asks it.

What a rule may read of a slot, and where that is known, is named once for runs and pages: at the top of
`placements.selectors.run_inputs.reach`, and in FACTS of `offers` there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(eq=False)
class ManySlots:
    """Slots as the rules see them, added one by one: which they are, their kinds, and where their workplaces are.

    A kind is the values of FACTS: slots of one kind are alike in the rules' eyes.
    """

    ids: list[UUID] = field(default_factory=list)
    of_kind: list[int] = field(default_factory=list)
    _coordinates: list[float | None] = field(default_factory=list)
    _number: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def add(self, slot_id: UUID, place: Iterable[float | None], facts: Iterable[Any]) -> None:
        """Add a slot: the coordinates of its workplace, and its values of FACTS."""
        kind = tuple(tuple(value) if isinstance(value, list) else value for value in facts)
        self.ids.append(slot_id)
        self.of_kind.append(self._number.setdefault(kind, len(self._number)))
        self._coordinates.extend(place)

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """Return the kinds by their number."""
        return [dict(zip(FACTS, kind, strict=True)) for kind in self._number]

    @property
    def places(self) -> NDArray[np.float64]:
        """Return the coordinates, [·, 2]; NaN where unknown."""
        return np.array(self._coordinates, np.float64).reshape(-1, 2)


def unfit(asked: Case, slots: ManySlots) -> Yes:
    """Tell for each slot whether something stops it for the learner and the weeks of a case, whose slot is not read."""
    learner = {name: getattr(asked, name) for name in OF_LEARNER}
    kinds, of_kind = slots.kinds, np.array(slots.of_kind, np.int64)
    stopped = np.zeros(len(slots.ids), np.bool_)
    for rule in BLOCKING:
        reads = set(rule.reads) - OF_LEARNER
        if reads <= set(FACTS):
            stopped |= _stops(rule, learner, kinds)[of_kind]
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
    return np.array([slot_id in true_for for slot_id in ids], np.bool_)
