"""Publish a run: first what will happen, then the button."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from placements.models import AllocationRun
from placements.selectors.publishing import publishing_preview
from placements.selectors.runs import may_run, runs_of
from placements.services.publishing import publish_run


@org_view("placements.publish_run")
def run_publish(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show who gets what and when; on POST, publish."""
    organisation = request.organisation
    run: AllocationRun = get_object_or_404(runs_of(organisation), pk=run_id)
    if not may_run(organisation, run.round):
        raise Http404
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            count = publish_run(run=run, actor=request.actor)
        except DomainError as error:
            refusal = error
        else:
            receipt(
                request,
                ngettext("%(count)d placering är publicerad.", "%(count)d placeringar är publicerade.", count)
                % {"count": count},
            )
            return redirect("placements:result_list", org=organisation.slug)
    context = {"run": run, "preview": publishing_preview(run, timezone.now()), "refusal": refusal}
    return render(request, "placements/publish_run.html", context, status=409 if refusal else 200)
