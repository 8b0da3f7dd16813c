"""Very many rows into a tenant table at once, behind the wall.

Postgres refuses COPY into a table with row-level security to the app role. So: COPY into a temporary table of the
same types, then one INSERT … SELECT, whose rows the table's policies, constraints and triggers judge one by one as
ever. The policies were never what made inserts slow (7 of 650 µs a row): objects and thousands of VALUES were.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import numpy as np
from django.db import connection, models
from numpy.typing import NDArray
from psycopg import Copy

from core.tenancy.scopes import require_scope

BLOCK: Final = 10_000
NULL: Final = r"\N"
# As pg_settings tells them: kilobytes, milliseconds. A statement whose worker was killed must not go on for minutes,
# holding its locks: the server looks whether anybody is still there.
_FOR_MANY: Final = {
    "enable_nestloop": "off",
    "work_mem": "131072",
    "client_connection_check_interval": "2000",
}
_SPECIAL: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

Column = Sequence[object] | NDArray[Any]


def copy_rows(
    model: type[models.Model],
    columns: Mapping[str, Column],
    *,
    same: Mapping[str, object] | None = None,
    ignore_conflicts: bool = False,
) -> int:
    """Insert one row for each position of `columns`, in the open transaction. Returns how many were inserted.

    Columns are named as attributes (`learner_id`). A column holds what Postgres reads of `str()`: ids, numbers, dates,
    JSON already made text; None is NULL; ids may be a numpy column of 16 bytes each. `same` gives what every row has
    alike. Anything else gets the model's default, and rows get new keys unless they are given.

    Raises:
        ValueError: the columns differ in length, or a name is no column of the model.
        ProgrammingError: the scope may not write one of the rows. None is written.
    """
    require_scope()
    size = _size(columns)
    if not size:
        return 0
    fields = _fields(model)
    if unknown := sorted({*columns, *(same or {})} - set(fields)):
        raise ValueError(f"{model._meta.label} has no column {', '.join(unknown)}.")
    keys = {name: new_keys(size) for name, field in fields.items() if field.primary_key and name not in columns}
    varying = {**keys, **columns}
    constant = _constants(model, set(varying), same or {})

    def write(copy: Copy) -> None:
        for block in _blocks(list(varying.values()), size):
            copy.write(block)

    return _insert_copied(model, list(varying), constant, write, ending=" ON CONFLICT DO NOTHING" * ignore_conflicts)


def insert_large(model: type[models.Model], **values: object) -> None:
    """Insert one row with binary columns of any size, in the open transaction.

    Their bytes travel by COPY as they are; in a statement they are copied several times over. Columns of what is
    packed already want STORAGE EXTERNAL in their migration, or Postgres tries in vain to compress it again.
    """
    require_scope()
    fields = _fields(model)
    large = [name for name in values if isinstance(fields[name], models.BinaryField)]
    small = _constants(model, set(large), {name: value for name, value in values.items() if name not in large})

    def write(copy: Copy) -> None:
        copy.set_types(["bytea"] * len(large))
        copy.write_row([values[name] for name in large])

    _insert_copied(model, large, small, write, binary=True)


def _insert_copied(
    model: type[models.Model],
    names: Sequence[str],
    constant: Mapping[str, Any],
    write: Callable[[Copy], None],
    *,
    binary: bool = False,
    ending: str = "",
) -> int:
    """Insert rows of the columns `names`, which `write` copies, and of what is constant. Returns how many."""
    fields, table = _fields(model), _quoted(model._meta.db_table)
    copied = ", ".join(_quoted(fields[name].column) for name in names)
    into = ", ".join([copied, *(_quoted(fields[name].column) for name in constant)])
    values = ", ".join([copied, *(f"%s::{fields[name].db_type(connection)}" for name in constant)])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bulk_rows ON COMMIT DROP AS SELECT {copied} FROM {table} WITH NO DATA")  # noqa: S608 -- names of our own tables
        if binary:
            stored = ", ".join(f"ALTER {_quoted(fields[name].column)} SET STORAGE EXTERNAL" for name in names)
            cursor.execute(f"ALTER TABLE bulk_rows {stored}")
        with cursor.copy(f"COPY bulk_rows ({copied}) FROM STDIN{' (FORMAT BINARY)' * binary}") as copy:
            write(copy)
        cursor.execute(f"INSERT INTO {table} ({into}) SELECT {values} FROM bulk_rows{ending}", [*constant.values()])  # noqa: S608 -- names of our own tables
        inserted = int(cursor.rowcount)
        cursor.execute("DROP TABLE bulk_rows")
    return inserted


@contextmanager
def many_rows() -> Iterator[None]:
    """Plan the block's statements for very many rows, of which no statistics may know yet: hash, and never loop.

    Rows written in the open transaction are not in the statistics: a join of them with themselves, planned for a
    handful, would take hours for a country.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_FOR_MANY)])
        before = dict(cursor.fetchall())
        _set(_FOR_MANY)
    yield
    _set(before)


def _set(values: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def new_keys(size: int) -> list[str]:
    """Return new random keys in ascending order: written so, neighbours share the pages of the key's index."""
    return sorted(uuid4().hex for _ in range(size))


def hex_ids(ids: NDArray[Any]) -> list[str]:
    """Return a column of 16-byte ids as text."""
    text = np.ascontiguousarray(ids).tobytes().hex()
    return [text[start : start + 32] for start in range(0, len(text), 32)]


def _size(columns: Mapping[str, Column]) -> int:
    sizes = {len(column) for column in columns.values()}
    if len(sizes) != 1:
        raise ValueError(f"The columns differ in length: {sorted(sizes)}.")
    return sizes.pop()


def _fields(model: type[models.Model]) -> dict[str, Any]:
    return {field.attname: field for field in model._meta.local_concrete_fields}


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _constants(model: type[models.Model], varying: set[str], same: Mapping[str, object]) -> dict[str, Any]:
    """What every row has alike, as the ORM would save it; what the database fills in by itself is left out."""
    example, fields = model(**same), _fields(model)
    saved = {name: field.pre_save(example, add=True) for name, field in fields.items() if name not in varying}
    return {
        name: fields[name].get_db_prep_save(value, connection)
        for name, value in saved.items()
        if not hasattr(value, "resolve_expression")
    }


def _blocks(columns: Sequence[Column], size: int) -> Iterator[str]:
    """The rows as COPY reads them, a block at a time so that the text of them all is never held at once."""
    for start in range(0, size, BLOCK):
        cells = [_texts(column[start : start + BLOCK]) for column in columns]
        yield "\n".join(map("\t".join, zip(*cells, strict=True))) + "\n"


def _texts(column: Column) -> list[str]:
    if isinstance(column, np.ndarray):
        column = hex_ids(column) if column.dtype.kind in "SV" else column.tolist()
    texts = [None if value is None else str(value) for value in column]
    found = "".join(text for text in texts if text)
    if any(sign in found for sign in "\\\t\n\r"):
        texts = [text and text.translate(_SPECIAL) for text in texts]
    return [NULL if text is None else text for text in texts]
