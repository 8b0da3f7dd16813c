import random
from collections.abc import Sequence
from itertools import product
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboards import suppression
from dashboards.suppression import Cell, ShownTable, shown_in_full, suppressed


def words(table: ShownTable) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in (*table.rows, table.totals)]


def test_suppressed_leaves_large_counts_and_noughts_alone() -> None:
    assert words(suppressed([[12, 0], [7, 9]])) == [["12", "0", "12"], ["7", "9", "16"], ["19", "9", "28"]]


def test_suppressed_hides_the_next_smallest_of_row_and_column_too() -> None:
    shown = suppressed([[30, 12, 3], [40, 20, 10], [50, 30, 15]])

    assert words(shown) == [
        ["30", "visas inte", "färre än 5", "45"],
        ["40", "visas inte", "visas inte", "70"],
        ["50", "30", "15", "95"],
        ["120", "62", "28", "210"],
    ]


def test_suppressed_hides_four_and_four_when_their_sum_gives_them_away() -> None:
    shown = suppressed([[4, 4, 30], [20, 20, 30]])

    assert [cell.value for cell in shown.rows[0]] == [None, None, None, 38]


def test_suppressed_hides_a_row_whose_total_is_small() -> None:
    shown = suppressed([[2, 1], [20, 30], [40, 50]])

    assert [cell.value for cell in shown.rows[0]] == [None, None, None]
    assert sum(row[2].value is None for row in shown.rows) == 2


def test_suppressed_hides_a_small_total_and_one_beside_it() -> None:
    shown = suppressed([[20, 3], [30, 0]])

    assert shown.totals == [Cell(None), Cell(None, small=True), Cell(53)]


def test_suppressed_hides_the_grand_total_and_one_row_total_when_asked() -> None:
    shown = suppressed([[20, 30], [40, 50]], hide_grand_total=True)

    assert shown.totals[2] == Cell(None)


def test_tables_over_the_same_learners_hide_the_same_totals() -> None:
    first = suppressed([[20, 3, 6], [30, 0, 6]])
    second = suppressed([[25, 1, 0], [25, 2, 12]])

    assert first.totals == second.totals


def test_shown_in_full_shows_all() -> None:
    assert words(shown_in_full([[1, 2]])) == [["1", "2", "3"], ["1", "2", "3"]]


def test_cell_groups_thousands() -> None:
    assert str(Cell(1284)) == "1\u00a0284"


small = st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=2)


@settings(max_examples=100, deadline=None)
@given(small)
@example([[0, 5], [5, 1]])
@example([[0, 4], [0, 4]])
def test_no_small_count_is_the_only_one_that_fits(rows: list[list[int]]) -> None:
    """A reader who tries every table that agrees with what is shown never finds one single answer."""
    shown = suppressed(rows)
    parts = [cell for row in shown.rows for cell in row[:-1]]
    fitting = [found for found in product(*map(possible, parts)) if fits(found, shown)]

    for place, value in enumerate([*rows[0], *rows[1]]):
        if 0 < value < 5:
            assert len({found[place] for found in fitting}) > 1, (rows, words(shown))


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=7)
)


@settings(max_examples=200, deadline=None)
@given(tables, st.booleans())
def test_rows_by_themselves_say_what_the_whole_table_says(rows: list[list[int]], hide: bool) -> None:
    quickly = suppressed(rows, hide_grand_total=hide)
    with patch.object(suppression._Rows, "to_mend", lambda _rows: []):
        assert suppressed(rows, hide_grand_total=hide) == quickly


def test_a_country_of_schools_leaves_no_row_with_one_small_count_hidden() -> None:
    dice = random.Random(1)
    rows = [[dice.randint(20, 60), dice.randint(5, 15), *(dice.randint(0, 6) for _ in range(3))] for _ in range(2_000)]
    shown = suppressed(rows)

    hidden = [[cell for cell in row if cell.value is None] for row in shown.rows]
    assert not [row for row in hidden if len(row) == 1 and row[0].small]


def possible(cell: Cell) -> Sequence[int]:
    if cell.value is not None:
        return [cell.value]
    return range(5) if cell.small else range(15)


def fits(found: tuple[int, ...], shown: ShownTable) -> bool:
    a, b, c, d = found
    sums = [(a + b, shown.rows[0][2]), (c + d, shown.rows[1][2])]
    sums += zip((a + c, b + d, a + b + c + d), shown.totals, strict=True)
    return all(agrees(value, cell) for value, cell in sums)


def agrees(value: int, cell: Cell) -> bool:
    if cell.value is not None:
        return value == cell.value
    return value < 5 or not cell.small
