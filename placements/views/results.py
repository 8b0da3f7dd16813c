"""Results for the school: classes, one class, one learner, another place, and the cards."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.access import org_view
from accounts.enums import LoggedAccess
from accounts.services import log_access
from core.errors import DomainError
from core.exports import Sheet, export_response
from core.pdf import pdf_response, render_pdf
from core.ui import Column, FilterBar, address_with, columns, receipt
from core.weeks import range_days, range_label
from employers.models import Slot
from placements.forms.results import PlaceChooseForm, ResultFilterForm
from placements.models import RoundPeriod
from placements.selectors.losses import losses
from placements.selectors.openings import openings_for
from placements.selectors.placements import (
    CONFIRMED,
    ResultRow,
    class_result,
    class_summaries,
    filter_results,
    history_of,
    learners_of,
    places_of,
    round_periods,
    status_tag,
    weeks_of,
    wish_words,
)
from placements.selectors.rights import may_run
from placements.selectors.whatif import published_run
from placements.services.placing import place_learner
from schools.models import Learner

CARDS_PER_PAGE = 4
CLASSES_PER_PAGE = 50
SHOWN = 60


@org_view("placements.view_placements")
def result_list(request: HttpRequest) -> HttpResponse:
    """Every class with published results."""
    summaries = class_summaries(request.organisation)
    ahead = [summary for summary in summaries if not summary.past]
    context = {
        "page": Paginator(summaries, CLASSES_PER_PAGE).get_page(request.GET.get("page")),
        "unplaced": sum(summary.unplaced for summary in ahead),
        "waiting": sum(summary.waiting for summary in ahead),
        "losses": losses(request.organisation) if request.actor.can("placements.run_allocation") else [],
    }
    return render(request, "placements/result_list.html", context)


@org_view("placements.view_placements")
def result_class(request: HttpRequest, period_id: UUID) -> HttpResponse:
    """One class: who, where, how far; as a page, or as a spreadsheet of exactly what is shown."""
    found = _round_period(request, period_id)
    everyone = class_result(found)
    form = ResultFilterForm(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    query = request.GET.get("q", "")
    rows = _sorted(filter_results(everyone, query=query, key=state), request.GET.get("sort", ""))
    weeks = weeks_of([period_id])[period_id]
    if request.GET.get("export") in ("xlsx", "csv"):
        return _export(request.GET["export"], found, rows, weeks)
    context = {
        "found": found,
        "rows": rows,
        "weeks": weeks,
        "columns": _columns(request),
        "placed": sum(1 for row in everyone if row.live),
        "confirmed": sum(1 for row in everyone if row.key == "confirmed"),
        "total": len(everyone),
        "unplaced": [row for row in everyone if row.key == "unplaced"],
        "filter_form": form,
        "bar": _filter_bar(request, query, len(rows), len(everyone)),
        "can_place": request.actor.can("placements.place_learner"),
        "losses": losses(request.organisation, round_id=found.round_id)
        if request.actor.can("placements.run_allocation")
        else [],
    }
    return render(request, "placements/result_class.html", context)


@org_view("placements.view_placements")
def result_learner(request: HttpRequest, period_id: UUID, learner_id: UUID) -> HttpResponse:
    """One learner's place and what has happened to it."""
    found, learner = _learner(request, period_id, learner_id)
    placements = places_of(learner, period_id)
    log_access(actor=request.actor, action=LoggedAccess.RESULT, subject_id=learner.pk)
    live = next((row for row in placements if row.ended_at is None), None)
    may_ask = request.actor.can("placements.run_allocation") and may_run(request.organisation, found.round)
    context = {
        "found": found,
        "learner": learner,
        "live": live,
        "tag": status_tag(live) if live else None,
        "wish": wish_words(live.rank) if live else "",
        "has_card": bool(live and live.status in CONFIRMED),
        "weeks": weeks_of([period_id])[period_id],
        "history": history_of(placements),
        "can_place": request.actor.can("placements.place_learner"),
        "asked_run": published_run(found.round, learner.pk) if may_ask else None,
    }
    return render(request, "placements/result_learner.html", context)


@org_view("placements.place_learner")
def place_choose(request: HttpRequest, period_id: UUID, learner_id: UUID) -> HttpResponse:
    """Choose a place for a learner who has none, from what is left."""
    found, learner = _learner(request, period_id, learner_id)
    if any(row.ended_at is None for row in places_of(learner, period_id)):
        receipt(request, _("%(name)s har redan en plats.") % {"name": learner})
        return redirect("placements:result_learner", request.organisation.slug, period_id, learner_id)
    form = PlaceChooseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        slot = get_object_or_404(Slot, pk=form.cleaned_data["slot"])
        try:
            place_learner(learner=learner, round=found.round, period=found.period, slot=slot, actor=request.actor)
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            receipt(
                request,
                _("%(name)s har en plats reserverad hos %(place)s. Arbetsplatsen får frågan nu.")
                % {"name": learner, "place": slot.title},
            )
            return redirect("placements:result_class", request.organisation.slug, period_id)
    weeks = weeks_of([period_id])[period_id]
    query = request.GET.get("q", "")
    offered = openings_for(learner=learner, round=found.round, weeks=weeks)
    matching = [each for each in offered.openings if query.casefold() in _searched(each.slot)]
    context = {
        "found": found,
        "learner": learner,
        "weeks": weeks,
        "form": form,
        "openings": matching[:SHOWN],
        "count": len(matching),
        "lost": offered.lost,
        "query": query,
    }
    return render(request, "placements/result_choose.html", context, status=422 if form.errors else 200)


