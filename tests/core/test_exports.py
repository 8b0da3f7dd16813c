"""What a spreadsheet gets."""

from datetime import UTC, datetime
from io import BytesIO

from openpyxl import load_workbook

from core.exports import Sheet, csv_bytes, export_response, xlsx_bytes

SHEET = Sheet("Platser", ["Arbetsplats", "Platser"], [["Åsunden Hotell", 3], ["=1+1", None]])


def test_csv_opens_right_in_a_swedish_spreadsheet() -> None:
    assert csv_bytes(SHEET).decode("utf-8-sig").splitlines() == ["Arbetsplats;Platser", "Åsunden Hotell;3", "'=1+1;"]


def test_xlsx_has_the_same_rows_and_no_formula() -> None:
    page = load_workbook(BytesIO(xlsx_bytes([SHEET])))["Platser"]
    assert [[cell.value for cell in row] for row in page] == [
        ["Arbetsplats", "Platser"],
        ["Åsunden Hotell", 3],
        ["'=1+1", None],
    ]


def test_a_formula_behind_white_space_is_text_too() -> None:
    sheet = Sheet("Val", ["Text"], [["\t=1+1"], ["\n@sum"], [" -1"], ["8-9"]])
    read = load_workbook(BytesIO(xlsx_bytes([sheet])))["Val"].iter_rows(min_row=2, values_only=True)
    assert list(read) == [("'\t=1+1",), ("'\n@sum",), ("' -1",), ("8-9",)]


def test_instants_are_written_in_swedish_time() -> None:
    sheet = Sheet("Tider", ["När"], [[datetime(2026, 11, 22, 11, 0, tzinfo=UTC)]])
    assert load_workbook(BytesIO(xlsx_bytes([sheet])))["Tider"]["A2"].value.isoformat() == "2026-11-22T12:00:00"


def test_export_response_names_the_file() -> None:
    response = export_response("csv", "platser", [SHEET])
    assert response["Content-Disposition"] == 'attachment; filename="platser.csv"'


def test_export_response_quotes_what_somebody_typed() -> None:
    response = export_response("csv", 'klass-8";x="y', [SHEET])
    assert response["Content-Disposition"] == 'attachment; filename="klass-8\\";x=\\"y.csv"'
