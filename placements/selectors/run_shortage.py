"""Where seats run short, in words: which learners reach too few seats, and where one more seat helps most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.ui import Text
from core.weeks import range_label
from employers.enums import OccupationField

MOST_GROUPS, MOST_HELPS = 6, 5
HELP_HEADS: Mapping[str, Text] = {
    "week": gettext_lazy("Vecka"),
    "trade": gettext_lazy("Yrkesområde"),
    "municipality": gettext_lazy("Ort"),
}


@dataclass(frozen=True, slots=True)
class ShortGroup:
    """Learners who between them reach fewer seats than they are."""

    sentence: str
    missing: int
    schools: str


@dataclass(frozen=True, slots=True)
class Help:
    """Where one more seat helps most, along one way of dividing the seats: names with how many it could help."""

    head: Text
    words: str


def short_groups(summary: Mapping[str, Any]) -> list[ShortGroup]:
    """Return the groups of a run's shortage, those that miss most first."""
    found = [_group(piece) for piece in summary.get("pieces", ())]
    return sorted(found, key=lambda group: -group.missing)[:MOST_GROUPS]


def helps_of(summary: Mapping[str, Any]) -> list[Help]:
    """Return where one more seat helps most, by week, trade and town; nothing when nobody is short of seats."""
    rows: Mapping[str, Sequence[tuple[Any, int]]] = summary.get("helps", {})
    return [Help(head, _helpful(by, rows[by])) for by, head in HELP_HEADS.items() if rows.get(by)]


def _helpful(by: str, rows: Sequence[tuple[str, int]]) -> str:
    """Return "Hantverk (12), It (9), Industri (3) och 4 till"; where all are alike, only that."""
    counts = {learners for _key, learners in rows}
    if len(counts) == 1 and len(rows) > MOST_HELPS:
        return _("lika mycket i alla %(count)d, %(learners)d elever") % {"count": len(rows), "learners": counts.pop()}
    named = ", ".join(f"{_name(by, key)} ({learners})" for key, learners in rows[:MOST_HELPS])
    more = len(rows) - MOST_HELPS
    return _("%(named)s och %(count)d till") % {"named": named, "count": more} if more > 0 else named


def _group(piece: Mapping[str, Any]) -> ShortGroup:
    learners, seats = piece["learners"], piece["seats"]
    weeks = range_label([date.fromisoformat(week) for week in piece["weeks"]])
    words = {
        "learners": ngettext("%(count)d elev", "%(count)d elever", learners) % {"count": learners},
        "seats": ngettext("%(count)d plats", "%(count)d platser", seats) % {"count": seats},
        "weeks": weeks,
    }
    sentence = (
        _("%(learners)s når bara %(seats)s %(weeks)s.") if seats else _("%(learners)s når ingen ledig plats %(weeks)s.")
    )
    more = piece.get("more_schools", 0)
    names = [*piece.get("schools", ()), *([_("%(count)d skolor till") % {"count": more}] if more else [])]
    return ShortGroup(sentence % words, learners - seats, ", ".join(names))


def _name(by: str, key: str) -> str:
    if by == "week":
        return range_label([date.fromisoformat(week) for week in key.split(",")])
    return str(OccupationField(key).label) if by == "trade" and key in OccupationField.values else key
