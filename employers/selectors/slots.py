"""Slots as their employer and the coordinators see them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import PlacementKind
from core.models import StateChange
from core.ui import StatusTag, Text, tag_for
from core.weeks import Term, monday, range_label, term_of, today, week_label
from employers.enums import ReserveEvent, SlotStatus
from employers.hours import HoursRefused, check_hours, hours_label, working_time
from employers.models import Slot, SlotWeek, WorkplaceWeek

STALE_AFTER: Final = timedelta(days=180)
LAST_COMPULSORY_GRADE: Final = 9

TAGS: Final[dict[str, str]] = {
    SlotStatus.DRAFT: "draft",
    SlotStatus.SUBMITTED: "awaiting_assurance",
    SlotStatus.APPROVED: "quality_assured",
    SlotStatus.PUBLISHED: "published",
    SlotStatus.PAUSED: "paused",
    SlotStatus.EXPIRED: "expired",
}


EVENTS: Final[dict[str, Text]] = dict([*SlotStatus.choices, *ReserveEvent.choices])


def status_tag(status: str) -> StatusTag:
    """Return the tag of a slot's status."""
    return tag_for(TAGS[status])


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot with its coming weeks."""

    slot: Slot
    weeks: tuple[SlotWeek, ...]

    @property
    def tag(self) -> StatusTag:
        """Return the tag of the status."""
        return status_tag(self.slot.status)

    @property
    def week_text(self) -> str:
        """Return "v. 39–40 och 47", or '' when no coming week has seats."""
        return range_label(week.week_on for week in self.weeks)

    @property
    def seats(self) -> int:
        """Return the sum of seats over the coming weeks."""
        return sum(week.seats for week in self.weeks)

    @property
    def taken(self) -> int:
        """Return how many of them are taken."""
        return sum(week.taken for week in self.weeks)

    @property
    def offers_now(self) -> bool:
        """Tell whether the schools see the slot."""
        return self.slot.status == SlotStatus.PUBLISHED

    @property
    def is_stale(self) -> bool:
        """Tell whether the employer should say once more that the slot holds."""
        return self.slot.confirmed_at is None or timezone.now() - self.slot.confirmed_at > STALE_AFTER

    @property
    def per_week(self) -> str:
        """Return how many at the same time: "2", or "2–3" when the weeks differ, a dash for none."""
        counts = [week.seats for week in self.weeks]
        if not counts:
            return "–"
        return str(counts[0]) if len(set(counts)) == 1 else f"{min(counts)}–{max(counts)}"

    @property
    def confirmed_in(self) -> str:
        """Return the week the employer last confirmed in."""
        return confirmed_in(self.slot.confirmed_at)

    @property
    def freshness(self) -> str:
        """Return "bekräftad v. 36"."""
        if self.slot.confirmed_at is None:
            return _("inte bekräftad")
        return _("bekräftad %(week)s") % {"week": self.confirmed_in}


def confirmed_in(confirmed_at: datetime | None) -> str:
    """Return "v. 36", with the year when it is not this one; "aldrig" for never."""
    if confirmed_at is None:
        return _("aldrig")
    day = timezone.localdate(confirmed_at)
    week = week_label(monday(day))
    return week if day.year == today().year else f"{week}, {day.year}"


@dataclass(frozen=True, slots=True)
class Check:
    """One point of the quality assurance: what holds, and what a person has to judge."""

    label: Text
    detail: Text
    tone: str  # go, wait or stop


def slots_of_employer(employer_id: UUID) -> list[SlotRow]:
    """Return an employer's slots with their coming weeks, those that need something first, in two queries."""
    order = {status: place for place, status in enumerate(SlotStatus.values)}
    slots = Slot.objects.filter(employer_id=employer_id).select_related("workplace").order_by("title", "pk")
    rows = _with_weeks(slots)
    return sorted(rows, key=lambda row: order[row.slot.status])


def slot_row(slot: Slot) -> SlotRow:
    """Return one slot with its coming weeks."""
    return _with_weeks([slot])[0]


def slots_with_workplace() -> QuerySet[Slot]:
    """Return slots with workplace and employer joined, for a page about one of them."""
    return Slot.objects.select_related("workplace", "employer__organisation")


def waiting_slots(region_id: UUID) -> list[SlotRow]:
    """Return what waits for quality assurance, the longest waiting first."""
    slots = slots_with_workplace().filter(region_id=region_id, status=SlotStatus.SUBMITTED)
    return _with_weeks(slots.order_by("submitted_at", "pk"))


def _with_weeks(slots: Iterable[Slot]) -> list[SlotRow]:
    listed = list(slots)
    weeks: defaultdict[UUID, list[SlotWeek]] = defaultdict(list)
    coming = SlotWeek.objects.filter(slot__in=listed, week_on__gte=monday(today()), seats__gt=0)
    for week in coming.order_by("week_on"):
        weeks[week.slot_id].append(week)
    return [SlotRow(slot, tuple(weeks[slot.pk])) for slot in listed]


def coming_terms() -> list[tuple[Term, list[date]]]:
    """Return this term and the two after it, each with its weeks from this one on."""
    this, now = term_of(today()), monday(today())
    terms = [this, this.next(), this.next().next()]
    return [(term, [week for week in term.weeks if week >= now]) for term in terms if term.weeks[-1] >= now]


def weeks_of_slot(slot: Slot, weeks: Collection[date]) -> dict[date, SlotWeek]:
    """Return the slot's rows of these weeks."""
    return {row.week_on: row for row in SlotWeek.objects.filter(slot=slot, week_on__in=weeks)}


