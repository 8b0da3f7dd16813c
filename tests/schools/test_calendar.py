"""Breaks and public holidays of a school year."""

from datetime import date

from schools.calendar import public_holidays, school_breaks


def test_breaks_of_a_school_year():
    assert school_breaks(2026, winter_week=7) == {
        date(2026, 10, 26): "höstlov",
        date(2027, 2, 15): "sportlov",
        date(2027, 3, 29): "påsklov",
    }


def test_the_easter_break_may_lie_before_easter():
    assert date(2027, 3, 22) in school_breaks(2026, winter_week=7, easter_before=True)


def test_public_holidays_on_working_days_are_named_by_week():
    weeks = [date(2027, 3, 22), date(2027, 4, 26), date(2027, 5, 3)]
    assert public_holidays(weeks) == {date(2027, 3, 22): ["Långfredagen"], date(2027, 5, 3): ["Kristi himmelsfärdsdag"]}
