"""The measures as one aligned table of plain text."""

from collections.abc import Sequence
from typing import Final

from dashboards.benchmark.measuring import Row

HEAD: Final = ("what", "size", "median", "p95", "queries", "peak memory", "rate")
LEFT: Final = 2
NOTE: Final = (
    "Peak memory: what Python held at most, by tracemalloc in a run of its own; with * the resident memory of the\n"
    "whole process, which has the solver's own in it. Queries: the most in any repeat."
)


def table(rows: Sequence[Row]) -> str:
    """Return the note, the head and a line for each row; words to the left, numbers to the right."""
    return f"{NOTE}\n\n{aligned([HEAD, *(_cells(row) for row in rows)], left=LEFT)}"


def aligned(cells: Sequence[Sequence[str]], *, left: int) -> str:
    """Return lines with a rule under the first: the `left` first columns flush left, the others flush right."""
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(_placed(line, widths, left)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _placed(line: Sequence[str], widths: Sequence[int], left: int) -> list[str]:
    return [
        text.ljust(width) if column < left else text.rjust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]


def _cells(row: Row) -> tuple[str, ...]:
    memory = "" if row.memory is None else f"{row.memory / 2**20:.1f} MB{'*' if row.whole_process else ' '}"
    rate = f"{row.each / row.median:.0f}/s" if row.each else ""
    return (row.what, row.size, _time(row.median), _time(row.p95), str(row.queries), memory, rate)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def thousands(number: int) -> str:
    """Return "252 000"."""
    return f"{number:,}".replace(",", " ")
