"""Who may have which slot: the rules asked once for everybody alike, and how far each school reaches.

Learners of one school who are alike in the rules' eyes share one row of seat nodes. Only what a rule stops is left
out, never what is merely far away or far down a list.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.columns import Index
from placements.eligibility import BLOCKING
from placements.eligibility.facts import Rule, age_on, day_number, room
from placements.eligibility.tables import Clauses, Codes, judge
from placements.selectors.run_inputs.inputs import Numbers
from placements.selectors.run_inputs.offers import Offers
from placements.selectors.run_inputs.rows import InputsRefused, Learners, Pairs
from placements.travel import LONGEST, Minutes, Travel, apart, between, points, reach_km

MOST_ARCS: Final = 60_000_000
NO_AGE: Final = -1

# A rule is judged where what it reads is known: of kinds of learners and slots, of a slot's weeks, of a journey, or of
# one learner and one slot.
OF_KINDS: Final = frozenset(
    {"protected", "kind", "grade_level", "age", "first_day", "tenant_hours"}
    | {"status", "kinds", "grades", "min_age", "starts_at", "ends_at", "break_minutes"}
)
OF_WEEKS: Final = frozenset({"offered", "weeks", "first_day"})
OF_JOURNEYS: Final = frozenset({"longest_journey", "journey"})
OF_PAIRS: Final = frozenset({"been_there", "refused_there"})


class Reach:
    """The rules' answers for the learners and slots of a run.

    `pairs` gives, for each fact of one learner and one slot, the pairs for which it is true.
    """

    def __init__(self, learners: Learners, offers: Offers, travel: Travel, pairs: Mapping[str, Pairs]) -> None:
        self.learners, self.offers, self.travel, self.pairs = learners, offers, travel, pairs
        self.clauses = Clauses()
        self.blocks = learners.blocks
        self._group()
        self._judge_kinds()
        self._judge_weeks()
        self._number_seats()

    def _group(self) -> None:
        """Number the kinds of learners, and the groups: a kind at a school."""
        learners = self.learners
        days = np.array([day_number(block[0]) for block in self.blocks])
        ages = _ages(learners.born, days[learners.of_block])
        of_class = [(learners.block_of(each), each.grade_level, each.kind) for each in learners.classes]
        alike = {row: number for number, row in enumerate(sorted(set(of_class)))}
        class_kind = np.array([alike[row] for row in of_class])
        # An age is a small number; together with the kind of class it makes one whole number to sort by.
        kinds, self.kind = np.unique(class_kind[learners.of_class] << 16 | (ages - NO_AGE), return_inverse=True)
        groups, self.group = np.unique(learners.of_school * np.int64(len(kinds)) + self.kind, return_inverse=True)
        self.group_school, self.group_kind = np.divmod(groups, len(kinds))
        rows, age = list(alike), (kinds & 0xFFFF) + NO_AGE
        self.kind_block = np.array([rows[number][0] for number in kinds >> 16])
        self._learner_rows = [
            {
                "protected": False,  # those are placed by hand, and are not among the learners
                "kind": rows[number][2],
                "grade_level": rows[number][1],
                "age": None if years == NO_AGE else int(years),
                "first_day": self.blocks[rows[number][0]][0],
                "tenant_hours": None,
            }
            for number, years in zip((kinds >> 16).tolist(), age.tolist(), strict=True)
        ]

    def _judge_kinds(self) -> None:
        self._of_kinds = {
            rule.code: judge(rule, self._learner_rows, self.offers.kinds, clauses=self.clauses)
            for rule in _rules_of(OF_KINDS)
        }

    def _judge_weeks(self) -> None:
        """For each block, what its weeks say of each slot."""
        self._of_weeks: list[dict[str, Codes]] = []
        for block in self.blocks:
            free = np.sign(self.offers.free(block)) + 1
            patterns, of_slot = np.unique(free @ 3 ** np.arange(len(block)), return_inverse=True)
            rows = [
                {
                    "offered": tuple(room(digit - 1 if digit else None) for digit in _digits(pattern, len(block))),
                    "weeks": block,
                    "first_day": block[0],
                }
                for pattern in patterns.tolist()
            ]
            found = {rule.code: judge(rule, rows, clauses=self.clauses)[of_slot] for rule in _rules_of(OF_WEEKS)}
            self._of_weeks.append(found)

    def _number_seats(self) -> None:
        """A seat node is a slot in a block that its weeks and its kind allow to somebody there."""
        self.node_of = np.full((len(self.blocks), len(self.offers.ids)), -1, np.int32)
        slots: list[NDArray[np.int64]] = []
        for number, found in enumerate(self._of_weeks):
            somebody = np.zeros(len(self.offers.ids), np.bool_)
            for kind in np.flatnonzero(self.kind_block == number):
                somebody |= self._allows(int(kind))
            for codes in found.values():
                somebody &= codes == 0
            here = np.flatnonzero(somebody)
            self.node_of[number, here] = sum(len(each) for each in slots) + np.arange(len(here))
            slots.append(here)
        self.seat_slot: Numbers = np.concatenate(slots).astype(np.int32)
        self.seat_block: Numbers = np.repeat(np.arange(len(slots), dtype=np.int32), [len(here) for here in slots])

    def _allows(self, kind: int) -> NDArray[np.bool_]:
        """Which slots the kinds of learners and slots allow."""
        stopped = np.zeros(len(self.offers.kinds), np.bool_)
        for codes in self._of_kinds.values():
            stopped |= codes[kind] > 0
        allowed: NDArray[np.bool_] = ~stopped[self.offers.of_kind]
        return allowed

    def rows(self) -> tuple[list[Numbers], list[Minutes]]:
        """Return for each group its seat nodes, ascending, and the minutes to each.

        Raises:
            InputsRefused: there would be more arcs than can be solved.
        """
        nodes: list[Numbers] = []
        journeys: list[Minutes] = []
        size, arcs, school = np.bincount(self.group), 0, -1
        allowed = [
            np.where(self._allows(kind), self.node_of[block], -1) for kind, block in enumerate(self.kind_block.tolist())
        ]
        for group, kind in enumerate(self.group_kind.tolist()):
            if self.group_school[group] != school:
                school = int(self.group_school[group])
                slots, travel = self._within_reach(school)
            row = allowed[kind][slots]
            nodes.append(row[row >= 0])
            journeys.append(travel[row >= 0])
            arcs += len(nodes[-1]) * int(size[group])
            if arcs > MOST_ARCS:
                raise InputsRefused(
                    _("Omgången har för många möjliga platser för att räknas på en gång. Sätt en längsta resa.")
                )
        return nodes, journeys

    def _within_reach(self, school: int) -> tuple[NDArray[np.int64], Minutes]:
        """The slots that are not too far from a school, ascending, and the minutes to each."""
        start, longest = self._school_at[school], self._longest
        slots = np.arange(len(self.offers.ids))
        if longest < LONGEST:
            # A quick look leaves few whose minutes must be worked out.
            slots = np.flatnonzero(~apart(points(start), self._slot_points, reach_km(longest, self.travel)))
        travel = between(start, self._slot_at[slots], self.travel)
        return slots[travel <= longest], travel[travel <= longest]

    @cached_property
    def _longest(self) -> int:
        """The longest journey that no rule stops: one that is longer than a journey stopped is stopped too."""
        limit = {"longest_journey": self.travel.limit_minutes}

        def stopped(length: int) -> bool:
            row = limit | {"journey": length}
            return any(judge(rule, [row], clauses=Clauses())[0] for rule in _rules_of(OF_JOURNEYS))

        return bisect_left(range(LONGEST + 1), True, key=stopped) - 1

    @cached_property
    def _school_at(self) -> NDArray[np.float64]:
        return _coordinates((each.latitude, each.longitude) for each in self.learners.schools)

    @cached_property
    def _slot_at(self) -> NDArray[np.float64]:
        return self.offers.workplace_at[self.offers.workplace]

    @cached_property
    def _slot_points(self) -> NDArray[np.float64]:
        return points(self._slot_at)

    def journeys(self, learner: NDArray[np.int64], slot: NDArray[np.int64]) -> Minutes:
        """Return the minutes between learners' schools and slots, pair by pair."""
        return between(self._school_at[self.learners.of_school[learner]], self._slot_at[slot], self.travel)

    def stopped_pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the learners and slots that a rule keeps apart for something between just the two."""
        found = [self.pairs[fact] for rule in _rules_of(OF_PAIRS) for fact in rule.reads if self._stops(rule, fact)]
        learner = np.concatenate([np.zeros(0, np.int64), *(pairs.learner for pairs in found)])
        slot = self.slots.find(np.concatenate([np.zeros(0, "S16"), *(pairs.slot for pairs in found)]))
        return learner[slot >= 0], slot[slot >= 0]

    @cached_property
    def slots(self) -> Index:
        """Finds a slot by id."""
        return Index(self.offers.ids)

    def _stops(self, rule: Rule, fact: str) -> bool:
        return bool(judge(rule, [{fact: True}], clauses=Clauses())[0])

    def against(self, learner: NDArray[np.int64], slot: NDArray[np.int64]) -> Codes:
        """Return the first clause against each pair of learner and slot, 0 for none: what a page would say first."""
        answer = np.zeros(len(learner), np.int32)
        for rule in BLOCKING:
            asked = np.flatnonzero(answer == 0)
            answer[asked] = self._clauses_of(rule, learner[asked], slot[asked])
        return answer

    def _clauses_of(self, rule: Rule, learner: NDArray[np.int64], slot: NDArray[np.int64]) -> Codes:
        reads = set(rule.reads)
        if reads <= OF_KINDS:
            return self._of_kinds[rule.code][self.kind[learner], self.offers.of_kind[slot]]
        if reads <= OF_WEEKS:
            of_block = np.stack([found[rule.code] for found in self._of_weeks])
            return of_block[self.learners.of_block[learner], slot]
        if reads <= OF_JOURNEYS:
            lengths, of_pair = np.unique(self.journeys(learner, slot), return_inverse=True)
            rows = [{"longest_journey": self.travel.limit_minutes, "journey": int(length)} for length in lengths]
            return judge(rule, rows, clauses=self.clauses)[of_pair]
        (fact,) = reads
        code = judge(rule, [{fact: False}, {fact: True}], clauses=self.clauses)
        return code[self._true_of(self.pairs[fact], learner, slot).astype(np.int64)]

    def _true_of(self, pairs: Pairs, learner: NDArray[np.int64], slot: NDArray[np.int64]) -> NDArray[np.bool_]:
        width = len(self.offers.ids)
        at = self.slots.find(pairs.slot)
        return np.isin(learner * width + slot, (pairs.learner * width + at)[at >= 0])


def _rules_of(reads: frozenset[str]) -> list[Rule]:
    return [rule for rule in BLOCKING if set(rule.reads) <= reads]


def _ages(born: NDArray[np.datetime64], days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Age of each learner on a day of its own (as `day_number`), NO_AGE without a birth date."""
    known = ~np.isnat(born)
    dates = np.where(known, born, np.datetime64("2000-01-01", "D"))
    months = dates.astype("M8[M]")
    year, month = np.divmod(months.astype(np.int64), 12)
    number = (year + 1970) * 10_000 + (month + 1) * 100 + (dates - months).astype(np.int64) + 1
    return np.where(known, age_on(number, days), NO_AGE)


def _digits(number: int, count: int) -> list[int]:
    """The digits of a number in base three, the lowest first."""
    return [number // 3**place % 3 for place in range(count)]


def _coordinates(pairs: Iterable[tuple[float | None, float | None]]) -> NDArray[np.float64]:
    return np.array([(np.nan, np.nan) if None in pair else pair for pair in pairs], np.float64)
