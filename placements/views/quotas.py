"""Seats kept for an authority: every reserve of the region, those of one slot, and keep, change or remove."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import org_view
from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.errors import DomainError
from core.exports import Sheet, export_response
from core.ui import receipt
from core.weeks import monday, today
from employers.models import Slot, SlotQuota
from employers.selectors.quotas import QuotaRow, WeekSeats, alike, quota_rows, weeks_with_reserves
from employers.selectors.slots import slots_with_workplace
from placements.forms.quotas import QuotaChangeForm, QuotaForm, QuotaRemoveForm
from placements.services.quotas import change_reserve, keep_seats, remove_reserve


@org_view("placements.manage_quotas")
@require_GET
def quota_list(request: HttpRequest) -> HttpResponse:
    """Every reserve of coming weeks; as a page, or as a spreadsheet of the same."""
    rows = quota_rows(today(), region_id=request.organisation.region_id)
    if request.GET.get("export") in ("xlsx", "csv"):
        return export_response(request.GET["export"], "reserverade-platser", [_sheet(rows)])
    kept = [row for row in rows if not row.released]
    context = {"rows": rows, "heading": _heading(kept), "kept": kept}
    return render(request, "placements/quota_list.html", context)


@org_view("placements.view_quotas")
@require_http_methods(["GET", "POST"])
def quota_detail(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """The weeks of one slot, what is kept and for whom; the coordinator keeps more here."""
    slot = _slot(request, slot_id)
    may_keep = request.actor.can("placements.manage_quotas")
    weeks = weeks_with_reserves(slot, today())
    form = _keep_form(request, weeks) if may_keep else None
    if form and request.method == "POST" and form.is_valid():
        try:
            keep_seats(
                slot=slot,
                authority=form.cleaned_data["authority"],
                keep=form.keep,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
            )
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            receipt(request, _("Platserna är reserverade."))
            return redirect("placements:quota_detail", org=request.organisation.slug, slot_id=slot.pk)
    context = {
        "slot": slot,
        "weeks": weeks,
        "rows": quota_rows(today(), region_id=slot.region_id, slot=slot),
        "form": form,
        "may_keep": may_keep,
        "shorts": [week for week in weeks if week.short],
    }
    status = 422 if form and form.is_bound and form.errors else 200
    return render(request, "placements/quota_detail.html", context, status=status)


@org_view("placements.manage_quotas")
@require_http_methods(["GET", "POST"])
def quota_change(request: HttpRequest, quota_id: UUID) -> HttpResponse:
    """Another number or another day, for all of the reserve's weeks or some."""
    row = _row(request, quota_id)
    first = row.first
    initial = {
        "weeks": [week.isoformat() for week in row.weeks],
        "seats": first.seats,
        "release_on": first.release_on,
    }
    form = QuotaChangeForm(request.POST or None, weeks=_used(row), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_reserve(quotas=row.quotas, keep=form.keep, reason=form.cleaned_data["reason"], actor=request.actor)
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            receipt(request, _("Reservationen är ändrad."))
            return redirect("placements:quota_detail", org=request.organisation.slug, slot_id=first.slot_id)
    return _form_page(request, "placements/quota_change.html", form, row)


@org_view("placements.manage_quotas")
@require_http_methods(["GET", "POST"])
def quota_remove(request: HttpRequest, quota_id: UUID) -> HttpResponse:
    """Let the seats of a reserve go, for all of its weeks or some."""
    row = _row(request, quota_id)
    initial = {"weeks": [week.isoformat() for week in row.weeks]}
    form = QuotaRemoveForm(request.POST or None, weeks=_used(row), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            remove_reserve(quotas=row.quotas, weeks=data["weeks"], reason=data["reason"], actor=request.actor)
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            receipt(request, _("Reservationen är borttagen. Alla skolor kan ta platserna."))
            return redirect("placements:quota_detail", org=request.organisation.slug, slot_id=row.first.slot_id)
    return _form_page(request, "placements/quota_remove.html", form, row)


def _slot(request: HttpRequest, slot_id: UUID) -> Slot:
    """A slot of the region; an employer sees its own."""
    slots = slots_with_workplace().filter(region_id=request.organisation.region_id)
    if request.actor.employer_id:
        slots = slots.filter(employer_id=request.actor.employer_id)
    return get_object_or_404(slots, pk=slot_id)


def _row(request: HttpRequest, quota_id: UUID) -> QuotaRow:
    quotas = SlotQuota.objects.filter(region_id=request.organisation.region_id, week_on__gte=monday(today()))
    return alike(get_object_or_404(quotas, pk=quota_id), today())


def _keep_form(request: HttpRequest, weeks: list[WeekSeats]) -> QuotaForm:
    authorities = Organisation.objects.filter(
        region_id=request.organisation.region_id, kind=OrganisationKind.AUTHORITY
    ).order_by("name")
    notes = [(week.week_on, _free(week.free)) for week in weeks]
    return QuotaForm(request.POST or None, weeks=notes, authorities=authorities)


def _free(count: int) -> str:
    return ngettext("%(count)d ledig", "%(count)d lediga", count) % {"count": count} if count else _("fullt")


def _used(row: QuotaRow) -> list[tuple[date, str]]:
    def note(count: int) -> str:
        return ngettext("%(count)d använd", "%(count)d använda", count) % {"count": count}

    return [(quota.week_on, note(min(quota.taken, quota.seats))) for quota in row.quotas]


def _form_page(request: HttpRequest, template: str, form: Any, row: QuotaRow) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, "row": row, "slot": row.first.slot}, status=status)


def _heading(kept: list[QuotaRow]) -> str:
    if not kept:
        return _("Inga platser är reserverade just nu")
    seats = sum(row.seats - row.used for row in kept)
    authorities = len({row.first.authority_id for row in kept})
    text = ngettext("%(seats)d veckoplats hålls för %(who)s", "%(seats)d veckoplatser hålls för %(who)s", seats)
    who = ngettext("%(n)d huvudman", "%(n)d huvudmän", authorities) % {"n": authorities}
    return text % {"seats": seats, "who": who}


def _sheet(rows: list[QuotaRow]) -> Sheet:
    heads = [
        _("Plats"), _("Arbetsgivare"), _("Huvudman"), _("Veckor"), _("Platser per vecka"), _("Veckoplatser"),
        _("Använda"), _("Släpps"), _("Läge"),
    ]  # fmt: skip
    lines = [
        (
            row.first.slot.title,
            row.first.slot.employer.name,
            row.first.authority.name,
            row.week_text,
            row.first.seats,
            row.seats,
            row.used,
            date_format(row.first.release_on, "Y-m-d"),
            str(row.tag.word),
        )
        for row in rows
    ]
    return Sheet(_("Reserverade platser"), heads, lines)
