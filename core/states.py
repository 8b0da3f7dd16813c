"""The one way a status changes: a conditional UPDATE, an allowed move, and a row of history."""

from typing import Any

from django.utils.translation import gettext as _

from core.errors import MoveRefused, StaleState
from core.models import StateChange
from core.permissions import Actor
from core.tenancy.models import TenantModel
from core.tenancy.policies import row_policy


def move(obj: TenantModel, to: str, *, actor: Actor, reason: str = "", **fields: Any) -> None:
    """Move `obj` to the status `to`, set `fields` with it, and write the history.

    Raises:
        MoveRefused: the model's MOVES does not allow it.
        StaleState: the row has left the status it was read with.
    """
    model: Any = type(obj)
    before: str = obj.status  # type: ignore[attr-defined]
    if to not in model.MOVES.get(before, ()):
        labels = dict(model._meta.get_field("status").flatchoices)
        raise MoveRefused(
            _("Det går inte att ändra från %(before)s till %(after)s.")
            % {"before": labels[before], "after": labels[to]}
        )
    changed = model.objects.filter(pk=obj.pk, status=before).update(status=to, **fields)
    if changed != 1:
        raise StaleState(_("Någon annan hann före. Ladda om sidan och se vad som gäller nu."))
    for name, value in {"status": to, **fields}.items():
        setattr(obj, name, value)
    record(obj, before=before, after=to, actor=actor, reason=reason)


def record(obj: TenantModel, *, before: str, after: str, actor: Actor, reason: str = "") -> StateChange:
    """Write one row of history about `obj`, owned by the same parties as the row itself."""
    policy = row_policy(type(obj))
    return StateChange.objects.create(
        region_id=obj.region_id,
        authority_id=getattr(obj, "authority_id", None),
        employer_id=getattr(obj, "employer_id", None) if policy and policy.row_class != "authority" else None,
        subject=obj._meta.label_lower,
        subject_id=obj.pk,
        before=before,
        after=after,
        reason=reason,
        actor_kind=actor.kind,
        actor_label=actor.label,
        actor_user_id=actor.user_id,
    )
