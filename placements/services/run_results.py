"""From the engine's answer to columns to save and figures to show, for all learners at once.

Pure: nothing here asks the database.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.bulk import Column, hex_ids
from placements.allocation import Explanation, Outcome, Reason, Result
from placements.selectors.run_inputs import RunInputs
from placements.travel import UNKNOWN, Travel, minutes

UNPLACED: Final = (Outcome.NO_SEAT, Outcome.SHORTAGE, Outcome.LOCKED_OUT, Outcome.LATE_DRAW)
MET: Final = (Reason.GOT, Reason.NOT_NEEDED)
# What an entry of an explanation tells beside wish, slot and reason.
NUMBERS: Final = ("applicants", "ranked_as_high", "seats", "taken")
DRAWS: Final = ("draw_number", "draw_equals", "draw_last")

Ints = NDArray[np.integer]


# -- columns of placements_assignment


def assignment_columns(inputs: RunInputs, result: Result, why: Explanation, model: Travel) -> dict[str, Column]:
    """Return one row per learner, as columns: place, wish number, journey, and why each better wish was not met."""
    columns, slot = inputs.columns, inputs.slot_index(result.chosen)
    slots = hex_ids(columns.slot_id)
    periods = [each.period_id.hex for each in columns.classes]
    outcome = why.outcome
    moved = (slot >= 0) & (inputs.held_slot >= 0) & (inputs.held_slot != slot)
    reasons = [found.name.lower() if found in UNPLACED else "" for found in Outcome]
    return {
        "learner_id": columns.learner_id,
        "period_id": [periods[number] for number in columns.learner_class.tolist()],
        "slot_id": [slots[number] if number >= 0 else None for number in slot.tolist()],
        "rank": [number or None for number in why.wish_number.tolist()],
        "locked": outcome == Outcome.LOCKED_IN,
        "moved_from_id": [slots[number] if number >= 0 else None for number in np.where(moved, inputs.held_slot, -1)],
        "travel_minutes": [None if found == UNKNOWN else found for found in _journeys(inputs, slot, model).tolist()],
        "reason": [reasons[number] for number in outcome.tolist()],
        "explanation": explanations(inputs, why, slots),
    }


def _journeys(inputs: RunInputs, slot: Ints, model: Travel) -> Ints:
    """Whole minutes from each learner's school to its workplace; UNKNOWN without a place or a coordinate."""
    columns = inputs.columns
    nan = float("nan")
    schools = np.array(
        [
            (nan if each.latitude is None else each.latitude, nan if each.longitude is None else each.longitude)
            for each in columns.schools
        ]
    ).reshape(-1, 2)
    found = np.full(len(slot), UNKNOWN, np.int32)
    placed = np.flatnonzero(slot >= 0)
    if len(placed):
        start = schools[columns.learner_school[placed]]
        end = columns.workplace_at[columns.slot_workplace[slot[placed]]]
        found[placed] = minutes(start[:, 0], start[:, 1], end[:, 0], end[:, 1], model)
    return found


def explanations(inputs: RunInputs, why: Explanation, slots: Sequence[str]) -> list[str]:
    """Return for each learner, as JSON, the wishes before the one granted (all of them when none was), in order."""
    rows = np.flatnonzero(~np.isin(why.reason, MET))
    learner, number = inputs.wishes.learner[rows], inputs.wishes.number[rows]
    order = np.lexsort((number, learner))
    rows, learner = rows[order], learner[order]
    items = _items(inputs, why, rows, slots)
    ends = np.searchsorted(learner, np.arange(inputs.problem.n_learners + 1)).tolist()
    return [f"[{','.join(items[ends[at] : ends[at + 1]])}]" for at in range(inputs.problem.n_learners)]


def _items(inputs: RunInputs, why: Explanation, rows: Ints, slots: Sequence[str]) -> list[str]:
    names = [found.name.lower() for found in Reason]
    rules = [',"code":"weeks"', *(_rule(clause.code, clause.text) for clause in inputs.clauses)]
    numbers = zip(*(getattr(why, name)[rows].tolist() for name in NUMBERS), strict=True)
    draws = zip(*(getattr(why, name)[rows].tolist() for name in DRAWS), strict=True)
    told = zip(
        inputs.wishes.number[rows].tolist(),
        inputs.wish_slot[rows].tolist(),
        why.reason[rows].tolist(),
        inputs.wishes.rule[rows].tolist(),
        numbers,
        draws,
        strict=True,
    )
    return [
        f'{{"rank":{rank},"slot":"{_dashed(slots[slot])}","reason":"{names[reason]}"'
        + (rules[rule] if reason == Reason.RULE else _COUNTED % counts + (_DRAWN % drawn if drawn[1] else ""))
        + "}"
        for rank, slot, reason, rule, counts, drawn in told
    ]


