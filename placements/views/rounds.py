"""The school's rounds: the list, opening, one round, its dates, and reminders."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from textwrap import wrap
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import org_view
from accounts.enums import OrganisationKind
from core.errors import DomainError
from core.ui import receipt
from placements.allocation import seed_commitment
from placements.enums import RoundPhase
from placements.forms.rounds import RoundForm, RoundOpenForm, initial_of, proposal
from placements.models import Round
from placements.phases import PHASE_TAGS, phase_planks
from placements.selectors.choices_overview import LISTED, ChoiceRow, ClassProgress, choices_of, class_progress
from placements.selectors.round_supply import supply_of
from placements.selectors.rounds import (
    RoundHead,
    bookable_periods,
    round_heads,
    rounds_of,
    with_numbers,
)
from placements.services.rounds import (
    RoundPlan,
    change_round,
    delete_round,
    open_round,
    plan_problems,
    remind_learners,
    withdraw_reminders,
)

OPEN = (RoundPhase.PLANNED, RoundPhase.VIEWING, RoundPhase.CHOOSING)
ROUNDS_PER_PAGE = 50
CLASSES_PER_PAGE = 50
CLASSES_NAMED = 8
WAITING_SHOWN = 20


@org_view("placements.view_rounds")
def round_list(request: HttpRequest) -> HttpResponse:
    organisation = request.organisation
    heads = round_heads(rounds_of(organisation), timezone.now())
    page = Paginator(heads, ROUNDS_PER_PAGE).get_page(request.GET.get("page"))
    waiting = bookable_periods(organisation) if request.actor.can("placements.open_round") else []
    context = {
        "page": page,
        "rows": [(row, PHASE_TAGS[row.phase], _next_date(row)) for row in with_numbers(list(page))],
        "choosing": [head for head in heads if head.phase == RoundPhase.CHOOSING],
        "waiting": waiting[:WAITING_SHOWN],
        "more_waiting": len(waiting[WAITING_SHOWN:]),
        "organisation": organisation,
    }
    return render(request, "placements/round_list.html", context)


def _next_date(row: RoundHead) -> tuple[str, datetime | None]:
    """Say what comes next in the round, and when where a time is set."""
    found = row.round
    coming = {
        RoundPhase.PLANNED: (_("Platserna visas"), found.view_at),
        RoundPhase.VIEWING: (_("Valet öppnar"), found.choose_at),
        RoundPhase.CHOOSING: (_("Valet stänger"), found.close_at),
        RoundPhase.CLOSED: (_("Kör fördelningen"), None),
        RoundPhase.CONFIRMING: (
            _("Svar senast %(day)s") % {"day": date_format(found.confirm_on, "D j M").lower()},
            None,
        ),
    }
    return coming.get(row.phase, ("", None))


@org_view("placements.open_round")
def round_open(request: HttpRequest) -> HttpResponse:
    organisation = request.organisation
    bookable = bookable_periods(organisation)
    asked = {UUID(value) for value in request.GET.getlist("period") if _is_uuid(value)}
    initial = proposal(bookable, asked, timezone.now())
    form = RoundOpenForm(request.POST or None, bookable=bookable, initial=initial)
    if request.method == "POST" and form.is_valid():
        unit = organisation.pk if organisation.kind == OrganisationKind.SCHOOL_UNIT else None
        plan = RoundPlan(**form.plan())
        if _plan_holds(form, plan, form.weeks()):
            try:
                opened = open_round(
                    periods=form.cleaned_data["periods"], plan=plan, school_unit_id=unit, actor=request.actor
                )
            except DomainError as refused:
                _refuse(form, refused)
            else:
                receipt(request, _("Omgången är skapad. Valet öppnar av sig självt."))
                return redirect("placements:round_detail", org=organisation.slug, round_id=opened.pk)
    context = {"form": form, "bookable": bookable, "organisation": organisation}
    return render(request, "placements/round_open.html", context, status=422 if form.errors else 200)


@org_view("placements.view_rounds")
def round_detail(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show where the round is: learner by learner where there are few classes, otherwise class by class."""
    head = _head(request, round_id)
    classes, counted_at = class_progress([head.round.pk], request.organisation)
    counts = _counts(classes)
    context = {
        "row": head,
        "round": head.round,
        "tag": PHASE_TAGS[head.phase],
        "phases": phase_planks(head.phase),
        "counts": counts,
        "counted_at": counted_at,
        "remindable": sum(each.remindable for each in classes),
        "several_schools": len({each.school_id for each in classes}) > 1,
        "supply": supply_of(head, request.organisation, learners=counts["total"]),
        "commitment": wrap(seed_commitment(head.round.seed), 8),
        "mine": request.actor.can("placements.open_round") and _may_change(request, head.round),
        "open": head.phase in OPEN,
        "choosing": head.phase == RoundPhase.CHOOSING,
        "listed": head.phase in LISTED,
        "organisation": request.organisation,
    }
    if len(classes) <= CLASSES_NAMED or request.organisation.kind == OrganisationKind.SCHOOL_UNIT:
        context["classes"] = _by_class(choices_of(classes, request.organisation, sort="class"))
    else:
        most_missing_first = sorted(classes, key=lambda each: -each.missing)
        context["page"] = Paginator(most_missing_first, CLASSES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "placements/round_detail.html", context)


