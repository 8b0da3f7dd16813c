"""Set how a region estimates travel."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.locks import lock
from core.permissions import Actor
from core.states import record
from placements.models import TravelModel

FIELDS = ("speed_kmh", "detour_percent", "start_minutes", "far_minutes", "limit_minutes")


@transaction.atomic
def set_travel(*, model: TravelModel, actor: Actor) -> TravelModel:
    """Save the numbers of `model` as those of the actor's region, and who set them. Runs made later use them.

    Raises:
        Busy: somebody else saves at this moment.
    """
    lock(f"travel:{actor.region_id}")
    values = {name: getattr(model, name) for name in FIELDS}
    saved, _created = TravelModel.objects.update_or_create(region_id=actor.region_id, defaults=values)
    limit = _("%(n)d min") % {"n": saved.limit_minutes} if saved.limit_minutes else _("ingen gräns")
    text = _("%(speed)d km/h, omväg %(detour)d %%, start %(start)d min, lång från %(far)d min, längst %(limit)s")
    numbers = {
        "speed": saved.speed_kmh,
        "detour": saved.detour_percent,
        "start": saved.start_minutes,
        "far": saved.far_minutes,
        "limit": limit,
    }
    record(saved, before="", after="set", actor=actor, reason=text % numbers)
    return saved
