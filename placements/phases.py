"""How the phases of a round look: the tag of each, and the row of planks."""

from django.utils.translation import gettext_lazy as _

from core.ui import Phase, Text
from placements.enums import RoundPhase

PHASE_TAGS = {
    RoundPhase.PLANNED: "planned",
    RoundPhase.VIEWING: "planned",
    RoundPhase.CHOOSING: "open_for_choice",
    RoundPhase.CLOSED: "choice_closed",
    RoundPhase.CONFIRMING: "awaiting_reply",
    RoundPhase.STARTED: "ongoing",
    RoundPhase.FINISHED: "completed",
}


Steps = tuple[tuple[tuple[RoundPhase, ...], Text], ...]

STEPS: Steps = (
    ((RoundPhase.PLANNED,), _("Planera")),
    ((RoundPhase.VIEWING,), _("Titta")),
    ((RoundPhase.CHOOSING,), _("Välja")),
    ((RoundPhase.CLOSED,), _("Fördela")),
    ((RoundPhase.CONFIRMING,), _("Bekräfta")),
    ((RoundPhase.STARTED, RoundPhase.FINISHED), _("Start")),
)
LEARNER_STEPS: Steps = (
    ((RoundPhase.PLANNED, RoundPhase.VIEWING), _("Titta")),
    ((RoundPhase.CHOOSING,), _("Välja")),
    ((RoundPhase.CLOSED, RoundPhase.CONFIRMING), _("Besked")),
    ((RoundPhase.STARTED, RoundPhase.FINISHED), _("Start")),
)


def phase_planks(now: RoundPhase, steps: Steps = STEPS) -> list[Phase]:
    """Return the steps of a round with the present one marked."""
    here = next(index for index, (phases, _label) in enumerate(steps) if now in phases)
    over = now == RoundPhase.FINISHED
    return [
        Phase(label, "past" if index < here or over else "current" if index == here else "coming")
        for index, (_phases, label) in enumerate(steps)
    ]
