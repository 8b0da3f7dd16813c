"""How a week stands beside its number in the grid: its days, and how many of them are working days."""

from collections.abc import Iterable
from datetime import date, timedelta

import holidays
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def week_notes(weeks: Iterable[date]) -> dict[date, str]:
    """Return "5–9 okt" for every week, and "29 mar–2 apr, 4 dagar" for one with public holidays."""
    listed = list(weeks)
    red = holidays.country_holidays(
        "SE", years={week.year + n for week in listed for n in (0, 1)}, include_sundays=False
    )
    return {week: _note(week, sum(day not in red for day in _days(week))) for week in listed}


def _note(week: date, working: int) -> str:
    friday = week + timedelta(days=4)
    first = str(week.day) if week.month == friday.month else date_format(week, "j M").lower().rstrip(".")
    days = f"{first}–{date_format(friday, 'j M').lower().rstrip('.')}"
    if working == len(_days(week)):
        return days
    count = ngettext("%(n)d dag", "%(n)d dagar", working) % {"n": working}
    return _("%(days)s, %(count)s") % {"days": days, "count": count}


def _days(week: date) -> list[date]:
    return [week + timedelta(days=n) for n in range(5)]
