"""How Postgres is to plan the reading of a round.

It cannot foresee how many rows the wall lets through, and guesses one in two hundred: for a small round that is right
enough, but for a country it looks every learner's list up by itself instead of reading the tables once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection
from django.db.models import Sum
from psycopg.pq import TransactionStatus

from placements.models import Round, RoundPeriod

MANY_LEARNERS: Final = 20_000
_SET: Final = "SELECT set_config('enable_nestloop', %s, true), set_config('work_mem', %s, true)"
_SHOW: Final = "SELECT current_setting('enable_nestloop'), current_setting('work_mem')"


@contextmanager
def planned_for(round: Round) -> Iterator[None]:
    """Read whole tables inside the block where the round is most of them."""
    learners = RoundPeriod.objects.filter(round=round).aggregate(found=Sum("period__learners"))["found"] or 0
    if learners < MANY_LEARNERS:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_SHOW)
        before = cursor.fetchone()
        cursor.execute(_SET, ["off", "64MB"])
    try:
        yield
    finally:
        if connection.connection.info.transaction_status == TransactionStatus.INTRANS:
            with connection.cursor() as cursor:
                cursor.execute(_SET, before)