_COUNTED: Final = "".join(f',"{name}":%d' for name in NUMBERS)
_DRAWN: Final = "".join(f',"{name}":%d' for name in DRAWS)


def _rule(code: str, text: str) -> str:
    return f',"code":{_quoted(code)},"clause":{_quoted(text)}'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _dashed(key: str) -> str:
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


# -- figures of AllocationRun.summary


def summary(inputs: RunInputs, result: Result, why: Explanation) -> dict[str, Any]:
    """Return the figures of the run: the whole, by wish, by reason, by school and by class."""
    n = inputs.problem.n_learners
    outcomes = np.bincount(why.outcome, minlength=len(Outcome))
    short = len(result.shortage_learners)
    return {
        "learners": n,
        "placed": result.placed,
        **rank_figures(why.wish_number, result.chosen),
        "locked": int(outcomes[Outcome.LOCKED_IN]),
        "unplaced": {found.name.lower(): int(outcomes[found]) for found in UNPLACED if outcomes[found]},
        "shortage": {"learners": short, "seats": short - (n - result.placed)} if short else {},
        "schools": _by_school(inputs, result, why),
        "classes": _by_class(inputs, result, why),
        "unsent": inputs.unsent,
        "silent": inputs.silent,
        "placed_before": inputs.placed_before,
        "moved": int(((inputs.current >= 0) & (result.chosen >= 0) & (result.chosen != inputs.current)).sum()),
        "arcs": inputs.problem.n_arcs,
        "seats": len(inputs.columns.seat_slot),
        "seconds": round(result.seconds, 3),
    }


def rank_figures(wish_number: Ints, chosen: Ints) -> dict[str, Any]:
    """Return how many got each wish, the furthest down, and how many have a place outside their wishes."""
    ranks = np.bincount(wish_number, minlength=4).tolist()
    found = {str(rank): count for rank, count in enumerate(ranks) if rank and count}
    return {
        "by_rank": found,
        "first": ranks[1],
        "first_to_third": sum(ranks[1:4]),
        "furthest": max(map(int, found), default=0),
        "outside": int(((chosen >= 0) & (wish_number == 0)).sum()),
    }


def policy_figures(inputs: RunInputs, result: Result, chosen_before: Ints) -> dict[str, Any]:
    """Return one row of the comparison: what this policy gives, and how many it would move."""
    wish_number = np.zeros(inputs.problem.n_learners, np.int64)
    has_arc = inputs.wishes.arc >= 0
    learner, arc = inputs.wishes.learner[has_arc], inputs.wishes.arc[has_arc]
    got = result.chosen[learner] == arc
    wish_number[learner[got]] = inputs.wishes.number[has_arc][got]
    figures = rank_figures(wish_number, result.chosen)
    del figures["by_rank"]
    return {"placed": result.placed, **figures, "moves": int((result.chosen != chosen_before).sum())}


def _by_school(inputs: RunInputs, result: Result, why: Explanation) -> list[dict[str, Any]]:
    schools = inputs.columns.schools
    counts = _counts(inputs.columns.learner_school, len(schools), result, why)
    reasons = [
        np.bincount(inputs.columns.learner_school[why.outcome == found], minlength=len(schools)) for found in UNPLACED
    ]
    return _in_order(
        {
            "id": str(each.id),
            "name": each.name,
            "school": each.name,
            **counts(number),
            "unplaced": {
                found.name.lower(): int(of[number]) for found, of in zip(UNPLACED, reasons, strict=True) if of[number]
            },
        }
        for number, each in enumerate(schools)
    )


def _by_class(inputs: RunInputs, result: Result, why: Explanation) -> list[dict[str, Any]]:
    classes, schools = inputs.columns.classes, inputs.columns.schools
    counts = _counts(inputs.columns.learner_class, len(classes), result, why)
    return _in_order(
        {
            "id": f"{schools[each.school].id}:{each.name}",
            "name": each.name,
            "school": schools[each.school].name,
            **counts(number),
        }
        for number, each in enumerate(classes)
    )


def _counts(group: Ints, groups: int, result: Result, why: Explanation) -> Callable[[int], dict[str, int]]:
    """How many of each group there are, have a place, and got their first wish."""
    of_all = np.bincount(group, minlength=groups)
    placed = np.bincount(group[result.chosen >= 0], minlength=groups)
    first = np.bincount(group[why.wish_number == 1], minlength=groups)
    return lambda number: {
        "learners": int(of_all[number]),
        "placed": int(placed[number]),
        "first": int(first[number]),
    }


def _in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted((row for row in rows if row["learners"]), key=lambda row: (row["name"], row["school"]))