@org_view("placements.view_placements")
def card_learner(request: HttpRequest, period_id: UUID, learner_id: UUID) -> HttpResponse:
    """One learner's card, as a PDF."""
    found, learner = _learner(request, period_id, learner_id)
    rows = [row for row in class_result(found) if row.learner.pk == learner.pk and row.key == "confirmed"]
    if not rows:
        raise Http404
    log_access(actor=request.actor, action=LoggedAccess.CARD, subject_id=learner.pk)
    return _cards(found, rows, f"praktikkort-{slugify(str(learner))}")


@org_view("placements.view_placements")
def card_class(request: HttpRequest, period_id: UUID) -> HttpResponse:
    """The cards of all confirmed placements of a class, four on a page, as a PDF."""
    found = _round_period(request, period_id)
    rows = [row for row in class_result(found) if row.key == "confirmed"]
    if not rows:
        receipt(request, _("Inga kort att skriva ut ännu. Korten blir klara när arbetsplatserna har svarat ja."))
        return redirect("placements:result_class", request.organisation.slug, period_id)
    return _cards(found, rows, f"praktikkort-{slugify(found.period.school_class.name)}")


def _cards(found: RoundPeriod, rows: list[ResultRow], filename: str) -> HttpResponse:
    weeks = weeks_of([found.period_id])[found.period_id]
    context = {
        "pages": [rows[first : first + CARDS_PER_PAGE] for first in range(0, len(rows), CARDS_PER_PAGE)],
        "weeks": range_label(weeks),
        "days": range_days(weeks),
        "title": _("Praktikkort %(class)s %(weeks)s")
        % {"class": found.period.school_class.name, "weeks": range_label(weeks)},
        "author": found.period.school_unit.name,
    }
    return pdf_response(render_pdf("pdf/placement_card.html", context), filename)


def _round_period(request: HttpRequest, period_id: UUID) -> RoundPeriod:
    return get_object_or_404(round_periods(request.organisation), period_id=period_id)


def _learner(request: HttpRequest, period_id: UUID, learner_id: UUID) -> tuple[RoundPeriod, Learner]:
    found = _round_period(request, period_id)
    return found, get_object_or_404(learners_of(found), pk=learner_id)


def _columns(request: HttpRequest) -> list[Column]:
    named = [("name", _("Elev")), ("place", _("Arbetsplats")), ("wish", _("Val"))]
    return columns(request, [*named, ("", _("Kontakt")), ("state", _("Läge"))])


def _sorted(rows: list[ResultRow], order: str) -> list[ResultRow]:
    keys = {
        "name": lambda row: (row.learner.last_name, row.learner.first_name),
        "place": lambda row: row.placement.slot.workplace.name if row.live else "",
        "wish": lambda row: (row.placement.rank or 99) if row.live else 100,
        "state": lambda row: ("unplaced", "waiting", "confirmed").index(row.key),
    }
    key = keys.get(order.lstrip("-"))
    # Urgency first, unless another order was asked for.
    return sorted(rows, key=key or keys["state"], reverse=bool(key) and order.startswith("-"))


def _filter_bar(request: HttpRequest, query: str, shown: int, total: int) -> FilterBar:
    return FilterBar(
        search_label=_("Sök elev eller arbetsplats"),
        search_value=query,
        clear_url=request.path if query or request.GET.get("state") else "",
        count=_("%(shown)d av %(total)d") % {"shown": shown, "total": total},
        xlsx_url=address_with(request, export="xlsx"),
        csv_url=address_with(request, export="csv"),
    )


def _export(kind: str, found: RoundPeriod, rows: list[ResultRow], weeks: list) -> HttpResponse:
    who, where = [_("Elev"), _("Klass"), _("Veckor")], [_("Arbetsplats"), _("Adress"), _("Handledare"), _("Telefon")]
    heads = [*who, *where, _("Val"), _("Läge")]
    sheet = Sheet(_("Resultat"), heads, [_export_row(row, found, range_label(weeks)) for row in rows])
    return export_response(kind, f"resultat-{slugify(found.period.school_class.name)}", [sheet])


def _export_row(row: ResultRow, found: RoundPeriod, weeks: str) -> list[str]:
    named = [str(row.learner), found.period.school_class.name, weeks]
    if not (row.placement and row.live):
        return [*named, "", "", "", "", "", str(row.tag.word)]
    slot, workplace = row.placement.slot, row.placement.slot.workplace
    address = f"{workplace.street}, {workplace.city}"
    return [*named, workplace.name, address, slot.supervisor_name, slot.supervisor_phone, row.wish, str(row.tag.word)]


def _searched(slot: Slot) -> str:
    return f"{slot.title} {slot.workplace.name} {slot.workplace.city} {slot.get_occupation_field_display()}".casefold()
