"""The rules for a whole run: each asked once for every combination of what it reads, and spread by numpy.

Nothing about a rule is stated here. A rule is handed a case that has the properties it declared and no others, so one
that reads more than it says fails at once instead of being judged for the wrong learners.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from placements.eligibility.facts import Case, Rule

Codes = NDArray[np.int32]
Row = Mapping[str, Any]


@dataclass
class Clauses:
    """The distinct (code, clause) found so far; 0 stands for nothing wrong, k for `found[k - 1]`."""

    found: list[tuple[str, str]] = field(default_factory=list)
    _number: dict[tuple[str, str], int] = field(default_factory=dict)

    def number(self, code: str, clause: str) -> int:
        """Return the number of a clause, a new one if need be."""
        if not clause:
            return 0
        if (code, clause) not in self._number:
            self.found.append((code, clause))
            self._number[code, clause] = len(self.found)
        return self._number[code, clause]


def judge(rule: Rule, *sides: Sequence[Row], clauses: Clauses) -> Codes:
    """Return the clause against each combination of the sides' rows, one dimension a side.

    A side is a list of rows of facts, all with the same names; together the sides hold everything the rule reads.
    """
    kinds = [_kinds(rule, side) for side in sides]
    answers = np.array(
        [
            clauses.number(rule.code, rule.clause(cast("Case", SimpleNamespace(**_merged(facts)))))
            for facts in product(*(distinct for distinct, _of_row in kinds))
        ],
        np.int32,
    ).reshape([len(distinct) for distinct, _of_row in kinds])
    return answers[np.ix_(*(of_row for _distinct, of_row in kinds))]


def _kinds(rule: Rule, side: Sequence[Row]) -> tuple[list[dict[str, Any]], NDArray[np.int64]]:
    """The distinct facts of the side in the rule's eyes, and which of them each row has."""
    number: dict[tuple[Any, ...], int] = {}
    names = [name for name in rule.reads if side and name in side[0]]
    of_row = [number.setdefault(tuple(row[name] for name in names), len(number)) for row in side]
    return [dict(zip(names, key, strict=True)) for key in number], np.array(of_row, np.int64)


def _merged(facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: value for each in facts for name, value in each.items()}
