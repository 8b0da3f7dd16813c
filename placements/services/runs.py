"""What people do with allocation runs: ask for one, review it, set it aside. Workers: placements.services.run_work."""

from dataclasses import replace

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.locks import lock
from core.permissions import Actor
from core.states import move, record
from placements.enums import RunPurpose, RunStatus
from placements.models import AllocationRun, Round
from placements.selectors.rights import refusal_to_run, refused_by_right
from placements.selectors.rounds import learners_in_round
from placements.selectors.run_inputs import current_digest, period_weeks
from placements.selectors.run_warnings import Acceptance, RunWarning, refused_by_warnings, warning_of
from placements.tasks import run_allocation


class RunRefused(DomainError):
    """The run cannot be started, reviewed, finished or discarded."""

    code = "run_refused"


@transaction.atomic
def request_run(
    *,
    round: Round,
    is_trial: bool,
    policy: str,
    actor: Actor,
    shares_shortage: bool = False,
    purpose: str = RunPurpose.FULL,
    option: str = "",
) -> AllocationRun:
    """Queue a run of the round and wake a worker when the transaction commits.

    Raises:
        RunRefused: the school shares its weeks, another run is under way, the round is in the wrong phase for the
            purpose, or nobody is in it.
        InputsRefused: a class has two periods in the round.
        Busy: somebody else starts one at this moment.
    """
    lock(f"round:{round.pk}")
    round = Round.objects.get(pk=round.pk)
    if refusal := refusal_to_run(round, is_trial=is_trial, organisation_id=actor.organisation_id, purpose=purpose):
        raise RunRefused(refusal)
    period_weeks(round)
    if not learners_in_round(round).exists():
        raise RunRefused(_("Omgången har inga elever. Lägg till en klass med elever."))
    newest = AllocationRun.objects.filter(round=round).aggregate(number=Max("number"))["number"] or 0
    run = AllocationRun.objects.create(
        region_id=round.region_id,
        authority_id=round.authority_id,
        round=round,
        number=newest + 1,
        is_trial=is_trial,
        purpose=purpose,
        option=option,
        policy=policy,
        shares_shortage=shares_shortage,
        seed=round.seed,
        requested_by_id=actor.user_id,
    )
    record(run, before="", after=RunStatus.QUEUED, actor=actor)
    run_allocation.delay_on_commit(run_id=str(run.pk), organisation_id=str(run.authority_id))
    return run


@transaction.atomic
def accept_warning(*, run: AllocationRun, code: str, actor: Actor) -> RunWarning:
    """Note that somebody has seen a warning of a run and publishes all the same. Returns the warning as accepted.

    It holds for the number of learners it is about now: when that changes, the acceptance lapses by itself.

    Raises:
        RunRefused: the run is no draft and not reviewed, the warning is gone, or it cannot be accepted.
    """
    run = _undecided(run)
    found = warning_of(run, code)
    if found is None:
        raise RunRefused(_("Varningen gäller inte längre. Ladda om sidan."))
    if not found.acceptable:
        raise RunRefused(_("Platser som är tillbakadragna går inte att godta. Kör fördelningen igen."))
    now = timezone.now()
    run.accepted[code] = {"by": actor.label, "at": now.isoformat(), "count": found.count}
    run.save(update_fields=["accepted"])
    record(
        run, before=run.status, after=run.status, actor=actor, reason=_("Godtog: %(what)s") % {"what": found.heading}
    )
    return replace(found, accepted=Acceptance(actor.label, now, found.count), lapsed=False)


@transaction.atomic
def withdraw_acceptance(*, run: AllocationRun, code: str, actor: Actor) -> None:
    """Take back that a warning of a run was accepted. It cannot be published then.

    Raises:
        RunRefused: the run is no draft and not reviewed.
    """
    run = _undecided(run)
    if run.accepted.pop(code, None) is None:
        return
    run.save(update_fields=["accepted"])
    reason = _("Tog tillbaka sitt godtagande: %(code)s") % {"code": code}
    record(run, before=run.status, after=run.status, actor=actor, reason=reason)


@transaction.atomic
def review_run(*, run: AllocationRun, actor: Actor) -> None:
    """Say that a draft has been looked through and may be published.

    Raises:
        RunRefused: the run is a trial or no draft, the school shares its weeks, a warning is not accepted, or what
            the run was made from has changed since.
        Busy: somebody else does something with the round at this moment.
    """
    lock(f"round:{run.round_id}")
    run = _undecided(run, RunStatus.DRAFT)
    if refusal := refused_by_right(run.round, actor.organisation_id):
        raise RunRefused(refusal)
    if refusal := refused_by_warnings(run):
        raise RunRefused(refusal)
    if current_digest(run) != run.inputs_hash:
        raise RunRefused(_("Elever, val, platser eller låsningar har ändrats efter körningen. Kör fördelningen igen."))
    move(run, RunStatus.REVIEWED, actor=actor, reviewed_by_id=actor.user_id, reviewed_at=timezone.now())


@transaction.atomic
def reopen_run(*, run: AllocationRun, actor: Actor) -> None:
    """Make a reviewed run a draft again. What was accepted stays accepted.

    Raises:
        MoveRefused: it is not reviewed.
        StaleState: it changed meanwhile.
    """
    move(run, RunStatus.DRAFT, actor=actor, reviewed_by_id=None, reviewed_at=None)


@transaction.atomic
def discard_run(*, run: AllocationRun, actor: Actor) -> None:
    """Set a result, or a run not yet begun, aside. Its places stay readable.

    Raises:
        RunRefused: a worker has the run in hand.
        MoveRefused: the run is published, failed or discarded.
        StaleState: it changed meanwhile.
    """
    if run.status == RunStatus.RUNNING:
        raise RunRefused(_("Fördelningen körs just nu. Kassera den när den är klar."))
    move(run, RunStatus.DISCARDED, actor=actor)


def _undecided(run: AllocationRun, *statuses: str) -> AllocationRun:
    """The run, locked, with its round.

    Raises:
        RunRefused: it is a trial, or in none of the statuses: draft and reviewed when none is named.
    """
    held = AllocationRun.objects.select_for_update(of=("self",)).select_related("round").get(pk=run.pk)
    if held.is_trial:
        raise RunRefused(_("En provkörning publiceras aldrig. Kör fördelningen på riktigt först."))
    if held.status not in (statuses or (RunStatus.DRAFT, RunStatus.REVIEWED)):
        raise RunRefused(_("Körningen är inte ett utkast längre. Ladda om sidan och se vad som gäller nu."))
    return held
