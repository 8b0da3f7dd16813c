"""The region's register of employers: list, export, one, invite."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import org_view
from core.errors import DomainError
from core.exports import Sheet, export_response
from core.ui import Chip, FilterBar, address_with, columns, receipt
from employers.filters import DEFAULT_SORT, EmployerFilter, sorted_by
from employers.forms import EmployerInviteForm
from employers.models import Employer
from employers.selectors import register as selectors
from employers.selectors.slots import confirmed_in, history_of_employer, slots_of_employer
from employers.selectors.workplaces import (
    contacts_of_employer,
    listed_workplaces,
    municipalities_of_region,
)
from employers.services.register import register_employer
from employers.views.common import put_error, render_form

PER_PAGE = 50
EXPORTS = ("xlsx", "csv")
FILTERS = ("municipality", "field", "status")


@org_view("employers.view_register")
@require_GET
def employer_list(request: HttpRequest) -> HttpResponse:
    """List employers: filtered, sorted and paged by the URL alone."""
    found = _filtered(request)
    rows = sorted_by(found.qs, request.GET.get("sort", DEFAULT_SORT))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(employer, confirmed_in(employer.confirmed_at)) for employer in page],
        "bar": _bar(request, found, page.paginator.count),
        "filter_fields": [found.form[name] for name in FILTERS],
        "columns": columns(request, _heads()),
        "filtered": bool(_chosen(found)),
        "may_invite": request.actor.can("employers.invite_employer"),
    }
    return render(request, "employers/employer_list.html", context)


@org_view("employers.view_register")
@require_GET
def employer_export(request: HttpRequest, kind: str) -> HttpResponse:
    """Download exactly what the list shows, all pages of it."""
    if kind not in EXPORTS:
        raise Http404
    rows = sorted_by(_filtered(request).qs, request.GET.get("sort", DEFAULT_SORT))
    heads = [str(head[1]) for head in _heads()]
    lines = [
        (row.name, row.cities, row.published, row.waiting, row.seats, confirmed_in(row.confirmed_at)) for row in rows
    ]
    return export_response(kind, "arbetsgivare", [Sheet(_("Arbetsgivare"), heads, lines)])


@org_view("employers.view_register")
@require_GET
def employer_detail(request: HttpRequest, employer_id: UUID) -> HttpResponse:
    """Show one employer: workplaces, slots, contacts and what has happened."""
    employer = get_object_or_404(selectors.employer_in_region(request.actor.region_id), pk=employer_id)
    context = {
        "employer": employer,
        "workplaces": listed_workplaces(employer.pk),
        "slot_rows": slots_of_employer(employer.pk),
        "contacts": contacts_of_employer(employer.pk),
        "history": history_of_employer(employer.pk),
        "may_assure": request.actor.can("employers.assure_slots"),
    }
    return render(request, "employers/employer_detail.html", context)


@org_view("employers.invite_employer")
@require_http_methods(["GET", "POST"])
def employer_invite(request: HttpRequest) -> HttpResponse:
    """Take up an employer and invite its first administrator."""
    form = EmployerInviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = register_employer(region=request.organisation, actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            put_error(form, error)
        else:
            receipt(request, _("Inbjudan skickas till %(email)s.") % {"email": invitation.email})
            return redirect(
                "employers:employer_detail", org=request.organisation.slug, employer_id=invitation.organisation_id
            )
    return render_form(request, "employers/employer_invite.html", form, {})


def _heads() -> list[tuple[Any, ...]]:
    return [
        ("name", _("Arbetsgivare")),
        ("cities", _("Ort")),
        ("published", _("Publicerade"), "num"),
        ("", _("Väntar"), "num"),
        ("seats", _("Veckoplatser framåt"), "num"),
        ("confirmed", _("Senast bekräftad")),
    ]


def _filtered(request: HttpRequest) -> EmployerFilter:
    region_id = request.actor.region_id
    return EmployerFilter(
        request.GET,
        queryset=selectors.register_of_region(region_id),
        municipalities=municipalities_of_region(region_id),
    )


def _bar(request: HttpRequest, found: EmployerFilter, shown: int) -> FilterBar:
    org = request.organisation.slug
    urls = {
        kind: reverse("employers:employer_export", kwargs={"org": org, "kind": kind}) + address_with(request)
        for kind in EXPORTS
    }
    chosen = _chosen(found)
    sort = request.GET.get("sort")
    return FilterBar(
        search_label=_("Sök arbetsgivare"),
        search_value=request.GET.get("q", ""),
        chips=[Chip(label, address_with(request, **{name: ""})) for name, label in chosen],
        clear_url=request.path if chosen else "",
        count=_count(shown, selectors.employer_in_region(request.actor.region_id)),
        xlsx_url=urls["xlsx"],
        csv_url=urls["csv"],
        keep=[("sort", sort)] if sort else [],
    )


def _count(shown: int, every: QuerySet[Employer]) -> str:
    """Return "3 av 1 284"."""
    total = f"{every.count():,}".replace(",", "\u00a0")
    return _("%(shown)d av %(total)s") % {"shown": shown, "total": total}


def _chosen(found: EmployerFilter) -> list[tuple[str, str]]:
    """Return the filters in force as (name, "Kommun: Mark")."""
    form = found.form
    values = form.cleaned_data if form.is_valid() else {}
    chosen = [("q", _("Text: %(text)s") % {"text": values["q"]})] if values.get("q") else []
    for name in FILTERS:
        if values.get(name):
            field = form.fields[name]
            chosen.append((name, f"{field.label}: {dict(field.choices)[values[name]]}"))
    return chosen
