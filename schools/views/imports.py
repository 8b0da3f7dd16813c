"""Read in a class: the list, what it would do, and then all of it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import org_view
from core import ui
from core.errors import DomainError
from core.exports import Sheet, export_response
from core.weeks import school_year, today
from schools.forms import ClassImportForm
from schools.selectors.classes import classes_of
from schools.selectors.units import own_units
from schools.services import classes as services
from schools.services.class_list import LABELS, ClassList, read_class_list
from schools.services.tables import Table, read_file, read_text

TAGS = {
    services.Action.CREATE: ("info", "plus", gettext_lazy("Ny")),
    services.Action.UPDATE: ("wait", "pen-line", gettext_lazy("Ändras")),
    services.Action.MOVE: ("wait", "arrow-right", gettext_lazy("Byter klass")),
    services.Action.SAME: ("off", "check", gettext_lazy("Som förut")),
    services.Action.COUNT: ("off", "lock", gettext_lazy("Räknas utan namn")),
    services.Action.ERROR: ("stop", "octagon-alert", gettext_lazy("Fel")),
}


@org_view("schools.import_class")
def class_import(request: HttpRequest) -> HttpResponse:
    """Take a list; show what it would do; on confirmation do all of it."""
    units = own_units(request.organisation)
    form = ClassImportForm(
        request.POST or None, request.FILES or None, units=units, today=today(), initial=_initial(request)
    )
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        table = _table(form.cleaned_data)
        found = read_class_list(table)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _page(request, form, status=422)
    return _preview_or_save(request, form, table, found)


def _initial(request: HttpRequest) -> dict[str, Any]:
    """A class named in the address (a new list for it), or the first guess."""
    try:
        asked = UUID(request.GET.get("klass", ""))
    except ValueError:
        return {"grade_level": 8, "school_year": school_year(today())}
    one = get_object_or_404(classes_of(request.organisation), pk=asked)
    return {
        "school_unit": str(one.school_unit_id),
        "name": one.name,
        "grade_level": one.grade_level,
        "school_year": one.school_year,
        "mentor_name": one.mentor_name,
    }


def _table(data: dict[str, Any]) -> Table:
    return read_file(data["file"].read()) if data.get("file") else read_text(data["text"])


def _preview_or_save(request: HttpRequest, form: ClassImportForm, table: Table, found: ClassList) -> HttpResponse:
    """Show the plan, unless it has been seen and is still the same."""
    data = form.cleaned_data
    details = services.ClassDetails(
        unit=data["school_unit"],
        name=data["name"].strip(),
        grade_level=data["grade_level"],
        school_year=data["school_year"],
        mentor_name=data["mentor_name"].strip(),
    )
    plan = services.plan_import(details=details, rows=found.rows)
    seen = request.POST.get("seen", "")
    if not plan.ok or seen != plan.digest:
        return _preview(request, form, table, found, plan, changed=bool(seen))
    try:
        result = services.import_class(details=details, rows=found.rows, actor=request.actor)
    except DomainError as error:
        form.add_error(None, str(error.message))
        return _page(request, form, status=422)
    ui.receipt(request, _receipt(result))
    return redirect("schools:class_detail", request.organisation.slug, result.school_class.pk)


def _receipt(result: services.ImportResult) -> str:
    created = ngettext("%(count)d ny elev", "%(count)d nya elever", result.created) % {"count": result.created}
    values = {"name": result.school_class.name, "created": created, "updated": result.updated}
    return _("%(name)s är inläst: %(created)s, %(updated)d ändrade.") % values


def _page(request: HttpRequest, form: ClassImportForm, *, status: int = 200) -> HttpResponse:
    back = reverse("schools:class_list", args=[request.organisation.slug])
    context = {"form": form, "back": back, "columns": [str(label) for label in LABELS.values()]}
    return render(request, "schools/class_import.html", context, status=status)


def _preview(
    request: HttpRequest,
    form: ClassImportForm,
    table: Table,
    found: ClassList,
    plan: services.ImportPlan,
    *,
    changed: bool,
) -> HttpResponse:
    """What the list would do, row by row; the list itself rides along in the page, and is kept nowhere."""
    tags = {action: ui.StatusTag(ui.Tone(tone), icon, word) for action, (tone, icon, word) in TAGS.items()}
    context = {
        "form": form,
        "plan": plan,
        "rows": [(one, tags[one.action], [LABELS[name] for name in one.changes]) for one in plan.rows],
        "text": "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in table),
        "ignored": found.ignored,
        "errors": plan.count(services.Action.ERROR),
        "created": plan.count(services.Action.CREATE),
        "updated": plan.count(services.Action.UPDATE) + plan.count(services.Action.MOVE),
        "same": plan.count(services.Action.SAME),
        "counted": plan.count(services.Action.COUNT),
        "changed": changed,
        "form_errors": not plan.ok,
    }
    return render(request, "schools/class_import_preview.html", context, status=200 if plan.ok else 422)


@org_view("schools.import_class")
def class_template(request: HttpRequest) -> HttpResponse:
    """A spreadsheet with the right headings and two invented learners."""
    heads = [str(label) for name, label in LABELS.items() if name != "protected"]
    rows = [
        (
            "Amina",
            "Warsame",
            "2012-05-04",
            "kvinna",
            "amina@example.se",
            "Hodan Warsame",
            "hodan@example.se",
            "somaliska",
        ),
        ("Viktor", "Ek", "2012-11-30", "man", "", "Anna Ek", "", "svenska"),
    ]
    return export_response("xlsx", "klasslista-mall", [Sheet(_("Klasslista"), heads, rows)])
