"""A class of year 9 with a published round: who has which place is given wish by wish."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from django.utils import timezone

from core.weeks import WEEK, monday, today
from employers.models import Slot
from schools.models import PlacementPeriod, SchoolUnit
from tests.factories.placed import place
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_class, make_learner, make_period

Place = tuple[str, int | None]  # sex, rank; rank 0 is unplaced and None outside the wishes


@pytest.fixture
def published_class() -> Callable[..., PlacementPeriod]:
    """Make a class whose learners got places: `places` holds (sex, rank) for each. Call while seeding."""

    def make(
        school: SchoolUnit, slot: Slot, places: Sequence[Place], weeks: Sequence[date] | None = None, name: str = "9A"
    ) -> PlacementPeriod:
        weeks = weeks or [monday(today()) + WEEK * 2, monday(today()) + WEEK * 3]
        school_class = make_class(school, name, grade_level=9)
        learners = [make_learner(school_class, sex=sex) for sex, _rank in places]
        period = make_period(school_class, weeks)
        made = make_round(period, phase="closed", published_at=timezone.now())
        for learner, (_sex, rank) in zip(learners, places, strict=True):
            make_choices(made, learner, [slot])
            if rank != 0:
                place(learner, period, made, slot, weeks, rank)
        return period

    return make
