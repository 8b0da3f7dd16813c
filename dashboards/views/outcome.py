"""What came of the placements, for the region and the authorities."""

from collections.abc import Iterable, Sequence

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.access import org_view
from accounts.enums import OrganisationKind
from core.exports import export_response
from core.ui import address_with
from dashboards.charts import Chart, Part, Stack, group_chart, rank_chart, share_chart
from dashboards.exports import outcome_sheets, rank_heads, sex_heads
from dashboards.forms import OutcomeFilterForm
from dashboards.selectors.outcome import Outcome, RankRow, rounds_of
from dashboards.selectors.outcome import outcome as outcome_of
from dashboards.suppression import LIMIT, Cell

SCHOOLS_PER_PAGE = 50


@org_view("dashboards.view_outcome")
def outcome(request: HttpRequest) -> HttpResponse:
    """How full the seats are, how the wishes came out, and who does what."""
    form = _form(request)
    found = _outcome(request, form)
    page = Paginator(found.schools, SCHOOLS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "found": found,
        "schools": page,
        "rank_heads": rank_heads(),
        "sex_heads": sex_heads(),
        "charts": _charts(found, list(page)),
        "regional": request.organisation.kind == OrganisationKind.REGION,
        "query": address_with(request).removeprefix("?"),  # the exports hold every page
    }
    return render(request, "dashboards/outcome.html", context, status=200 if form.is_valid() else 422)


@org_view("dashboards.view_outcome")
def outcome_export(request: HttpRequest, table: str) -> HttpResponse:
    """One table of the report as xlsx, or all of them."""
    sheets = outcome_sheets(_outcome(request, _form(request)))
    wanted = list(sheets.values()) if table == "allt" else [sheets[table]] if table in sheets else []
    if not wanted:
        raise Http404
    return export_response("xlsx", f"rapport-{table}", wanted)


def _form(request: HttpRequest) -> OutcomeFilterForm:
    if request.organisation.kind == OrganisationKind.REGION:
        return OutcomeFilterForm(request.GET, rounds=None)
    year = OutcomeFilterForm(request.GET, rounds=None).chosen_year
    rounds = [(str(one.pk), one.title) for one in rounds_of(request.actor.authority_id, year)]
    return OutcomeFilterForm(request.GET, rounds=rounds)


def _outcome(request: HttpRequest, form: OutcomeFilterForm) -> Outcome:
    return outcome_of(organisation=request.organisation, school_year=form.chosen_year, round_id=form.chosen_round)


def _charts(found: Outcome, schools: Sequence[RankRow]) -> dict[str, Chart | None]:
    """Draw what is not hidden."""
    total = [found.total] if found.total else []
    trades = [_stack(row.name, zip(sex_heads(), row.cells, strict=True)) for row in found.trades if row.is_whole]
    fill = [(row.name, row.share) for row in found.fill]
    return {
        "schools": _rank_chart([*schools, *total], _("Val per skola")),
        "wishes": _rank_chart([*found.wishes, *total], _("Val per yrkesområde")),
        "trades": group_chart(trades, _("Platser per yrkesområde och kön")) if trades else None,
        "fill": share_chart(fill, _("Beläggning per yrkesområde")) if fill else None,
    }


def _rank_chart(rows: Sequence[RankRow], label: str) -> Chart | None:
    """Draw every rank, or only the first three choices and the rest where small counts are hidden."""
    whole = all(row.is_whole for row in rows)
    stacks = [
        _stack(row.name, zip(rank_heads(), row.cells, strict=True)) if whole else _coarse_stack(row)
        for row in rows
        if row.is_drawable
    ]
    return rank_chart(stacks, label, last_is_missing=whole) if stacks else None


def _coarse_stack(row: RankRow) -> Stack:
    """Draw all others together; their number is written only when it is not small."""
    first, second, others = row.coarse
    rank_one, rank_two = rank_heads()[:2]
    return Stack(
        row.name,
        [
            Part(rank_one, first.value or 0),
            Part(rank_two, second.value or 0),
            Part(_("Övriga"), others.value or 0, numbered=(others.value or 0) >= LIMIT),
        ],
    )


def _stack(name: str, parts: Iterable[tuple[str, Cell]]) -> Stack:
    return Stack(name, [Part(series, cell.value or 0) for series, cell in parts])
