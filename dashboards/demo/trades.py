"""Trades: how many workplaces there are of each, who dreams of them, and what a learner does there.

`women` is the share of women in the trade (SCB, Yrkesregistret 2017, Västra Götalands län): wishes lean the same way.
`supply` and `wish` are relative: vets, media and it are wished for far more than they are, care and industry less.
"""

from dataclasses import dataclass
from typing import Final

from dashboards.demo.trades_private import PRIVATE
from dashboards.demo.trades_public import PUBLIC

NAMES: Final = frozenset({"trade", "names", "words", "tasks", "bring", "know", "hours", "more"})


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of workplace. Name patterns know {place}, {last}, {lasts} (with an s) and {word}."""

    key: str
    field: str
    supply: float
    wish: float
    women: int
    names: tuple[str, ...]
    words: tuple[str, ...]
    tasks: tuple[str, ...]
    bring: tuple[str, ...]
    requirements: tuple[str, ...]
    hours: tuple[str, ...]
    sni: str
    more: tuple[str, str] | None
    administration: str
    apl: bool

    @property
    def public(self) -> bool:
        """Tell whether the municipality runs it."""
        return bool(self.administration)


def _trade(key: str, text: str, administration: str = "") -> Trade:
    """Read one block: `name: value` lines, some of them folded; alternatives are separated by " | "."""
    found: dict[str, str] = {}
    name = ""
    for line in text.strip().splitlines():
        word, _colon, value = line.strip().partition(": ")
        if word in NAMES:
            name, found[word] = word, value
        else:
            found[name] += f" {line.strip()}"
    field, supply, wish, women, sni, apl = found["trade"].split()

    def several(name: str) -> tuple[str, ...]:
        return tuple(found[name].split(" | ")) if name in found else ()

    more = several("more")
    return Trade(
        key=key,
        field=field,
        supply=float(supply),
        wish=float(wish),
        women=int(women),
        names=several("names"),
        words=tuple(found["words"].split()),
        tasks=several("tasks"),
        bring=several("bring"),
        requirements=several("know"),
        hours=several("hours") or ("08.00-15.00",),
        sni=sni,
        more=(more[0], more[1]) if len(more) == 2 else None,
        administration=administration,
        apl=apl == "apl",
    )


TRADES: Final[tuple[Trade, ...]] = (
    *(_trade(key, text) for key, text in PRIVATE.items()),
    *(_trade(key, text, administration) for (key, administration), text in PUBLIC.items()),
)
BY_KEY: Final = {trade.key: trade for trade in TRADES}
