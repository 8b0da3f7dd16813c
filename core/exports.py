"""Export exactly what a list shows, as xlsx or csv."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table to export: a title, the column heads and the rows."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def export_response(kind: str, filename: str, sheets: Sequence[Sheet]) -> HttpResponse:
    """Return the sheets as a download; `kind` is "xlsx" or "csv" (which holds the first sheet only)."""
    if kind == "csv":
        content, content_type = csv_bytes(sheets[0]), "text/csv; charset=utf-8"
    else:
        content, content_type = xlsx_bytes(sheets), XLSX
    # The name may hold what somebody typed, a quotation mark too.
    name = content_disposition_header(as_attachment=True, filename=f"{filename}.{'csv' if kind == 'csv' else 'xlsx'}")
    headers = {"Content-Disposition": name}
    return HttpResponse(content, content_type=content_type, headers=headers)


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Write a workbook with bold, frozen heads and columns wide enough to read."""
    book = Workbook()
    for number, sheet in enumerate(sheets):
        page = book.create_sheet(sheet.title[:31], number)
        page.append(list(sheet.columns))
        for row in sheet.rows:
            page.append([_cell(value) for value in row])
        for cell in page[1]:
            cell.font = Font(bold=True)
        page.freeze_panes = "A2"
        for place, column in enumerate(page.columns, start=1):
            longest = max(len(str(cell.value or "")) for cell in column)
            page.column_dimensions[get_column_letter(place)].width = min(longest + 2, WIDEST)
    del book["Sheet"]
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def csv_bytes(sheet: Sheet) -> bytes:
    """Write semicolon-separated UTF-8 with a byte-order mark, which Swedish spreadsheets open right."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(sheet.columns)
    writer.writerows([_cell(value) for value in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    """Make a value safe for a spreadsheet: no time zone, no formula smuggled in by a typed text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, (int, float, date)) or value is None:
        return value
    text = str(value)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text
