"""Write, claim and deliver messages.

A message is claimed in one short transaction, delivered outside any, and marked in a third. A worker killed in
between leaves its claim, which lapses after BRYGGAN_OUTBOX_LEASE_SECONDS; the Message-ID is made of the row's id, so
that a backend or a receiver which has seen it drops the second copy.
"""

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from core.bulk import copy_rows
from core.outbox.models import OutboxMessage, OutboxStatus
from core.tenancy import SystemReason, system_scope

logger = logging.getLogger("bryggan.outbox")

MAX_ATTEMPTS = 6
BATCH = 50
MANY = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """What an event's reader makes of a message: to whom, in which language, with what in the templates."""

    to: str
    context: dict[str, Any] = field(default_factory=dict)
    language: str = "sv"


Reader = Callable[[OutboxMessage], Mail | None]
_readers: dict[str, Reader] = {}


def register_reader(event: str, reader: Reader) -> None:
    """Say how messages of this event are read. A reader returns None when there is nobody left to write to."""
    _readers[event] = reader


def enqueue(
    *,
    key: str,
    event: str,
    region_id: UUID,
    context: dict[str, Any],
    authority_id: UUID | None = None,
    employer_id: UUID | None = None,
    delay: timedelta = timedelta(0),
) -> None:
    """Write a message in the open transaction. A second one with the same key is the same message: nothing happens."""
    enqueue_many(
        [
            OutboxMessage(
                region_id=region_id,
                authority_id=authority_id,
                employer_id=employer_id,
                key=key,
                event=event,
                context=context,
                due_at=timezone.now() + delay,
            )
        ]
    )


def enqueue_many(messages: Iterable[OutboxMessage]) -> None:
    """Write many messages in one statement, and wake a worker when the transaction commits."""
    from core.outbox.tasks import deliver_outbox  # noqa: PLC0415 -- services enqueue tasks, tasks call services

    rows = list(messages)
    if len(rows) < MANY:
        OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    else:
        _copy(rows)
    deliver_outbox.delay_on_commit()


def _copy(rows: Sequence[OutboxMessage]) -> None:
    """Write messages by the thousand."""
    now = timezone.now()
    names = ("region_id", "authority_id", "employer_id", "key", "event")
    columns: dict[str, list[object]] = {name: [getattr(row, name) for row in rows] for name in names}
    columns["context"] = [json.dumps(row.context) for row in rows]
    columns["due_at"] = [row.due_at if isinstance(row.due_at, datetime) else now for row in rows]
    copy_rows(OutboxMessage, columns, ignore_conflicts=True)


def withdraw(keys: Iterable[str]) -> int:
    """Take back messages that no worker has claimed. Returns how many; they may be written again."""
    return OutboxMessage.objects.filter(key__in=list(keys), status=OutboxStatus.QUEUED).delete()[0]


def deliver_due(limit: int = BATCH) -> int:
    """Claim up to `limit` due messages and deliver them. Returns how many were claimed."""
    claimed = _claim(limit)
    if claimed:
        with get_connection() as mailer:
            for message in claimed:
                _deliver(message, mailer)
    return len(claimed)


def _claim(limit: int) -> list[OutboxMessage]:
    now = timezone.now()
    lapsed = now - timedelta(seconds=settings.BRYGGAN_OUTBOX_LEASE_SECONDS)
    with system_scope(SystemReason.DELIVER_OUTBOX):
        due = (
            OutboxMessage.objects.filter(
                Q(status=OutboxStatus.QUEUED, due_at__lte=now) | Q(status=OutboxStatus.SENDING, claimed_at__lt=lapsed),
            )
            .order_by("due_at", "id")
            .select_for_update(skip_locked=True)[:limit]
        )
        claimed = list(due)
        OutboxMessage.objects.filter(pk__in=[message.pk for message in claimed]).update(
            status=OutboxStatus.SENDING, claimed_at=now, attempts=F("attempts") + 1
        )
    return claimed


def _deliver(message: OutboxMessage, mailer: Any) -> None:
    """Build and send one message, then mark it. A failure waits twice as long each time, and is kept in words."""
    try:
        built = _build(message)
        if built is not None:
            built.connection = mailer
            built.send()
    except Exception as error:  # noqa: BLE001 -- any failure of one message must not stop the next
        logger.warning("message not delivered", extra={"message_id": str(message.pk), "error": type(error).__name__})
        _mark_failed(message, type(error).__name__)
    else:
        status = OutboxStatus.SENT if built else OutboxStatus.CANCELLED
        _mark(message, status=status, sent_at=timezone.now(), error="")


def _build(message: OutboxMessage) -> EmailMultiAlternatives | None:
    with system_scope(SystemReason.DELIVER_OUTBOX):
        mail = _readers[message.event](message)
        if mail is None:
            return None
        with translation.override(mail.language):
            context = {**mail.context, "base_url": settings.BRYGGAN_BASE_URL}
            folder = f"emails/{message.event}"
            subject = " ".join(render_to_string(f"{folder}/subject.txt", context).split())
            built = EmailMultiAlternatives(
                subject=subject,
                body=render_to_string(f"{folder}/body.txt", context),
                to=[mail.to],
                headers={"Message-ID": f"<{message.pk}@{settings.BRYGGAN_MAIL_DOMAIN}>"},
            )
            built.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    return built


def _mark_failed(message: OutboxMessage, error: str) -> None:
    attempts = message.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        _mark(message, status=OutboxStatus.FAILED, error=error)
    else:
        due_at = timezone.now() + timedelta(seconds=30 * 2**attempts)
        _mark(message, status=OutboxStatus.QUEUED, due_at=due_at, error=error)


def _mark(message: OutboxMessage, **fields: Any) -> None:
    with system_scope(SystemReason.DELIVER_OUTBOX):
        OutboxMessage.objects.filter(pk=message.pk, status=OutboxStatus.SENDING).update(**fields)
