"""Who has chosen: every learner of the rounds that are open or waiting for their allocation."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import org_view
from core.exports import Sheet, export_response
from core.ui import FilterBar, address_with, columns
from placements.enums import RoundPhase
from placements.forms.rounds import CHOICE_STATES, ChoiceFilterForm
from placements.selectors.rounds import ChoiceRow, Progress, choice_rows_of, round_rows, rounds_of
from schools.selectors.classes import swedish_key

WITH_CHOICES = (RoundPhase.CHOOSING, RoundPhase.CLOSED)


@org_view("placements.view_rounds")
def round_choices(request: HttpRequest) -> HttpResponse:
    rows = [row for row in round_rows(rounds_of(request.organisation), timezone.now()) if row.phase in WITH_CHOICES]
    form = ChoiceFilterForm(request.GET, rows=rows)
    asked = form.cleaned_data if form.is_valid() else {}
    everyone = choice_rows_of([row.round for row in rows], request.organisation)
    shown = _sorted([row for row in everyone if _wanted(row, asked, request.GET.get("q", ""))], request)
    if request.GET.get("export") in ("xlsx", "csv"):
        return export_response(request.GET["export"], _("val"), [_sheet(shown)])
    context = {
        "rows": shown,
        "labels": dict(CHOICE_STATES),
        "filter_form": form,
        "bar": _bar(request, len(shown), len(everyone)),
        "columns": columns(
            request,
            [
                ("name", _("Elev")),
                ("class", _("Klass")),
                ("", _("Omgång")),
                ("state", _("Läge")),
                ("n", _("Val"), "num"),
                ("", _("Inskickat")),
            ],
        ),
        "missing": sum(1 for row in everyone if row.state != Progress.SENT),
        "total": len(everyone),
        "organisation": request.organisation,
    }
    return render(request, "placements/round_choices.html", context)


def _wanted(row: ChoiceRow, asked: dict[str, str], text: str) -> bool:
    return (
        asked.get("omgang") in ("", None, str(row.round.pk))
        and asked.get("klass") in ("", None, row.learner.school_class.name)
        and asked.get("lage") in ("", None, row.state)
        and text.strip().casefold() in str(row.learner).casefold()
    )


def _sorted(rows: list[ChoiceRow], request: HttpRequest) -> list[ChoiceRow]:
    """Those who have not begun come first unless another order is asked for."""
    order = request.GET.get("sort", "state")
    keys = {
        "name": lambda row: (swedish_key(row.learner.last_name), swedish_key(row.learner.first_name)),
        "class": lambda row: row.learner.school_class.name,
        "state": lambda row: [Progress.NOT_STARTED, Progress.SAVED, Progress.SENT].index(row.state),
        "n": lambda row: row.choices,
    }
    return sorted(rows, key=keys.get(order.lstrip("-"), keys["state"]), reverse=order.startswith("-"))


def _bar(request: HttpRequest, shown: int, total: int) -> FilterBar:
    narrowed = any(request.GET.get(name) for name in ("q", "omgang", "klass", "lage"))
    return FilterBar(
        search_label=_("Sök elev"),
        search_value=request.GET.get("q", ""),
        clear_url=request.path if narrowed else "",
        count=_("%(shown)d av %(total)d") % {"shown": shown, "total": total},
        xlsx_url=address_with(request, export="xlsx"),
        csv_url=address_with(request, export="csv"),
        keep=[("sort", request.GET["sort"])] if "sort" in request.GET else [],
    )


def _sheet(rows: Sequence[ChoiceRow]) -> Sheet:
    heads = [_("Elev"), _("Klass"), _("Omgång"), _("Läge"), _("Val"), _("Inskickat")]
    return Sheet(_("Val"), heads, [_cells(row) for row in rows])


def _cells(row: ChoiceRow) -> tuple[Any, ...]:
    state = str(dict(CHOICE_STATES)[row.state])
    learner = row.learner
    return (str(learner), learner.school_class.name, row.round.title, state, row.choices, row.submitted_at)
