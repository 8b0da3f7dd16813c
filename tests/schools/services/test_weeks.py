"""Weeks are booked when nothing speaks against it, and given back until something does."""

from datetime import timedelta

import pytest

from accounts.enums import PlacementKind
from core.weeks import WEEK, monday, today, week_label
from schools.models import PeriodWeek, PlacementPeriod
from schools.services.weeks import CannotBook, PeriodInUse, book_weeks, unbook
from tests.factories.placements import make_round
from tests.factories.schools import make_class, make_closed_week, make_learner, make_period


@pytest.fixture
def book(school, as_org, actor_of):
    def run(school_class, weeks):
        with as_org(school):
            return book_weeks(school_class=school_class, weeks=weeks, kind=PlacementKind.PRAO, actor=actor_of(school))

    return run


def test_booking_keeps_label_head_count_and_weeks(book, school_class, school, as_org, weeks):
    period = book(school_class, weeks)
    with as_org(school):
        booked = list(PeriodWeek.objects.order_by("week_on").values_list("week_on", flat=True))
    assert (period.label, period.learners, period.kind, booked) == ("8D", 3, "prao", weeks)


def test_learners_only_counted_need_places_too(book, school_class, school, as_org, seeding, weeks):
    with seeding():
        make_learner(school_class, protection_mode="outside_system")
    assert book(school_class, weeks).learners == 4


def test_weeks_apart_can_be_one_booking(book, school_class, school, as_org, weeks):
    book(school_class, [weeks[0], weeks[0] + 3 * WEEK])
    with as_org(school):
        assert PeriodWeek.objects.count() == 2


@pytest.mark.parametrize("ago", [0, 1])
def test_weeks_that_have_begun_are_refused(book, school_class, ago):
    week = monday(today()) - ago * WEEK
    with pytest.raises(CannotBook) as caught:
        book(school_class, [week])
    assert str(caught.value) == f"Det går inte att boka {week_label(week)}, som redan har börjat. Välj en senare vecka."


def test_closed_weeks_are_refused_with_their_reason(book, school_class, region, seeding, weeks):
    with seeding():
        make_closed_week(region, weeks[0], "sportlov", ["1490"])
    with pytest.raises(CannotBook) as caught:
        book(school_class, weeks)
    assert str(caught.value) == f"Sportlov {week_label(weeks[0])}, då är skolan stängd. Välj veckor före eller efter."


def test_a_break_in_another_municipality_hinders_nobody_here(book, school_class, region, seeding, weeks):
    with seeding():
        make_closed_week(region, weeks[0], "sportlov", ["1463"])
    assert book(school_class, weeks).learners == 3


def test_a_class_cannot_be_booked_twice_the_same_week(book, school_class, weeks):
    book(school_class, weeks)
    with pytest.raises(CannotBook):
        book(school_class, [weeks[1], weeks[1] + WEEK])


def test_a_class_without_learners_is_refused(book, school, seeding, weeks):
    with seeding():
        empty = make_class(school, "8E")
    with pytest.raises(CannotBook) as caught:
        book(empty, weeks)
    assert str(caught.value) == "8E har inga elever. Läs in klassens elever först."


def test_no_weeks_are_refused(book, school_class):
    with pytest.raises(CannotBook):
        book(school_class, [])


def test_unbooking_takes_the_period_away(book, school_class, school, as_org, actor_of, weeks):
    period = book(school_class, weeks)
    with as_org(school):
        unbook(period=period, actor=actor_of(school))
        assert (PlacementPeriod.objects.count(), PeriodWeek.objects.count()) == (0, 0)


def test_a_period_in_a_round_cannot_be_unbooked(book, school_class, school, as_org, actor_of, seeding, weeks):
    period = book(school_class, weeks)
    with seeding():
        make_round(period)
    with as_org(school):
        with pytest.raises(PeriodInUse):
            unbook(period=period, actor=actor_of(school))
        assert PeriodWeek.objects.count() == 2


def test_a_period_that_has_begun_cannot_be_unbooked(school_class, school, as_org, actor_of, seeding):
    with seeding():
        period = make_period(school_class, [monday(today() - timedelta(weeks=1))])
    with as_org(school), pytest.raises(PeriodInUse):
        unbook(period=period, actor=actor_of(school))
