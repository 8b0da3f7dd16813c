"""kill -9 in the middle of the work: runs finish once, and each message is sent exactly once."""

import pytest
from django.utils import timezone

from core.outbox.models import OutboxMessage
from core.states import move
from core.tenancy import SystemReason, scope, system_scope
from placements.enums import RunPolicy, RunStatus
from placements.models import AllocationRun
from placements.services.publishing import publish_run
from placements.services.runs import request_run
from placements.services.telling import tell_published
from tests.factories import accounts
from tests.journeys.crowd import HOSTS, Crowd, make_crowd
from tests.journeys.stack import Stack

pytestmark = pytest.mark.slow

LEARNERS = 1500
SLOTS = 120
WRITTEN_TO = 300
MESSAGES = 2 * WRITTEN_TO + HOSTS
AT_WORK = {"load", "check", "place", "rank", "lottery", "certificate", "compare", "explain"}


def test_a_killed_worker_finishes_the_run_once_and_sends_each_mail_once(stack: Stack):
    crowd = _crowd()

    run = _request_run(crowd)
    _wake_for(stack, run)
    _wait_until_solving(stack)
    stack.kill("worker")
    assert _run_rows(stack) == [("running", 1, 0)]
    _wait_until_finished(stack)
    _assert_run_is_whole(stack, attempts=2)

    _publish(crowd, run)
    stack.wake("core.deliver_outbox")
    _wait_until_mailing(stack)
    stack.kill("worker")
    assert _unsent(stack) > 0, "the mailing was over before the kill: raise WRITTEN_TO"
    _wait_until_all_sent(stack)
    _assert_one_mail_per_key(stack)
    taken_over = stack.rows("SELECT count(*) FROM core_outboxmessage WHERE attempts = 2")[0][0]
    assert taken_over > 0, "no message was in the killed worker's hands: the kill came too late"


def test_killed_servers_come_back_and_the_run_and_the_mailing_finish(stack: Stack):
    written_to, waiting = _crowd(), _crowd()
    with system_scope(SystemReason.SEED):
        draft = written_to.make_draft()

    run = _request_run(waiting)
    _publish(written_to, draft)
    _wake_for(stack, run)
    stack.wake("core.deliver_outbox")
    _wait_until_solving(stack)
    _wait_until_mailing(stack)
    assert _unsent(stack) > 0, "the mailing was over before the kill: raise WRITTEN_TO"
    stack.kill("postgres", "valkey")
    _wait_until_finished(stack)
    _wait_until_all_sent(stack)

    _assert_run_is_whole(stack)
    _assert_one_mail_per_key(stack)


def _crowd() -> Crowd:
    with system_scope(SystemReason.SEED):
        return make_crowd(accounts.make_region(), learners=LEARNERS, slots=SLOTS, written_to=WRITTEN_TO)


def _request_run(crowd: Crowd) -> AllocationRun:
    with scope(crowd.school.organisation.scope()):
        return request_run(round=crowd.round, is_trial=False, policy=RunPolicy.OPTIMUM, actor=crowd.counsellor)


def _wake_for(stack: Stack, run: AllocationRun) -> None:
    stack.wake("placements.run_allocation", run_id=str(run.pk), organisation_id=str(run.authority_id))


def _publish(crowd: Crowd, run: AllocationRun) -> None:
    with scope(crowd.school.organisation.scope()):
        run = AllocationRun.objects.get(pk=run.pk)
        if run.status == RunStatus.DRAFT:
            move(run, RunStatus.REVIEWED, actor=crowd.counsellor)
        publish_run(run=run, actor=crowd.counsellor)
        AllocationRun.objects.filter(pk=run.pk).update(undo_until=timezone.now())
    tell_published()
    with scope(crowd.school.organisation.scope()):
        assert OutboxMessage.objects.count() == MESSAGES


def _run_rows(stack: Stack) -> list:
    """Status, attempts and results of the runs that workers have had in hand."""
    return stack.rows(
        "SELECT status, attempts, (SELECT count(*) FROM placements_assignment WHERE run_id = run.id)"
        " FROM placements_allocationrun run WHERE attempts > 0"
    )


def _wait_until_solving(stack: Stack) -> None:
    stages = "SELECT stage FROM placements_allocationrun WHERE status = 'running'"
    stack.wait_until(
        lambda: AT_WORK.intersection(stage for (stage,) in stack.rows(stages)), "a worker solves", every=0.005
    )


def _wait_until_finished(stack: Stack) -> None:
    stack.wait_until(lambda: [row[0] for row in _run_rows(stack)] in (["draft"], ["failed"]), "the run ends", 300)


def _assert_run_is_whole(stack: Stack, attempts: int | None = None) -> None:
    ((status, made, results),) = _run_rows(stack)
    assert (status, results) == ("draft", LEARNERS)
    assert attempts in {None, made}
    run = "(SELECT id FROM placements_allocationrun WHERE attempts > 0)"
    assert stack.rows(
        f"SELECT count(DISTINCT learner_id), count(slot_id) FROM placements_assignment WHERE run_id = {run}"
    ) == [(LEARNERS, LEARNERS)]
    assert stack.rows(f"SELECT count(*) FROM placements_runfile WHERE run_id = {run}") == [(1,)]
    ended = f"SELECT count(*) FROM core_statechange WHERE subject_id = {run} AND after = 'draft'"
    assert stack.rows(ended) == [(1,)]


def _wait_until_mailing(stack: Stack) -> None:
    stack.wait_until(lambda: any(stack.mail_folder.glob("*.eml")), "the mailing is under way", every=0.005)


def _unsent(stack: Stack) -> int:
    return stack.rows("SELECT count(*) FROM core_outboxmessage WHERE status IN ('queued', 'sending')")[0][0]


def _wait_until_all_sent(stack: Stack) -> None:
    stack.wait_until(lambda: _unsent(stack) == 0, "every message is sent", 60)


def _assert_one_mail_per_key(stack: Stack) -> None:
    rows = stack.rows("SELECT id::text, key, status FROM core_outboxmessage")
    assert {status for _pk, _key, status in rows} == {"sent"}
    assert len({key for _pk, key, _status in rows}) == len(rows) == MESSAGES
    found = sorted(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in stack.mails())
    assert found == sorted(pk for pk, _key, _status in rows)
