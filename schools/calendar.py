"""The weeks of a school year in which schools are closed, and the public holidays that shorten others."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _
from holidays import country_holidays

from core.weeks import WEEK, monday

AUTUMN_BREAK_WEEK = 44


def school_breaks(start_year: int, *, winter_week: int, easter_before: bool = False) -> dict[date, str]:
    """Return the breaks inside the terms of a school year, by Monday.

    The winter break's week differs between counties; the Easter break lies before or after Easter Sunday as the
    municipality decides.
    """
    good_friday = next(day for day, name in _public(start_year + 1).items() if name == "Långfredagen")
    easter = monday(good_friday) + (timedelta() if easter_before else WEEK)
    return {
        date.fromisocalendar(start_year, AUTUMN_BREAK_WEEK, 1): _("höstlov"),
        date.fromisocalendar(start_year + 1, winter_week, 1): _("sportlov"),
        easter: _("påsklov"),
    }


def public_holidays(weeks: Sequence[date]) -> dict[date, list[str]]:
    """Return the names of the public holidays on working days, by the Monday of their week."""
    found: dict[date, list[str]] = {}
    years = sorted({week.year for week in weeks} | {(week + timedelta(days=4)).year for week in weeks})
    for year in years:
        for day, name in sorted(_public(year).items()):
            if day.weekday() < 5 and monday(day) in weeks:
                found.setdefault(monday(day), []).append(name)
    return found


def _public(year: int) -> dict[date, str]:
    """Sweden's public holidays by name. The Sundays, which the law also counts, are not among them."""
    return {day: str(name) for day, name in country_holidays("SE", years=year, language="sv").items()}
