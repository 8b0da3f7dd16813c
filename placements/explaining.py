"""A run's reasons as sentences: why a wish was not met, and why there is no place. Pure: it never asks the database."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

# Assignment.reason of learners without a place → what it is called, and what to do about it.
UNPLACED_LABELS: dict[str, str | Promise] = {
    "no_seat": gettext_lazy("Ingen plats passar"),
    "shortage": gettext_lazy("Fler elever än platser"),
    "locked_out": gettext_lazy("Platserna är låsta för andra"),
    "late_draw": gettext_lazy("Platserna tog slut före elevens tur"),
}
UNPLACED_ACTS: dict[str, str | Promise] = {
    "no_seat": gettext_lazy("Regler om ålder, årskurs, arbetstid eller veckor stoppar alla platser. Placera för hand."),
    "shortage": gettext_lazy("Eleverna når bara platser som är fulla. Be arbetsplatserna om fler."),
    "locked_out": gettext_lazy("Ta bort en låsning, eller placera för hand."),
    "late_draw": gettext_lazy("Välj en annan regel, eller placera för hand."),
}


def why_not(item: Mapping[str, Any], title: str) -> str:
    """Say why a wish was not met. `item` is one entry of Assignment.explanation, `title` the name of its slot."""
    reason = item["reason"]
    if reason == "rule":
        clause = item.get("clause") or _("platsen erbjuds inte de veckorna")
        return _("%(slot)s gick inte att få: %(clause)s.") % {"slot": title, "clause": clause}
    numbers = {
        "slot": title,
        "applicants": item.get("applicants", 0),
        "seats": ngettext("%(count)d plats", "%(count)d platser", item.get("seats", 0))
        % {"count": item.get("seats", 0)},
    }
    sentences = {
        "own_lock": _("%(slot)s: skolan har bestämt en annan plats."),
        "closed": _("%(slot)s hade inga platser kvar de veckorna."),
        "lock": _("%(slot)s: platserna är reserverade av skolan."),
        "only_place": _("%(slot)s var enda möjliga plats för någon annan: %(applicants)d sökte %(seats)s."),
        "lottery": _("%(slot)s lottades: %(applicants)d sökte %(seats)s."),
        "full": _("%(slot)s blev full: %(applicants)d sökte %(seats)s."),
    }
    return sentences[reason] % numbers


def outcome_words(*, rank: int | None, placed: bool, locked: bool, reason: str) -> str:
    """Say in two words what a learner got: "val 2", "låst", "utanför valen", or why there is no place."""
    if not placed:
        return str(UNPLACED_LABELS.get(reason, _("Utan plats")))
    if locked:
        return _("Låst, val %(rank)d") % {"rank": rank} if rank else _("Låst")
    return _("Val %(rank)d") % {"rank": rank} if rank else _("Utanför valen")


def why_all(explanation: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> list[str]:
    """Say for each better wish, in order, why it was not met. `titles` gives the slots' names by id."""
    return [why_not(item, titles.get(item["slot"], _("Platsen"))) for item in explanation]
