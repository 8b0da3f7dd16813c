"""Quality assurance: what waits, and one slot with its checklist."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from employers.enums import SlotStatus
from employers.forms import AssureForm, ReturnForm
from employers.models import Slot
from employers.selectors import slots as slot_selectors
from employers.services import slots as services
from employers.views.common import UNPROCESSABLE, put_error


@org_view("employers.assure_slots")
@require_GET
def assurance_list(request: HttpRequest) -> HttpResponse:
    """List what waits for assurance, the longest waiting first."""
    rows = slot_selectors.waiting_slots(request.actor.region_id)
    return render(request, "employers/assurance_list.html", {"rows": rows})


@org_view("employers.assure_slots")
@require_GET
def assurance_detail(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Show one slot with its checklist and the two answers."""
    return _page(request, _slot(request, slot_id), AssureForm(), ReturnForm())


@org_view("employers.assure_slots")
@require_POST
def slot_publish(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Assure and publish."""
    slot, form = _slot(request, slot_id), AssureForm(request.POST)
    if form.is_valid():
        try:
            services.publish_slot(slot=slot, actor=request.actor)
        except DomainError as error:
            put_error(form, error)
        else:
            receipt(request, _("%(title)s är publicerad. Alla skolor i regionen ser den.") % {"title": slot.title})
            return redirect("employers:assurance_list", org=request.organisation.slug)
    return _page(request, slot, form, ReturnForm())


@org_view("employers.assure_slots")
@require_POST
def slot_return(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    """Send back with a reason."""
    slot, form = _slot(request, slot_id), ReturnForm(request.POST)
    if form.is_valid():
        try:
            services.return_slot(slot=slot, reason=form.cleaned_data["reason"], actor=request.actor)
        except DomainError as error:
            put_error(form, error)
        else:
            receipt(request, _("%(title)s är tillbaka hos arbetsgivaren, som får ett mejl.") % {"title": slot.title})
            return redirect("employers:assurance_list", org=request.organisation.slug)
    return _page(request, slot, AssureForm(), form)


def _slot(request: HttpRequest, slot_id: UUID) -> Slot:
    slots = slot_selectors.slots_with_workplace().filter(region_id=request.actor.region_id)
    return get_object_or_404(slots.exclude(status=SlotStatus.DRAFT) if request.method == "GET" else slots, pk=slot_id)


def _page(request: HttpRequest, slot: Slot, assure: AssureForm, back: ReturnForm) -> HttpResponse:
    checks = slot_selectors.checks_of_slot(slot)
    context = {
        "slot": slot,
        "row": slot_selectors.slot_row(slot),
        "facts": slot_selectors.facts_of_slot(slot),
        "checks": checks,
        "stops": [check for check in checks if check.tone == "stop"],
        "history": slot_selectors.history_of_slot(slot),
        "waits": slot.status in (SlotStatus.SUBMITTED, SlotStatus.APPROVED),
        "assure_form": assure,
        "return_form": back,
        "form_errors": assure.errors or back.errors,
    }
    status = UNPROCESSABLE if assure.errors or back.errors else 200
    return render(request, "employers/assurance_detail.html", context, status=status)
