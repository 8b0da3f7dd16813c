"""How many seats an authority's learners already hold: what a new reserve starts from."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Count

from core.tenancy import SystemReason, system_scope
from employers.models import Slot
from placements.models import PlacementWeek


def held_by_authority(slot: Slot, authority_id: UUID, weeks: Collection[date]) -> dict[date, int]:
    """Return the slot's seats held by an authority's learners, by week: numbers only.

    The region keeps seats for an authority, but sees none of its placements.
    """
    with system_scope(SystemReason.COUNT_HELD_SEATS, region=slot.region_id):
        held = PlacementWeek.objects.filter(
            placement__slot=slot, authority=authority_id, week_on__in=list(weeks), live=True
        )
        return dict(held.values_list("week_on").annotate(Count("pk")).order_by())
