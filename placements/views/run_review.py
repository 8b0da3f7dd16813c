"""Between the run and its publishing: warnings accepted one by one, the review, and the way back."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from placements.selectors.runs import run_name
from placements.services.runs import accept_warning, reopen_run, review_run, withdraw_acceptance
from placements.views.finding import find_run
from placements.views.runs import run_page


@org_view("placements.review_run")
@require_POST
def run_warning(request: HttpRequest, run_id: UUID, code: str) -> HttpResponse:
    """Accept a warning, or take that back, and return to it."""
    run = find_run(request, run_id, own=True)
    try:
        if request.POST.get("act") == "withdraw":
            withdraw_acceptance(run=run, code=code, actor=request.actor)
        else:
            accept_warning(run=run, code=code, actor=request.actor)
    except DomainError as error:
        receipt(request, error.message)
    url = reverse("placements:run_detail", kwargs={"org": request.organisation.slug, "run_id": run.pk})
    # The browser moves the focus to what the address names: the warning itself.
    return HttpResponseRedirect(f"{url}#varning-{code}")


@org_view("placements.review_run")
@require_POST
def run_review(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Say that the run has been looked through."""
    run = find_run(request, run_id, own=True)
    try:
        review_run(run=run, actor=request.actor)
    except DomainError as error:
        return run_page(request, find_run(request, run_id), refusal=str(error.message), status=409)
    receipt(request, _("%(name)s är granskad. Nu kan den publiceras.") % {"name": run_name(run)})
    return redirect("placements:run_detail", org=request.organisation.slug, run_id=run.pk)


@org_view("placements.review_run")
@require_POST
def run_reopen(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Make a reviewed run a draft again."""
    run = find_run(request, run_id, own=True)
    try:
        reopen_run(run=run, actor=request.actor)
    except DomainError as error:
        return run_page(request, find_run(request, run_id), refusal=str(error.message), status=409)
    receipt(request, _("%(name)s är ett utkast igen.") % {"name": run_name(run)})
    return redirect("placements:run_detail", org=request.organisation.slug, run_id=run.pk)
