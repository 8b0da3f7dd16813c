"""Files and pasted text become rows of plain texts, however they were saved."""

from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import pytest
from openpyxl import Workbook

from schools.services.tables import MAX_ROWS, MAX_UNPACKED_BYTES, UnreadableFile, read_file, read_text

ROWS = [["Förnamn", "Efternamn"], ["Åsa", "Öberg"]]


def workbook(rows):
    book, out = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_any_encoding_and_delimiter(encoding, delimiter):
    text = "\r\n".join(delimiter.join(row) for row in ROWS)
    assert read_file(text.encode(encoding)) == ROWS


def test_quoted_cells_keep_their_delimiter():
    assert read_text('Förnamn;Efternamn\n"Åsa; Karin";Öberg') == [ROWS[0], ["Åsa; Karin", "Öberg"]]


def test_workbook_gives_dates_as_text_and_whole_numbers_without_decimals():
    content = workbook([["Född", "Nr"], [date(2012, 5, 4), 3.0], [None, "x"]])
    assert read_file(content) == [["Född", "Nr"], ["2012-05-04", "3"], ["", "x"]]


def test_empty_rows_keep_their_number_and_trailing_ones_go():
    assert read_text("a;b\n;\nc;d\n;\n") == [["a", "b"], [], ["c", "d"]]


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_unread():
    out = BytesIO(workbook(ROWS))
    with ZipFile(out, "a", ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/huge.xml", b" " * (MAX_UNPACKED_BYTES + 1))

    with pytest.raises(UnreadableFile) as refused:
        read_file(out.getvalue())

    assert isinstance(refused.value.__cause__, BadZipFile)


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 not a workbook", b"\xd0\xcf\x11\xe0 old excel", b"\x89PNG\x00\x00", b"a;b\n" * (MAX_ROWS + 2)],
)
def test_what_is_not_a_class_list_is_refused(content):
    with pytest.raises(UnreadableFile):
        read_file(content)
