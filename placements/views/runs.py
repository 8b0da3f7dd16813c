"""Allocation: rounds with their runs, starting one, its progress and outcome, its file, and setting one aside."""

import zipfile
from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import org_view
from core.errors import DomainError
from core.ui import receipt
from placements.enums import RUN_ACTIVE, RunPolicy, RunPurpose, RunStatus
from placements.forms.runs import POLICY_HINTS, RunStartForm
from placements.models import AllocationRun, Round, RunFile
from placements.selectors.publishing import may_undo
from placements.selectors.rights import has_begun, may_run, refusal_to_run, refused_by_right, without_place
from placements.selectors.rounds import round_heads, round_rows, rounds_of, weeks_of_round
from placements.selectors.run_compare import comparable_runs, run_label
from placements.selectors.run_outcome import run_outcome
from placements.selectors.runs import (
    index_rows,
    latest_runs,
    locks_of_round,
    publishing_progress,
    rule_of,
    run_history,
    run_name,
    run_progress,
    run_state,
    run_tag,
    runs_of_round,
)
from placements.services.runs import discard_run, request_run
from placements.views.finding import find_round, find_run

ROUNDS_PER_PAGE = 50
README = """Underlag och resultat från en fördelning i Bryggan, utan namn.

underlag.npz   vilka som kan få vilka platser, vad valen kostar, och hur många platser som finns
resultat.npz   svaret med sitt bevis och lottningsfröet; följer med när omgången är publicerad

Kontrollera:   python -m placements.allocation verify underlag.npz resultat.npz
Räkna om:      python -m placements.allocation solve underlag.npz nytt.npz --seed FRÖ --policy {policy}
Kontrollera fröet mot kontrollsumman som visades före valet:   printf %s FRÖ | sha256sum

Regel {policy}, regelversion {rules}, motor {engine}
Underlagets kontrollsumma i Bryggan: {digest}
"""


@org_view("placements.view_rounds")
def run_index(request: HttpRequest) -> HttpResponse:
    """List the rounds, each with its latest run."""
    heads = round_heads(rounds_of(request.organisation), timezone.now())
    runs = latest_runs(heads)
    page = Paginator(heads, ROUNDS_PER_PAGE).get_page(request.GET.get("page"))
    undecided = (RunStatus.DRAFT, RunStatus.REVIEWED)
    context = {
        "page": page,
        "rows": index_rows(list(page), runs),
        "waiting": sum(1 for run in runs.values() if run.status in undecided and not run.is_trial),
    }
    return render(request, "placements/run_index.html", context)


