"""A season forecast as its page and its export show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import PlacementKind
from core.municipalities import MUNICIPALITIES
from core.ui import Figure, RunProgress, RunStage, StatusTag, Text, tag_for
from core.weeks import range_label, school_year_label, week_label
from dashboards.enums import FORECAST_ACTIVE, ForecastSource, ForecastStatus
from dashboards.models import SeasonForecast
from dashboards.selectors.outcome import percent
from dashboards.suppression import LIMIT, Cell
from employers.enums import OccupationField

LATEST: Final = 10
WORST_WEEKS: Final = 3
STAGES: Final[tuple[tuple[Text, str], ...]] = (
    (gettext_lazy("Läser veckor och platser"), "read"),
    (gettext_lazy("Lottar önskemål och placerar"), "place"),
    (gettext_lazy("Klar"), "done"),
)
TAGS: Final[Mapping[str, tuple[str, Text]]] = {
    ForecastStatus.QUEUED: ("allocating", gettext_lazy("Köad")),
    ForecastStatus.RUNNING: ("allocating", gettext_lazy("Räknas")),
    ForecastStatus.DONE: ("done", gettext_lazy("Klar")),
    ForecastStatus.FAILED: ("failed", gettext_lazy("Avbröts")),
}


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """Expected numbers of one week, field or municipality: weeks of seats and weeks of learners."""

    key: str
    name: str
    seats: int
    demand: Cell
    first: Cell
    other: Cell
    unplaced: Cell

    @property
    def share_first(self) -> str:
        """Return the share that gets the first wish."""
        return percent((self.first,), self.demand)

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is hidden, so that it can be drawn."""
        return None not in (self.demand.value, self.first.value, self.other.value, self.unplaced.value)


@dataclass(frozen=True, slots=True)
class ForecastCell:
    """One week, field and municipality."""

    week_on: date
    field: str
    place: str
    seats: int
    demand: Cell
    first: Cell
    unplaced: Cell

    @property
    def names(self) -> tuple[str, str, str]:
        """Return the week, the field and the municipality in words."""
        return week_label(self.week_on), field_name(self.field), place_name(self.place)

    @property
    def tag(self) -> StatusTag:
        """Return how the cell stands. The seats are those of the municipality; learners may go to another."""
        if self.unplaced.value == 0:
            return tag_for("done", _("Räcker"))
        if self.unplaced.value is None:
            return tag_for("awaiting_reply", _("Knappt"))
        return tag_for("missing", _("%(count)s utan plats") % {"count": self.unplaced})


@dataclass(frozen=True, slots=True)
class Help:
    """Where one more seat in all of the weeks helps, and in how many of the draws it places one more learner."""

    weeks: tuple[date, ...]
    field: str
    place: str
    places: int
    draws: int

    @property
    def names(self) -> tuple[str, str, str]:
        """Return the weeks, the field and the municipality in words."""
        return range_label(self.weeks), field_name(self.field), place_name(self.place)

    @property
    def effect(self) -> str:
        """Say what the seat would do."""
        if not self.places:
            return _("Någon får en plats högre upp på sin lista")
        if self.places == self.draws:
            return _("En elev till får plats")
        text = _("En elev till får plats i %(places)d av %(draws)d lottningar")
        return text % {"places": self.places, "draws": self.draws}


@dataclass(frozen=True, slots=True)
class ForecastPage:
    """All that the page and the export show of a finished forecast."""

    forecast: SeasonForecast
    weeks: Sequence[ForecastRow]
    fields: Sequence[ForecastRow]
    places: Sequence[ForecastRow]
    cells: Sequence[ForecastCell]
    helps: Sequence[Help]

    @property
    def unplaced(self) -> Cell:
        """Return how many learners are expected to have no place."""
        return _cell(self.forecast.result["unplaced"])

    @property
    def heading(self) -> str:
        """Say what was found."""
        if self.unplaced.value == 0:
            return _("Platserna räcker, %(if)s") % {"if": self._if}
        if self.unplaced.value is None:
            almost, not_all = (
                _("Platserna räcker till nästan alla, %(if)s"),
                _("Platserna räcker inte till alla, %(if)s"),
            )
            return (almost if self.unplaced.small else not_all) % {"if": self._if}
        text = ngettext(
            "%(count)s elev blir utan plats, %(if)s", "%(count)s elever blir utan plats, %(if)s", self.unplaced.value
        )
        return text % {"count": self.unplaced, "if": self._if}

    @property
    def lead(self) -> str:
        """Say which weeks are worst."""
        short = [row for row in self.weeks if (row.unplaced.value or 0) >= LIMIT]
        worst = sorted(short, key=lambda row: -(row.unplaced.value or 0))[:WORST_WEEKS]
        if not worst:
            return _("Ingen vecka saknar platser till fem elever eller fler.")
        weeks = range_label(date.fromisoformat(row.key) for row in worst)
        return _("Värst är det %(weeks)s.") % {"weeks": weeks}

    @property
    def figures(self) -> list[Figure]:
        """Return the totals."""
        found = self.forecast.result
        learners = Cell(found["learners"])
        first, other = _cell(found["first"]), _cell(found["other"])
        return [
            Figure(str(learners), _("elever att placera"), _placed_before(found["placed_already"])),
            Figure(str(first), _("får sitt första val"), percent((first,), learners)),
            Figure(str(other), _("får en annan plats"), percent((other,), learners)),
            Figure(str(self.unplaced), _("blir utan plats"), percent((self.unplaced,), learners)),
        ]

    @property
    def from_last_year(self) -> bool:
        """Tell whether the wishes come from what was wished for, not from the model."""
        return self.forecast.source == ForecastSource.LAST_YEAR

    @property
    def _if(self) -> str:
        return _("om alla väljer som förra året") if self.from_last_year else _("om alla väljer som elever brukar")


