"""Whether a publishing can still be taken back."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from placements.enums import PlacementStatus, RunPurpose, RunStatus
from placements.models import AllocationRun, Placement


def undo_obstacle(run: AllocationRun, now: datetime) -> str:
    """Return why the published run cannot be taken back, as a sentence; empty when it can. Three queries."""
    if run.status != RunStatus.PUBLISHED:
        return _("Körningen är inte publicerad. Det finns inget att ta tillbaka.")
    if run.told_at or run.undo_until is None or now >= run.undo_until:
        return _("Ångertiden är slut och breven är skickade. Byt plats för en elev i taget i stället.")
    if refusal := _built_upon(run):
        return refusal
    answered = Placement.objects.filter(run=run).exclude(status=PlacementStatus.RESERVED).count()
    if answered:
        return ngettext(
            "En placering är redan besvarad. Byt plats för en elev i taget i stället.",
            "%(count)d placeringar är redan besvarade. Byt plats för en elev i taget i stället.",
            answered,
        ) % {"count": answered}
    return ""


def _built_upon(run: AllocationRun) -> str:
    later = AllocationRun.objects.filter(
        round=run.round_id, status__in=(RunStatus.PUBLISHING, RunStatus.PUBLISHED)
    ).exclude(pk=run.pk)
    if later.exclude(published_at__lt=run.published_at).exists():
        return _("En senare publicering bygger på den här. Ta tillbaka den först.")
    if run.purpose == RunPurpose.FULL and Placement.objects.filter(round=run.round_id, run=None).exists():
        return _("Någon i omgången har fått en plats för hand. Byt plats för en elev i taget i stället.")
    return ""
