"""Repair a published round: who lost a place, two ways to mend it, and what each would cost others."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from placements.enums import RunPurpose, RunStatus
from placements.models import Round
from placements.selectors.repairs import refusal_to_repair, repair_of
from placements.selectors.rounds import weeks_of_round
from placements.services.repairs import request_repair
from placements.services.runs import review_run
from placements.views.finding import find_round, find_run


@org_view("placements.run_allocation")
def repair_detail(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show who has no place, how far the counting has come, or both ways side by side."""
    return _page(request, find_round(request, round_id, own=True))


@org_view("placements.run_allocation")
@require_POST
def repair_start(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Have both ways counted."""
    round_ = find_round(request, round_id, own=True)
    try:
        request_repair(round=round_, actor=request.actor)
    except DomainError as error:
        return _page(request, round_, refused=str(error.message))
    return redirect("placements:repair_detail", org=request.organisation.slug, round_id=round_.pk)


@org_view("placements.publish_run")
@require_POST
def repair_publish(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Take one of the ways to its publishing: by way of its warnings, when there are any not yet accepted."""
    run = find_run(request, run_id, own=True)
    if run.purpose != RunPurpose.REPAIR:
        raise Http404
    try:
        if run.status == RunStatus.DRAFT:
            review_run(run=run, actor=request.actor)
    except DomainError as error:
        receipt(request, error.message)
        return redirect("placements:run_detail", org=request.organisation.slug, run_id=run.pk)
    return redirect("placements:run_publish", org=request.organisation.slug, run_id=run.pk)


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
