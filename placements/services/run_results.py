"""From the engine's answer to rows and figures. Pure: nothing here asks the database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from placements.allocation import Explanation, Outcome, Reason, Result
from placements.models import AllocationRun, Assignment
from placements.selectors.run_inputs import RunInputs, RunLearner

UNPLACED = (Outcome.NO_SEAT, Outcome.SHORTAGE, Outcome.LOCKED_OUT, Outcome.LATE_DRAW)


def assignments(run: AllocationRun, inputs: RunInputs, result: Result, why: Explanation) -> Iterator[Assignment]:
    """Yield one row per learner: place, wish number, and why each better wish was not met."""
    better = _better_wishes(inputs, why)
    for index, person in enumerate(inputs.learners):
        arc, outcome = int(result.chosen[index]), Outcome(int(why.outcome[index]))
        yield Assignment(
            region_id=run.region_id,
            authority_id=run.authority_id,
            run_id=run.pk,
            learner_id=person.id,
            period_id=person.period_id,
            slot_id=inputs.slot_of(arc) if arc >= 0 else None,
            rank=int(why.wish_number[index]) or None,
            locked=outcome is Outcome.LOCKED_IN,
            reason=outcome.name.lower() if outcome in UNPLACED else "",
            explanation=better.get(index, []),
        )


def _better_wishes(inputs: RunInputs, why: Explanation) -> dict[int, list[dict[str, Any]]]:
    """For each learner the wishes before the one granted (all of them when none was), in order."""
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row, wish in enumerate(inputs.wish_rows):
        reason = Reason(int(why.reason[row]))
        if reason in {Reason.GOT, Reason.NOT_NEEDED}:
            continue
        item: dict[str, Any] = {"rank": wish.rank, "slot": str(wish.slot_id), "reason": reason.name.lower()}
        if reason is Reason.RULE:
            item |= {"code": wish.blocked.code, "clause": wish.blocked.clause} if wish.blocked else {"code": "weeks"}
        else:
            item |= {name: int(getattr(why, name)[row]) for name in ("applicants", "ranked_as_high", "seats", "taken")}
        found[wish.learner].append(item)
    return found


def summary(inputs: RunInputs, result: Result, why: Explanation) -> dict[str, Any]:
    """Return the figures of the run: the whole, by wish, by reason, by school and by class."""
    unplaced = Counter(
        Outcome(outcome).name.lower() for outcome in why.outcome.tolist() if Outcome(outcome) in UNPLACED
    )
    short = len(result.shortage_learners)
    return {
        "learners": len(inputs.learners),
        "placed": result.placed,
        **rank_figures(why.wish_number, result.chosen),
        "locked": int((why.outcome == Outcome.LOCKED_IN).sum()),
        "unplaced": dict(unplaced),
        "shortage": {"learners": short, "seats": short - (len(inputs.learners) - result.placed)} if short else {},
        "schools": _by_group(inputs, result, why, lambda person: (str(person.school_id), person.school_name)),
        "classes": _by_group(
            inputs, result, why, lambda person: (f"{person.school_id}:{person.class_name}", person.class_name)
        ),
        "unsent": inputs.unsent,
        "silent": inputs.silent,
        "placed_before": inputs.placed_before,
        "arcs": inputs.problem.n_arcs,
        "seats": len(inputs.seats),
        "seconds": round(result.seconds, 3),
    }


def rank_figures(wish_number: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    """Return how many got each wish, the furthest down, and how many have a place outside their wishes."""
    ranks = Counter(int(number) for number in wish_number if number)
    return {
        "by_rank": {str(rank): ranks[rank] for rank in sorted(ranks)},
        "first": ranks[1],
        "first_to_third": ranks[1] + ranks[2] + ranks[3],
        "furthest": max(ranks, default=0),
        "outside": int(((chosen >= 0) & (wish_number == 0)).sum()),
    }


def policy_figures(inputs: RunInputs, result: Result, chosen_before: np.ndarray) -> dict[str, Any]:
    """Return one row of the comparison: what this policy gives, and how many it would move."""
    wish_number = np.zeros(len(inputs.learners), np.int64)
    has_arc = inputs.wishes.arc >= 0
    learner, arc = inputs.wishes.learner[has_arc], inputs.wishes.arc[has_arc]
    got = result.chosen[learner] == arc
    wish_number[learner[got]] = inputs.wishes.number[has_arc][got]
    figures = rank_figures(wish_number, result.chosen)
    del figures["by_rank"]
    return {"placed": result.placed, **figures, "moves": int((result.chosen != chosen_before).sum())}


def _by_group(
    inputs: RunInputs, result: Result, why: Explanation, group: Callable[[RunLearner], tuple[str, str]]
) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for index, person in enumerate(inputs.learners):
        key, name = group(person)
        new = {"id": key, "name": name, "school": person.school_name, "learners": 0, "placed": 0, "first": 0}
        row = rows.setdefault(key, new)
        row["learners"] += 1
        row["placed"] += int(result.chosen[index] >= 0)
        row["first"] += int(why.wish_number[index] == 1)
    return sorted(rows.values(), key=lambda row: (str(row["name"]), str(row["school"])))
