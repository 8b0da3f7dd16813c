"""How Postgres is to plan the reading of a round.

It cannot foresee how many rows the wall lets through, and guesses one in two hundred: for a small round that is right
enough, but for a country it looks every learner's list up by itself instead of reading the tables once.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

from django.db.models import Sum

from core.bulk import many_rows
from placements.models import Round, RoundPeriod

MANY_LEARNERS: Final = 20_000


@contextmanager
def planned_for(round: Round) -> Iterator[None]:
    """Read whole tables inside the block where the round is most of them."""
    learners = RoundPeriod.objects.filter(round=round).aggregate(found=Sum("period__learners"))["found"] or 0
    with many_rows() if learners >= MANY_LEARNERS else nullcontext():
        yield
