"""What if: a question about one learner, one wish or one seat of a run, answered at once. Nothing is written."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import org_view
from accounts.enums import LoggedAccess
from accounts.services import log_access
from core.errors import DomainError
from placements.enums import RunStatus
from placements.forms.whatif import LateForm, SeatForm, WhatIfForm
from placements.models import AllocationRun, Assignment
from placements.selectors.runs import run_name
from placements.selectors.whatif import (
    Answer,
    ask_late,
    ask_seat,
    ask_wish,
    is_outdated,
    late_learners,
    refusal_to_ask,
    run_learners,
    seat_options,
    wishes_of,
)
from placements.views.finding import find_run


@org_view("placements.run_allocation")
def run_whatif(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show what can be asked about a run, and the answer to what the address asks."""
    run = find_run(request, run_id, own=True)
    context: dict[str, Any] = {"run": run, "name": run_name(run), "refusal": refusal_to_ask(run)}
    if context["refusal"]:
        return render(request, "placements/whatif_run.html", context)
    form = WhatIfForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    row = get_object_or_404(run_learners(run), learner=asked["elev"]) if asked.get("elev") else None
    if row:
        log_access(actor=request.actor, action=LoggedAccess.RESULT, subject_id=row.learner_id)
    context |= _answered(run, asked, row)
    late, options = list(late_learners(run)), seat_options(run)
    context |= {
        "row": row,
        "wishes": wishes_of(row, run) if row else [],
        "asked": asked,
        "late_form": LateForm(initial={"ny": str(asked.get("ny") or "")}, learners=late) if late else None,
        "seat_form": SeatForm(initial={"bort": asked.get("bort", "")}, options=options) if options else None,
        "is_outdated": is_outdated(run),
        "may_lock": run.status == RunStatus.DRAFT,
    }
    return render(request, "placements/whatif_run.html", context)


def _answered(run: AllocationRun, asked: dict[str, Any], row: Assignment | None) -> dict[str, Answer | str]:
    """The answer, or the sentence that says why there is none."""
    try:
        if row and asked.get("plats"):
            return {"answer": ask_wish(run, learner_id=row.learner_id, slot_id=asked["plats"])}
        if asked.get("ny"):
            return {"answer": ask_late(run, learner_id=asked["ny"])}
        if asked.get("bort"):
            return {"answer": ask_seat(run, key=asked["bort"])}
    except DomainError as error:
        return {"unanswered": str(error.message)}
    return {}
