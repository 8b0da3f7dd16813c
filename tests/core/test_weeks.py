"""Weeks as people in Swedish schools say them."""

from datetime import date

import pytest

from core.weeks import (
    Term,
    range_days,
    range_label,
    runs,
    school_year,
    school_year_label,
    term_from_code,
    term_of,
    week_days,
    week_label,
)

W15, W16, W18 = date(2027, 4, 12), date(2027, 4, 19), date(2027, 5, 3)


@pytest.mark.parametrize(
    ("weeks", "label"),
    [([], ""), ([W15], "v. 15"), ([W15, W16], "v. 15–16"), ([W16, W18, W15], "v. 15–16 och 18")],
)
def test_range_label(weeks, label) -> None:
    assert range_label(weeks) == label.replace("v. ", "v.\u00a0")


def test_runs_cross_the_year_with_a_week_53() -> None:
    assert runs([date(2026, 12, 28), date(2027, 1, 4)]) == [(date(2026, 12, 28), date(2027, 1, 4))]


def test_week_label_of_week_53() -> None:
    assert week_label(date(2026, 12, 28)) == "v.\u00a053"


def test_working_days_of_several_weeks() -> None:
    found = range_days([W15, W16]), range_days([W15, W18])
    assert found == ("12–23 april", "12–16 april, 3–7 maj")


def test_week_days_over_a_month() -> None:
    assert (week_days(W15), week_days(date(2026, 9, 28))) == ("12–16 april", "28 september–2 oktober")


@pytest.mark.parametrize(("day", "year"), [(date(2026, 6, 30), 2025), (date(2026, 7, 1), 2026)])
def test_school_year_turns_on_the_first_of_july(day, year) -> None:
    assert school_year(day) == year


def test_school_year_label() -> None:
    assert (school_year_label(2026), school_year_label(2099)) == ("2026/27", "2099/00")


def test_terms() -> None:
    spring = term_of(date(2027, 3, 4))
    assert (spring, spring.code, spring.next(), term_from_code("vt2027")) == (
        Term(2027, autumn=False),
        "vt2027",
        Term(2027, autumn=True),
        spring,
    )


@pytest.mark.parametrize("code", ["", "xx2027", "vt27", "vt20270", "vtabcd"])
def test_term_from_a_bad_code(code) -> None:
    assert term_from_code(code) is None
