"""The week matrix: see the region's room, try a booking, book it, give it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core import paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import org_view
from accounts.enums import PlacementKind
from core import ui
from core.errors import DomainError
from core.exports import export_response
from core.weeks import Term, range_label, school_year, term_from_code, term_of, today
from employers.selectors.supply import supply_by_week
from schools.forms import WeekBookForm
from schools.models import PlacementPeriod, SchoolClass, SchoolUnit
from schools.selectors import periods as period_selectors
from schools.selectors.classes import bookable_classes
from schools.selectors.units import own_units
from schools.selectors.week_matrix import OWN_SHOWN, BookingOutlook, WeekMatrix, booking_outlook, school_week_matrix
from schools.services import weeks as services
from schools.views import week_table, week_words

FIRST_UPPER_SECONDARY_GRADE = 10
BOOKINGS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Trial:
    """A booking that is being tried: what its school has booked, what stands against it, or what it would mean."""

    school_class: SchoolClass
    weeks: tuple[date, ...]
    periods: Sequence[PlacementPeriod]
    reasons: tuple[str, ...]
    outlook: BookingOutlook


@dataclass(frozen=True, slots=True)
class Page:
    """All the page shows, read once."""

    term: Term
    units: Sequence[SchoolUnit]
    form: WeekBookForm | None
    matrix: WeekMatrix
    bookings: paginator.Page[PlacementPeriod]
    trial: Trial | None


@org_view("schools.view_weeks")
def week_matrix(request: HttpRequest) -> HttpResponse:
    """Show the term. With a class and weeks in the address, also what booking them would mean."""
    tried = "school_class" in request.GET
    page = _read(request, request.GET, tried=tried)
    if request.GET.get("export") in ("xlsx", "csv"):
        sheet = week_table.sheet(page.matrix, title=page.term.label)
        return export_response(request.GET["export"], f"veckor-{page.term.code}", [sheet])
    return _render(request, page, status=422 if tried and page.form and page.form.errors else 200)


@org_view("schools.book_weeks")
@require_POST
def week_book(request: HttpRequest) -> HttpResponse:
    """Book. Weeks that lack seats are booked only when the one who asks has seen it and says so."""
    page = _read(request, request.POST, tried=True)
    form, trial = page.form, page.trial
    if form is None or trial is None or trial.reasons or (trial.outlook.collides and "anyway" not in request.POST):
        return _render(request, page, status=422)
    kind = _kind_of(trial.school_class.grade_level)
    try:
        period = services.book_weeks(school_class=trial.school_class, weeks=trial.weeks, kind=kind, actor=request.actor)
    except DomainError as error:
        form.add_error(None, str(error.message))
        return _render(request, page, status=422)
    values = {"name": period.label, "weeks": range_label(trial.weeks), "learners": period.learners}
    undo = reverse("schools:week_unbook", args=[request.organisation.slug, period.pk])
    ui.receipt(request, _("%(name)s är bokad %(weeks)s, %(learners)d elever.") % values, undo_url=undo)
    return redirect(_address(request, page.term))


@org_view("schools.book_weeks")
def week_unbook(request: HttpRequest, period_id: UUID) -> HttpResponse:
    """Ask, and then give the weeks back."""
    periods = period_selectors.periods_in(request.organisation)
    period = get_object_or_404(periods, pk=period_id)
    mondays = period_selectors.mondays(period)
    back = _address(request, term_of(mondays[0])) if mondays else _address(request, term_of(today()))
    context = {"period": period, "weeks": mondays, "back": back, "error": ""}
    if request.method != "POST":
        return render(request, "schools/week_unbook.html", context)
    try:
        services.unbook(period=period, actor=request.actor)
    except DomainError as error:
        return render(request, "schools/week_unbook.html", {**context, "error": error.message}, status=422)
    values = {"name": period.label, "weeks": range_label(mondays)}
    ui.receipt(request, _("%(name)s är inte längre bokad %(weeks)s.") % values)
    return redirect(back)


def _address(request: HttpRequest, term: Term, **query: str) -> str:
    path = reverse("schools:week_matrix", args=[request.organisation.slug])
    found = QueryDict(mutable=True)
    found.update({"termin": term.code, **query})
    return f"{path}?{found.urlencode()}"


# -- read


def _read(request: HttpRequest, data: QueryDict, *, tried: bool) -> Page:
    now, units = today(), own_units(request.organisation)
    term = _term(data, now)
    weeks = list(term.weeks)
    form = _form(request, data, units, term, tried=tried)
    valid = form is not None and tried and form.is_valid()
    chosen = form.cleaned_data["school_class"] if form and valid else None
    kind = _kind(data, form, chosen)
    supply = supply_by_week(weeks=weeks, kind=kind)
    matrix = school_week_matrix(
        weeks=weeks,
        kind=kind,
        seats={week: found.seats for week, found in supply.items()},
        own=[unit.pk for unit in units],
        municipality_code=_municipality(request, chosen, units),
        today=now,
        everyone=data.get("alla") == "1" or (len(units) > OWN_SHOWN and "export" in data),
    )
    booked = period_selectors.in_weeks(period_selectors.periods_in(request.organisation), weeks)
    trial = _trial(form, chosen, matrix, booked, now) if form and chosen else None
    bookings = paginator.Paginator(booked, BOOKINGS_PER_PAGE).get_page(request.GET.get("page"))
    return Page(term, units, form, matrix, bookings, trial)


def _term(data: QueryDict, now: date) -> Term:
    """The term asked for, or the one with weeks left."""
    asked = term_from_code(data.get("termin", ""))
    this = term_of(now)
    return asked or (this if now <= this.weeks[-1] else this.next())


def _form(
    request: HttpRequest, data: QueryDict, units: Sequence[SchoolUnit], term: Term, *, tried: bool
) -> WeekBookForm | None:
    if not units or not request.actor.can("schools.book_weeks"):
        return None
    chosen = _uuid(data.get("school_class") or data.get("klass"))
    bookable = bookable_classes(request.organisation, school_year=school_year(term.weeks[0]), chosen=chosen)
    initial = {"school_class": str(chosen or "")}
    return WeekBookForm(data if tried else None, bookable=bookable, weeks=term.weeks, today=today(), initial=initial)


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None


def _kind(data: QueryDict, form: WeekBookForm | None, chosen: SchoolClass | None) -> str:
    """The kind asked for; otherwise that of the class, or of the school's classes."""
    asked = data.get("praktikform", "")
    if asked in PlacementKind.values and chosen is None:
        return asked
    lowest = form.bookable.lowest_grade if form else 0
    return _kind_of(chosen.grade_level if chosen else lowest)


