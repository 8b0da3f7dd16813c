"""How the messages of this app are read when they are delivered."""

from core.outbox.models import OutboxMessage
from core.outbox.services import Mail, register_reader
from employers.enums import SlotStatus
from employers.models import ContactPerson, Slot
from employers.selectors.slots import reason_of_return, slots_with_workplace


def read_slot_published(message: OutboxMessage) -> Mail | None:
    """A slot that is still published, to a contact who is still there."""
    slot, contact = _read(message)
    if slot is None or contact is None or slot.status != SlotStatus.PUBLISHED:
        return None
    return _mail(slot, contact)


def read_slot_returned(message: OutboxMessage) -> Mail | None:
    """A slot that is still a draft, with the latest reason."""
    slot, contact = _read(message)
    if slot is None or contact is None or not (reason := reason_of_return(slot)):
        return None
    return _mail(slot, contact, reason=reason)


def _read(message: OutboxMessage) -> tuple[Slot | None, ContactPerson | None]:
    slot = slots_with_workplace().filter(pk=message.context["slot"]).first()
    return slot, ContactPerson.objects.filter(pk=message.context["contact"]).first()


def _mail(slot: Slot, contact: ContactPerson, **more: str) -> Mail:
    return Mail(to=contact.email, context={"slot": slot, "contact": contact, **more})


register_reader("employers/slot_published", read_slot_published)
register_reader("employers/slot_returned", read_slot_returned)
