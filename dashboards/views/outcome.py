"""What came of the placements, for the region and the authorities."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.access import org_view
from accounts.enums import OrganisationKind
from core.exports import export_response
from dashboards.charts import Chart, Part, Stack, group_chart, rank_chart, share_chart
from dashboards.exports import outcome_sheets, rank_heads, sex_heads
from dashboards.forms import OutcomeFilterForm
from dashboards.selectors.outcome import Outcome, RankRow, TradeRow, rounds_of
from dashboards.selectors.outcome import outcome as outcome_of

Row = TypeVar("Row")


@org_view("dashboards.view_outcome")
def outcome(request: HttpRequest) -> HttpResponse:
    """How full the seats are, how the wishes came out, and who does what."""
    form = _form(request)
    found = _outcome(request, form)
    context = {
        "form": form,
        "found": found,
        "rank_heads": rank_heads(),
        "sex_heads": sex_heads(),
        "charts": _charts(found),
        "regional": request.organisation.kind == OrganisationKind.REGION,
        "query": request.GET.urlencode(),
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


def _charts(found: Outcome) -> dict[str, Chart | None]:
    """Draw what is not hidden."""
    schools = [_stack(row, rank_heads()) for row in found.schools if row.is_whole]
    wishes = [_stack(row, rank_heads()) for row in found.wishes if row.is_whole]
    trades = [_stack(row, sex_heads()) for row in found.trades if row.is_whole]
    fill = [(row.name, row.share) for row in found.fill]
    return {
        "schools": _drawn(schools, lambda stacks: rank_chart(stacks, _("Val per skola"))),
        "wishes": _drawn(wishes, lambda stacks: rank_chart(stacks, _("Val per yrkesområde"))),
        "trades": _drawn(trades, lambda stacks: group_chart(stacks, _("Platser per yrkesområde och kön"))),
        "fill": _drawn(fill, lambda shares: share_chart(shares, _("Beläggning per yrkesområde"))),
    }


def _drawn(rows: Sequence[Row], draw: Callable[[Sequence[Row]], Chart]) -> Chart | None:
    return draw(rows) if rows else None


def _stack(row: RankRow | TradeRow, heads: Sequence[str]) -> Stack:
    parts = zip(heads, row.cells, strict=True)
    return Stack(row.name, [Part(head, cell.value or 0) for head, cell in parts])
