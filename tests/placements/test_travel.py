"""Journeys: known distances, and what is not known."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.travel import LONGEST, UNKNOWN, Origin, apart, between, costs, kilometres, minutes, points, reach_km


@dataclass
class Model:
    speed_kmh: int = 40
    detour_percent: int = 30
    start_minutes: int = 8
    limit_minutes: int | None = None


BORAS, GOTEBORG = (57.721, 12.9401), (57.7089, 11.9746)


def test_a_degree_of_latitude_is_111_kilometres():
    assert kilometres(57, 13, 58, 13).tolist() == pytest.approx([111.195], abs=0.001)
    assert kilometres(0, 179.5, 0, -179.5).tolist() == pytest.approx([111.195], abs=0.001)


def test_minutes_are_a_start_and_the_way():
    # 57.4 km as the crow flies, 74.6 by road, at 40 km/h.
    assert minutes(*BORAS, *GOTEBORG, Model()).tolist() == [120]
    assert minutes(*BORAS, *BORAS, Model()).tolist() == [8]
    assert minutes(*BORAS, *GOTEBORG, Model(speed_kmh=80, detour_percent=0, start_minutes=0)).tolist() == [43]


def test_shapes_are_those_of_the_places_together():
    schools = np.array([BORAS, GOTEBORG])
    found = between(schools[:, np.newaxis], schools[np.newaxis], Model())
    assert found.tolist() == [[8, 120], [120, 8]]
    assert found.dtype == np.int32


def test_an_unknown_place_has_no_journey_and_costs_nothing():
    found = minutes(np.nan, 13.0, np.array([57.0, np.nan]), 13.0, Model())
    assert found.tolist() == [UNKNOWN, UNKNOWN]
    assert costs(np.array([UNKNOWN, 0, 75, 9999], np.int32)).tolist() == [0, 0, 75, 240]
    assert Origin(None, None, Model()).minutes_to(*BORAS) == UNKNOWN
    assert Origin(*BORAS, Model()).minutes_to(57.0, None) == UNKNOWN


def test_the_other_side_of_the_earth_is_far_enough():
    assert minutes(0, 0, 0, 180, Model(speed_kmh=1)).tolist() == [LONGEST]


COORDINATES = st.tuples(st.floats(55, 69), st.floats(11, 24))


@given(COORDINATES, st.lists(COORDINATES, min_size=1, max_size=20), st.builds(Model, st.integers(5, 90)))
def test_one_learner_on_a_page_has_the_minutes_of_the_whole_run(school, workplaces, model):
    together = between(np.array(school), np.array(workplaces), model)
    assert together.tolist() == [Origin(*school, model).minutes_to(*each) for each in workplaces]


@given(
    COORDINATES,
    st.lists(COORDINATES, min_size=1, max_size=20),
    st.builds(Model, st.integers(5, 90)),
    st.integers(0, 300),
)
def test_the_quick_look_never_takes_a_place_within_reach_away(school, workplaces, model, longest):
    ends = np.array(workplaces)
    within = between(np.array(school), ends, model) <= longest
    skipped = apart(points(np.array(school)), points(ends), reach_km(longest, model))
    assert not (within & skipped).any()
