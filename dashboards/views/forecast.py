"""What if everybody wishes as last year: ask, wait, read, export."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import org_view
from core.errors import DomainError
from core.exports import export_response
from core.weeks import monday, school_year_label, today, week_number
from dashboards.charts import Chart, Part, Stack, WeekBar, rank_chart, supply_chart
from dashboards.enums import ForecastStatus
from dashboards.exports import forecast_sheets
from dashboards.forms import ForecastCellForm, ForecastForm
from dashboards.models import SeasonForecast
from dashboards.selectors.forecast import (
    ForecastPage,
    ForecastRow,
    forecast_page,
    forecasts_of,
    latest_forecasts,
    progress,
    title,
)
from dashboards.services.forecast import request_forecast

CELLS_ON_A_PAGE = 15


@org_view("dashboards.forecast_season")
@require_http_methods(["GET", "POST"])
def forecast(request: HttpRequest) -> HttpResponse:
    """The question, and the latest answers."""
    form = ForecastForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = request_forecast(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            return redirect("dashboards:forecast_detail", org=request.organisation.slug, forecast_id=made.pk)
    context = {"form": form, "rows": latest_forecasts(request.organisation.region_id)}
    return render(request, "dashboards/forecast.html", context, status=422 if form.errors else 200)


@org_view("dashboards.forecast_season")
@require_GET
def forecast_detail(request: HttpRequest, forecast_id: UUID) -> HttpResponse:
    """How far a forecast has come, or what it found."""
    found = _find(request, forecast_id)
    if found.status != ForecastStatus.DONE:
        here = reverse("dashboards:forecast_detail", kwargs={"org": request.organisation.slug, "forecast_id": found.pk})
        context = {"forecast": found, "title": title(found), "progress": progress(found, here)}
        return render(request, "dashboards/forecast_progress.html", context)
    response = _result(request, forecast_page(found))
    if request.htmx:
        # The progress panel asked: what it should show now is another page.
        response["HX-Refresh"] = "true"
    return response


@org_view("dashboards.forecast_season")
@require_GET
def forecast_export(request: HttpRequest, forecast_id: UUID, table: str) -> HttpResponse:
    """One table of a finished forecast as xlsx, or all of them."""
    found = _find(request, forecast_id)
    sheets = forecast_sheets(forecast_page(found)) if found.status == ForecastStatus.DONE else {}
    wanted = list(sheets.values()) if table == "allt" else [sheets[table]] if table in sheets else []
    if not wanted:
        raise Http404
    return export_response("xlsx", f"prognos-{table}", wanted)


def _find(request: HttpRequest, forecast_id: UUID) -> SeasonForecast:
    found: SeasonForecast = get_object_or_404(forecasts_of(request.organisation.region_id), pk=forecast_id)
    return found


def _result(request: HttpRequest, page: ForecastPage) -> HttpResponse:
    form = ForecastCellForm(request.GET, page=page)
    cells = form.admitted(page.cells)
    shown = Paginator(cells, CELLS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "title": title(page.forecast),
        "years": (school_year_label(page.forecast.school_year - 1), school_year_label(page.forecast.school_year)),
        "form": form,
        "cells": shown,
        "count": len(cells),
        "week_chart": _week_chart(page),
        "field_chart": _outcome_chart(page.fields, _("Utfall per yrkesområde")),
    }
    return render(request, "dashboards/forecast_detail.html", context, status=200 if form.is_valid() else 422)


def _week_chart(page: ForecastPage) -> Chart:
    now = monday(today()).isoformat()
    bars = [
        WeekBar(
            label=row.name if number == 0 else str(week_number(date.fromisoformat(row.key))),
            seats=row.seats,
            demand=row.demand.value,
            current=row.key == now,
        )
        for number, row in enumerate(page.weeks)
    ]
    return supply_chart(bars, _("Lediga platser mot elever utan plats, vecka för vecka"))


def _outcome_chart(rows: Sequence[ForecastRow], label: str) -> Chart | None:
    """Draw what is not hidden."""
    names = (_("Första valet"), _("Annan plats"), _("Utan plats"))
    stacks = [
        Stack(
            row.name,
            [
                Part(name, cell.value or 0)
                for name, cell in zip(names, (row.first, row.other, row.unplaced), strict=True)
            ],
        )
        for row in rows
        if row.is_whole and row.demand.value
    ]
    return rank_chart(stacks, label, last_is_missing=True) if stacks else None
