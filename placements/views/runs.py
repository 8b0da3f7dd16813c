"""Allocation: rounds with their runs, starting one, its progress and outcome, each learner's result, locks."""

import zipfile
from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import org_view
from accounts.enums import OrganisationKind
from core.errors import DomainError
from core.exports import Sheet, export_response
from core.ui import Chip, Column, FilterBar, address_with, columns, receipt
from core.weeks import range_label
from employers.models import Slot
from placements.enums import RUN_ACTIVE, RunPolicy, RunStatus
from placements.forms.runs import POLICY_HINTS, LockForm, ResultFilterForm, RunStartForm
from placements.models import AllocationRun, Assignment, PlacementLock, Round, RunFile
from placements.selectors.locks import LockQuestion, lockable_slots, open_question
from placements.selectors.rounds import round_rows, rounds_of, weeks_of_round
from placements.selectors.run_outcome import run_outcome
from placements.selectors.runs import (
    classes_of_run,
    locks_of_round,
    may_run,
    result_rows,
    results_of_run,
    run_name,
    run_progress,
    run_state,
    run_tag,
    runs_of,
    runs_of_round,
)
from placements.selectors.runs import run_index as index_rows
from placements.services.locks import lock_learner, unlock_learner
from placements.services.runs import discard_run, refusal_to_run, request_run

PER_PAGE = 50
_RESULT_HEADS = (
    ("name", _lazy("Elev")),
    ("class", _lazy("Klass")),
    ("place", _lazy("Plats")),
    ("wish", _lazy("Utfall")),
    ("", _lazy("Varför")),
)
README = """Underlag och resultat från en fördelning i Bryggan, utan namn.

underlag.npz   vilka som kan få vilka platser, vad valen kostar, och hur många platser som finns
resultat.npz   svaret med sitt bevis och lottningsfröet; följer med när omgången är publicerad

Kontrollera:   python -m placements.allocation verify underlag.npz resultat.npz
Räkna om:      python -m placements.allocation solve underlag.npz nytt.npz --seed FRÖ --policy {policy}
"""


@org_view("placements.view_rounds")
def run_index(request: HttpRequest) -> HttpResponse:
    """List the rounds, each with its latest run."""
    rows = index_rows(request.organisation, timezone.now())
    waiting = sum(1 for found in rows if found.run and found.run.status == RunStatus.DRAFT and not found.run.is_trial)
    return render(request, "placements/run_index.html", {"rows": rows, "waiting": waiting})


