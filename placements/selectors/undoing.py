"""Whether a publishing can still be taken back."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from placements.enums import RUN_OUT, PlacementStatus, RunPurpose, RunStatus
from placements.models import AllocationRun, Placement


def undo_obstacle(run: AllocationRun, now: datetime) -> str:
    """Return why nobody may ask for the published run to be taken back, as a sentence; empty when somebody may."""
    if run.status == RunStatus.RETRACTING:
        return _("Publiceringen tas tillbaka just nu. Vänta tills det är klart.")
    if run.status != RunStatus.PUBLISHED:
        return _("Körningen är inte publicerad. Det finns inget att ta tillbaka.")
    if run.told_at or run.undo_until is None or now >= run.undo_until:
        return _("Ångertiden är slut och breven är skickade. Byt plats för en elev i taget i stället.")
    return built_upon(run)


def built_upon(run: AllocationRun) -> str:
    """Return what already depends on the run's places, as a sentence; empty when nothing does. Three queries."""
    if refusal := _later_places(run):
        return refusal
    answered = Placement.objects.filter(run=run).exclude(status=PlacementStatus.RESERVED).count()
    if answered:
        return ngettext(
            "En placering är redan besvarad. Byt plats för en elev i taget i stället.",
            "%(count)d placeringar är redan besvarade. Byt plats för en elev i taget i stället.",
            answered,
        ) % {"count": answered}
    return ""


def _later_places(run: AllocationRun) -> str:
    later = AllocationRun.objects.filter(round=run.round_id, status__in=RUN_OUT).exclude(pk=run.pk)
    if later.exclude(published_at__lt=run.published_at).exists():
        return _("En senare publicering bygger på den här. Ta tillbaka den först.")
    if run.purpose == RunPurpose.FULL and Placement.objects.filter(round=run.round_id, run=None).exists():
        return _("Någon i omgången har fått en plats för hand. Byt plats för en elev i taget i stället.")
    return ""
