"""Classes: the list, one class, and the cards with its codes."""

from collections.abc import Sequence
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import org_view
from accounts.enums import LoggedAccess, Role
from accounts.services import log_access
from core import ui
from core.exports import Sheet, export_response
from core.weeks import range_label, school_year, school_year_label, today
from schools.models import SchoolClass
from schools.selectors import classes as selectors
from schools.selectors.periods import mondays, periods_of_class
from schools.selectors.units import own_units
from schools.services import classes as services

PER_PAGE = 50


@org_view("schools.view_classes")
def class_list(request: HttpRequest) -> HttpResponse:
    """Every class of the school, or of the authority's schools, in one school year."""
    organisation = request.organisation
    units = own_units(organisation)
    years = selectors.school_years(organisation)
    year = _chosen_year(request, years)
    search, sort = request.GET.get("q", "").strip(), request.GET.get("sort", "")
    found = selectors.found_classes(organisation, school_year=year, search=search, sort=sort)
    if request.GET.get("export") in ("xlsx", "csv"):
        rows = selectors.class_rows(found, today=today())
        return export_response(request.GET["export"], f"klasser-{year}", [_class_sheet(rows)])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    count = page.paginator.count
    context = {
        "page": page,
        "rows": selectors.class_rows(page.object_list, today=today()),
        "year_label": school_year_label(year),
        "years": [(one, school_year_label(one), one == year) for one in years],
        "several_schools": len(units) > 1,
        "columns": _class_columns(request, several=len(units) > 1),
        "bar": ui.FilterBar(
            search_label=_("Sök klass eller mentor"),
            search_value=search,
            clear_url=request.path if search else "",
            count=ngettext("%(count)d klass", "%(count)d klasser", count) % {"count": count},
            xlsx_url=ui.address_with(request, export="xlsx"),
            csv_url=ui.address_with(request, export="csv"),
            keep=[("lasar", str(year))],
        ),
        "searched": bool(search),
        "can_import": request.actor.can("schools.import_class") and bool(units),
    }
    return render(request, "schools/class_list.html", context)


def _chosen_year(request: HttpRequest, years: Sequence[int]) -> int:
    asked = request.GET.get("lasar", "")
    this = school_year(today())
    if asked.isdecimal() and int(asked) in years:
        return int(asked)
    return this if this in years or not years else years[0]


def _class_columns(request: HttpRequest, *, several: bool) -> list[ui.Column]:
    specs: list[tuple[str, ui.Text] | tuple[str, ui.Text, str]] = [
        ("name", _("Klass")),
        ("grade", _("Årskurs"), "num"),
        ("", _("Mentor")),
        ("learners", _("Elever"), "num"),
        ("weeks", _("Bokade veckor")),
        ("", _("Läge")),
    ]
    if several:
        specs.insert(1, ("school", _("Skola")))
    return ui.columns(request, specs)


def _class_sheet(rows: Sequence[selectors.ClassRow]) -> Sheet:
    heads = [_("Klass"), _("Skola"), _("Årskurs"), _("Mentor"), _("Elever"), _("Bokade veckor")]
    values = [
        (one.name, one.school_unit.name, one.grade_level, one.mentor_name, row.learners, range_label(row.weeks))
        for row in rows
        for one in [row.school_class]
    ]
    return Sheet(_("Klasser"), heads, values)


@org_view("schools.view_classes")
def class_detail(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """One class: who is in it, and which weeks it has."""
    school_class = _class_or_404(request, class_id)
    log_access(actor=request.actor, action=LoggedAccess.CLASS, subject_id=school_class.pk)
    roll = selectors.class_roll(school_class, with_alias=_handles_protected(request))
    if request.GET.get("export") in ("xlsx", "csv"):
        return export_response(request.GET["export"], f"klass-{school_class.name}", [_roll_sheet(roll)])
    bar = ui.FilterBar(
        count=ngettext("%(count)d elev", "%(count)d elever", len(roll.learners)) % {"count": len(roll.learners)},
        xlsx_url="?export=xlsx",
        csv_url="?export=csv",
    )
    context = {
        "school_class": school_class,
        "roll": roll,
        "bar": bar,
        "year_label": school_year_label(school_class.school_year),
        "periods": [(period, mondays(period)) for period in periods_of_class(school_class)],
        "can_import": request.actor.can("schools.import_class"),
        "can_book": request.actor.can("schools.book_weeks"),
    }
    return render(request, "schools/class_detail.html", context)


def _roll_sheet(roll: selectors.ClassRoll) -> Sheet:
    heads = [_("Efternamn"), _("Förnamn"), _("E-post"), _("Vårdnadshavare")]
    return Sheet(
        _("Elever"),
        heads,
        [
            (one.last_name, one.first_name, one.email, ", ".join(guardian.name for guardian in one.guardians.all()))
            for one in roll.learners
        ],
    )


@org_view("schools.view_classes")
def class_codes(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The cards with codes, to print and hand out."""
    school_class = _class_or_404(request, class_id)
    log_access(actor=request.actor, action=LoggedAccess.CODES, subject_id=school_class.pk)
    context = {
        "school_class": school_class,
        "roll": selectors.class_roll(school_class, with_alias=_handles_protected(request)),
        "sign_in_address": request.build_absolute_uri(reverse("learner_sign_in")).split("://", 1)[1].rstrip("/"),
        "can_renew": request.actor.can("schools.import_class"),
    }
    return render(request, "schools/class_codes.html", context)


@org_view("schools.import_class")
def class_codes_renew(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Ask, and then give the whole class new codes."""
    school_class = _class_or_404(request, class_id)
    codes_url = reverse("schools:class_codes", args=[request.organisation.slug, school_class.pk])
    if request.method == "POST":
        services.renew_codes(school_class=school_class, actor=request.actor)
        ui.receipt(
            request, _("%(name)s har fått nya koder. De gamla gäller inte längre.") % {"name": school_class.name}
        )
        return redirect(codes_url)
    context = {"school_class": school_class, "count": selectors.head_count(school_class), "codes_url": codes_url}
    return render(request, "schools/class_codes_renew.html", context)


def _class_or_404(request: HttpRequest, class_id: UUID) -> SchoolClass:
    return get_object_or_404(selectors.classes_of(request.organisation), pk=class_id)


def _handles_protected(request: HttpRequest) -> bool:
    return Role.PROTECTED_IDENTITY_OFFICER in request.actor.roles
