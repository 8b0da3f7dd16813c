"""The school's plan for study and career guidance."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import org_view
from accounts.enums import OrganisationKind
from core.errors import DomainError
from core.ui import receipt
from core.weeks import school_year, school_year_label, today
from guidance import services
from guidance.forms import ActivityForm, GoalForm
from guidance.models import Activity, Goal
from guidance.selectors import activities_of, goals_of, plan_page, plans_of_authority, years_to_choose
from schools.models import SchoolUnit
from schools.selectors.units import own_units


@org_view("guidance.view_plan")
def plan(request: HttpRequest) -> HttpResponse:
    """A school's plan for one year, or an authority's list of its schools' plans."""
    year, known = _year(request)
    status = 200 if known else 422
    years = [(one, school_year_label(one), one == year) for one in years_to_choose()]
    if request.organisation.kind == OrganisationKind.AUTHORITY:
        plans = plans_of_authority(authority_id=request.actor.authority_id, year=year)
        context = {"plans": plans, "years": years, "year": year, "label": school_year_label(year)}
        return render(request, "guidance/plan_list.html", context, status=status)
    context = {
        "page": plan_page(unit=_unit(request), year=year),
        "years": years,
        "can_edit": request.actor.can("guidance.edit_plan"),
    }
    return render(request, "guidance/plan.html", context, status=status)


@org_view("guidance.edit_plan")
@require_POST
def plan_start(request: HttpRequest) -> HttpResponse:
    """Begin from the region's sample."""
    year, _known = _year(request)
    try:
        services.start_plan(unit=_unit(request), year=year, actor=request.actor)
    except DomainError as error:
        receipt(request, error.message)
    else:
        receipt(request, _("Planen är påbörjad med regionens mall. Ändra och ta bort så att den blir er."))
    return _to_plan(request, year)


@org_view("guidance.edit_plan")
def goal_add(request: HttpRequest) -> HttpResponse:
    """A new goal."""
    year, _known = _year(request)
    form = GoalForm(request.POST or None)

    def save() -> None:
        services.add_goal(unit=_unit(request), year=year, actor=request.actor, **form.cleaned_data)

    return _form_page(request, form, year, save, title=_("Nytt mål"), done=_("Målet är tillagt."))


@org_view("guidance.edit_plan")
def goal_change(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """Rewrite a goal."""
    goal = _goal(request, goal_id)
    form = GoalForm(request.POST or None, initial=GoalForm.values_of(goal))

    def save() -> None:
        services.change_goal(goal=goal, actor=request.actor, **form.cleaned_data)

    remove = reverse("guidance:goal_remove", args=[request.organisation.slug, goal_id])
    return _form_page(
        request, form, goal.plan.school_year, save, title=_("Ändra mål"), done=_("Målet är ändrat."), remove=remove
    )


@org_view("guidance.edit_plan")
def goal_remove(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """Ask, then take a goal away."""
    goal = _goal(request, goal_id)
    if request.method == "POST":
        services.remove_goal(goal=goal, actor=request.actor)
        receipt(request, _("Målet är borttaget. Aktiviteterna finns kvar."))
        return _to_plan(request, goal.plan.school_year)
    what = _("Målets aktiviteter finns kvar i planen, utan mål.")
    return _remove_page(request, goal.plan.school_year, _("Ta bort målet ”%(name)s”?") % {"name": goal.text}, what)


@org_view("guidance.edit_plan")
def activity_add(request: HttpRequest) -> HttpResponse:
    """A new activity."""
    year, _known = _year(request)
    unit = _unit(request)
    form = ActivityForm(request.POST or None, goals=_goals(unit, year), year=year)

    def save() -> None:
        services.add_activity(unit=unit, year=year, actor=request.actor, **form.cleaned_data)

    return _form_page(request, form, year, save, title=_("Ny aktivitet"), done=_("Aktiviteten är tillagd."))


@org_view("guidance.edit_plan")
def activity_change(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Rewrite an activity."""
    activity = _activity(request, activity_id)
    year = activity.plan.school_year
    form = ActivityForm(
        request.POST or None,
        initial=ActivityForm.values_of(activity),
        goals=_goals(_unit(request), year),
        year=year,
    )

    def save() -> None:
        services.change_activity(activity=activity, actor=request.actor, **form.cleaned_data)

    remove = reverse("guidance:activity_remove", args=[request.organisation.slug, activity_id])
    return _form_page(
        request, form, year, save, title=_("Ändra aktivitet"), done=_("Aktiviteten är ändrad."), remove=remove
    )


@org_view("guidance.edit_plan")
def activity_remove(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Ask, then take an activity away."""
    activity = _activity(request, activity_id)
    year = activity.plan.school_year
    if request.method == "POST":
        services.remove_activity(activity=activity, actor=request.actor)
        receipt(request, _("Aktiviteten är borttagen."))
        return _to_plan(request, year)
    question = _("Ta bort aktiviteten ”%(name)s”?") % {"name": activity.title}
    return _remove_page(request, year, question, _("Elevernas placeringar påverkas inte."))


@org_view("guidance.edit_plan")
@require_POST
def activity_mark(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Mark an activity as done, or as not done after all: the button says which."""
    activity = _activity(request, activity_id)
    done = request.POST.get("done") == "1"
    try:
        services.mark_activity(activity=activity, done=done, actor=request.actor)
    except DomainError as error:
        receipt(request, error.message)
    else:
        text = _("”%(name)s” är genomförd.") if done else _("”%(name)s” är inte längre avprickad.")
        receipt(request, text % {"name": activity.title})
    return _to_plan(request, activity.plan.school_year)


# -- shared by the views


def _form_page(
    request: HttpRequest,
    form: Form,
    year: int,
    save: Callable[[], None],
    *,
    title: str,
    done: str,
    remove: str = "",
) -> HttpResponse:
    """Show a form, or save it and go back to the plan; a refusal becomes an error of the form."""
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            receipt(request, done)
            return _to_plan(request, year)
    context: dict[str, Any] = {"form": form, "form_title": title, "back": _plan_url(request, year), "remove": remove}
    return render(request, "guidance/plan_form.html", context, status=422 if form.errors else 200)


def _remove_page(request: HttpRequest, year: int, question: str, what: str) -> HttpResponse:
    context = {"question": question, "what": what, "back": _plan_url(request, year)}
    return render(request, "guidance/plan_remove.html", context)


def _year(request: HttpRequest) -> tuple[int, bool]:
    """Return the school year of the URL (this one when it says nothing we know), and whether it was known."""
    asked = request.GET.get("school_year", "")
    known = [str(year) for year in years_to_choose()]
    return (int(asked), True) if asked in known else (school_year(today()), not asked)


def _unit(request: HttpRequest) -> SchoolUnit:
    if request.organisation.kind != OrganisationKind.SCHOOL_UNIT:
        raise Http404
    return own_units(request.organisation)[0]


def _goals(unit: SchoolUnit, year: int) -> Any:
    return goals_of(unit).filter(plan__school_year=year).order_by("position", "pk")


def _goal(request: HttpRequest, goal_id: UUID) -> Goal:
    return get_object_or_404(goals_of(_unit(request)), pk=goal_id)


def _activity(request: HttpRequest, activity_id: UUID) -> Activity:
    return get_object_or_404(activities_of(_unit(request)), pk=activity_id)


def _plan_url(request: HttpRequest, year: int) -> str:
    return f"{reverse('guidance:plan', args=[request.organisation.slug])}?school_year={year}"


def _to_plan(request: HttpRequest, year: int) -> HttpResponse:
    return redirect(_plan_url(request, year))
