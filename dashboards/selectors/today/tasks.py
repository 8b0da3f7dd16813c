"""How a task is told: its deadline, what has happened, why, and one act. Urgency first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui import StatusTag, Task, TaskGroup
from core.weeks import monday, today, week_label
from dashboards.words import number_word


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that needs somebody, and by when."""

    on: date
    title: str
    action: str
    url: str
    why: str = ""
    tag: StatusTag | None = None
    post: bool = False


@dataclass(frozen=True, slots=True)
class Today:
    """A start page: a heading that counts, a sentence on the rest, and the groups."""

    heading: str
    lead: str
    groups: Sequence[TaskGroup]


def today_page(found: Iterable[Due]) -> Today:
    """Sort the tasks into now, this week and later, and say how many there are."""
    day = today()
    friday = monday(day) + timedelta(days=4)
    tasks = sorted(found, key=lambda due: (due.on, due.title))
    now = [due for due in tasks if due.on <= day]
    week = [due for due in tasks if day < due.on <= friday]
    later = [due for due in tasks if due.on > max(day, friday)]
    groups = [
        _group(_("Nu"), _("senast idag"), now, day, urgent=True),
        _group(_("Den här veckan"), _("senast fredag %(day)s") % {"day": date_format(friday, "j F")}, week, day),
        _group(_("Kan vänta"), _("till %(week)s eller senare") % {"week": _next_week(day)}, later, day),
    ]
    return Today(_heading(len(now)), _lead(len(now), len(week), len(later)), [group for group in groups if group.tasks])


def _group(heading: str, limit: str, due: Sequence[Due], day: date, *, urgent: bool = False) -> TaskGroup:
    return TaskGroup(heading=heading, limit=limit, tasks=[_task(each, day) for each in due], urgent=urgent)


def _task(due: Due, day: date) -> Task:
    return Task(
        deadline=_day(due.on, day),
        deadline_note=_note(due.on, day),
        title=due.title,
        why=due.why,
        tag=due.tag,
        action=due.action,
        url=due.url,
        post=due.post,
    )


def _day(on: date, day: date) -> str:
    if on <= day:
        return _("Idag")
    return date_format(on, "D j M").capitalize()


def _note(on: date, day: date) -> str:
    days = (on - day).days
    if days < 0:
        return ngettext("sedan i går", "sedan %(days)d dagar", -days) % {"days": -days}
    if days == 0:
        return ""
    return ngettext("i morgon", "om %(days)d dagar", days) % {"days": days}


def _next_week(day: date) -> str:
    return week_label(monday(day + timedelta(days=7)))


def _heading(now: int) -> str:
    if not now:
        return _("Inget behöver dig idag")
    text = ngettext("%(number)s sak behöver dig idag", "%(number)s saker behöver dig idag", now)
    return (text % {"number": number_word(now)}).capitalize()


def _lead(now: int, week: int, later: int) -> str:
    if week:
        text = ngettext(
            "%(number)s till ska bli klar på fredag. Resten kan vänta eller går av sig självt.",
            "%(number)s till ska bli klara på fredag. Resten kan vänta eller går av sig självt.",
            week,
        )
        return (text % {"number": number_word(week)}).capitalize()
    if later:
        return _("Resten kan vänta eller går av sig självt.")
    return _("Inget annat väntar.") if now else _("Du är ikapp.")
