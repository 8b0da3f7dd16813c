"""The week matrix as the component draws it, and as a spreadsheet."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import ui
from core.exports import Sheet
from core.weeks import monday, week_label, week_number
from schools.selectors.week_matrix import BookingOutlook, SchoolWeeks, WeekMatrix, WeekState

BOOKINGS_ANCHOR = "#bokningar"
MINUS = "−"

Trial = tuple[str, BookingOutlook]


def matrix(
    data: WeekMatrix, *, caption: str, today: date, trial: Trial | None = None, everyone_url: str = ""
) -> ui.Matrix:
    """Draw the matrix: the region's room, the booking being made, then the schools."""
    weeks = [week.week_on for week in data.weeks]
    rows = [_pressure_row(data, trial[1] if trial else None)]
    if trial:
        rows.append(_trial_row(weeks, *trial))
    rows += [_school_row(one, weeks) for one in data.schools]
    if data.folded:
        name = ngettext("%(count)d skola till", "%(count)d skolor till", data.folded) % {"count": data.folded}
        rows.append(_sum_row(name, _("visa alla"), data.folded_learners, data.weeks, url=everyone_url))
    if data.other_schools:
        note = ngettext("%(count)d skola", "%(count)d skolor", data.other_schools) % {"count": data.other_schools}
        rows.append(_sum_row(_("Andra praktikformer"), note, data.other_learners, data.weeks))
    this = monday(today)
    return ui.Matrix(
        caption=caption,
        months=[
            ui.MonthSpan(date_format(next(group), "F"), 1 + sum(1 for _week in group))
            for _month, group in groupby(weeks, key=lambda week: week.month)
        ],
        weeks=[ui.WeekHead(week_number(week), current=week == this) for week in weeks],
        rows=rows,
    )


def _pressure_row(data: WeekMatrix, outlook: BookingOutlook | None) -> ui.MatrixRow:
    cells = [_pressure_cell(week, outlook) for week in data.weeks]
    return ui.MatrixRow(_("Lediga platser"), cells, _("i regionen"), gap_after=outlook is None)


def _pressure_cell(week: WeekState, outlook: BookingOutlook | None) -> ui.MatrixCell:
    """A week's balance; where the booking lacks seats, the balance it would leave."""
    label = week_label(week.week_on)
    if week.closed:
        return ui.MatrixCell(_closed_text(week.closed), f"{label}, {week.closed}", ui.Level.CLOSED)
    collision = outlook is not None and week.week_on in outlook.missing
    booked = week.booked + (outlook.learners if outlook and collision else 0)
    free = week.seats - booked
    words = _free_words(free)
    if collision:
        words = _("%(words)s med din bokning") % {"words": words}
    text = f"{MINUS}{-free}" if free < 0 else str(free)
    return ui.MatrixCell(text, f"{label}, {words}", ui.pressure(booked, week.seats), collision=collision)


def _free_words(free: int) -> str:
    if free < 0:
        return ngettext("%(count)d plats fattas", "%(count)d platser fattas", -free) % {"count": -free}
    return ngettext("%(count)d ledig plats", "%(count)d lediga platser", free) % {"count": free}


def _closed_text(reason: str) -> str:
    return _("lov") if "lov" in reason.casefold() else "–"


def _learner_words(week: date, learners: int) -> str:
    told = ngettext("%(count)d elev", "%(count)d elever", learners) % {"count": learners}
    return f"{week_label(week)}, {told}"


def _trial_row(weeks: list[date], name: str, outlook: BookingOutlook) -> ui.MatrixRow:
    cells = [
        ui.MatrixCell(
            str(outlook.learners),
            _("%(what)s, ej sparat") % {"what": _learner_words(week, outlook.learners)},
            unsaved=True,
        )
        if week in outlook.weeks
        else ui.MatrixCell(level=ui.Level.BLANK)
        for week in weeks
    ]
    return ui.MatrixRow(name, cells, _("din bokning"), gap_after=True)


def _school_row(one: SchoolWeeks, weeks: list[date]) -> ui.MatrixRow:
    return ui.MatrixRow(one.name, [_school_cell(one, week) for week in weeks], one.place)


def _school_cell(one: SchoolWeeks, week: date) -> ui.MatrixCell:
    learners = one.learners.get(week, 0)
    if learners:
        level = ui.Level.OWN if one.own else ui.Level.BOOKED
        url = BOOKINGS_ANCHOR if one.own else ""
        return ui.MatrixCell(str(learners), _learner_words(week, learners), level, url=url)
    if week in one.closed:
        return ui.MatrixCell("", f"{week_label(week)}, {one.closed[week]}", ui.Level.CLOSED)
    return ui.MatrixCell()


def _sum_row(
    name: str, note: str, learners: Mapping[date, int], weeks: tuple[WeekState, ...], *, url: str = ""
) -> ui.MatrixRow:
    cells = [_sum_cell(week, learners.get(week.week_on, 0)) for week in weeks]
    return ui.MatrixRow(name, cells, note, url=url)


def _sum_cell(week: WeekState, learners: int) -> ui.MatrixCell:
    if learners:
        return ui.MatrixCell(str(learners), _learner_words(week.week_on, learners), ui.Level.BOOKED)
    return ui.MatrixCell(level=ui.Level.CLOSED if week.closed else ui.Level.EMPTY)


def sheet(data: WeekMatrix, *, title: str) -> Sheet:
    """The same rows with numbers to count on."""
    heads = [_("Skola"), _("Ort"), *(week_label(week.week_on) for week in data.weeks)]
    rows: list[list[object]] = [
        [_("Platser"), "", *(week.closed or week.seats for week in data.weeks)],
        [_("Bokade elever"), "", *(week.closed or week.booked for week in data.weeks)],
        [_("Lediga platser"), "", *(week.closed or week.free for week in data.weeks)],
    ]
    rows.extend([one.name, one.place, *(one.learners.get(week.week_on) for week in data.weeks)] for one in data.schools)
    if data.folded:
        rows.append([_("Övriga skolor"), data.folded, *(data.folded_learners.get(w.week_on) for w in data.weeks)])
    if data.other_schools:
        rows.append([_("Andra praktikformer"), "", *(data.other_learners.get(w.week_on) for w in data.weeks)])
    return Sheet(title, heads, rows)
