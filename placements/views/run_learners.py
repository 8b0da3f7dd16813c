"""Each learner's result in a run: the list as it is filtered, its export, and locks."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
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
from placements.enums import RunStatus
from placements.forms.runs import LockForm, ResultFilterForm
from placements.models import AllocationRun, Assignment, PlacementLock
from placements.selectors.locks import LockQuestion, lockable_slots, open_question
from placements.selectors.rights import may_run
from placements.selectors.rounds import weeks_of_round
from placements.selectors.run_learners import classes_of_round, result_rows, results_of_run
from placements.selectors.run_warnings import far_minutes
from placements.selectors.runs import run_name, run_tag
from placements.selectors.whatif import refusal_to_ask
from placements.services.locks import lock_learner, unlock_learner
from placements.views.finding import find_round, find_run
from schools.selectors.learners import search_label

PER_PAGE = 50
_RESULT_HEADS = (
    ("name", _lazy("Elev")),
    ("class", _lazy("Klass")),
    ("place", _lazy("Plats")),
    ("travel", _lazy("Resa"), "num"),
    ("wish", _lazy("Utfall")),
    ("", _lazy("Varför")),
)


@org_view("placements.view_rounds")
def run_results(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """List each learner's result, filtered and exported as seen."""
    run = find_run(request, run_id)
    form = ResultFilterForm(request.GET, classes=classes_of_round(run.round, request.organisation))
    found = _filtered(request, run, form)
    if kind := request.GET.get("export"):
        return _export(run, found, kind)
    # Sorted by their keys alone: whole rows, with what explains them, would be sorted on disk.
    page = Paginator(found.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
    own = may_run(request.organisation, run.round) and request.actor.can("placements.run_allocation")
    may_lock = own and run.status == RunStatus.DRAFT
    context = {
        "run": run,
        "name": run_name(run),
        "tag": run_tag(run),
        "page": page,
        "rows": result_rows(found.filter(pk__in=list(page)), far=far_minutes(run)),
        "bar": _filter_bar(request, form, page.paginator.count, run),
        "filter_form": form,
        "columns": [*columns(request, _RESULT_HEADS), *([Column(_("Lås"), hidden=True)] if may_lock else [])],
        "with_school": request.organisation.kind == OrganisationKind.AUTHORITY,
        "may_lock": may_lock,
        "may_ask": own and not refusal_to_ask(run),
    }
    return render(request, "placements/run_results.html", context)


@org_view("placements.run_allocation")
def lock_make(request: HttpRequest, run_id: UUID, assignment_id: UUID) -> HttpResponse:
    """Decide a learner's place in coming runs."""
    run = find_run(request, run_id, own=True)
    found = get_object_or_404(results_of_run(run, request.organisation), pk=assignment_id)
    question = open_question(round=run.round, learner_id=found.learner_id)
    if question is None:
        context = {"run": run, "row": result_rows([found], far=far_minutes(run))[0], "form": None}
        return render(request, "placements/run_lock.html", context, status=409)
    form = _lock_form(request, question, found)
    if request.method == "POST" and form.is_valid() and _locked(request, question, form):
        text = _("%(name)s är låst till %(slot)s från nästa körning.")
        receipt(request, text % {"name": found.learner, "slot": _slot(form).title})
        return redirect("placements:run_list", org=request.organisation.slug, round_id=run.round_id)
    context = {"run": run, "row": result_rows([found], far=far_minutes(run))[0], "form": form, "weeks": question.weeks}
    return render(request, "placements/run_lock.html", context, status=422 if form.is_bound else 200)


@org_view("placements.run_allocation")
@require_POST
def lock_remove(request: HttpRequest, round_id: UUID, lock_id: UUID) -> HttpResponse:
    """Let the coming runs decide a learner's place again."""
    round_ = find_round(request, round_id, own=True)
    found = get_object_or_404(PlacementLock, pk=lock_id, round=round_)
    try:
        unlock_learner(placement_lock=found, actor=request.actor)
    except DomainError as error:
        receipt(request, error.message)
    else:
        receipt(request, _("%(name)s fördelas igen från nästa körning.") % {"name": found.learner})
    return redirect("placements:run_list", org=request.organisation.slug, round_id=round_.pk)


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
    chosen = form.cleaned_data
    words = {name: dict(form.fields[name].choices) for name in chosen}
    chips = [Chip(words[name][value], address_with(request, **{name: ""})) for name, value in chosen.items() if value]
    total = run.summary.get("learners", count)
    return FilterBar(
        search_label=search_label(request.organisation),
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
            row.minutes,
            row.words,
            row.assignment.rank,
            row.moved_from,
            " ".join(row.why),
        )
        for row in result_rows(found, far=far_minutes(run))
    ]
    heads = [
        *(_("Skola"), _("Klass"), _("Elev"), _("Plats"), _("Ort"), _("Resa, minuter")),
        *(_("Utfall"), _("Val"), _("Flyttas från"), _("Varför")),
    ]
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
