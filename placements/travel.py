"""How long it takes to get there: estimated from the distance, by a region's own speed. Pure.

The same functions serve one learner on a page and all schools × workplaces of a run, so that both say the same.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Minutes = NDArray[np.int32]

EARTH_KM = 6371.0088
UNKNOWN = -1
LONGEST = 9_999
# Beyond four hours one more minute makes no place worse than another.
MOST_COUNTED = 240


class Travel(Protocol):
    """What `TravelModel` says of a region."""

    speed_kmh: int
    detour_percent: int
    start_minutes: int
    limit_minutes: int | None


def minutes(from_lat: ArrayLike, from_lon: ArrayLike, to_lat: ArrayLike, to_lon: ArrayLike, model: Travel) -> Minutes:
    """Return whole minutes one way, int32, in the shape the coordinates give together; UNKNOWN where one is NaN."""
    distance = kilometres(from_lat, from_lon, to_lat, to_lon)
    estimate = np.round(model.start_minutes + distance * _minutes_per_km(model))
    known = ~np.isnan(estimate)
    return np.where(known, np.minimum(np.where(known, estimate, 0), LONGEST), UNKNOWN).astype(np.int32)


def between(start: NDArray[np.float64], end: NDArray[np.float64], model: Travel) -> Minutes:
    """Return `minutes` between places given as [·, 2], or [2]."""
    return minutes(start[..., 0], start[..., 1], end[..., 0], end[..., 1], model)


def kilometres(from_lat: ArrayLike, from_lon: ArrayLike, to_lat: ArrayLike, to_lon: ArrayLike) -> NDArray[np.float64]:
    """Return the distance as the crow flies (haversine), in the shape the coordinates give together."""
    lat, lon, other_lat, other_lon = (
        np.radians(np.atleast_1d(np.asarray(value, np.float64))) for value in (from_lat, from_lon, to_lat, to_lon)
    )
    chord = np.sin((other_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2) ** 2
    distance: NDArray[np.float64] = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(chord, 1)))
    return distance


def reach_km(longest: int, model: Travel) -> float:
    """Return a distance beyond which every journey takes more than `longest` minutes, with some to spare."""
    return max(longest + 1 - model.start_minutes, 0) / _minutes_per_km(model) + 1


def points(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places, [2] or [·, 2], as points on the unit sphere, [3] or [·, 3]; NaN where unknown."""
    lat, lon = np.radians(coordinates[..., 0]), np.radians(coordinates[..., 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def apart(point: NDArray[np.float64], others: NDArray[np.float64], kilometres: float) -> NDArray[np.bool_]:
    """Tell which points are more than so far from one. Quick; never true where a place is unknown."""
    found: NDArray[np.bool_] = others @ point < np.cos(min(kilometres / EARTH_KM, np.pi))
    return found


def _minutes_per_km(model: Travel) -> float:
    return 60 * (100 + model.detour_percent) / (100 * model.speed_kmh)


def costs(travel: Minutes) -> NDArray[np.int64]:
    """Return what journeys cost the objective: their minutes, nothing where they are unknown."""
    return np.clip(travel, 0, MOST_COUNTED).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where journeys begin, and how they are estimated."""

    latitude: float | None
    longitude: float | None
    model: Travel

    def minutes_to(self, latitude: float | None, longitude: float | None) -> int:
        """Return whole minutes one way; UNKNOWN without coordinates at either end."""
        if self.latitude is None or self.longitude is None or latitude is None or longitude is None:
            return UNKNOWN
        return int(minutes(self.latitude, self.longitude, latitude, longitude, self.model)[0])
