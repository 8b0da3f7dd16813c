"""Small cells: no count of one to four learners can be read, nor worked out from the totals beside it.

A table is its rows with a total each, and a last row of totals. Every count under five is hidden. Then we do what a
curious reader would: work out bounds for each hidden count from the sums of its row and column. While any count is
pinned to one value, the smallest count beside it is hidden as well; with nothing left to hide, we no longer say that
it is under five.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

LIMIT: Final = 5
UNKNOWN: Final = 10**9
NBSP: Final = "\u00a0"

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """A count as it may be shown. `value` is None when it is hidden; `small` tells that it is under five."""

    value: int | None
    small: bool = False

    def __str__(self) -> str:
        if self.value is not None:
            return f"{self.value:,}".replace(",", NBSP)
        return _("färre än 5") if self.small else _("visas inte")

    @property
    def for_sheet(self) -> int | str:
        """Return the number itself for a spreadsheet, or the words in its place."""
        return str(self) if self.value is None else self.value


@dataclass(frozen=True, slots=True)
class ShownTable:
    """Rows of cells, each ending in its total, and the row of totals."""

    rows: list[list[Cell]]
    totals: list[Cell]


def shown_in_full(rows: Sequence[Sequence[int]]) -> ShownTable:
    """Show every count: for those whose own learners they are."""
    *body, totals = ([Cell(value) for value in row] for row in _with_totals(rows))
    return ShownTable(list(body), totals)


def suppressed(rows: Sequence[Sequence[int]], *, hide_grand_total: bool = False) -> ShownTable:
    """Show the counts that reveal nobody. Tables over the same learners get the same row of totals.

    `hide_grand_total` is for a table whose sum would give away a count hidden in another.
    """
    values = _with_totals(rows)
    last, width = len(values) - 1, len(values[0]) - 1
    sums = _Puzzle([values[-1]], fixed={(0, width)})
    if hide_grand_total:
        sums.hidden.add((0, width))
    sums.protect()
    puzzle = _Puzzle(values, fixed={(last, column) for column in range(width + 1)})
    puzzle.hidden |= {(last, column) for _row, column in sums.hidden}
    puzzle.protect()
    *body, totals = puzzle.cells()
    return ShownTable(body, totals)


def _with_totals(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    body = [[*row, sum(row)] for row in rows]
    return [*body, [sum(column) for column in zip(*body, strict=True)]]


Line = list[Place]
Bounds = dict[Place, tuple[int, int]]


@dataclass
class _Puzzle:
    """The table as its reader meets it. `fixed` places may not be hidden to protect others."""

    values: list[list[int]]
    fixed: set[Place]
    hidden: set[Place] = field(init=False)
    vague: set[Place] = field(default_factory=set)

    def __post_init__(self) -> None:
        height, width = len(self.values), len(self.values[0])
        self.rows: list[Line] = [[(row, column) for column in range(width)] for row in range(height)]
        columns = [[(row, column) for row in range(height)] for column in range(width)]
        self.lines = [*self.rows, *columns] if height > 1 else self.rows
        self.hidden = {place for place in self._places() if self._is_small(place)}

    def protect(self) -> None:
        """Hide more until nothing small can be worked out."""
        rows = _Rows(self)
        while True:
            pinning = rows.to_mend() or self._pinning_lines()
            beside = next(filter(None, map(self.left_to_hide, pinning)), None)
            if beside:
                # A nought says more than a large number when it is hidden: it comes last.
                place = min(beside, key=lambda place: (self._value(place) == 0, self._value(place), place))
                self.hidden.add(place)
                rows.read(place[0])
            elif told := {place for line in pinning for place in line if self._is_told_small(place)}:
                self.vague |= told
                for row in {row for row, _column in told}:
                    rows.read(row)
            else:
                return

    def cells(self) -> list[list[Cell]]:
        """Return the table as it may be shown."""
        return [
            [
                Cell(None, small=self._is_told_small((row, column))) if (row, column) in self.hidden else Cell(value)
                for column, value in enumerate(values)
            ]
            for row, values in enumerate(self.values)
        ]

    def _pinning_lines(self) -> list[Line]:
        """Return the lines by which a reader pins hidden counts, if a small one is among them."""
        bounds = {place: self.known(place) for place in self._places()}
        lines = [(line, found) for line in self.lines if (found := self.hidden.intersection(line))]
        pinning: list[Line] = []
        leaks, changed = False, True
        while changed:
            changed = False
            for line, found in lines:
                narrowed = _narrow(line, found, bounds)
                changed |= bool(narrowed)
                pinned = [place for place in narrowed if bounds[place][0] == bounds[place][1]]
                pinning += [line] * len(pinned)
                leaks |= self.leaks(pinned)
        return pinning if leaks else []

    def leaks(self, pinned: Iterable[Place]) -> bool:
        """Tell whether a small count is among these."""
        return any(map(self._is_small, pinned))

    def left_to_hide(self, line: Line) -> Line:
        """Return the places of a line that may yet be hidden."""
        return [place for place in line if place not in self.hidden and place not in self.fixed]

    def _is_told_small(self, place: Place) -> bool:
        return place in self.hidden and place not in self.vague and self._value(place) < LIMIT

    def known(self, place: Place) -> tuple[int, int]:
        """Return what the shown table says of one count by itself."""
        if place not in self.hidden:
            return self._value(place), self._value(place)
        return (0, LIMIT - 1) if self._is_told_small(place) else (0, UNKNOWN)

    def _places(self) -> Iterator[Place]:
        return ((row, column) for row, values in enumerate(self.values) for column in range(len(values)))

    def _value(self, place: Place) -> int:
        return self.values[place[0]][place[1]]

    def _is_small(self, place: Place) -> bool:
        return 0 < self._value(place) < LIMIT


class _Rows:
    """What each row tells by itself: of most tables all there is to mend, and quickly read again when one is changed.

    A reader begins with the rows, in order; so the first that pins a count, and has something left to hide, is the one
    to mend, as long as any row gives a small count away.
    """

    def __init__(self, puzzle: _Puzzle) -> None:
        self._puzzle = puzzle
        self._pinning: set[int] = set()
        self._leaking: set[int] = set()
        self._first = 0
        for row in range(len(puzzle.rows)):
            self.read(row)

    def read(self, row: int) -> None:
        """Read a row whose places have changed."""
        line = self._puzzle.rows[row]
        bounds = {place: self._puzzle.known(place) for place in line}
        narrowed = _narrow(line, self._puzzle.hidden.intersection(line), bounds)
        pinned = [place for place in narrowed if bounds[place][0] == bounds[place][1]]
        self._pinning.discard(row)
        self._leaking.discard(row)
        if pinned and self._puzzle.left_to_hide(line):
            self._pinning.add(row)
        if self._puzzle.leaks(pinned):
            self._leaking.add(row)
        self._first = min(self._first, row)

    def to_mend(self) -> list[Line]:
        """Return the row to mend first, nothing when the rows by themselves do not say."""
        if not self._leaking or not self._pinning:
            return []
        while self._first not in self._pinning:
            self._first += 1
        return [self._puzzle.rows[self._first]]


def _narrow(line: Line, hidden: Iterable[Place], bounds: Bounds) -> list[Place]:
    """Narrow the bounds of a line's hidden counts by its sum, one after the other. Returns those it could."""
    *parts, total = line
    low, high = sum(bounds[one][0] for one in parts), sum(bounds[one][1] for one in parts)
    narrowed = []
    for place in hidden:
        least, most = before = bounds[place]
        if place == total:
            found = max(low, least), min(high, most)
        else:
            found = max(bounds[total][0] - (high - most), least), min(bounds[total][1] - (low - least), most)
            low, high = low + found[0] - least, high + found[1] - most
        if found != before:
            bounds[place] = found
            narrowed.append(place)
    return narrowed
