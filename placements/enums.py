"""The lives of a round, a run and a placement."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RoundPhase(models.TextChoices):
    """Where a round is: derived from the clock and from what has been published, never stored."""

    PLANNED = "planned", _("Planerad")
    VIEWING = "viewing", _("Platserna visas")
    CHOOSING = "choosing", _("Öppen för val")
    CLOSED = "closed", _("Val stängt")
    CONFIRMING = "confirming", _("Väntar på svar")
    STARTED = "started", _("Pågår")
    FINISHED = "finished", _("Genomförd")


class RunPolicy(models.TextChoices):
    """Which objective a run serves after "place as many as possible". Values are the engine's."""

    OPTIMUM = "optimum", _("Balanserad")
    GREEDY = "greedy", _("Flest förstahandsval")
    GENEROUS = "generous", _("Färst långt ner")
    SERIAL = "serial", _("Lottad turordning")


class RunPurpose(models.TextChoices):
    """What a run is for: the whole round, those still without a place after publishing, or places that were lost."""

    FULL = "full", _("Hela omgången")
    REST = "rest", _("Andra omgången")
    REPAIR = "repair", _("Reparation")


class RepairOption(models.TextChoices):
    """How far a repair may go to give those who lost their place a new one."""

    STAY = "stay", _("Rör ingen annan")
    LEAST = "least", _("Flytta så få som möjligt")


class RunStatus(models.TextChoices):
    """The life of an allocation run. Results are versions; reviewing and publishing are separate acts."""

    QUEUED = "queued", _("Köad")
    RUNNING = "running", _("Fördelning pågår")
    DRAFT = "draft", _("Inte publicerad")
    REVIEWED = "reviewed", _("Granskad")
    PUBLISHING = "publishing", _("Publiceras")
    PUBLISHED = "published", _("Publicerad")
    RETRACTING = "retracting", _("Tas tillbaka")
    DISCARDED = "discarded", _("Kasserad")
    FAILED = "failed", _("Avbröts")


R = RunStatus
RUN_MOVES: dict[str, tuple[str, ...]] = {
    R.QUEUED: (R.RUNNING, R.DISCARDED, R.FAILED),
    R.RUNNING: (R.DRAFT, R.QUEUED, R.FAILED),
    R.DRAFT: (R.REVIEWED, R.DISCARDED),
    R.REVIEWED: (R.DRAFT, R.PUBLISHING, R.DISCARDED),
    R.PUBLISHING: (R.PUBLISHED, R.REVIEWED),
    # Taken back within the undo window.
    R.PUBLISHED: (R.RETRACTING,),
    R.RETRACTING: (R.REVIEWED, R.PUBLISHED),
}
RUN_ACTIVE = (R.QUEUED, R.RUNNING)
# Its places are reserved, or a worker is about to reserve them or to give them back.
RUN_OUT = (R.PUBLISHING, R.PUBLISHED, R.RETRACTING)


class PlacementStatus(models.TextChoices):
    """The life of a placement."""

    RESERVED = "reserved", _("Reserverad")
    EMPLOYER_CONFIRMED = "employer_confirmed", _("Bekräftad av arbetsplatsen")
    READY = "ready", _("Klar att starta")
    ACTIVE = "active", _("Pågår")
    COMPLETED = "completed", _("Genomförd")
    DECLINED_EMPLOYER = "declined_employer", _("Nekad av arbetsplatsen")
    WITHDRAWN_EMPLOYER = "withdrawn_employer", _("Återbud från arbetsplatsen")
    WITHDRAWN_LEARNER = "withdrawn_learner", _("Återbud från eleven")
    TERMINATED = "terminated", _("Avbruten")
    REPLACED = "replaced", _("Omplacerad")


P = PlacementStatus
CONFIRMED = (P.EMPLOYER_CONFIRMED, P.READY, P.ACTIVE, P.COMPLETED)
LIVE = (P.RESERVED, *CONFIRMED)
# Not yet begun: a repair may give the learner another place.
MOVABLE = (P.RESERVED, P.EMPLOYER_CONFIRMED, P.READY)
ENDED_BY_EMPLOYER = (P.DECLINED_EMPLOYER, P.WITHDRAWN_EMPLOYER)
PLACEMENT_MOVES: dict[str, tuple[str, ...]] = {
    P.RESERVED: (P.EMPLOYER_CONFIRMED, P.DECLINED_EMPLOYER, P.WITHDRAWN_LEARNER, P.REPLACED),
    P.EMPLOYER_CONFIRMED: (P.READY, P.ACTIVE, P.WITHDRAWN_EMPLOYER, P.WITHDRAWN_LEARNER, P.REPLACED),
    P.READY: (P.ACTIVE, P.WITHDRAWN_EMPLOYER, P.WITHDRAWN_LEARNER, P.REPLACED),
    P.ACTIVE: (P.COMPLETED, P.TERMINATED),
    # An employer may change a no into a yes, while the seat and the learner are still free.
    P.DECLINED_EMPLOYER: (P.EMPLOYER_CONFIRMED,),
    P.WITHDRAWN_EMPLOYER: (P.EMPLOYER_CONFIRMED,),
    # The repair that replaced it is taken back within its undo window.
    P.REPLACED: MOVABLE,
}
