"""Placements made by hand, without a run."""

from collections.abc import Sequence
from datetime import date, timedelta

from employers.models import Slot
from placements.models import Placement, PlacementWeek, Round
from schools.models import Learner, PlacementPeriod


def place(
    learner: Learner, period: PlacementPeriod, made: Round, slot: Slot, weeks: Sequence[date], rank: int | None
) -> Placement:
    both = {"region_id": learner.region_id, "authority_id": learner.authority_id, "employer_id": slot.employer_id}
    placement = Placement.objects.create(
        **both,
        slot=slot,
        learner=learner,
        school_unit_id=learner.school_unit_id,
        round=made,
        period=period,
        learner_name=str(learner),
        class_name=period.label,
        school_name="Norrängsskolan",
        starts_on=weeks[0],
        ends_on=weeks[-1] + timedelta(days=4),
        rank=rank,
    )
    for week in weeks:
        PlacementWeek.objects.create(
            **both, placement=placement, learner=learner, week_on=week, days=(week, week + timedelta(days=5))
        )
    return placement
