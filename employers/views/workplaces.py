"""An employer's workplaces and contacts."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from employers.forms import ContactForm, WorkplaceForm
from employers.models import ContactPerson, Workplace
from employers.selectors import workplaces as selectors
from employers.services import workplaces as services
from employers.services.workplaces import ContactData, WorkplaceData
from employers.views.common import put_error, refuse, render_form


@org_view("employers.manage_slots")
@require_GET
def workplace_list(request: HttpRequest) -> HttpResponse:
    """List workplaces and contacts."""
    context = {
        "workplaces": selectors.listed_workplaces(request.actor.employer_id),
        "contacts": selectors.contacts_of_employer(request.actor.employer_id),
    }
    return render(request, "employers/workplace_list.html", context)


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def workplace_create(request: HttpRequest) -> HttpResponse:
    """Write a new workplace."""
    return _edit_workplace(request, None)


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def workplace_update(request: HttpRequest, workplace_id: UUID) -> HttpResponse:
    """Change a workplace."""
    own = selectors.workplaces_of_employer(request.actor.employer_id)
    return _edit_workplace(request, get_object_or_404(own, pk=workplace_id))


def _edit_workplace(request: HttpRequest, workplace: Workplace | None) -> HttpResponse:
    employer = selectors.employer_of(request.actor.employer_id)
    names = WorkplaceData.__dataclass_fields__
    initial = {name: getattr(workplace, name) for name in names} if workplace else {"name": employer.name}
    form = WorkplaceForm(request.POST or None, region_id=request.actor.region_id, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = WorkplaceData(**form.cleaned_data)
        try:
            services.save_workplace(employer=employer, data=data, workplace=workplace, actor=request.actor)
        except DomainError as error:
            put_error(form, error)
        else:
            receipt(request, _("Arbetsplatsen är sparad."))
            return redirect("employers:workplace_list", org=request.organisation.slug)
    return render_form(request, "employers/workplace_form.html", form, {"workplace": workplace})


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def contact_create(request: HttpRequest) -> HttpResponse:
    """Write a new contact."""
    return _edit_contact(request, None)


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def contact_update(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Change a contact."""
    return _edit_contact(request, _own_contact(request, contact_id))


def _edit_contact(request: HttpRequest, contact: ContactPerson | None) -> HttpResponse:
    employer = selectors.employer_of(request.actor.employer_id)
    names = ContactData.__dataclass_fields__
    initial = {name: getattr(contact, name) for name in names} if contact else None
    form = ContactForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = ContactData(**form.cleaned_data)
        try:
            services.save_contact(employer=employer, data=data, contact=contact, actor=request.actor)
        except DomainError as error:
            put_error(form, error)
        else:
            receipt(request, _("Kontaktpersonen är sparad."))
            return redirect("employers:workplace_list", org=request.organisation.slug)
    return render_form(request, "employers/contact_form.html", form, {"contact": contact})


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def contact_remove(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Ask, then forget a contact."""
    contact = _own_contact(request, contact_id)
    back = redirect("employers:workplace_list", org=request.organisation.slug)
    if request.method == "GET":
        return render(request, "employers/contact_remove.html", {"contact": contact, "back": back.url})
    try:
        services.remove_contact(contact=contact, actor=request.actor)
    except DomainError as error:
        return refuse(request, error, back.url)
    receipt(request, _("%(name)s är borttagen.") % {"name": contact.name})
    return back


def _own_contact(request: HttpRequest, contact_id: UUID) -> ContactPerson:
    return get_object_or_404(ContactPerson, pk=contact_id, employer_id=request.actor.employer_id)
