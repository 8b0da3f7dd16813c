"""A run's reasons as sentences, to the school and to the learner. Pure: it never asks the database."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

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


# -- to the school


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
        "quota": _("%(slot)s: platserna som är kvar är reserverade för andra."),
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


# -- to the learner: numbers and rules, never another learner


def headline(place: str | None, rank: int | None) -> str:
    """Say what the learner got: "Du fick Hulta Bageri, ditt andra val"."""
    if place is None:
        return _("Du har ingen plats än")
    if rank is None:
        return _("Du fick %(place)s") % {"place": place}
    return _("Du fick %(place)s, ditt %(rank)s val") % {"place": place, "rank": ordinal(rank)}


def ordinal(rank: int) -> str:
    """Return the rank of a wish as a word: "andra"."""
    words = [
        pgettext("val", "första"),
        pgettext("val", "andra"),
        pgettext("val", "tredje"),
        pgettext("val", "fjärde"),
        pgettext("val", "femte"),
        pgettext("val", "sjätte"),
        pgettext("val", "sjunde"),
        pgettext("val", "åttonde"),
        pgettext("val", "nionde"),
        pgettext("val", "tionde"),
    ]
    return words[rank - 1] if rank <= len(words) else f"{rank}:e"


def why_not_you(item: Mapping[str, Any], name: str, *, in_turn: bool = False) -> str:
    """Say to the learner why a wish was not met, as `why_not` does to the school. `in_turn`: of the serial lottery."""
    words = {"title": name, "slot": name, "numbers": _demand(item), "rule": _rule(item.get("code", ""))}
    sentences = {
        "own_lock": _("%(slot)s: skolan har bestämt en annan plats."),
        "closed": _("%(title)s hade inga lediga platser de veckorna."),
        "lock": _("%(title)s hade skolan redan lovat bort."),
        "only_place": _("%(title)s gick till elever som annars hade blivit utan plats: %(numbers)s."),
        "lottery": _("%(title)s lottades: %(numbers)s."),
        "full": _("%(title)s blev full: %(numbers)s."),
        "quota": _("%(title)s: platserna som är kvar är reserverade för andra skolor."),
        "rule": _("%(title)s kunde inte ges: %(rule)s."),
    }
    reason = item["reason"]
    drawn = _draw(item, in_turn=in_turn) if reason == "lottery" else ""
    return " ".join(part for part in (sentences[reason] % words, drawn) if part)


def _draw(item: Mapping[str, Any], *, in_turn: bool) -> str:
    """Tell the lottery in numbers: how many stood alike, what the learner drew, and the last number that was enough.

    The optimum weighs all draws together, so the last number can lie above the learner's: then only the first is told.
    """
    equals, number, last = (item.get(name, 0) for name in ("draw_equals", "draw_number", "draw_last"))
    if equals < 2:
        return ""
    if in_turn:
        text = _("Du lottades till nummer %(number)d av %(equals)d, sista platsen gick till nummer %(last)d.")
    elif 0 < last < number:
        text = _("Ni var %(equals)d som stod lika. Du drog nummer %(number)d, sista platsen gick till nummer %(last)d.")
    else:
        text = _("Ni var %(equals)d som stod lika, och lotten avgjorde.")
    return text % {"equals": equals, "number": number, "last": last}


def _demand(item: Mapping[str, Any]) -> str:
    """Return "14 sökte 2 platser", and of a full place also "9 satte den lika högt som du eller högre"."""
    seats, as_high = item.get("seats", 0), item.get("ranked_as_high", 0) - 1
    text = ngettext("%(applicants)d sökte %(seats)d plats", "%(applicants)d sökte %(seats)d platser", seats)
    if item["reason"] == "full" and as_high > 0:
        text += ngettext(
            ", och %(others)d annan satte den lika högt som du eller högre",
            ", och %(others)d andra satte den lika högt som du eller högre",
            as_high,
        )
    return text % {"applicants": item.get("applicants", 0), "seats": seats, "others": as_high}


def _rule(code: str) -> str:
    known = {
        "kind": _("platsen tar inte emot den praktikformen"),
        "grade": _("platsen är för en annan årskurs"),
        "age": _("platsen kräver en högre ålder"),
        "hours": _("arbetstiderna är inte tillåtna för din ålder"),
        "weeks": _("platsen erbjuds inte alla veckorna"),
        "seats": _("platsen är fullbokad"),
        "published": _("platsen är inte öppen längre"),
        "protected": _("platsen ordnas för hand av skolan"),
        "earlier_place": _("det blir samma plats som en tidigare gång"),
    }
    return known.get(code, _("en regel hindrar det"))
