from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from core.weeks import WEEK
from placements.enums import RoundPhase
from placements.models import Round
from placements.selectors.rounds import (
    NAMES_SHOWN,
    bookable_periods,
    class_labels,
    learners_in_round,
    phase,
    proposed_dates,
    round_rows,
    rounds_of,
)
from schools.enums import ProtectionMode
from tests.factories.employers import make_employer, make_slot, make_workplace
from tests.factories.placements import PHASES, make_choices, make_round
from tests.factories.schools import make_class, make_learner, make_period

NOW = datetime(2027, 3, 4, 12, tzinfo=timezone.get_default_timezone())


def a_round(**fields):
    values = {"view_at": -3, "choose_at": -2, "close_at": -1}
    return Round(**{name: NOW + timedelta(days=fields.get(name, days)) for name, days in values.items()})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"view_at": 1, "choose_at": 2, "close_at": 3}, RoundPhase.PLANNED),
        ({"view_at": 0, "choose_at": 1, "close_at": 3}, RoundPhase.VIEWING),
        ({"choose_at": 0, "close_at": 3}, RoundPhase.CHOOSING),
        ({"close_at": 0}, RoundPhase.CLOSED),
    ],
)
def test_phase_follows_the_clock(fields, expected):
    assert phase(a_round(**fields), NOW) == expected


def test_phase_knows_of_publishing_and_of_the_weeks():
    found = a_round()
    found.published_at = NOW
    assert phase(found, NOW) == RoundPhase.CONFIRMING
    assert phase(found, NOW, [date(2027, 3, 1), date(2027, 3, 8)]) == RoundPhase.STARTED
    assert phase(found, NOW, [date(2027, 2, 22)]) == RoundPhase.FINISHED
    assert phase(found, NOW, [date(2027, 3, 8)]) == RoundPhase.CONFIRMING


def test_dates_are_proposed_by_the_year_wheel():
    first = date(2027, 6, 7)
    dates = proposed_dates(first, NOW)
    days = [timezone.localdate(at) for at in (dates.view_at, dates.choose_at, dates.close_at)]
    assert days == [first - 7 * WEEK, first - 6 * WEEK, first - 6 * WEEK + timedelta(days=11)]
    assert dates.confirm_on == first - 3 * WEEK + timedelta(days=4)


@pytest.mark.parametrize("ahead", [2, 3, 4, 5, 6, 7, 10])
def test_proposed_dates_hold_however_late_it_is(ahead):
    first = date(2027, 3, 1) + ahead * WEEK
    dates = proposed_dates(first, NOW)
    assert dates.view_at <= dates.choose_at < dates.close_at
    assert timezone.localdate(dates.close_at) < dates.confirm_on < first


def test_learners_with_a_protected_identity_are_outside_the_round(school_class, weeks, scoped):
    make_learner(school_class, protection_mode=ProtectionMode.OUTSIDE)
    make_learner(school_class, protection_mode=ProtectionMode.ALIAS)
    found = make_round(make_period(school_class, weeks))
    assert learners_in_round(found).count() == 3


def test_periods_in_a_round_or_in_the_past_cannot_be_booked(school, school_class, weeks, scoped):
    taken, free = make_period(school_class, weeks), make_period(make_class(school, "8E"), weeks)
    make_period(make_class(school, "8F"), [week - 40 * WEEK for week in weeks])
    make_round(taken)
    assert [found.period for found in bookable_periods(school.organisation)] == [free]


@pytest.mark.parametrize("name", list(PHASES))
def test_builders_make_rounds_of_each_phase(name, school_class, weeks, scoped):
    expected = {"published": RoundPhase.CONFIRMING}.get(name, name)
    assert phase(make_round(make_period(school_class, weeks), phase=name), timezone.now()) == expected


def test_many_classes_are_counted_instead_of_named():
    names = ["8A"] * (NAMES_SHOWN + 1)
    assert [class_labels(names[1:], 1), class_labels(names, 1), class_labels(names, 4)] == [
        ", ".join(names[1:]),
        "13 klasser",
        "13 klasser på 4 skolor",
    ]


def test_a_row_counts_its_learners_and_their_lists(school, school_class, learner, region, weeks, scoped):
    slot = make_slot(make_workplace(make_employer(region)))
    make_learner(school_class, protection_mode=ProtectionMode.OUTSIDE)
    found = make_round(make_period(school_class, weeks), make_period(make_class(school, "8E", learners=2), weeks))
    make_choices(found, learner, [slot, make_slot(slot.workplace)])
    make_choices(found, make_learner(school_class), [slot, make_slot(slot.workplace)], submitted=False)
    make_choices(found, make_learner(school_class), [], submitted=False)
    [row] = round_rows(rounds_of(school.organisation), timezone.now())
    assert (row.labels, list(row.weeks)) == ("8D, 8E", list(weeks))
    assert (row.learners, row.submitted, row.saved, row.not_started) == (8, 1, 1, 6)
