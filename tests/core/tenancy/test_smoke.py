import pytest
from django.db import connection
@pytest.mark.django_db
def test_migrated():
    with connection.cursor() as c:
        c.execute("select tablename, policyname, cmd, qual, with_check from pg_policies where schemaname='public' order by 1,2")
        rows = c.fetchall()
    assert len(rows) > 50
