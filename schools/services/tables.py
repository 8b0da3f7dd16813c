"""Read a spreadsheet, a csv file or pasted text into rows of plain texts."""

import csv
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import DomainError

MAX_ROWS = 400
MAX_COLUMNS = 60
# A small file can unpack to gigabytes; a class list with pictures and styles does not.
MAX_UNPACKED_BYTES = 30_000_000
DELIMITERS = (";", "\t", ",")
ZIP_START, OLD_EXCEL_START = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

Table = list[list[str]]


class UnreadableFile(DomainError):
    """The file is not a table we can read."""

    code = "unreadable_file"


def read_file(content: bytes) -> Table:
    """Read an xlsx or csv file; its first bytes, not its name, say which.

    Raises:
        UnreadableFile: it is neither, or has more rows than a class list can have.
    """
    if content.startswith(OLD_EXCEL_START):
        raise UnreadableFile(_("Filen är i det äldre Excelformatet. Spara den som xlsx eller csv."), field="file")
    if content.startswith(ZIP_START):
        return _bounded(_read_workbook(content))
    return read_text(_decode(content))


def read_text(text: str) -> Table:
    """Read comma, semicolon or tab separated text.

    Raises:
        UnreadableFile: a quotation mark is left open, or there are too many rows.
    """
    lines = text.lstrip("\ufeff").strip("\r\n")
    head = lines.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        return _bounded(list(csv.reader(StringIO(lines, newline=""), delimiter=delimiter)))
    except csv.Error as error:
        message = _("Texten går inte att läsa som en tabell. Spara listan som csv eller xlsx och försök igen.")
        raise UnreadableFile(message, field="file") from error


def _decode(content: bytes) -> str:
    """UTF-8 with or without byte-order mark, UTF-16 with one, or else what older Swedish programs write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise UnreadableFile(_("Filen är inte en tabell. Välj en xlsx- eller csv-fil."), field="file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _read_workbook(content: bytes) -> Table:
    try:
        _refuse_a_bomb(content)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        page = book.worksheets[0]
        rows = page.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
        return [[_text(value) for value in row] for row in rows]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError) as error:
        message = _("Filen går inte att öppna. Spara den på nytt som xlsx eller csv och försök igen.")
        raise UnreadableFile(message, field="file") from error


def _refuse_a_bomb(content: bytes) -> None:
    with ZipFile(BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED_BYTES:
            raise BadZipFile


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _bounded(rows: Table) -> Table:
    """Trim the cells and refuse what cannot be one class; empty rows stay, so that row numbers are the file's own."""
    trimmed = [_trim([" ".join(cell.split()) for cell in row[:MAX_COLUMNS]]) for row in rows]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    if len(trimmed) > MAX_ROWS + 1:
        message = _("Listan har fler än %(most)d rader. Läs in en klass i taget.") % {"most": MAX_ROWS}
        raise UnreadableFile(message, field="file")
    return trimmed


def _trim(row: list[str]) -> list[str]:
    """Drop the empty cells at the end: some spreadsheets have sixty of them."""
    last = max((place for place, cell in enumerate(row, start=1) if cell), default=0)
    return row[:last]
