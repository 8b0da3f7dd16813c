"""Where seats run short in a run, as figures to keep: which learners reach too few, and where one more seat helps."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import numpy as np

from core.columns import uuids
from employers.models import Slot
from placements.allocation import Result
from placements.allocation.shortage import Piece, pieces, worth
from placements.selectors.run_inputs import RunInputs

MOST_PIECES: Final = 50
MOST_HELPS: Final = 20
NAMED: Final = 3


def shortage_figures(inputs: RunInputs, result: Result) -> dict[str, Any]:
    """Return `pieces`, the shortage split where nothing connects its parts, and `helps`, each kind of seat with how
    many learners without a place one more of it could help. Asks for the trade and town of the slots that could.
    """
    found = pieces(inputs.problem, result)
    if not found:
        return {"pieces": [], "helps": {}}
    helpful = worth(inputs.problem, result).places
    of_piece = [piece.seat_nodes[helpful[piece.seat_nodes]] for piece in found]
    return {
        "pieces": [_piece(inputs, piece) for piece in found[:MOST_PIECES]],
        "helps": _helps(inputs, [(piece.missing, nodes) for piece, nodes in zip(found, of_piece, strict=True)]),
    }


def _piece(inputs: RunInputs, piece: Piece) -> dict[str, Any]:
    columns = inputs.columns
    schools = Counter(columns.learner_school[piece.learners].tolist()).most_common()
    classes = [columns.classes[number] for number in np.unique(columns.learner_class[piece.learners])]
    return {
        "learners": len(piece.learners),
        "seats": piece.seats,
        "weeks": sorted({str(week) for each in classes for week in each.weeks}),
        "schools": [columns.schools[number].name for number, _count in schools[:NAMED]],
        "more_schools": max(0, len(schools) - NAMED),
    }


def _helps(inputs: RunInputs, found: Iterable[tuple[int, Any]]) -> dict[str, list[tuple[str, int]]]:
    """By week, trade and town: how many lack a place in the pieces where one more seat of it would place one."""
    held = [(missing, nodes) for missing, nodes in found if len(nodes)]
    if not held:
        return {}
    columns = inputs.columns
    weeks = [",".join(map(str, block)) for block in columns.blocks]
    slots = np.unique(columns.seat_slot[np.concatenate([nodes for _missing, nodes in held])])
    facts = _facts(uuids(columns.slot_id[slots]))
    named = dict(zip(slots.tolist(), (facts.get(pk, ("", "")) for pk in uuids(columns.slot_id[slots])), strict=True))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for missing, nodes in held:
        here = [named[slot] for slot in np.unique(columns.seat_slot[nodes]).tolist()]
        keys = {
            "week": {weeks[block] for block in np.unique(columns.seat_block[nodes]).tolist()},
            "trade": {trade for trade, _town in here},
            "municipality": {town for _trade, town in here},
        }
        for by, names in keys.items():
            counts[by].update(dict.fromkeys(names - {""}, missing))
    return {
        by: sorted(count.items(), key=lambda item: (-item[1], item[0]))[:MOST_HELPS] for by, count in counts.items()
    }


def _facts(slot_ids: list[UUID]) -> Mapping[UUID, tuple[str, str]]:
    rows = Slot.objects.filter(pk__in=slot_ids).values_list("pk", "occupation_field", "workplace__city")
    return {pk: (trade, town) for pk, trade, town in rows}
