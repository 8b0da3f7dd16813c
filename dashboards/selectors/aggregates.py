"""Numbers over all of a region's learners, for coordinators who may not see a single one of them.

Everything read here is counted in the database and suppressed (dashboards.suppression) before it is shown.
"""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from core.tenancy import SystemReason, system_scope

T = TypeVar("T")


def over_region(region_id: UUID, read: Callable[[], T]) -> T:
    """Return what `read` counts over every authority of one region."""
    with system_scope(SystemReason.REGION_AGGREGATES, region=region_id):
        return read()
