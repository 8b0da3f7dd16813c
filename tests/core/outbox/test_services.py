"""Messages are written with their cause and delivered once."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.services import invite
from core.outbox.models import OutboxMessage, OutboxStatus
from core.outbox.services import deliver_due, enqueue
from core.tenancy import SystemReason, system_scope


def put(region, key: str = "one", event: str = "accounts/invitation", **context: str) -> None:
    enqueue(key=key, event=event, region_id=region.pk, context=context)


def statuses() -> list[str]:
    with system_scope(SystemReason.SEED):
        return list(OutboxMessage.objects.order_by("created_at").values_list("status", flat=True))


@pytest.fixture
def invitation(region, seeding, actor_of):
    with seeding():
        return invite(
            organisation=region, email="Ny.Person@example.se", role=Role.REGIONAL_COORDINATOR, actor=actor_of(region)
        )


def test_enqueue_twice_with_one_key_is_one_message(region, as_org) -> None:
    with as_org(region):
        put(region)
        put(region)
        assert OutboxMessage.objects.count() == 1


def test_deliver_sends_the_mail_and_marks_it(invitation) -> None:
    assert (deliver_due(), statuses()) == (1, [OutboxStatus.SENT])

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ny.person@example.se"], "Inbjudan till Sjuhärad i Bryggan")
    assert "/inbjudan/" in sent.body


def test_delivered_messages_are_not_delivered_again(invitation) -> None:
    deliver_due()
    assert (deliver_due(), len(mail.outbox)) == (0, 1)


def test_a_message_whose_cause_is_gone_is_taken_back(region, seeding) -> None:
    with seeding():
        put(region, invitation="6a1a4d3c-8f2b-4a53-9a55-0d2f6f0b9d55")
    assert (deliver_due(), statuses(), mail.outbox) == (1, [OutboxStatus.CANCELLED], [])


def test_a_failing_message_waits_and_does_not_stop_the_next(region, seeding, invitation) -> None:
    with seeding():
        put(region, key="two", event="accounts/unknown")

    assert deliver_due() == 2

    assert sorted(statuses()) == [OutboxStatus.QUEUED, OutboxStatus.SENT]
    with seeding():
        failed = OutboxMessage.objects.get(status=OutboxStatus.QUEUED)
        assert (failed.attempts, failed.error, failed.due_at > timezone.now()) == (1, "KeyError", True)


def test_a_claim_that_lapsed_is_taken_over(invitation, seeding, settings) -> None:
    settings.BRYGGAN_OUTBOX_LEASE_SECONDS = 60
    with seeding():
        OutboxMessage.objects.update(status=OutboxStatus.SENDING, claimed_at=timezone.now() - timedelta(seconds=30))
    assert deliver_due() == 0
    with seeding():
        OutboxMessage.objects.update(claimed_at=timezone.now() - timedelta(seconds=90))
    assert (deliver_due(), len(mail.outbox)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_messages_without_doubling(region, seeding, actor_of) -> None:
    with seeding(), transaction.atomic():
        for number in range(40):
            invite(
                organisation=region,
                email=f"p{number}@example.se",
                role=Role.REGIONAL_COORDINATOR,
                actor=actor_of(region),
            )
    start, handled = Barrier(2), []

    def work() -> None:
        start.wait()
        while claimed := deliver_due(limit=5):
            handled.append(claimed)
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (sum(handled), len(mail.outbox), set(statuses())) == (40, 40, {OutboxStatus.SENT})
    assert len({sent.to[0] for sent in mail.outbox}) == 40