@org_view("placements.view_rounds")
def run_list(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show a round's runs and locks, and the form that starts a run."""
    round_ = find_round(request, round_id)
    purpose = RunPurpose.REST if round_.published_at else RunPurpose.FULL
    return _round_page(request, round_, RunStartForm(initial={"purpose": purpose}), status=200)


@org_view("placements.run_allocation")
@require_POST
def run_start(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Start a trial, a run, or a second round."""
    round_ = find_round(request, round_id, own=True)
    form = RunStartForm(request.POST)
    if form.is_valid():
        try:
            run = request_run(round=round_, actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            return redirect("placements:run_detail", org=request.organisation.slug, run_id=run.pk)
    return _round_page(request, round_, form, status=422)


@org_view("placements.view_rounds")
def run_detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show how far a run has come, or what it came to."""
    return run_page(request, find_run(request, run_id))


def run_page(request: HttpRequest, run: AllocationRun, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """Render a run's page, with why something asked of it was refused."""
    url = reverse("placements:run_detail", kwargs={"org": request.organisation.slug, "run_id": run.pk})
    own = may_run(request.organisation, run.round)
    context: dict[str, Any] = {
        "run": run,
        "name": run_name(run),
        "tag": run_tag(run),
        "weeks": weeks_of_round(run.round),
        "own": own,
        "may_run": request.actor.can("placements.run_allocation"),
        "may_publish": own and request.actor.can("placements.publish_run"),
        "policy": rule_of(run),
        "refusal": refusal,
    }
    if run.status in RUN_ACTIVE or not run.summary:
        return render(request, "placements/run_progress.html", {**context, "progress": run_progress(run, url)})
    if run.status in (RunStatus.PUBLISHING, RunStatus.RETRACTING):
        return render(request, "placements/run_progress.html", {**context, "progress": publishing_progress(run, url)})
    response = render(request, "placements/run_detail.html", {**context, **_outcome(request, run)}, status=status)
    if request.htmx:
        # The progress panel asked: what it should show now is another page.
        response["HX-Refresh"] = "true"
    return response


def _outcome(request: HttpRequest, run: AllocationRun) -> dict[str, Any]:
    outcome, now = run_outcome(run, request.organisation), timezone.now()
    is_published = run.status == RunStatus.PUBLISHED
    return {
        "outcome": outcome,
        "open_warnings": sum(1 for warning in outcome.warnings if warning.open),
        "by_right": refused_by_right(run.round, request.organisation.pk) if run.status == RunStatus.DRAFT else "",
        "may_undo": may_undo(run, now),
        "shown_later": is_published and run.results_at is not None and now < run.results_at,
        "missing": without_place(run.round).count() if is_published and not has_begun(run.round) else 0,
        "history": run_history(run),
        "hints": [(RunPolicy(policy).label, hint) for policy, hint in POLICY_HINTS.items()],
    }


@org_view("placements.view_rounds")
def run_file(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Give what the run was made from, without names; with the result once the seed is public."""
    run = find_run(request, run_id)
    saved = get_object_or_404(RunFile, run=run)
    readme = README.format(
        policy=run.policy, rules=run.rule_version or "–", engine=run.engine or "–", digest=run.inputs_hash
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("LÄS-MIG.txt", readme)
        bundle.writestr("underlag.npz", bytes(saved.problem))
        if run.status == RunStatus.PUBLISHED:
            bundle.writestr("resultat.npz", bytes(saved.result))
    name = f"{slugify(run.round.title)}-{run.number}.zip"
    return HttpResponse(
        out.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@org_view("placements.run_allocation")
def run_discard(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Ask, then set a run aside."""
    run = find_run(request, run_id, own=True)
    refusal = ""
    if request.method == "POST":
        try:
            discard_run(run=run, actor=request.actor)
        except DomainError as error:
            refusal = str(error.message)
        else:
            receipt(request, _("%(name)s är kasserad.") % {"name": run_name(run)})
            return redirect("placements:run_list", org=request.organisation.slug, round_id=run.round_id)
    context = {"run": run, "name": run_name(run), "refusal": refusal}
    return render(request, "placements/run_discard.html", context, status=409 if refusal else 200)


def _round_page(request: HttpRequest, round_: Round, form: RunStartForm, *, status: int) -> HttpResponse:
    (row,) = round_rows(rounds_of(request.organisation).filter(pk=round_.pk), timezone.now())
    own, asks = may_run(request.organisation, round_), request.organisation.pk
    purpose = RunPurpose.REST if round_.published_at else RunPurpose.FULL
    context = {
        "row": row,
        "form": form,
        "runs": [(run, run_name(run), run_state(run), rule_of(run)) for run in runs_of_round(round_)],
        "comparable": [(run.pk, run_label(run)) for run in comparable_runs(round_)],
        "locks": locks_of_round(round_) if own else [],
        "own": own and request.actor.can("placements.run_allocation"),
        "missing": without_place(round_).count() if round_.published_at else 0,
        "refusal": refusal_to_run(round_, is_trial=True, purpose=purpose, organisation_id=asks),
        "refusal_real": refusal_to_run(round_, is_trial=False, purpose=purpose, organisation_id=asks),
        "hints": POLICY_HINTS,
        "several_schools": row.schools > 1,
    }
    return render(request, "placements/run_list.html", context, status=status)
