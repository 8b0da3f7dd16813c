"""Two runs of a round side by side, down to who moves."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.access import org_view
from accounts.enums import OrganisationKind
from core.exports import Sheet, export_response
from core.ui import Chip, FilterBar, address_with, columns
from placements.forms.runs import CompareForm, MoveFilterForm
from placements.models import AllocationRun, Assignment, Round
from placements.selectors.run_compare import (
    Move,
    chosen_pair,
    comparable_runs,
    figure_rows,
    move_rows,
    moves_between,
    run_label,
    school_pairs,
)
from placements.selectors.run_learners import classes_of_round
from placements.views.finding import find_round
from schools.selectors.learners import search_label

PER_PAGE = 50
HEADS = (
    ("name", _lazy("Elev")),
    ("class", _lazy("Klass")),
    ("a", _lazy("Plats i A")),
    ("b", _lazy("Plats i B")),
)


@org_view("placements.view_rounds")
def run_compare(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show the figures of two runs, school by school, and the learners who move; exported as seen."""
    round_ = find_round(request, round_id)
    runs = comparable_runs(round_)
    pair = chosen_pair(runs, request.GET.get("a", ""), request.GET.get("b", ""))
    if pair is None:
        return render(request, "placements/run_compare.html", {"round": round_, "pair": None})
    a, b = pair
    filters = MoveFilterForm(request.GET, classes=classes_of_round(round_, request.organisation))
    moves = _moves(request, a, b, filters)
    if kind := request.GET.get("export"):
        return _export(round_, a, b, moves, kind)
    page = Paginator(moves, PER_PAGE).get_page(request.GET.get("page"))
    found = page.paginator.count
    total = moves_between(a, b, request.organisation).count() if _is_narrowed(request, filters) else found
    labels = [(str(run.pk), run_label(run)) for run in runs]
    context = {
        "round": round_,
        "pair": [("A", a, run_label(a)), ("B", b, run_label(b))],
        "form": CompareForm(initial={"a": str(a.pk), "b": str(b.pk)}, runs=labels),
        "figures": figure_rows(a, b),
        "schools": school_pairs(a, b, request.organisation),
        "page": page,
        "rows": move_rows(page.object_list),
        "total": total,
        "bar": _bar(request, a, b, filters, (found, total)),
        "filter_form": filters,
        "columns": columns(request, HEADS),
        "with_school": request.organisation.kind == OrganisationKind.AUTHORITY,
    }
    return render(request, "placements/run_compare.html", context)


def _moves(
    request: HttpRequest, a: AllocationRun, b: AllocationRun, filters: MoveFilterForm
) -> QuerySet[Assignment, Move]:
    filters.is_valid()
    asked = filters.cleaned_data
    return moves_between(
        a,
        b,
        request.organisation,
        class_id=UUID(asked["klass"]) if asked.get("klass") else None,
        direction=asked.get("riktning", ""),
        search=request.GET.get("q", ""),
        sort=request.GET.get("sort", ""),
    )


def _is_narrowed(request: HttpRequest, filters: MoveFilterForm) -> bool:
    return bool(request.GET.get("q") or any(filters.cleaned_data.values()))


def _bar(
    request: HttpRequest, a: AllocationRun, b: AllocationRun, filters: MoveFilterForm, counts: tuple[int, int]
) -> FilterBar:
    chosen = filters.cleaned_data
    words = {name: dict(filters.fields[name].choices) for name in chosen}
    chips = [
        Chip(str(words[name][value]), address_with(request, **{name: ""})) for name, value in chosen.items() if value
    ]
    keep = [("a", str(a.pk)), ("b", str(b.pk))]
    return FilterBar(
        search_label=search_label(request.organisation),
        search_value=request.GET.get("q", ""),
        chips=chips,
        clear_url=f"?a={a.pk}&b={b.pk}" if _is_narrowed(request, filters) else "",
        keep=[*keep, *([("sort", request.GET["sort"])] if request.GET.get("sort") else [])],
        count=ngettext("%(count)d av %(total)d elev", "%(count)d av %(total)d elever", counts[1])
        % {"count": counts[0], "total": counts[1]},
        xlsx_url=address_with(request, a=str(a.pk), b=str(b.pk), export="xlsx"),
        csv_url=address_with(request, a=str(a.pk), b=str(b.pk), export="csv"),
    )


def _export(
    round_: Round, a: AllocationRun, b: AllocationRun, moves: QuerySet[Assignment, Move], kind: str
) -> HttpResponse:
    rows = [
        (row.school_name, row.class_name, row.name, row.place_a, row.wish_a, row.place_b, row.wish_b)
        for row in move_rows(moves)
    ]
    heads = [
        _("Skola"),
        _("Klass"),
        _("Elev"),
        _("Plats i A: %(run)s") % {"run": run_label(a)},
        _("Val i A"),
        _("Plats i B: %(run)s") % {"run": run_label(b)},
        _("Val i B"),
    ]
    name = slugify(f"{round_.title} {a.number} {b.number}")
    return export_response(kind, name, [Sheet(_("Elever som byter"), heads, rows)])
