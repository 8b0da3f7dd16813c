"""Draw wishes for learners of whom only the number is known. Pure: arrays in, arrays out.

A wish is drawn in two steps: an occupation field, by how often it was wished for at that rank, then one of the slots of
the field that fit the learner's group, nearer ones more often. A field without any such slot leaves the wish empty.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dashboards.enums import ForecastSource
from dashboards.selectors.forecast_inputs import FIELDS, MOST_WISHES, ForecastInputs, History, Ints
from employers.enums import OccupationField

Floats = NDArray[np.float64]

# Fewer lists than this say more about a class than about a region.
ENOUGH_LISTS: Final = 100
# The model counts as this many wishes beside last year's, so that a field nobody had in its list is not impossible.
MODEL_WISHES: Final = 50
MODEL_LENGTH: Final = 6
# Twice as far (in this many minutes), half as often.
HALVED_BY_MINUTES: Final = 15.0
UNKNOWN_JOURNEY: Final = 30.0
NONE: Final = -1

# The popularity model: how often each field is wished for when nobody has been asked, in relation to each other. An
# assumption of ours: animals, health, media, it and beauty are dreamt of, cleaning, industry and care much less.
F = OccupationField
APPEAL: Final[dict[str, float]] = {
    F.ADMINISTRATION: 0.7,
    F.CONSTRUCTION: 1.1,
    F.MANAGEMENT: 0.1,
    F.IT: 1.5,
    F.SALES: 1.4,
    F.CRAFT: 0.9,
    F.HOTEL_RESTAURANT: 1.1,
    F.HEALTH: 1.5,
    F.INDUSTRY: 0.6,
    F.INSTALLATION: 0.9,
    F.BODY_CARE: 1.3,
    F.CULTURE_MEDIA: 1.5,
    F.MILITARY: 0.3,
    F.NATURE: 1.8,
    F.SCIENCE: 0.4,
    F.EDUCATION: 1.4,
    F.CLEANING: 0.2,
    F.SOCIAL: 0.6,
    F.SECURITY: 0.8,
    F.TECHNOLOGY: 0.7,
    F.TRANSPORT: 0.9,
}


@dataclass(frozen=True, slots=True)
class Demand:
    """How the wishes are drawn: shares by rank (row) and field (column), and what they come from."""

    shares: Floats
    source: ForecastSource

    @property
    def length(self) -> int:
        """Return how many wishes each learner makes."""
        return len(self.shares)


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """One draw: of each learner the group, the field wished for first, and the slots wished for (−1: no such place)."""

    group: Ints
    first_field: Ints
    slot: Ints


def demand_of(history: History) -> Demand:
    """Return the shares of last year's wishes, or of the model when last year says too little."""
    appeal = np.array([APPEAL[field] for field in FIELDS])
    model = np.tile(appeal / appeal.sum(), (MOST_WISHES, 1))
    if history.lists < ENOUGH_LISTS:
        return Demand(model[:MODEL_LENGTH], ForecastSource.MODEL)
    counts = history.by_rank + MODEL_WISHES * model
    shares = counts / counts.sum(axis=1, keepdims=True)
    return Demand(shares[: min(max(history.wishes_each, 1), MOST_WISHES)], ForecastSource.LAST_YEAR)


def draw(inputs: ForecastInputs, demand: Demand, random: np.random.Generator) -> Drawn:
    """Draw one set of wishes for everybody."""
    group = np.repeat(np.arange(len(inputs.heads)), inputs.heads)
    fields = np.column_stack(
        [_pick(np.broadcast_to(row, (len(group), len(row))), random) for row in demand.shares]
        or [np.zeros((len(group), 0), np.int64)]
    )
    return Drawn(group, fields[:, 0], _slots(inputs, group, fields, random))


def _pick(shares: Floats, random: np.random.Generator) -> Ints:
    """Pick a column for each row, by shares that are the same in all rows."""
    picked = np.searchsorted(np.cumsum(shares[0]) if len(shares) else np.zeros(1), random.random(len(shares)))
    return np.minimum(picked, shares.shape[1] - 1).astype(np.int64)


def _slots(inputs: ForecastInputs, group: Ints, fields: Ints, random: np.random.Generator) -> Ints:
    """Pick a slot of each field wished for, among those that fit the group and offer its weeks."""
    if not len(inputs.slot_field):
        return np.full(fields.shape, NONE, np.int64)
    # Weights of a row summed from the left, each row lifted above the one before: one search finds all.
    summed = np.cumsum(_weights(inputs), axis=1)
    whole = summed[:, -1:].copy()
    whole[whole == 0] = 1.0
    summed = np.hstack([np.zeros((len(summed), 1)), summed / whole])
    starts = np.searchsorted(inputs.slot_field, np.arange(len(FIELDS) + 1))
    low = summed[group[:, np.newaxis], starts[fields]]
    high = summed[group[:, np.newaxis], starts[fields + 1]]
    target = low + random.random(fields.shape) * (high - low)
    lifted = summed[:, 1:] + 2.0 * np.arange(len(summed))[:, np.newaxis]
    found = np.searchsorted(lifted.ravel(), target + 2.0 * group[:, np.newaxis], side="right")
    slot = np.clip(found - group[:, np.newaxis] * summed[:, 1:].shape[1], starts[fields], starts[fields + 1] - 1)
    return np.where(high > low, slot, NONE).astype(np.int64)


def _weights(inputs: ForecastInputs) -> Floats:
    journey = np.where(inputs.journey < 0, UNKNOWN_JOURNEY, inputs.journey)
    near = 0.5 ** (journey / HALVED_BY_MINUTES)
    return near * (inputs.fits & offered(inputs)[inputs.group_block])


def offered(inputs: ForecastInputs) -> NDArray[np.bool_]:
    """Tell which slots (column) have a seat left in every week of each block (row)."""
    rows = [(inputs.left[:, list(block)] > 0).all(axis=1) for block in inputs.blocks]
    return np.array(rows, np.bool_).reshape(len(inputs.blocks), len(inputs.left))
