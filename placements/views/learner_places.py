"""The places a learner may look through, and one of them."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import learner_view
from core.ui import FilterBar
from core.weeks import today
from employers.selectors.slots import slots_with_workplace
from placements.eligibility import reasons_against
from placements.forms.learner import BrowseFilterForm
from placements.selectors.browse import (
    Filters,
    applicants_by_slot,
    browse_rows,
    browse_slots,
    free_by_week,
    seats_left,
    slot_meta,
    slot_name,
)
from placements.selectors.choices import wishes_of
from placements.selectors.placements import facts_of
from placements.views.learner import demand_text, learner_page, visit_of

PER_PAGE = 24


@learner_view
def learner_browse(request: HttpRequest) -> HttpResponse:
    visit = visit_of(request)
    season = visit.season
    if season is None or not season.is_visible:
        return learner_page(request, "placements/learner_browse.html", _("Platser"), season, browse=None)
    asked = Filters(request.GET.get("q", "").strip(), request.GET.get("yrkesomrade", ""), request.GET.get("ort", ""))
    wishes = wishes_of(season.round, visit.learner.pk)
    facts = facts_of(visit.learner, kind=season.round.kind, period=season.period)
    browse = browse_slots(facts=facts, weeks=season.weeks, filters=asked)
    form = BrowseFilterForm(request.GET, browse=browse)
    page = Paginator(browse.fitting, PER_PAGE).get_page(request.GET.get("page"))
    rows = browse_rows(
        [*page.object_list, *browse.unfitting[:PER_PAGE]],
        browse=browse,
        facts=facts,
        weeks=season.weeks,
        ranks=wishes.ranks,
        region_id=visit.learner.region_id,
    )
    return learner_page(
        request,
        "placements/learner_browse.html",
        _("Platser"),
        season,
        browse=browse,
        page=page,
        rows=[(row, demand_text(row.applicants, row.seats)) for row in rows if not row.reasons],
        unfitting=[row for row in rows if row.reasons],
        filter_form=form,
        bar=_browse_bar(request, asked, len(browse.fitting)),
        chosen=len(wishes.choices),
        full=len(wishes.choices) >= season.round.max_choices,
    )


def _browse_bar(request: HttpRequest, asked: Filters, count: int) -> FilterBar:
    text = ngettext("%(count)d plats passar dig", "%(count)d platser passar dig", count) % {"count": count}
    narrowed = bool(asked.text or asked.field or asked.city)
    return FilterBar(
        search_label=_("Sök plats, yrke eller ort"),
        search_value=asked.text,
        clear_url=request.path if narrowed else "",
        count=text if narrowed else "",
    )


@learner_view
def learner_slot(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    visit = visit_of(request)
    season = visit.season
    slot = get_object_or_404(slots_with_workplace(), pk=slot_id)
    if season is None or not season.is_visible or not slot.published_at:
        return redirect("placements:learner_browse")
    free = free_by_week([slot], season.weeks)
    facts = facts_of(visit.learner, kind=season.round.kind, period=season.period)
    wishes = wishes_of(season.round, visit.learner.pk)
    applicants = applicants_by_slot([slot.pk], season.weeks, region_id=slot.region_id)
    return learner_page(
        request,
        "placements/learner_slot.html",
        _("Plats"),
        season,
        slot=slot,
        place=slot_name(slot),
        meta=slot_meta(slot),
        demand=demand_text(applicants.get(slot.pk, 0), seats_left(free, slot.pk, season.weeks)),
        reasons=reasons_against(facts=facts, slot=slot, weeks=season.weeks, today=today(), free=free),
        is_chosen=slot.pk in wishes.ranks,
        full=len(wishes.choices) >= season.round.max_choices,
    )
