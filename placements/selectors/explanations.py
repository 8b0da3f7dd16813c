"""A run's explanations in words. They tell of numbers and rules, never of another learner."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


def sentence(entry: Mapping[str, Any]) -> str:
    """Return why one wish was not met, from an entry of Assignment.explanation."""
    words = {"title": entry["title"], "numbers": _numbers(entry), "rule": _rule(entry.get("rule") or "")}
    reason = entry["reason"]
    if reason == "lottery":
        text = _("%(title)s lottades: %(numbers)s.")
    elif reason == "only_place":
        text = _("%(title)s gick till elever som annars hade blivit utan plats: %(numbers)s.")
    elif reason == "rule":
        text = _("%(title)s kunde inte ges: %(rule)s.")
    elif reason == "closed":
        text = _("%(title)s hade inga lediga platser de veckorna.")
    elif reason == "lock":
        text = _("%(title)s hade skolan redan lovat bort.")
    else:
        text = _("%(title)s blev full: %(numbers)s.")
    return text % words


def headline(place: str | None, rank: int | None) -> str:
    """Return what the learner got: "Du fick Hulta Bageri, ditt andra val"."""
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


def _numbers(entry: Mapping[str, Any]) -> str:
    """Return "14 sökte 2 platser"."""
    seats = entry.get("seats") or 0
    text = ngettext("%(applicants)d sökte %(seats)d plats", "%(applicants)d sökte %(seats)d platser", seats)
    return text % {"applicants": entry.get("applicants") or 0, "seats": seats}


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
