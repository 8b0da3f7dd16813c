"""The weeks of the demo: terms around a day, breaks, and which weeks schools like."""

from collections.abc import Collection
from datetime import date
from typing import Final

from core.weeks import WEEK, Term, monday, school_year, week_number, weeks_between
from dashboards.demo.dice import shares
from schools.calendar import school_breaks

WINTER_BREAK_WEEK: Final = 7
# How much schools like a week: autumn for year 9, spring for year 8, and everybody wants v. 11, 15 and 19.
LIKED: Final = {
    9: {36: 2, 38: 3, 40: 4, 41: 3, 42: 2, 45: 3, 46: 3, 48: 4, 49: 2, 5: 2, 9: 2, 11: 2},
    8: {41: 1, 47: 1, 4: 1, 5: 2, 9: 2, 11: 5, 12: 1, 15: 9, 17: 2, 19: 15, 21: 1},
}


class SchoolCalendar:
    """The weeks learners may be out in: three terms back and forth from the day, breaks taken out."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.this_week = monday(today)
        self.year = school_year(today)
        self.closed: dict[date, str] = {}
        for year in (self.year - 1, self.year, self.year + 1):
            self.closed |= school_breaks(year, winter_week=WINTER_BREAK_WEEK)
            first, last = date(year, 12, 24), date(year + 1, 1, 6)
            self.closed |= dict.fromkeys(weeks_between(first, last), "jullov")
        terms = [Term(self.year, autumn=False), Term(self.year, autumn=True), Term(self.year + 1, autumn=False)]
        terms.append(Term(self.year + 1, autumn=True))
        usual = [week for term in terms for week in term.weeks[1:-1]]
        self.open = [week for week in usual if week not in self.closed]

    def near(self, steps: int) -> tuple[date, ...]:
        """Return two weeks (one, where a break follows) that begin `steps` open weeks from this one."""
        base = next(index for index, week in enumerate(self.open) if week >= self.this_week)
        return self.pair(self.open[base + steps])

    def pair(self, first: date) -> tuple[date, ...]:
        """Return the week and the next, when both are open."""
        return (first, first + WEEK) if first + WEEK in self.open else (first,)

    def of_year(self) -> list[date]:
        """Return the open weeks of the day's school year."""
        return [week for week in self.open if school_year(week) == self.year]

    def offered(self) -> list[date]:
        """Return the weeks employers are asked for: the school year, and what lies near the day."""
        margin = 9 * WEEK
        return [week for week in self.open if school_year(week) == self.year or abs(week - self.this_week) <= margin]

    def spread(self, grade: int, count: int, *, beside: Collection[date] = ()) -> list[tuple[date, ...]]:
        """Return the weeks that `count` groups of a grade book, as often as the weeks are liked, the dearest first.

        None touches the weeks `beside`.
        """
        liked = LIKED[grade]
        held = [week for week in self.of_year() if week_number(week) in liked and not {*self.pair(week)} & {*beside}]
        weeks = sorted(held, key=lambda week: -liked[week_number(week)])
        parts = shares(count, [liked[week_number(week)] for week in weeks])
        return [self.pair(week) for week, part in zip(weeks, parts, strict=True) for _each in range(part)]
