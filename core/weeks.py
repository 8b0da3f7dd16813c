"""ISO weeks. A week is the date of its Monday everywhere in the code, and "v. 41" everywhere on a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

WEEK = timedelta(days=7)
NBSP = "\u00a0"
SCHOOL_YEAR_MONTH = 7  # the school year runs from 1 July to 30 June


def today() -> date:
    """Return today's date in Sweden."""
    return timezone.localdate()


def monday(day: date) -> date:
    """Return the Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def week_number(week_on: date) -> int:
    """Return the ISO week number."""
    return week_on.isocalendar().week


def week_label(week_on: date) -> str:
    """Return "v. 41", with a space that does not break."""
    return _numbered(str(week_number(week_on)))


def and_list(parts: Sequence[str]) -> str:
    """Return "8", "8 och 9" or "7, 8 och 9"; at least one part."""
    if len(parts) == 1:
        return parts[0]
    return _("%(first)s och %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def _numbered(numbers: str) -> str:
    return NBSP.join((_("v."), numbers))


def week_days(week_on: date) -> str:
    """Return the working days of a week: "12–16 oktober" or "28 september–2 oktober"."""
    return _days(week_on, week_on)


def range_days(weeks: Iterable[date]) -> str:
    """Return the working days of several weeks: "12–23 april", one range for each unbroken run."""
    return ", ".join(_days(first, last) for first, last in runs(weeks))


def _days(first: date, last: date) -> str:
    """Return the days from the Monday of one week to the Friday of another."""
    from django.utils.formats import date_format  # noqa: PLC0415 -- keeps this module importable without settings

    friday = last + timedelta(days=4)
    start = str(first.day) if first.month == friday.month else date_format(first, "j F")
    return f"{start}–{date_format(friday, 'j F')}"


def runs(weeks: Iterable[date]) -> list[tuple[date, date]]:
    """Group Mondays into unbroken runs of (first, last)."""
    found: list[tuple[date, date]] = []
    for week_on in sorted(set(weeks)):
        if found and week_on - found[-1][1] == WEEK:
            found[-1] = (found[-1][0], week_on)
        else:
            found.append((week_on, week_on))
    return found


def range_label(weeks: Iterable[date]) -> str:
    """Return "v. 41", "v. 15–16" or "v. 39–40 och 47"; an empty string for no weeks."""
    parts = [
        str(week_number(first)) if first == last else f"{week_number(first)}–{week_number(last)}"
        for first, last in runs(weeks)
    ]
    if not parts:
        return ""
    return _numbered(and_list(parts))


def weeks_between(first: date, last: date) -> list[date]:
    """Return the Mondays from the week of `first` to the week of `last`, both included."""
    start, count = monday(first), (monday(last) - monday(first)).days // 7
    return [start + WEEK * step for step in range(count + 1)]


def school_year(day: date) -> int:
    """Return the calendar year in which the day's school year begins."""
    return day.year if day.month >= SCHOOL_YEAR_MONTH else day.year - 1


def school_year_label(start: int) -> str:
    """Return "2026/27"."""
    return f"{start}/{(start + 1) % 100:02d}"


@dataclass(frozen=True, slots=True)
class Term:
    """A school term: autumn (HT) of `year`, or spring (VT) of `year`."""

    year: int
    autumn: bool

    @property
    def weeks(self) -> Sequence[date]:
        """Mondays: v. 34–51 in the autumn, v. 2–24 in the spring."""
        first, last = (34, 51) if self.autumn else (2, 24)
        return weeks_between(date.fromisocalendar(self.year, first, 1), date.fromisocalendar(self.year, last, 1))

    @property
    def label(self) -> str:
        """Return "höstterminen 2026"."""
        name = _("höstterminen") if self.autumn else _("vårterminen")
        return f"{name} {self.year}"

    @property
    def code(self) -> str:
        """Return "ht2026", as it stands in a URL."""
        return f"{'ht' if self.autumn else 'vt'}{self.year}"

    def next(self) -> "Term":
        """Return the term after this."""
        return Term(self.year + 1, autumn=False) if self.autumn else Term(self.year, autumn=True)


def term_of(day: date) -> Term:
    """Return the term the day falls in; from 1 July the autumn counts."""
    return Term(day.year, autumn=day.month >= SCHOOL_YEAR_MONTH)


def term_from_code(code: str) -> Term | None:
    """Read "ht2026"; None when it is not a term."""
    kind, year = code[:2], code[2:]
    return (
        Term(int(year), autumn=kind == "ht") if kind in ("ht", "vt") and year.isdecimal() and len(year) == 4 else None
    )