def _counts(classes: Iterable[ClassProgress]) -> dict[str, int]:
    return {
        "sent": sum(each.sent for each in classes),
        "saved": sum(each.saved for each in classes),
        "none": sum(each.not_started for each in classes),
        "total": sum(each.learners for each in classes),
    }


def _by_class(rows: Iterable[ChoiceRow]) -> list[list[ChoiceRow]]:
    return [list(found) for _class, found in groupby(rows, key=lambda row: row.class_id)]


@org_view("placements.open_round")
def round_change(request: HttpRequest, round_id: UUID) -> HttpResponse:
    head = _head(request, round_id, changing=True)
    form = RoundForm(request.POST or None, initial=initial_of(head.round))
    if request.method == "POST" and form.is_valid():
        plan = RoundPlan(**form.plan())
        if _plan_holds(form, plan, head.weeks):
            try:
                change_round(round=head.round, plan=plan, actor=request.actor)
            except DomainError as refused:
                _refuse(form, refused)
            else:
                receipt(request, _("Ändringarna är sparade."))
                return redirect("placements:round_detail", org=request.organisation.slug, round_id=round_id)
    context = {"form": form, "row": head, "round": head.round, "open": head.phase in OPEN}
    context["organisation"] = request.organisation
    return render(request, "placements/round_change.html", context, status=422 if form.errors else 200)


@org_view("placements.open_round")
def round_delete(request: HttpRequest, round_id: UUID) -> HttpResponse:
    head = _head(request, round_id, changing=True)
    refused = ""
    if request.method == "POST":
        try:
            delete_round(round=head.round, actor=request.actor)
        except DomainError as error:
            refused = str(error.message)
        else:
            receipt(request, _("Omgången är borttagen. Klassernas veckor är kvar."))
            return redirect("placements:round_list", org=request.organisation.slug)
    context = {"row": with_numbers([head])[0], "round": head.round, "refused": refused, "form_errors": bool(refused)}
    context["organisation"] = request.organisation
    return render(request, "placements/round_delete.html", context, status=422 if refused else 200)


@org_view("placements.open_round")
@require_POST
def round_remind(request: HttpRequest, round_id: UUID) -> HttpResponse:
    head = _head(request, round_id, changing=True)
    try:
        done = remind_learners(round=head.round, actor=request.actor)
    except DomainError as refused:
        receipt(request, refused.message)
    else:
        undo = reverse("placements:round_remind_undo", args=[request.organisation.slug, round_id])
        receipt(request, _reminded(done.sent, done.already, done.without_mail), undo_url=undo if done.sent else "")
    return redirect("placements:round_detail", org=request.organisation.slug, round_id=round_id)


def _reminded(sent: int, already: int, without_mail: int) -> str:
    parts = []
    if sent:
        text = ngettext(
            "Påminnelse skickas till %(count)d elev om 10 minuter.",
            "Påminnelse skickas till %(count)d elever om 10 minuter.",
            sent,
        )
        parts.append(text % {"count": sent})
    if already:
        text = ngettext("%(count)d elev har redan påmints i dag.", "%(count)d elever har redan påmints i dag.", already)
        parts.append(text % {"count": already})
    if without_mail:
        text = ngettext("%(count)d elev saknar e-post.", "%(count)d elever saknar e-post.", without_mail)
        parts.append(text % {"count": without_mail})
    return " ".join(parts) or _("Alla har skickat in. Ingen påminnelse behövs.")


@org_view("placements.open_round")
@require_POST
def round_remind_undo(request: HttpRequest, round_id: UUID) -> HttpResponse:
    head = _head(request, round_id, changing=True)
    count = withdraw_reminders(round=head.round, actor=request.actor)
    receipt(request, _("Påminnelsen är stoppad.") if count else _("Påminnelsen har redan gått ut."))
    return redirect("placements:round_detail", org=request.organisation.slug, round_id=round_id)


# -- shared


def _head(request: HttpRequest, round_id: UUID, *, changing: bool = False) -> RoundHead:
    found = get_object_or_404(rounds_of(request.organisation), pk=round_id)
    if changing and not _may_change(request, found):
        raise Http404
    return round_heads(rounds_of(request.organisation).filter(pk=found.pk), timezone.now())[0]


def _may_change(request: HttpRequest, found: Round) -> bool:
    """A school changes its own rounds; the authority changes all of its schools'."""
    return request.organisation.pk in (found.school_unit_id, found.authority_id)


def _plan_holds(form: Form, plan: RoundPlan, weeks: Iterable[Any]) -> bool:
    for problem in plan_problems(plan, weeks):
        _refuse(form, problem)
    return not form.errors


def _refuse(form: Form, refused: DomainError) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
