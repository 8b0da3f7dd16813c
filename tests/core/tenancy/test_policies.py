"""The words of the policies as PostgreSQL holds them."""

import re

from django.db import connection

# PostgreSQL works out a whole sub-select once for a statement. This is a setting that is cast once for every row.
CAST_FOR_EACH_ROW = re.compile(r"NULLIF\(\( SELECT")


def test_no_policy_reads_the_scope_once_for_every_row(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT policyname, concat_ws(' ', qual, with_check) FROM pg_policies")
        found = dict(cursor.fetchall())
    assert len(found) > 100
    assert [name for name, words in found.items() if CAST_FOR_EACH_ROW.search(words)] == []
