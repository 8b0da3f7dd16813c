"""How the region estimates travel: try numbers, see what they mean, save them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import org_view
from core.ui import receipt
from placements.forms.travel import TravelForm
from placements.selectors.travel_model import examples, last_change, reach, travel_model
from placements.services.travel import FIELDS, set_travel


@org_view("placements.set_travel")
@require_http_methods(["GET", "POST"])
def travel_settings(request: HttpRequest) -> HttpResponse:
    """The five numbers, with examples. "Visa" shows what typed numbers mean without saving them."""
    region_id = request.organisation.region_id
    current = travel_model(region_id)
    form = TravelForm(request.POST or None, initial={name: getattr(current, name) for name in FIELDS})
    shown = current
    if request.method == "POST" and form.is_valid():
        if "preview" not in request.POST:
            set_travel(model=form.model, actor=request.actor)
            receipt(request, _("Resorna räknas nu med de nya talen. Fördelningar som redan är gjorda ändras inte."))
            return redirect("placements:travel_settings", org=request.organisation.slug)
        shown = form.model
    context = {
        "form": form,
        "shown": shown,
        "is_preview": shown is not current,
        "examples": examples(shown),
        "reach": reach(shown, region_id=region_id),
        "changed": last_change(current),
    }
    return render(request, "placements/travel_settings.html", context, status=422 if form.errors else 200)
