"""The life of a slot: written by the employer, assured by the coordinator, seen by the schools."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import PlacementKind
from core import states
from core.errors import DomainError, StaleState
from core.outbox.models import OutboxMessage
from core.outbox.services import enqueue_many
from core.permissions import Actor
from core.weeks import monday, today
from employers.enums import SlotStatus
from employers.hours import COMPULSORY_GRADES, check_hours
from employers.models import ContactPerson, Slot, SlotWeek, Workplace

# What the coordinator has assured; another task needs another assurance, hence another slot.
ASSURED_FIELDS: Final = ("kinds", "occupation_field", "tasks", "grades")
OPEN_STATUSES: Final = (SlotStatus.DRAFT, SlotStatus.SUBMITTED)


class SlotRefused(DomainError):
    """The slot is not fit for what was asked."""

    code = "slot_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotData:
    """What an employer says about a slot."""

    workplace: Workplace
    title: str
    kinds: list[str]
    occupation_field: str
    tasks: str
    starts_at: time
    ends_at: time
    grades: list[int]
    supervisor_name: str
    requirements: str = ""
    bring: str = ""
    break_minutes: int = 45
    min_age: int | None = None
    supervisor_phone: str = ""


@transaction.atomic
def create_slot(*, data: SlotData, actor: Actor) -> Slot:
    """Write a draft. Nobody but the employer and the coordinators is shown it.

    Raises:
        HoursRefused: the hours are too long, too early or too late for those who would work them.
        SlotRefused: prao is offered to no grade that has prao.
    """
    _check(data)
    workplace = data.workplace
    return Slot.objects.create(
        region_id=workplace.region_id,
        employer_id=workplace.employer_id,
        confirmed_at=timezone.now(),
        **_columns(data),
    )


@transaction.atomic
def update_slot(*, slot: Slot, data: SlotData, actor: Actor) -> None:
    """Change a slot. Seats and status stay.

    Raises:
        HoursRefused, SlotRefused: as create_slot; or what has been assured would change.
    """
    _check(data)
    values = _columns(data)
    if slot.status not in OPEN_STATUSES and any(values[name] != getattr(slot, name) for name in ASSURED_FIELDS):
        raise SlotRefused(
            _("Arbetsuppgifterna är kvalitetssäkrade. Kopiera platsen om de är andra nu."), code="assured"
        )
    if data.workplace.pk != slot.workplace_id and slot.weeks.filter(taken__gt=0).exists():
        raise SlotRefused(
            _("Elever är bokade på platsen. Kopiera den om den finns på en annan arbetsplats också."),
            code="booked",
            field="workplace",
        )
    for name, value in values.items():
        setattr(slot, name, value)
    slot.confirmed_at = timezone.now()
    slot.save(update_fields=[*values, "confirmed_at"])


@transaction.atomic
def copy_slot(*, slot: Slot, actor: Actor) -> Slot:
    """Write a draft with the same words and no seats. Returns the draft."""
    data = replace(slot_data(slot), title=_("%(title)s, kopia") % {"title": slot.title[:110]})
    return create_slot(data=data, actor=actor)


@transaction.atomic
def submit_slot(*, slot: Slot, actor: Actor) -> None:
    """Hand a draft to the coordinator.

    Raises:
        SlotRefused: it is handed in already, or has no seats in any coming week.
        HoursRefused: the hours do not hold.
    """
    if slot.status == SlotStatus.SUBMITTED:
        raise SlotRefused(_("Platsen är redan inskickad och väntar på kvalitetssäkring."), code="already_submitted")
    _check(slot_data(slot))
    _check_seats(slot)
    now = timezone.now()
    states.move(slot, SlotStatus.SUBMITTED, actor=actor, submitted_at=now, confirmed_at=now)


@transaction.atomic
def publish_slot(*, slot: Slot, actor: Actor) -> None:
    """Assure a slot and show it to every school. The employer's contacts get a mail.

    Raises:
        SlotRefused: it is published already, or the workplace has no risk assessment.
        MoveRefused: the employer has not handed it in.
        StaleState: somebody else was first.
    """
    if slot.status == SlotStatus.PUBLISHED:
        raise SlotRefused(_("Platsen är redan publicerad. Alla skolor ser den."), code="already_published")
    if slot.workplace.risk_assessed_on is None:
        raise SlotRefused(
            _("Riskbedömningen saknas. Skicka tillbaka platsen och be om datumet."), code="no_risk_assessment"
        )
    now = timezone.now()
    states.move(slot, SlotStatus.PUBLISHED, actor=actor, approved_at=slot.approved_at or now, published_at=now)
    _tell_contacts("employers/slot_published", slot, now)


@transaction.atomic
def return_slot(*, slot: Slot, reason: str, actor: Actor) -> None:
    """Send a slot back to its employer with a reason. The contacts get it by mail.

    Raises:
        SlotRefused: there is no reason.
        MoveRefused: the slot is not waiting for assurance.
    """
    if not reason.strip():
        raise SlotRefused(_("Skriv vad arbetsgivaren ska ändra."), code="reason_missing", field="reason")
    states.move(slot, SlotStatus.DRAFT, actor=actor, reason=reason.strip(), approved_at=None)
    _tell_contacts("employers/slot_returned", slot, timezone.now())


@transaction.atomic
def pause_slot(*, slot: Slot, actor: Actor) -> None:
    """Hide a slot from those who choose. Learners who have it keep it.

    Raises:
        SlotRefused: it is paused already.
        MoveRefused: it is not published.
    """
    if slot.status == SlotStatus.PAUSED:
        raise SlotRefused(_("Platsen är redan pausad."), code="already_paused")
    states.move(slot, SlotStatus.PAUSED, actor=actor)


@transaction.atomic
def resume_slot(*, slot: Slot, actor: Actor) -> None:
    """Show a paused slot again.

    Raises:
        SlotRefused: it is not paused, or has no seats in any coming week.
    """
    if slot.status != SlotStatus.PAUSED:
        raise SlotRefused(_("Platsen är inte pausad."), code="not_paused")
    _check_seats(slot)
    states.move(slot, SlotStatus.PUBLISHED, actor=actor, confirmed_at=timezone.now())


@transaction.atomic
def confirm_slot(*, slot: Slot, actor: Actor) -> None:
    """Note that the employer says the slot still holds."""
    now = timezone.now()
    if Slot.objects.filter(pk=slot.pk).update(confirmed_at=now) != 1:
        raise StaleState(_("Platsen finns inte längre."))
    slot.confirmed_at = now


def slot_data(slot: Slot) -> SlotData:
    """Return what the slot says now."""
    names = SlotData.__dataclass_fields__
    return SlotData(**{name: getattr(slot, name) for name in names})


def _columns(data: SlotData) -> dict[str, object]:
    return {name: getattr(data, name) for name in SlotData.__dataclass_fields__}


def _check(data: SlotData) -> None:
    if PlacementKind.PRAO in data.kinds and data.grades and not COMPULSORY_GRADES & set(data.grades):
        raise SlotRefused(
            _("Prao finns i grundskolan. Kryssa i årskurs 8 eller 9, eller ta bort prao."), field="grades"
        )
    check_hours(
        kinds=data.kinds,
        grades=data.grades,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        break_minutes=data.break_minutes,
    )


def _check_seats(slot: Slot) -> None:
    if not SlotWeek.objects.filter(slot=slot, week_on__gte=monday(today()), seats__gt=0).exists():
        raise SlotRefused(_("Skriv först hur många ni tar emot i minst en kommande vecka."), code="no_seats")


def _tell_contacts(event: str, slot: Slot, at: datetime) -> None:
    """One message to each contact who wants questions and answers."""
    contacts = ContactPerson.objects.filter(employer_id=slot.employer_id, is_primary=True)
    enqueue_many([_message(event, slot, contact_id, at) for contact_id in contacts.values_list("pk", flat=True)])


def _message(event: str, slot: Slot, contact_id: UUID, at: datetime) -> OutboxMessage:
    return OutboxMessage(
        region_id=slot.region_id,
        employer_id=slot.employer_id,
        key=f"{event}:{slot.pk}:{at.isoformat()}:{contact_id}",
        event=event,
        context={"slot": str(slot.pk), "contact": str(contact_id)},
    )