@org_view("placements.view_rounds")
def run_list(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show a round's runs and locks, and the form that starts a run."""
    return _round_page(request, _round(request, round_id), RunStartForm(), status=200)


@org_view("placements.run_allocation")
@require_POST
def run_start(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Start a trial or a run."""
    round_ = _round(request, round_id, own=True)
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
    run = _run(request, run_id)
    url = reverse("placements:run_detail", kwargs={"org": request.organisation.slug, "run_id": run.pk})
    context: dict[str, Any] = {
        "run": run,
        "name": run_name(run),
        "tag": run_tag(run),
        "weeks": weeks_of_round(run.round),
        "own": may_run(request.organisation, run.round),
        "may_run": request.actor.can("placements.run_allocation"),
        "may_publish": request.actor.can("placements.publish_run"),
        "policy": RunPolicy(run.policy).label,
    }
    if run.status in RUN_ACTIVE or not run.summary:
        return render(request, "placements/run_progress.html", {**context, "progress": run_progress(run, url)})
    context["outcome"] = run_outcome(run)
    context["hints"] = [(RunPolicy(policy).label, hint) for policy, hint in POLICY_HINTS.items()]
    response = render(request, "placements/run_detail.html", context)
    if request.htmx:
        # The progress panel asked: what it should show now is another page.
        response["HX-Refresh"] = "true"
    return response


@org_view("placements.view_rounds")
def run_results(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """List each learner's result, filtered and exported as seen."""
    run = _run(request, run_id)
    form = ResultFilterForm(request.GET, classes=classes_of_run(run, request.organisation))
    found = _filtered(request, run, form)
    if kind := request.GET.get("export"):
        return _export(run, found, kind)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    may_lock = (
        run.status == RunStatus.DRAFT
        and may_run(request.organisation, run.round)
        and request.actor.can("placements.run_allocation")
    )
    context = {
        "run": run,
        "name": run_name(run),
        "tag": run_tag(run),
        "page": page,
        "rows": result_rows(page.object_list),
        "bar": _filter_bar(request, form, page.paginator.count, run),
        "filter_form": form,
        "columns": [*columns(request, _RESULT_HEADS), *([Column(_("Lås"), hidden=True)] if may_lock else [])],
        "with_school": request.organisation.kind == OrganisationKind.AUTHORITY,
        "may_lock": may_lock,
    }
    return render(request, "placements/run_results.html", context)


@org_view("placements.view_rounds")
def run_file(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Give what the run was made from, without names; with the result once the seed is public."""
    run = _run(request, run_id)
    saved = get_object_or_404(RunFile, run=run)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("LÄS-MIG.txt", README.format(policy=run.policy))
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
    run = _run(request, run_id, own=True)
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


@org_view("placements.run_allocation")
def lock_make(request: HttpRequest, run_id: UUID, assignment_id: UUID) -> HttpResponse:
    """Decide a learner's place in coming runs."""
    run = _run(request, run_id, own=True)
    found = get_object_or_404(results_of_run(run, request.organisation), pk=assignment_id)
    question = open_question(round=run.round, learner_id=found.learner_id)
    if question is None:
        context = {"run": run, "row": result_rows([found])[0], "form": None}
        return render(request, "placements/run_lock.html", context, status=409)
    form = _lock_form(request, question, found)
    if request.method == "POST" and form.is_valid() and _locked(request, question, form):
        text = _("%(name)s är låst till %(slot)s från nästa körning.")
        receipt(request, text % {"name": found.learner, "slot": _slot(form).title})
        return redirect("placements:run_list", org=request.organisation.slug, round_id=run.round_id)
    context = {"run": run, "row": result_rows([found])[0], "form": form, "weeks": question.weeks}
    return render(request, "placements/run_lock.html", context, status=422 if form.is_bound else 200)


@org_view("placements.run_allocation")
@require_POST
def lock_remove(request: HttpRequest, round_id: UUID, lock_id: UUID) -> HttpResponse:
    """Let the coming runs decide a learner's place again."""
    round_ = _round(request, round_id, own=True)
    found = get_object_or_404(PlacementLock, pk=lock_id, round=round_)
    try:
        unlock_learner(placement_lock=found, actor=request.actor)
    except DomainError as error:
        receipt(request, error.message)
    else:
        receipt(request, _("%(name)s fördelas igen från nästa körning.") % {"name": found.learner})
    return redirect("placements:run_list", org=request.organisation.slug, round_id=round_.pk)


def _round(request: HttpRequest, round_id: UUID, *, own: bool = False) -> Round:
    """The round, if the organisation takes part in it; `own`: only if it may also run it."""
    found: Round = get_object_or_404(rounds_of(request.organisation), pk=round_id)
    if own and not may_run(request.organisation, found):
        raise Http404
    return found


def _run(request: HttpRequest, run_id: UUID, *, own: bool = False) -> AllocationRun:
    found: AllocationRun = get_object_or_404(runs_of(request.organisation), pk=run_id)
    if own:
        _round(request, found.round_id, own=True)
    return found


def _round_page(request: HttpRequest, round_: Round, form: RunStartForm, *, status: int) -> HttpResponse:
    (row,) = round_rows(rounds_of(request.organisation).filter(pk=round_.pk), timezone.now())
    runs = runs_of_round(round_)
    own = may_run(request.organisation, round_)
    context = {
        "row": row,
        "form": form,
        "runs": [(run, run_name(run), run_state(run), RunPolicy(run.policy).label) for run in runs],
        "locks": locks_of_round(round_) if own else [],
        "own": own and request.actor.can("placements.run_allocation"),
        "refusal": refusal_to_run(round_, is_trial=True),
        "refusal_real": refusal_to_run(round_, is_trial=False),
        "hints": POLICY_HINTS,
    }
    return render(request, "placements/run_list.html", context, status=status)


def _filtered(request: HttpRequest, run: AllocationRun, form: ResultFilterForm) -> QuerySet[Assignment]:
    """The rows that the address asks for; what it cannot mean is left out."""
    form.is_valid()
    asked = form.cleaned_data
    return results_of_run(
        run,
        request.organisation,
        class_id=UUID(asked["klass"]) if asked.get("klass") else None,
        outcome=asked.get("utfall", ""),
        search=request.GET.get("q", ""),
        sort=request.GET.get("sort", ""),
    )


def _filter_bar(request: HttpRequest, form: ResultFilterForm, count: int, run: AllocationRun) -> FilterBar:
    chosen = {name: form.cleaned_data.get(name) for name in ("klass", "utfall")}
    words = {name: dict(form.fields[name].choices) for name in chosen}
    chips = [Chip(words[name][value], address_with(request, **{name: ""})) for name, value in chosen.items() if value]
    total = run.summary.get("learners", count)
    return FilterBar(
        search_label=_("Sök elev"),
        search_value=request.GET.get("q", ""),
        chips=chips,
        clear_url="?" if chips or request.GET.get("q") else "",
        keep=[("sort", request.GET["sort"])] if request.GET.get("sort") else (),
        count=ngettext("%(count)d av %(total)d elev", "%(count)d av %(total)d elever", total)
        % {"count": count, "total": total},
        xlsx_url=address_with(request, export="xlsx"),
        csv_url=address_with(request, export="csv"),
    )


def _export(run: AllocationRun, found: QuerySet[Assignment], kind: str) -> HttpResponse:
    rows = [
        (
            row.school_name,
            row.class_name,
            row.name,
            row.place,
            row.city,
            row.words,
            row.assignment.rank,
            " ".join(row.why),
        )
        for row in result_rows(found)
    ]
    heads = [_("Skola"), _("Klass"), _("Elev"), _("Plats"), _("Ort"), _("Utfall"), _("Val"), _("Varför")]
    name = slugify(f"{run.round.title} {range_label(weeks_of_round(run.round))} {run_name(run)}")
    return export_response(kind, name, [Sheet(run_name(run), heads, rows)])


def _lock_form(request: HttpRequest, question: LockQuestion, found: Assignment) -> LockForm:
    """Offer what fits; a refused choice is judged by the service again."""
    options = [option for option in lockable_slots(question) if not option.against and option.left > 0]
    initial = {"slot": str(found.slot_id or "")}
    return LockForm(request.POST or None, options=options, initial=initial)


def _locked(request: HttpRequest, question: LockQuestion, form: LockForm) -> bool:
    try:
        lock_learner(
            round=question.round,
            learner=question.learner,
            slot=_slot(form),
            reason=form.cleaned_data["reason"],
            actor=request.actor,
        )
    except DomainError as error:
        form.add_error(error.field, str(error.message))
        return False
    return True


def _slot(form: LockForm) -> Slot:
    found: Slot = get_object_or_404(Slot, pk=form.cleaned_data["slot"])
    return found
