"""An employer's slots: list, one, new, edit, weeks, and the acts on them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from employers.calendar import week_notes
from employers.forms import SlotForm, WeeksForm, week_name
from employers.models import Slot
from employers.selectors import slots as slot_selectors
from employers.selectors.workplaces import workplaces_of_employer
from employers.services import seats as seat_services
from employers.services import slots as services
from employers.services.seats import SeatsRefused
from employers.services.slots import ASSURED_FIELDS, OPEN_STATUSES, SlotData, slot_data
from employers.views.common import put_error, refuse, render_form


@org_view("employers.manage_slots")
@require_GET
def slot_list(request: HttpRequest) -> HttpResponse:
    """List the employer's slots."""
    rows = slot_selectors.slots_of_employer(request.actor.employer_id)
    context = {
        "rows": rows,
        "published": sum(row.offers_now for row in rows),
        "has_workplace": bool(rows) or workplaces_of_employer(request.actor.employer_id).exists(),
    }
    return render(request, "employers/slot_list.html", context)


@org_view("employers.manage_slots")
@require_GET
def slot_detail(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Show a slot as the schools see it, and what can be done with it."""
    slot = _own_slot(request, slot_id)
    context = {
        "slot": slot,
        "row": slot_selectors.slot_row(slot),
        "facts": slot_selectors.facts_of_slot(slot),
        "cap": slot_selectors.cap_of_workplace(slot.workplace_id),
        "history": slot_selectors.history_of_slot(slot),
        "return_reason": slot_selectors.reason_of_return(slot),
    }
    return render(request, "employers/slot_detail.html", context)


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def slot_create(request: HttpRequest) -> HttpResponse:
    """Write a new slot."""
    workplaces = workplaces_of_employer(request.actor.employer_id)
    form = SlotForm(request.POST or None, workplaces=workplaces)
    if request.method == "POST" and form.is_valid():
        try:
            slot = services.create_slot(data=SlotData(**form.cleaned_data), actor=request.actor)
        except DomainError as error:
            put_error(form, error)
        else:
            receipt(request, _("Utkastet är sparat. Skriv nu hur många ni tar emot, vecka för vecka."))
            return redirect("employers:slot_seats", org=request.organisation.slug, slot_id=slot.pk)
    return render_form(request, "employers/slot_form.html", form, {"has_workplace": workplaces.exists()})


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def slot_update(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Change what a slot says."""
    slot = _own_slot(request, slot_id)
    locked = () if slot.status in OPEN_STATUSES else ASSURED_FIELDS
    form = SlotForm(
        request.POST or None,
        workplaces=workplaces_of_employer(request.actor.employer_id),
        locked=locked,
        initial=_initial(slot),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_slot(slot=slot, data=SlotData(**form.cleaned_data), actor=request.actor)
        except DomainError as error:
            put_error(form, error)
        else:
            receipt(request, _("Ändringarna är sparade."))
            return _to(request, slot)
    context = {"slot": slot, "locked": locked, "has_workplace": True}
    return render_form(request, "employers/slot_form.html", form, context)


@org_view("employers.manage_slots")
@require_http_methods(["GET", "POST"])
def slot_seats(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Type the seats of the coming weeks straight into the cells."""
    slot = _own_slot(request, slot_id)
    terms = slot_selectors.coming_terms()
    weeks = [week for _term, listed in terms for week in listed]
    form = WeeksForm(
        request.POST or None,
        weeks=weeks,
        rows=slot_selectors.weeks_of_slot(slot, weeks),
        initial={"cap": slot_selectors.cap_of_workplace(slot.workplace_id)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            seat_services.plan_weeks(
                slot=slot, seats=form.seats(), cap=form.cleaned_data["cap"], weeks=weeks, actor=request.actor
            )
        except SeatsRefused as error:
            _put_week_errors(form, error)
        else:
            receipt(request, _("Veckorna är sparade."))
            return _to(request, slot)
    notes = week_notes(weeks)
    grids = [(term.label.capitalize(), form.inputs(listed, notes)) for term, listed in terms]
    return render_form(request, "employers/slot_seats.html", form, {"slot": slot, "grids": grids})


@org_view("employers.manage_slots")
@require_POST
def slot_submit(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Hand a draft to the coordinator."""
    text = _("Platsen är inskickad. Du får mejl när samordnaren har kvalitetssäkrat den.")
    return _act(request, slot_id, services.submit_slot, text)


@org_view("employers.manage_slots")
@require_POST
def slot_pause(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Hide a published slot."""
    slot = _own_slot(request, slot_id)
    undo = reverse("employers:slot_resume", kwargs={"org": request.organisation.slug, "slot_id": slot.pk})
    text = _("Platsen är pausad. Elever som redan har den behåller den.")
    return _act(request, slot_id, services.pause_slot, text, undo_url=undo)


@org_view("employers.manage_slots")
@require_POST
def slot_resume(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Show a paused slot again."""
    return _act(request, slot_id, services.resume_slot, _("Platsen är publicerad igen."))


@org_view("employers.manage_slots")
@require_POST
def slot_confirm(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Note that the slot still holds."""
    return _act(request, slot_id, services.confirm_slot, _("Tack. Skolorna ser att platsen stämmer."))


@org_view("employers.manage_slots")
@require_POST
def slot_copy(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Write a draft with the same words."""
    copy = services.copy_slot(slot=_own_slot(request, slot_id), actor=request.actor)
    receipt(request, _("Kopian är ett utkast. Ändra det som skiljer och skriv veckor."))
    return redirect("employers:slot_update", org=request.organisation.slug, slot_id=copy.pk)


def _own_slot(request: HttpRequest, slot_id: UUID) -> Slot:
    own = slot_selectors.slots_with_workplace().filter(employer_id=request.actor.employer_id)
    return get_object_or_404(own, pk=slot_id)


def _act(
    request: HttpRequest, slot_id: UUID, service: Callable[..., None], text: str, *, undo_url: str = ""
) -> HttpResponse:
    """Do one thing with an own slot, and go back to its page with a receipt or a refusal."""
    slot = _own_slot(request, slot_id)
    try:
        service(slot=slot, actor=request.actor)
    except DomainError as error:
        return refuse(request, error, _url(request, slot))
    receipt(request, text, undo_url=undo_url)
    return _to(request, slot)


def _url(request: HttpRequest, slot: Slot) -> str:
    return reverse("employers:slot_detail", kwargs={"org": request.organisation.slug, "slot_id": slot.pk})


def _to(request: HttpRequest, slot: Slot) -> HttpResponse:
    return redirect(_url(request, slot))


def _initial(slot: Slot) -> dict[str, Any]:
    data = slot_data(slot)
    return {name: getattr(data, name) for name in SlotData.__dataclass_fields__}


def _put_week_errors(form: WeeksForm, error: SeatsRefused) -> None:
    """Show each refusal in its cell; those about weeks that the grid no longer shows come on top."""
    for week, message in error.weeks.items():
        name = week_name(week)
        form.add_error(name if name in form.fields and week in form.shown else None, message)
