"""What a child in prao may work, and what anybody may."""

from datetime import time, timedelta

import pytest

from accounts.enums import PlacementKind
from employers.hours import HoursRefused, check_hours, hours_label, working_time

PRAO, APL = PlacementKind.PRAO, PlacementKind.APL


def refused_field(kinds, grades, starts, ends, rest=45) -> str | None:
    try:
        check_hours(kinds=kinds, grades=grades, starts_at=starts, ends_at=ends, break_minutes=rest)
    except HoursRefused as refused:
        return refused.field
    return None


@pytest.mark.parametrize(
    ("starts", "ends", "rest", "field"),
    [
        (time(8), time(15, 45), 45, None),
        (time(8), time(15, 46), 45, "ends_at"),
        (time(6), time(13), 30, None),
        (time(5, 59), time(12), 30, "starts_at"),
        (time(13), time(20), 30, None),
        (time(13, 1), time(20, 1), 30, "ends_at"),
        (time(8), time(12), 29, "break_minutes"),
    ],
)
def test_prao_stays_within_the_law(starts, ends, rest, field):
    assert refused_field([PRAO], [8], starts, ends, rest) == field
    assert refused_field([PRAO, APL], [], starts, ends, rest) == field


def test_others_may_work_longer_days():
    assert refused_field([APL], [11], time(5), time(21), 0) is None


@pytest.mark.parametrize(
    ("starts", "ends", "rest", "field"),
    [(time(9), time(9), 0, "ends_at"), (time(22), time(6), 0, "ends_at"), (time(9), time(10), 60, "break_minutes")],
)
def test_a_day_has_some_work_in_it(starts, ends, rest, field):
    assert refused_field([APL], [11], starts, ends, rest) == field


def test_working_time_leaves_out_the_break():
    assert working_time(time(8), time(15, 30), 45) == timedelta(hours=6, minutes=45)
    assert hours_label(timedelta(hours=6, minutes=45)) == "6 timmar 45 minuter"
    assert hours_label(timedelta(hours=7)) == "7 timmar"