def forecasts_of(region_id: UUID) -> QuerySet[SeasonForecast]:
    """Return the region's forecasts, the newest first."""
    found = SeasonForecast.objects.filter(region=region_id).select_related("requested_by")
    return found.order_by("-requested_at", "pk")


def latest_forecasts(region_id: UUID) -> list[tuple[SeasonForecast, str, StatusTag, str]]:
    """Return the latest forecasts with their names, tags and what they found."""
    return [(row, title(row), _tag(row), _found(row)) for row in forecasts_of(region_id)[:LATEST]]


def title(forecast: SeasonForecast) -> str:
    """Return "prao 2026/27"."""
    return f"{PlacementKind(forecast.kind).label} {school_year_label(forecast.school_year)}"


def forecast_page(forecast: SeasonForecast) -> ForecastPage:
    """Read a finished forecast's result."""
    found = forecast.result
    return ForecastPage(
        forecast=forecast,
        weeks=[_row(row, week_label(date.fromisoformat(row["name"]))) for row in found["weeks"]],
        fields=_worst_first([_row(row, field_name(row["name"])) for row in found["fields"]]),
        places=_worst_first([_row(row, place_name(row["name"])) for row in found["places"]]),
        cells=[_named_cell(cell) for cell in found["cells"]],
        helps=[
            Help(
                tuple(map(date.fromisoformat, one["weeks"])), one["field"], one["place"], one["places"], found["draws"]
            )
            for one in found["helps"]
        ],
    )


def progress(forecast: SeasonForecast, poll_url: str) -> RunProgress:
    """Return how far a forecast has come, as planks and a sentence."""
    failed = forecast.status == ForecastStatus.FAILED
    at = next((index for index, (_label, stage) in enumerate(STAGES) if stage == forecast.stage), 0)
    states = ["done" if index < at else "current" if index == at else "coming" for index in range(len(STAGES))]
    waiting = _("Beräkningen står i kö och börjar strax. Du kan lämna sidan.")
    working = _("Det tar några sekunder. Du kan lämna sidan.")
    return RunProgress(
        title=_("Prognosen avbröts") if failed else _("Prognosen räknas"),
        sentence=forecast.error if failed else waiting if forecast.status == ForecastStatus.QUEUED else working,
        stages=[RunStage(label, state) for (label, _stage), state in zip(STAGES, states, strict=True)],
        poll_url="" if failed else poll_url,
        percent=forecast.progress,
        finished=forecast.status not in FORECAST_ACTIVE,
        failed=failed,
    )


def field_name(field: str) -> str:
    """Return the name of an occupation field."""
    return str(OccupationField(field).label)


def place_name(code: str) -> str:
    """Return the name of a municipality."""
    return MUNICIPALITIES.get(code, code)


def _cell(stored: int | str) -> Cell:
    return Cell(stored) if isinstance(stored, int) else Cell(None, small=stored == "small")


def _row(row: Mapping[str, Any], name: str) -> ForecastRow:
    counts = {key: _cell(row[key]) for key in ("demand", "first", "other", "unplaced")}
    return ForecastRow(row["name"], name, row["seats"], **counts)


def _named_cell(cell: Mapping[str, Any]) -> ForecastCell:
    counts = {key: _cell(cell[key]) for key in ("demand", "first", "unplaced")}
    return ForecastCell(date.fromisoformat(cell["week"]), cell["field"], cell["place"], cell["seats"], **counts)


def _worst_first(rows: Sequence[ForecastRow]) -> list[ForecastRow]:
    return sorted(rows, key=lambda row: (-(row.unplaced.value or 0), -(row.demand.value or 0), row.name))


def _placed_before(count: int) -> str:
    if not count:
        return ""
    text = ngettext("%(count)s har redan plats", "%(count)s har redan plats", count)
    return text % {"count": Cell(None, small=True) if count < LIMIT else Cell(count)}


def _tag(row: SeasonForecast) -> StatusTag:
    key, word = TAGS[row.status]
    return tag_for(key, word)


def _found(row: SeasonForecast) -> str:
    if row.status == ForecastStatus.DONE:
        return forecast_page(row).heading
    return row.error