def cap_of_workplace(workplace_id: UUID) -> int | None:
    """Return the cap of the workplace's latest week, which new weeks take over; None for no cap."""
    rows = WorkplaceWeek.objects.filter(workplace_id=workplace_id, week_on__gte=monday(today()))
    return rows.order_by("-week_on").values_list("cap", flat=True).first()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that has happened with a slot; `title` only where slots are mixed."""

    label: Text
    at: datetime
    who: str
    reason: str
    title: str = ""


def history_of_slot(slot: Slot) -> list[Event]:
    """Return what has happened with a slot, the latest first."""
    return [_event(change) for change in _history([slot.pk])]


def history_of_employer(employer_id: UUID, limit: int = 20) -> list[Event]:
    """Return the latest that has happened with any of an employer's slots."""
    titles = dict(Slot.objects.filter(employer_id=employer_id).values_list("pk", "title"))
    return [_event(change, titles[change.subject_id]) for change in _history(titles)[:limit]]


def _event(change: StateChange, title: str = "") -> Event:
    special: dict[tuple[str, str], str] = {
        (SlotStatus.SUBMITTED, SlotStatus.DRAFT): _("Skickad tillbaka"),
        (SlotStatus.PAUSED, SlotStatus.PUBLISHED): _("Publicerad igen"),
    }
    label = special.get((change.before, change.after)) or EVENTS[change.after]
    return Event(label, change.at, change.actor_label, change.reason, title)


def _history(slot_ids: Iterable[UUID]) -> QuerySet[StateChange]:
    subject = Slot._meta.label_lower
    return StateChange.objects.filter(subject=subject, subject_id__in=list(slot_ids)).order_by("-at", "pk")


def reason_of_return(slot: Slot) -> str:
    """Return why the coordinator sent the slot back, while it is a draft."""
    if slot.status != SlotStatus.DRAFT:
        return ""
    latest = _history([slot.pk]).filter(after=SlotStatus.DRAFT).first()
    return latest.reason if latest else ""


def facts_of_slot(slot: Slot) -> list[tuple[Text, str]]:
    """Return what a slot says besides its tasks, as (label, text), without what was left empty."""
    kinds = [str(PlacementKind(kind).label) for kind in slot.kinds]
    place = slot.workplace
    facts: list[tuple[Text, str]] = [
        (_("Praktikform"), ", ".join(kinds)),
        (_("Yrkesområde"), slot.get_occupation_field_display()),
        (_("Passar för"), ", ".join(grade_label(grade) for grade in sorted(slot.grades)) or _("alla årskurser")),
        (_("Lägsta ålder"), _("%(age)d år") % {"age": slot.min_age} if slot.min_age else ""),
        (_("Arbetstid"), _hours_text(slot)),
        (_("Ta med"), slot.bring),
        (_("Handledare"), ", ".join(filter(None, [slot.supervisor_name, slot.supervisor_phone]))),
        (_("Adress"), f"{place.name}, {place.street}, {place.postcode} {place.city}"),
        (_("Hitta hit"), place.directions),
    ]
    return [(label, text) for label, text in facts if text]


def grade_label(grade: int) -> str:
    """Return "årskurs 8", or "gymnasiet år 1" for 10."""
    if grade > LAST_COMPULSORY_GRADE:
        return _("gymnasiet år %(year)d") % {"year": grade - LAST_COMPULSORY_GRADE}
    return _("årskurs %(grade)d") % {"grade": grade}


def checks_of_slot(slot: Slot) -> list[Check]:
    """Return what a coordinator looks at before publishing."""
    return [_hours(slot), _supervisor(slot), _risk(slot), Check(_("Bedöm arbetsuppgifterna"), slot.tasks, "wait")]


def _hours(slot: Slot) -> Check:
    hours = _hours_text(slot)
    try:
        check_hours(
            kinds=slot.kinds,
            grades=slot.grades,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            break_minutes=slot.break_minutes,
        )
    except HoursRefused as refused:
        return Check(_("Arbetstiden håller inte"), f"{hours}. {refused.message}", "stop")
    return Check(_("Arbetstiden håller"), hours, "go")


def _hours_text(slot: Slot) -> str:
    return _("%(start)s–%(end)s, rast %(rest)d minuter: %(worked)s om dagen") % {
        "start": time_format(slot.starts_at, "H.i"),
        "end": time_format(slot.ends_at, "H.i"),
        "rest": slot.break_minutes,
        "worked": hours_label(working_time(slot.starts_at, slot.ends_at, slot.break_minutes)),
    }


def _supervisor(slot: Slot) -> Check:
    if not slot.supervisor_phone:
        return Check(_("Handledaren har inget telefonnummer"), slot.supervisor_name, "wait")
    return Check(_("Handledaren är namngiven"), f"{slot.supervisor_name}, {slot.supervisor_phone}", "go")


def _risk(slot: Slot) -> Check:
    done_on = slot.workplace.risk_assessed_on
    if done_on is None:
        return Check(_("Riskbedömningen saknas"), _("Platsen kan inte publiceras förrän datumet är ifyllt."), "stop")
    months = (today() - done_on).days // 30
    ago = ngettext("för %(n)d månad sedan", "för %(n)d månader sedan", months) % {"n": months} if months else _("nyss")
    detail = f"{date_format(done_on, 'j F Y')}, {ago}"
    if months >= 12:
        return Check(_("Riskbedömningen är äldre än ett år"), detail, "wait")
    return Check(_("Riskbedömningen är gjord"), detail, "go")
