"""Repair a published round: who lost a place, two ways to mend it, and what each would cost others."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import org_view
from core.errors import DomainError
from placements.models import Round
from placements.selectors.repairs import refusal_to_repair, repair_of
from placements.selectors.rights import may_run
from placements.selectors.rounds import rounds_of, weeks_of_round
from placements.services.repairs import request_repair


@org_view("placements.run_allocation")
def repair_detail(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show who has no place, how far the counting has come, or both ways side by side."""
    return _page(request, _round(request, round_id))


@org_view("placements.run_allocation")
@require_POST
def repair_start(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Have both ways counted."""
    round_ = _round(request, round_id)
    try:
        request_repair(round=round_, actor=request.actor)
    except DomainError as error:
        return _page(request, round_, refused=str(error.message))
    return redirect("placements:repair_detail", org=request.organisation.slug, round_id=round_.pk)


def _round(request: HttpRequest, round_id: UUID) -> Round:
    found: Round = get_object_or_404(rounds_of(request.organisation), pk=round_id)
    if not may_run(request.organisation, found):
        raise Http404
    return found


def _page(request: HttpRequest, round_: Round, *, refused: str = "") -> HttpResponse:
    url = reverse("placements:repair_detail", kwargs={"org": request.organisation.slug, "round_id": round_.pk})
    repair = repair_of(round_, url)
    context = {
        "round": round_,
        "weeks": weeks_of_round(round_),
        "repair": repair,
        "refused": refused,
        "refusal": refusal_to_repair(round_),
        "may_publish": request.actor.can("placements.publish_run"),
    }
    response = render(request, "placements/repair_detail.html", context, status=409 if refused else 200)
    if request.htmx and repair.progress is None:
        # The progress panel asked: what it should show now is another page.
        response["HX-Refresh"] = "true"
    return response
