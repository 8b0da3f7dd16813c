"""The tables of the pages of figures as sheets: exactly what is seen, hidden counts hidden."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.exports import Sheet
from dashboards.selectors.forecast import ForecastPage, ForecastRow
from dashboards.selectors.outcome import Outcome, RankRow
from dashboards.selectors.supply import SupplyPage
from dashboards.suppression import Cell


def supply_sheets(page: SupplyPage) -> dict[str, Sheet]:
    """Return the sheets of the page of supply and demand by their name in the URL."""
    return {"veckor": _weeks(page), "yrkesomraden": _fields(page), "tio-dagar": _duty(page)}


def outcome_sheets(found: Outcome) -> dict[str, Sheet]:
    """Return the sheets of the report by their name in the URL."""
    return {
        "skolor": _ranks(_("Val per skola"), _("Skola"), found.schools, found.total),
        "forstahandsval": _ranks(_("Val per yrkesområde"), _("Förstahandsval"), found.wishes, found.total),
        "belaggning": _fill(found),
        "yrke-och-kon": _trades(found),
    }


def forecast_sheets(page: ForecastPage) -> dict[str, Sheet]:
    """Return the sheets of a forecast by their name in the URL."""
    return {
        "veckor": _expected(_("Veckor"), _("Vecka"), page.weeks),
        "yrkesomraden": _expected(_("Yrkesområden"), _("Yrkesområde"), page.fields),
        "kommuner": _expected(_("Kommuner"), _("Kommun"), page.places),
        "var-det-tar-slut": _forecast_cells(page),
        "en-plats-till": _forecast_helps(page),
    }


def _expected(title: str, head: str, rows: Sequence[ForecastRow]) -> Sheet:
    heads = [
        head,
        _("Platsveckor"),
        _("Elevveckor"),
        _("Första valet"),
        _("Annan plats"),
        _("Utan plats"),
        _("Andel val 1"),
    ]
    return Sheet(
        title,
        heads,
        [
            [row.name, row.seats, *_cells((row.demand, row.first, row.other, row.unplaced)), row.share_first]
            for row in rows
        ],
    )


def _forecast_cells(page: ForecastPage) -> Sheet:
    heads = [_("Vecka"), _("Yrkesområde"), _("Kommun"), _("Platser"), _("Elever"), _("Första valet"), _("Utan plats")]
    rows = [[*cell.names, cell.seats, *_cells((cell.demand, cell.first, cell.unplaced))] for cell in page.cells]
    return Sheet(_("Var det tar slut"), heads, rows)


def _forecast_helps(page: ForecastPage) -> Sheet:
    heads = [_("Veckor"), _("Yrkesområde"), _("Kommun"), _("En plats till ger")]
    return Sheet(_("En plats till"), heads, [[*one.names, one.effect] for one in page.helps])


def _weeks(page: SupplyPage) -> Sheet:
    heads = [_("Vecka"), _("Platser"), _("Behov"), _("Saknas"), _("Stängd")]
    rows = [[week.label, week.seats, week.demand, week.missing, week.closed] for week in page.weeks]
    return Sheet(_("Veckor"), heads, rows)


def _fields(page: SupplyPage) -> Sheet:
    heads = [_("Område"), _("Platsveckor"), _("Önskade veckor"), _("Läge")]
    rows = [
        [row.label, row.seats, row.wished.for_sheet if row.wished else None, row.tag.word if row.tag else ""]
        for row in page.fields
    ]
    return Sheet(_("Yrkesområden"), heads, rows)


def _duty(page: SupplyPage) -> Sheet:
    heads = [page.duty_head, _("Elever"), _("Klara"), _("Planerade"), _("Saknar dagar"), _("Läge")]
    rows = [[row.name, *_cells((row.learners, row.done, row.planned, row.missing)), row.tag.word] for row in page.duty]
    return Sheet(_("Tio dagar"), heads, rows)


def _ranks(title: str, head: str, rows: Sequence[RankRow], total: RankRow | None) -> Sheet:
    heads = [head, _("Elever"), *rank_heads(), _("Andel val 1"), _("Andel val 1–3")]
    shown = [
        [row.name, *_cells((row.learners, *row.cells)), row.share_first, row.share_top]
        for row in (*rows, *([total] if total else []))
    ]
    return Sheet(title, heads, shown)


def rank_heads() -> list[str]:
    """Return the heads of how the wishes came out."""
    return [_("Val 1"), _("Val 2–3"), _("Val 4 eller senare"), _("Utanför valen"), _("Utan plats")]


def sex_heads() -> list[str]:
    """Return the heads of the sexes."""
    return [_("Kvinnor"), _("Män"), _("Uppgift saknas")]


def _fill(found: Outcome) -> Sheet:
    heads = [_("Yrkesområde"), _("Platsveckor"), _("Belagda"), _("Beläggning")]
    return Sheet(
        _("Beläggning"),
        heads,
        [[row.name, row.seats, row.taken, row.percent] for row in (*found.fill, found.fill_total)],
    )


def _trades(found: Outcome) -> Sheet:
    heads = [_("Yrkesområde"), _("Elever"), *sex_heads()]
    rows = [*found.trades, *([found.trade_total] if found.trade_total else [])]
    return Sheet(_("Yrke och kön"), heads, [[row.name, *_cells((row.learners, *row.cells))] for row in rows])


def _cells(cells: Sequence[Cell]) -> list[Any]:
    return [cell.for_sheet for cell in cells]
