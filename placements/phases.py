"""How the phases of a round look: the tag of each, and the row of planks."""

from django.utils.translation import gettext as _

from core.ui import Phase
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


def phase_planks(now: RoundPhase) -> list[Phase]:
    """Return the steps of a round with the present one marked."""
    steps = [
        ((RoundPhase.PLANNED,), _("Planera")),
        ((RoundPhase.VIEWING,), _("Titta")),
        ((RoundPhase.CHOOSING,), _("Välja")),
        ((RoundPhase.CLOSED,), _("Fördela")),
        ((RoundPhase.CONFIRMING,), _("Bekräfta")),
        ((RoundPhase.STARTED, RoundPhase.FINISHED), _("Start")),
    ]
    here = next(index for index, (phases, _label) in enumerate(steps) if now in phases)
    over = now == RoundPhase.FINISHED
    return [
        Phase(label, "past" if index < here or over else "current" if index == here else "coming")
        for index, (_phases_of_step, label) in enumerate(steps)
    ]
