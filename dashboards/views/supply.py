"""Supply against demand, for the region and the authorities."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import org_view
from core.exports import export_response
from core.weeks import monday, today
from dashboards.charts import Chart, WeekBar, supply_chart
from dashboards.exports import supply_sheets
from dashboards.forms import SupplyFilterForm
from dashboards.selectors.supply import SupplyPage, municipality_codes, supply_page, terms_to_choose


@org_view("dashboards.view_supply")
def supply(request: HttpRequest) -> HttpResponse:
    """Seats against demand per week, fields, the ten days, and what needs the coordinator."""
    form = _form(request)
    page = supply_page(organisation=request.organisation, chosen=form.chosen)
    context = {
        "form": form,
        "page": page,
        "chart": _chart(page),
        "concerns": [(concern, _url(request, concern.url_name)) for concern in page.concerns],
        "query": request.GET.urlencode(),
    }
    return render(request, "dashboards/supply.html", context, status=200 if form.is_valid() else 422)


@org_view("dashboards.view_supply")
def supply_export(request: HttpRequest, table: str) -> HttpResponse:
    """One table of the page as xlsx, or all of them."""
    sheets = supply_sheets(supply_page(organisation=request.organisation, chosen=_form(request).chosen))
    wanted = list(sheets.values()) if table == "allt" else [sheets[table]] if table in sheets else []
    if not wanted:
        raise Http404
    return export_response("xlsx", f"tillgang-{table}", wanted)


def _form(request: HttpRequest) -> SupplyFilterForm:
    codes = municipality_codes(request.organisation.region_id)
    return SupplyFilterForm(request.GET, municipalities=codes, terms=terms_to_choose())


def _url(request: HttpRequest, name: str) -> str:
    return reverse(name, kwargs={"org": request.organisation.slug}) if name else ""


def _chart(page: SupplyPage) -> Chart:
    now = monday(today())
    first = page.weeks[0].week_on
    bars = [
        WeekBar(
            label=week.label if week.week_on == first else str(week.number),
            seats=week.seats,
            demand=week.demand,
            closed=bool(week.closed),
            current=week.week_on == now,
        )
        for week in page.weeks
    ]
    return supply_chart(bars, page.heading)
