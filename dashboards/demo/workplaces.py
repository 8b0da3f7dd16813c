"""Invented workplaces: what they are called, where they lie, and what they take, week by week."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from core.weeks import week_number
from dashboards.demo.dice import Dice
from dashboards.demo.names import LAST
from dashboards.demo.region import MUNICIPALITIES, STREETS, Municipality, Town, town_named
from dashboards.demo.trades import BY_KEY, TRADES, Trade


@dataclass(frozen=True, slots=True)
class Site:
    """A workplace before it is a row. Sites of one `employer` name belong together.

    A `real` one lies at its `point`, or nowhere on the map; an invented one somewhere near its town.
    """

    employer: str
    name: str
    trade: Trade
    municipality_code: str
    town: Town
    street: str
    seats: int
    popular: float = 1
    real: bool = False
    point: tuple[float, float] | None = None
    organisation_number: str = ""


# Those the guide and the pictures of the product speak of.
KNOWN: Final = (
    ("Hulta Bageri", "bakery", "1490", "Borås", "Hultagatan 14", 3, 5.0),
    ("Kinna Plåt & Ventilation", "plumbing", "1463", "Kinna", "Verkstadsgatan 3", 2, 1.0),
    ("Djurkliniken Ätran", "vet", "1491", "Ulricehamn", "Strandgatan 8", 1, 1.0),
    ("Förskolan Blåsippan", "preschool", "1490", "Borås", "Blåsippsgatan 2", 3, 1.5),
    ("Solhems äldreboende", "elderly", "1490", "Borås", "Solhemsvägen 21", 4, 1.0),
    ("Åsunden Hotell", "hotel", "1491", "Ulricehamn", "Sjögatan 1", 2, 1.0),
    ("Viskans Trädgård", "garden", "1490", "Borås", "Druveforsvägen 40", 2, 1.0),
    ("Viskadalens Åkeri", "transport", "1490", "Viskafors", "Terminalvägen 6", 2, 1.0),
)


@dataclass
class SiteMaker:
    """Draws sites until there are enough; no two have the same name."""

    dice: Dice
    used: set[str] = field(default_factory=set)

    def known(self) -> list[Site]:
        """Return the sites everybody knows."""
        return [self._known(*row) for row in KNOWN]

    def draw(self, count: int) -> list[Site]:
        """Return `count` more, spread over the municipalities by their number of learners."""
        sizes = [each.year8 + each.year9 + each.independent8 for each in MUNICIPALITIES]
        weights = [trade.supply for trade in TRADES]
        found = []
        for municipality in self.dice.choices(MUNICIPALITIES, sizes, k=count):
            site = self.site(self.dice.weighted(TRADES, weights), municipality)
            if site:
                found.append(site)
        return found

    def site(self, trade: Trade, municipality: Municipality) -> Site | None:
        """Return a site of the trade in the municipality; None when every name is taken."""
        dice = self.dice
        town = dice.weighted(municipality.towns, [each.weight for each in municipality.towns])
        for _attempt in range(12):
            name = self._name(trade, town)
            if name in self.used and town.name not in name:
                name = f"{name} i {town.name}"
            if name not in self.used:
                self.used.add(name)
                street = f"{dice.choice(STREETS).replace('_', ' ')} {dice.randint(1, 68)}"
                return Site(
                    employer_name(trade, municipality, name),
                    name,
                    trade,
                    municipality.code,
                    town,
                    street,
                    self._seats(trade),
                )
        return None

    def _known(self, name: str, key: str, code: str, town: str, street: str, seats: int, popular: float) -> Site:
        self.used.add(name)
        trade, municipality = BY_KEY[key], next(each for each in MUNICIPALITIES if each.code == code)
        return Site(
            employer_name(trade, municipality, name),
            name,
            trade,
            code,
            town_named(town, municipality),
            street,
            seats,
            popular,
        )

    def _name(self, trade: Trade, town: Town) -> str:
        last = self.dice.choice(LAST)
        return self.dice.choice(trade.names).format(
            place=town.name,
            last=last,
            lasts=last if last.endswith(("s", "z")) else f"{last}s",
            word=self.dice.choice(trade.words).replace("-", " "),
        )

    def _seats(self, trade: Trade) -> int:
        """Four of five take one learner at a time; preschools, care and large workplaces carry the rest."""
        large = trade.public or trade.key in {"grocery", "warehouse", "metal"}
        return self.dice.weighted((1, 2, 3, 5), (70, 20, 8, 2) if large else (90, 8, 2, 0))


def employer_name(trade: Trade, municipality: Municipality, name: str) -> str:
    """Return the legal entity: the workplace itself, or the municipality's administration."""
    if trade.administration == "räddningstjänst":
        return "Sjuhärads räddningstjänst"
    if trade.administration == "hälsa":
        return "Regionhälsan Sjuhärad"
    return f"{municipality.authority}, {trade.administration}" if trade.public else name


# Weeks in which fewer take learners: the ends of terms, and May with its holidays.
THIN: Final = {2: 0.5, 3: 0.8, 19: 0.7, 20: 0.75, 22: 0.6, 23: 0.35, 50: 0.6, 51: 0.3}


@dataclass(frozen=True, slots=True)
class Habit:
    """In which weeks an employer takes learners."""

    weeks: frozenset[date]

    @classmethod
    def draw(cls, dice: Dice, offered: list[date], *, busy: bool) -> "Habit":
        """Three of five open a few weeks, the others a term or the year; few want learners near the ends of terms."""
        if busy:
            return cls(frozenset(offered))
        calm = [week for week in offered if dice.often(THIN.get(week_number(week), 1))]
        kind = dice.weighted(("blocks", "term", "year"), (62, 28, 10))
        if kind == "blocks":
            return cls(frozenset(_blocks(dice, calm)))
        if kind == "term":
            spring = dice.often(0.55)
            calm = [week for week in calm if (week.month < 7) == spring]
        return cls(frozenset(week for week in calm if dice.often(0.94)))


def _blocks(dice: Dice, weeks: list[date]) -> Iterable[date]:
    for _block in range(dice.randint(1, 3)):
        first = dice.choice(weeks)
        length = timedelta(weeks=dice.randint(2, 3))
        yield from (week for week in weeks if first <= week < first + length)
