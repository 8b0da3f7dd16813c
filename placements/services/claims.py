"""A worker's hold on an allocation run, and the thread that shows that it is alive while the worker is busy.

The row is the truth; the queue only wakes workers. A worker holds a run by the pair (status, attempts): every write it
makes asks for both, so that one which was given up for lost cannot overwrite its successor.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from core.tenancy import Scope, scope
from placements.enums import RunStatus
from placements.models import AllocationRun

logger = logging.getLogger("bryggan.placements")

MOST_ATTEMPTS: Final = 5
BEATS_PER_LEASE: Final = 6


class ClaimLost(Exception):
    """Another worker has taken the run over; what this one holds is worth nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a run: valid while the row has this status and `attempt` is still its number."""

    run_id: UUID
    attempt: int
    scope: Scope
    status: str = RunStatus.RUNNING

    def opened(self) -> AbstractContextManager[Scope]:
        """Open a short transaction in the run's scope."""
        return scope(self.scope)

    def hold(self, **fields: Any) -> None:
        """Write a sign of life and `fields`, in the open transaction.

        Raises:
            ClaimLost: the run is not ours any more.
        """
        mine = AllocationRun.objects.filter(pk=self.run_id, status=self.status, attempts=self.attempt)
        if mine.update(heartbeat_at=timezone.now(), **fields) != 1:
            raise ClaimLost(str(self.run_id))


def claim_asked(
    *, run_id: UUID, in_scope: Scope, status: str, give_up: Callable[[AllocationRun], object]
) -> Claim | None:
    """Take a run that somebody has asked a worker to go on with, or whose worker has been silent too long.

    None when there is none to take, or when too many have died over it: `give_up` then says so on the row.
    """
    with scope(in_scope):
        run = AllocationRun.objects.filter(pk=run_id, status=status).select_for_update().first()
        if run is None or (run.attempts and run.heartbeat_at and run.heartbeat_at >= silent_since()):
            return None
        attempt = run.attempts + 1
        if attempt > MOST_ATTEMPTS:
            give_up(run)
            return None
        AllocationRun.objects.filter(pk=run_id).update(attempts=attempt, heartbeat_at=timezone.now())
        return Claim(run_id, attempt, in_scope, status)


def silent_since() -> Any:
    """Return the moment before which a last sign of life means that the worker is lost."""
    return timezone.now() - timedelta(seconds=settings.BRYGGAN_RUN_LEASE_SECONDS)


class Pulse:
    """Signs life for a claim while the block runs, by a thread with a connection of its own.

    The worker itself may be deep in compiled code or in one long transaction meanwhile. It must not have written to
    the run's own row in that transaction before the block ends: the thread would wait for it. Made inside somebody
    else's transaction it stays quiet: no other connection would see the run.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.lost = False
        self._quiet = connection.in_atomic_block
        self._news: dict[str, Any] = {}
        self._wake, self._stopped = Event(), Event()
        self._thread = Thread(target=self._beat, name="pulse", daemon=True)

    def tell(self, stage: str, progress: int) -> None:
        """Show where the work is, at once.

        Raises:
            ClaimLost: the thread has found the run in other hands.
        """
        if self.lost:
            raise ClaimLost(str(self.claim.run_id))
        self._news = {"stage": stage, "progress": progress}
        self._wake.set()

    def __enter__(self) -> Self:
        if not self._quiet:
            self._thread.start()
        return self

    def stop(self) -> None:
        """Sign life no more, and wait until the last sign is written. Safe to call twice."""
        self._stopped.set()
        self._wake.set()
        if not self._quiet:
            self._thread.join()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def _beat(self) -> None:
        try:
            while not self._stopped.is_set():
                self._wake.wait(settings.BRYGGAN_RUN_LEASE_SECONDS / BEATS_PER_LEASE)
                self._wake.clear()
                if not self._stopped.is_set():
                    self._sign()
        finally:
            connection.close()

    def _sign(self) -> None:
        news, self._news = self._news, {}
        try:
            with self.claim.opened(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                self.claim.hold(**news)
        except ClaimLost:
            self.lost = True
            self._stopped.set()
        except DatabaseError as error:
            # A missed beat is no harm while the lease lasts; the next one tries again.
            logger.warning("no sign of life", extra={"error": type(error).__name__})
            connection.close()