def _kind_of(grade_level: int) -> str:
    return PlacementKind.APL if grade_level >= FIRST_UPPER_SECONDARY_GRADE else PlacementKind.PRAO


def _municipality(request: HttpRequest, chosen: SchoolClass | None, units: Sequence[SchoolUnit]) -> str | None:
    if chosen:
        return chosen.school_unit.municipality_code
    return units[0].municipality_code if units else request.organisation.municipality_code or None


def _trial(
    form: WeekBookForm, chosen: SchoolClass, matrix: WeekMatrix, booked: QuerySet[PlacementPeriod], now: date
) -> Trial:
    weeks, learners = form.cleaned_data["weeks"], chosen.learner_count
    periods = list(booked.filter(school_unit=chosen.school_unit_id))
    taken = {
        week for period in periods if period.school_class_id == chosen.pk for week in period_selectors.mondays(period)
    }
    reasons = period_selectors.reasons_against_booking(school_class=chosen, learners=learners, weeks=weeks, today=now)
    outlook = booking_outlook(matrix, weeks=weeks, learners=learners, unit_id=chosen.school_unit_id, taken=taken)
    return Trial(chosen, tuple(weeks), periods, tuple(reasons), outlook)


# -- show


def _render(request: HttpRequest, page: Page, *, status: int) -> HttpResponse:
    trial = page.trial
    can_book = request.actor.can("schools.book_weeks")
    context = {
        "page": page,
        "form": page.form,
        "trial": trial,
        "outlook": trial.outlook if trial else None,
        "matrix": week_table.matrix(
            page.matrix,
            caption=_("Lediga platser och bokade veckor, %(term)s") % {"term": page.term.label},
            today=today(),
            trial=(trial.school_class.name, trial.outlook) if trial else None,
            everyone_url=_address(request, page.term, alla="1", praktikform=page.matrix.kind),
        ),
        "finding": week_words.finding(page.matrix),
        "words": week_words.trial_words(trial.outlook, trial.periods, trial.school_class) if trial else None,
        "alternatives": _alternatives(request, page) if trial else [],
        "holidays": week_words.holiday_note(trial.weeks) if trial else "",
        "bookings": [
            (one, weeks, can_book and bool(weeks) and min(weeks) > today())
            for one, weeks in ((one, period_selectors.mondays(one)) for one in page.bookings)
        ],
        "several_schools": len(page.units) > 1,
        "terms": _terms(request, page.term),
        "kind": PlacementKind(page.matrix.kind).label,
        "region_name": request.organisation.region.name,
        "updated_at": timezone.localtime(),
        "export_url": ui.address_with(request, termin=page.term.code, export="xlsx"),
        "can_book": can_book,
    }
    return render(request, "schools/week_matrix.html", context, status=status)


def _alternatives(request: HttpRequest, page: Page) -> list[tuple[str, str]]:
    """Address and words of the weeks that would do."""
    assert page.trial is not None
    return [
        (
            _address(
                request,
                page.term,
                school_class=str(page.trial.school_class.pk),
                first=found.weeks[0].isoformat(),
                last=found.weeks[-1].isoformat(),
            ),
            _("%(weeks)s, %(free)d lediga") % {"weeks": range_label(found.weeks), "free": found.free},
        )
        for found in page.trial.outlook.alternatives
    ]


def _terms(request: HttpRequest, shown: Term) -> list[tuple[str, str]]:
    """Addresses of the terms before and after the one shown."""
    before = Term(shown.year, autumn=False) if shown.autumn else Term(shown.year - 1, autumn=True)
    return [(_address(request, term), term.label) for term in (before, shown.next())]
