"""Deliver the outbox: woken on commit, and by beat in case the waking was lost."""

from celery import shared_task


@shared_task(name="core.deliver_outbox")
def deliver_outbox() -> int:
    """Deliver what is due, batch by batch. Returns the number of messages handled."""
    from core.outbox.services import BATCH, deliver_due  # noqa: PLC0415 -- services enqueue this task

    handled = 0
    while claimed := deliver_due():
        handled += claimed
        if claimed < BATCH:
            break
    return handled
