"""Scopes: on whose behalf the current transaction reads and writes.

A scope lives twice: in a ContextVar, which the managers ask before any query, and in transaction-local
settings (`app.region`, `app.authority`, `app.employer`, `app.learner`, `app.party`), which the row policies read.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

logger = logging.getLogger("bryggan.tenancy")


class NoScope(RuntimeError):
    """A tenant table was read or written while nobody had said on whose behalf."""


class Party(StrEnum):
    """Which side of the table the scope sits on."""

    REGION = "region"
    AUTHORITY = "authority"
    EMPLOYER = "employer"
    LEARNER = "learner"
    SYSTEM = "system"


class SystemReason(StrEnum):
    """The named reasons for stepping outside the wall. Each has one caller, or says why it has more."""

    RESOLVE_ACTOR = "find the memberships of the person who asks"
    SIGN_IN_LEARNER = "find the learner behind a class code and a personal code"
    ANSWER_INVITATION = "find the invitation behind a link"
    OPEN_ANSWER_LINK = "find the placements behind an employer's signed link"
    DELIVER_OUTBOX = "claim, render and send messages of every tenant"
    SWEEP_RUNS = "find allocation runs and season forecasts whose worker was lost"
    TELL_PUBLISHED = "find publishings that can no longer be taken back"
    SEASON_FIGURES = "public figures of a region's season"
    REGION_AGGREGATES = "aggregates for coordinators, cells under five suppressed"
    COUNT_APPLICANTS = "how many wish for each place: numbers only, across the region's schools"
    COUNT_HELD_SEATS = "how many seats an authority's learners hold at a slot: numbers only, when seats are kept for it"
    SEED = "build a demo region"
    BENCHMARK = "build and measure a scratch database"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a transaction may touch. Ids are those of the organisations (and of the learner)."""

    party: Party
    region: UUID | None
    authority: UUID | None = None
    employer: UUID | None = None
    learner: UUID | None = None


_current: ContextVar[Scope | None] = ContextVar("tenancy_scope", default=None)

_SET = (
    "SELECT set_config('app.region', %s, true), set_config('app.authority', %s, true),"
    " set_config('app.employer', %s, true), set_config('app.learner', %s, true), set_config('app.party', %s, true)"
)


def current_scope() -> Scope | None:
    """Return the scope in force, or None."""
    return _current.get()


def require_scope() -> Scope:
    """Return the scope in force.

    Raises:
        NoScope: nobody has opened one.
    """
    found = _current.get()
    if found is None:
        raise NoScope("Open core.tenancy.scope(…) before touching a tenant table.")
    return found


@contextmanager
def scope(value: Scope) -> Iterator[Scope]:
    """Act as `value` inside the block, in the open transaction or in one of its own.

    The earlier scope is restored on the way out, since a released savepoint keeps what SET LOCAL set in it.
    """
    with ExitStack() as stack:
        if not connection.in_atomic_block:
            stack.enter_context(transaction.atomic())
        before = _current.get()
        token = _current.set(value)
        _apply(value)
        try:
            yield value
        finally:
            _current.reset(token)
            if _usable():
                _apply(before)


@contextmanager
def system_scope(reason: SystemReason, *, region: UUID | None = None) -> Iterator[Scope]:
    """See every tenant's rows (or one region's) for a named reason. Logged; the callers are counted by a test."""
    logger.info("system scope", extra={"reason": reason.name})
    with scope(Scope(party=Party.SYSTEM, region=region)) as opened:
        yield opened


def _apply(value: Scope | None) -> None:
    """Write the settings the row policies read; None clears them, and then no row is visible."""
    parts = (value.region, value.authority, value.employer, value.learner) if value else (None,) * 4
    party = value.party.value if value else ""
    with connection.cursor() as cursor:
        cursor.execute(_SET, [*("" if part is None else str(part) for part in parts), party])


def _usable() -> bool:
    """Tell whether the transaction still takes commands; a failed one loses its settings by rolling back."""
    raw = connection.connection
    return raw is not None and not raw.closed and raw.info.transaction_status == TransactionStatus.INTRANS
