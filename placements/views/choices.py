"""Who has chosen: every learner of the rounds that are open or waiting for their allocation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import org_view
from core.exports import Sheet, export_response
from core.ui import FilterBar, address_with, columns
from placements.forms.rounds import CHOICE_STATES, ChoiceFilterForm
from placements.selectors.choices_overview import (
    LISTED,
    ChoiceRow,
    Choices,
    ClassProgress,
    choices_of,
    class_progress,
)
from placements.selectors.rounds import round_heads, rounds_of

PER_PAGE = 50
FILTERS = ("omgang", "skola", "klass", "lage")


@org_view("placements.view_rounds")
def round_choices(request: HttpRequest) -> HttpResponse:
    """List who has chosen, filtered, and exported as filtered."""
    heads = [head for head in round_heads(rounds_of(request.organisation), timezone.now()) if head.phase in LISTED]
    titles = {head.round.pk: head.round.title for head in heads}
    classes, counted_at = class_progress(titles, request.organisation)
    form = ChoiceFilterForm(request.GET, heads=heads, classes=classes)
    found, several = _filtered(request, form, classes), len({each.school_id for each in classes}) > 1
    if kind := request.GET.get("export"):
        return export_response(kind, _("val"), [_sheet(found, titles, several=several)])
    page: Page[ChoiceRow] = Paginator(found, PER_PAGE).get_page(  # type: ignore[arg-type]
        request.GET.get("page")
    )
    total = sum(each.learners for each in classes)
    context = {
        "page": page,
        "rows": [(row, titles[row.round_id]) for row in page.object_list],
        "filter_form": form,
        "bar": _bar(request, page.paginator.count, total, several=several),
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
        "several_schools": several,
        "missing": sum(each.missing for each in classes),
        "total": total,
        "counted_at": counted_at,
        "organisation": request.organisation,
    }
    return render(request, "placements/round_choices.html", context)


def _filtered(request: HttpRequest, form: ChoiceFilterForm, classes: Sequence[ClassProgress]) -> Choices:
    """The learners that the address asks for; what it cannot mean is left out."""
    form.is_valid()
    asked = form.cleaned_data
    return choices_of(
        classes,
        request.organisation,
        round_id=_id(asked.get("omgang")),
        school_id=_id(asked.get("skola")),
        class_id=_id(asked.get("klass")),
        state=asked.get("lage", ""),
        search=request.GET.get("q", "").strip(),
        sort=request.GET.get("sort", ""),
    )


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _bar(request: HttpRequest, shown: int, total: int, *, several: bool) -> FilterBar:
    narrowed = any(request.GET.get(name) for name in ("q", *FILTERS))
    return FilterBar(
        search_label=_("Sök elev, klass eller skola") if several else _("Sök elev"),
        search_value=request.GET.get("q", ""),
        clear_url=request.path if narrowed else "",
        count=_("%(shown)d av %(total)d") % {"shown": shown, "total": total},
        xlsx_url=address_with(request, export="xlsx"),
        csv_url=address_with(request, export="csv"),
        keep=[("sort", request.GET["sort"])] if "sort" in request.GET else [],
    )


def _sheet(rows: Iterable[ChoiceRow], titles: Mapping[UUID, str], *, several: bool) -> Sheet:
    heads = [
        _("Elev"),
        _("Klass"),
        *([_("Skola")] if several else []),
        _("Omgång"),
        _("Läge"),
        _("Val"),
        _("Inskickat"),
    ]
    return Sheet(_("Val"), heads, [_cells(row, titles[row.round_id], several=several) for row in rows])


def _cells(row: ChoiceRow, title: str, *, several: bool) -> tuple[Any, ...]:
    state = str(dict(CHOICE_STATES)[row.state])
    school = (row.school,) if several else ()
    return (row.name, row.class_name, *school, title, state, row.choices, row.submitted_at)
