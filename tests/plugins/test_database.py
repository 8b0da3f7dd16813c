"""The plugin's own promises, kept with plain SQL so that no model is needed."""

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.utils import timezone


@pytest.mark.django_db
def test_app_role_may_not_truncate() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_session")


@pytest.mark.django_db
def test_app_role_may_not_change_the_schema() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE own_table ()")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_rows_are_emptied_after_each_test(turn: int) -> None:
    assert Session.objects.count() == 0

    Session.objects.create(session_key=f"turn-{turn}", session_data="", expire_date=timezone.now())

    assert Session.objects.count() == 1
