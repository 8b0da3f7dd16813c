"""Publish a run: first what will happen, then the button; and for a while, the way back."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import org_view
from core.errors import DomainError
from placements.forms.runs import PublishForm
from placements.selectors.publishing import publishing_preview, undo_preview
from placements.selectors.runs import run_name
from placements.services.publishing import request_publishing
from placements.services.retracting import request_retraction
from placements.views.finding import find_run


@org_view("placements.publish_run")
def run_publish(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show who gets what and when; on POST, have the run published."""
    run = find_run(request, run_id, own=True)
    now, refusal = timezone.now(), ""
    undo_until = now + timedelta(seconds=settings.BRYGGAN_UNDO_SECONDS)
    form = PublishForm(request.POST if request.method == "POST" else None, undo_until=undo_until)
    if request.method == "POST" and form.is_valid():
        try:
            request_publishing(run=run, actor=request.actor, results_at=form.results_at)
        except DomainError as error:
            refusal = str(error.message)
        else:
            return redirect("placements:run_detail", org=request.organisation.slug, run_id=run.pk)
    preview = publishing_preview(run, request.organisation.pk, now)
    context = {"run": run, "name": run_name(run), "preview": preview, "form": form, "refusal": refusal}
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "placements/publish_run.html", context, status=status)


@org_view("placements.publish_run")
def run_undo(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show what taking a publishing back would undo; on POST, have it taken back."""
    run = find_run(request, run_id, own=True)
    refusal = ""
    if request.method == "POST":
        try:
            request_retraction(run=run, actor=request.actor)
        except DomainError as error:
            refusal = str(error.message)
        else:
            return redirect("placements:run_detail", org=request.organisation.slug, run_id=run.pk)
    context = {
        "run": run,
        "name": run_name(run),
        "preview": undo_preview(run, timezone.now()),
        "refusal": refusal,
    }
    return render(request, "placements/undo_run.html", context, status=409 if refusal else 200)
