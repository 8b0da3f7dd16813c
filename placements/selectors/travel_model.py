"""A region's travel model, and what another one would mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.models import StateChange
from employers.enums import SlotStatus
from employers.models import Workplace
from placements.models import TravelModel
from placements.travel import LONGEST, Minutes, minutes
from schools.models import SchoolUnit

EXAMPLES: Final = (5, 10, 20, 40)
KM_PER_DEGREE: Final = 111.195  # of latitude

Coordinates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A distance as the crow flies, and how long it is thought to take."""

    km: int
    minutes: int
    far: bool
    out_of_reach: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """Pairs of a school and a workplace that offers something, and how many are far or beyond the limit."""

    pairs: int
    far: int
    out_of_reach: int
    schools_cut: int
    unknown: int

    @property
    def percent(self) -> int:
        """Return the share out of reach; never 0 for some, nor 100 for less than all."""
        if not self.out_of_reach:
            return 0
        share = round(100 * self.out_of_reach / self.pairs)
        return min(max(share, 1), 99 if self.out_of_reach < self.pairs else 100)


def travel_model(region_id: UUID) -> TravelModel:
    """Return the region's model, or an unsaved one with the defaults."""
    return TravelModel.objects.filter(region_id=region_id).first() or TravelModel(region_id=region_id)


def last_change(model: TravelModel) -> StateChange | None:
    """Return who changed the model last, and when."""
    changes = StateChange.objects.filter(subject=TravelModel._meta.label_lower, subject_id=model.pk)
    return changes.order_by("-at").first()


def examples(model: TravelModel) -> list[Example]:
    """Return what the model says of a few distances."""
    zero = np.zeros(len(EXAMPLES))
    found = minutes(zero, zero, np.array(EXAMPLES) / KM_PER_DEGREE, zero, model)
    return [
        Example(km, int(each), bool(each >= model.far_minutes), bool(beyond))
        for km, each, beyond in zip(EXAMPLES, found, out_of_reach(found, model), strict=True)
    ]


def out_of_reach(journeys: Minutes, model: TravelModel) -> NDArray[np.bool_]:
    """Tell which journeys are longer than the region allows; an unknown one never is."""
    return journeys > (model.limit_minutes or LONGEST)


def reach(model: TravelModel, *, region_id: UUID) -> Reach:
    """Return how many pairs of the region the model calls far, and how many it puts out of reach. Two queries."""
    schools = _points(SchoolUnit.objects.filter(region_id=region_id).values_list("latitude", "longitude"))
    offering = Workplace.objects.filter(region_id=region_id, slots__status=SlotStatus.PUBLISHED).distinct()
    workplaces = _points(offering.values_list("latitude", "longitude"))
    known, there = schools[~np.isnan(schools[:, 0])], workplaces[~np.isnan(workplaces[:, 0])]
    taken = _matrix(known, there, model)
    beyond = out_of_reach(taken, model)
    return Reach(
        pairs=taken.size,
        far=int((taken >= model.far_minutes).sum()),
        out_of_reach=int(beyond.sum()),
        schools_cut=int(beyond.all(axis=1).sum()) if there.size else 0,
        unknown=len(schools) - len(known) + len(workplaces) - len(there),
    )


def _points(rows: Iterable[tuple[float | None, float | None]]) -> Coordinates:
    found = [(np.nan, np.nan) if None in row else row for row in rows]
    return np.array(found, np.float64).reshape(-1, 2)


def _matrix(schools: Coordinates, workplaces: Coordinates, model: TravelModel) -> Minutes:
    """Return minutes from each school (row) to each workplace (column)."""
    here, there = schools[:, np.newaxis, :], workplaces[np.newaxis, :, :]
    return minutes(here[..., 0], here[..., 1], there[..., 0], there[..., 1], model)
