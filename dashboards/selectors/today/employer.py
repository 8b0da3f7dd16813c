"""What needs an employer: learners to answer for, slots half done, and slots to confirm once more."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation
from core.permissions import Actor
from core.ui import tag_for
from core.weeks import monday, today, week_label
from dashboards.selectors.today.tasks import Due
from employers.enums import SlotStatus
from employers.models import Workplace
from employers.selectors.slots import SlotRow, reason_of_return, slots_of_employer
from placements.enums import LIVE, PlacementStatus
from placements.models import AnswerLink, Placement

SOON = timedelta(days=7)
LATER = timedelta(days=14)


def employer_tasks(actor: Actor, organisation: Organisation) -> Iterator[Due]:
    """Yield what needs the employer. The queries do not grow with the number of learners."""
    yield from _answers(organisation)
    yield from _arriving(organisation)
    if actor.can("employers.manage_slots"):
        yield from _slots(organisation)


def _url(name: str, organisation: Organisation, **ids: object) -> str:
    return reverse(name, kwargs={"org": organisation.slug, **ids})


def _answers(organisation: Organisation) -> Iterator[Due]:
    waiting = Placement.objects.filter(
        employer=organisation.pk, status=PlacementStatus.RESERVED, starts_on__gt=today()
    ).values_list("school_name", flat=True)
    schools = list(waiting)
    if not schools:
        return
    links = AnswerLink.objects.filter(employer=organisation.pk, answered_at=None).order_by("expires_at")
    first = links.values_list("expires_at", flat=True).first()
    number = len(schools)
    title = ngettext("En elev väntar på ert svar", "%(n)d elever väntar på ert svar", number) % {"n": number}
    why = _("Från %(schools)s. Ni svarar för alla på en gång.") % {"schools": ", ".join(sorted(set(schools)))}
    on = min(first.date(), today() + SOON) if first else today()
    yield Due(
        on, title, _("Svara ja eller nej"), _url("placements:coming_list", organisation), why, tag_for("awaiting_you")
    )


def _arriving(organisation: Organisation) -> Iterator[Due]:
    """Those who begin within a week: the workplace should know who, and when."""
    day = today()
    found = Placement.objects.filter(
        employer=organisation.pk, status__in=LIVE, starts_on__gte=day, starts_on__lte=day + SOON
    ).exclude(status=PlacementStatus.RESERVED)
    rows = list(found.order_by("starts_on", "learner_name").values_list("starts_on", "learner_name", "school_name"))
    if not rows:
        return
    first = rows[0][0]
    title = ngettext("En elev börjar %(day)s", "%(n)d elever börjar från %(day)s", len(rows)) % {
        "n": len(rows),
        "day": date_format(first, "l j F"),
    }
    why = ", ".join(f"{name}, {school}" for _on, name, school in rows[:3])
    yield Due(first, title, _("Se vilka"), _url("placements:coming_list", organisation), why, tag_for("ready"))


def _slots(organisation: Organisation) -> Iterator[Due]:
    day = today()
    rows = slots_of_employer(organisation.pk)
    if not rows:
        yield _first_slot(organisation)
    for row in rows:
        detail = _url("employers:slot_detail", organisation, slot_id=row.slot.pk)
        if row.slot.status == SlotStatus.DRAFT:
            returned = reason_of_return(row.slot) if row.slot.submitted_at else ""
            why = returned or _("Utkastet syns inte för någon förrän du skickar in det.")
            yield Due(day + SOON, row.slot.title, _("Fortsätt"), detail, why, tag_for("draft"))
        elif row.slot.status == SlotStatus.PUBLISHED and row.is_stale:
            yield _stale(row, detail)


def _first_slot(organisation: Organisation) -> Due:
    if not Workplace.objects.filter(employer=organisation.pk).exists():
        return Due(
            today(),
            _("Lägg in er första arbetsplats"),
            _("Ny arbetsplats"),
            _url("employers:workplace_create", organisation),
            _("Sedan beskriver ni platsen och veckorna. Det tar några minuter."),
            tag_for("not_started"),
        )
    return Due(
        today(),
        _("Lägg in er första plats"),
        _("Ny plats"),
        _url("employers:slot_create", organisation),
        _("Skriv in den en gång, så ser alla skolor i regionen den."),
        tag_for("not_started"),
    )


def _stale(row: SlotRow, url: str) -> Due:
    confirmed = row.slot.confirmed_at
    week = week_label(monday(confirmed.date())) if confirmed else ""
    why = _("Ni bekräftade senast %(week)s. Platser som inte bekräftas hamnar sist i elevernas lista.") % {"week": week}
    title = _("Stämmer %(title)s fortfarande?") % {"title": row.slot.title}
    return Due(today() + LATER, title, _("Titta igenom"), url, why, tag_for("expired", _("Behöver bekräftas")))
