"""Rounds and choices in any phase."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from core.weeks import today
from employers.models import Slot
from placements.enums import RunPolicy
from placements.models import AllocationRun, Assignment, Choice, ChoiceList, Round, RoundPeriod, RunFile
from schools.models import Learner, PlacementPeriod

PHASES = {
    "planned": (1, 2, 3),
    "viewing": (-1, 1, 2),
    "choosing": (-2, -1, 1),
    "closed": (-3, -2, -1),
    "published": (-4, -3, -2),
}


def make_round(*periods: PlacementPeriod, phase: str = "choosing", **fields: Any) -> Round:
    """A round in one of PHASES: days from now to view, choose and close."""
    now, first = timezone.now(), periods[0]
    view, choose, close = (now + timedelta(days=days) for days in PHASES[phase])
    values: dict[str, Any] = {
        "title": "Prao åk 8",
        "view_at": view,
        "choose_at": choose,
        "close_at": close,
        "confirm_on": today() + timedelta(days=14),
        "seed": "norrang-2026",
        "published_at": now if phase == "published" else None,
    }
    made = Round.objects.create(
        region_id=first.region_id,
        authority_id=first.authority_id,
        school_unit_id=first.school_unit_id,
        **{**values, **fields},
    )
    for period in periods:
        add_period(made, period)
    return made


def add_period(made: Round, period: PlacementPeriod) -> RoundPeriod:
    return RoundPeriod.objects.create(
        region_id=made.region_id, authority_id=made.authority_id, round=made, period=period
    )


def make_choices(made: Round, learner: Learner, slots: Sequence[Slot], *, submitted: bool = True) -> ChoiceList:
    now = timezone.now()
    choices = ChoiceList.objects.create(
        region_id=made.region_id,
        authority_id=made.authority_id,
        round=made,
        learner=learner,
        saved_at=now,
        submitted_at=now if submitted else None,
    )
    for rank, slot in enumerate(slots, start=1):
        Choice.objects.create(
            region_id=made.region_id,
            authority_id=made.authority_id,
            choice_list=choices,
            learner=learner,
            slot=slot,
            rank=rank,
        )
    return choices


def make_run(made: Round, **fields: Any) -> AllocationRun:
    values: dict[str, Any] = {"number": made.runs.count() + 1, "is_trial": False, "seed": made.seed}
    return AllocationRun.objects.create(
        region_id=made.region_id, authority_id=made.authority_id, round=made, **{**values, **fields}
    )


def make_assignment(run: AllocationRun, learner: Learner, period: PlacementPeriod, slot: Slot | None, rank: int | None):
    return Assignment.objects.create(
        region_id=run.region_id,
        authority_id=run.authority_id,
        run=run,
        learner=learner,
        period=period,
        slot=slot,
        rank=rank,
        reason="" if slot else "shortage",
    )


def make_run_file(run: AllocationRun) -> RunFile:
    return RunFile.objects.create(
        region_id=run.region_id, authority_id=run.authority_id, run=run, problem=b"problem", result=b"result"
    )


def make_figures(school_class: Any, week_on: date) -> dict[str, Any]:
    """The figures of a finished run of one class: three learners, one of them without a place."""
    unit = school_class.school_unit
    row = {"learners": 3, "placed": 2, "first": 1, "school": unit.name}
    policy = {"placed": 2, "first": 1, "first_to_third": 2, "furthest": 2, "outside": 0, "moves": 0}
    return {
        "learners": 3, "placed": 2, "by_rank": {"1": 1, "2": 1}, "first": 1, "first_to_third": 2, "furthest": 2,
        "outside": 0, "locked": 1, "moved": 0, "unplaced": {"shortage": 1}, "shortage": {"learners": 3, "seats": 2},
        "unsent": 1, "silent": 1, "placed_before": 0, "arcs": 6, "seats": 2, "seconds": 0.1,
        "schools": [{"id": str(unit.pk), "name": unit.name, **row, "unplaced": {"shortage": 1}}],
        "classes": [{"id": f"{unit.pk}:{school_class.name}", "name": school_class.name, **row}],
        "policies": {name: {**policy, "moves": moves} for moves, name in enumerate(RunPolicy.values)},
        "pieces": [
            {"learners": 3, "seats": 2, "weeks": [str(week_on)], "schools": [unit.name], "more_schools": 0}
        ],
        "helps": {"week": [[str(week_on), 1]], "trade": [["craft", 1]], "municipality": [["Borås", 1]]},
    }  # fmt: skip
