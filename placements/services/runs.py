"""What people do with allocation runs: ask for one, set one aside. Workers: placements.services.run_work."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.locks import lock
from core.permissions import Actor
from core.states import move, record
from core.weeks import today
from placements.enums import RUN_ACTIVE, RunStatus
from placements.models import AllocationRun, Round
from placements.selectors.rounds import learners_in_round, weeks_of_round
from placements.selectors.run_inputs import period_weeks
from placements.tasks import run_allocation


class RunRefused(DomainError):
    """The run cannot be started, finished or discarded."""

    code = "run_refused"


@transaction.atomic
def request_run(*, round: Round, is_trial: bool, policy: str, actor: Actor) -> AllocationRun:
    """Queue a run of the round and wake a worker when the transaction commits.

    Raises:
        RunRefused: another run is under way, the round is published or begun, it is too early, or nobody is in it.
        InputsRefused: a class has two periods in the round.
        Busy: somebody else starts one at this moment.
    """
    lock(f"round:{round.pk}")
    round = Round.objects.get(pk=round.pk)
    if refusal := refusal_to_run(round, is_trial=is_trial):
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
        policy=policy,
        seed=round.seed,
        requested_by_id=actor.user_id,
    )
    record(run, before="", after=RunStatus.QUEUED, actor=actor)
    run_allocation.delay_on_commit(run_id=str(run.pk), organisation_id=str(run.authority_id))
    return run


def refusal_to_run(round: Round, *, is_trial: bool) -> str:
    """Return why no run of the round can start now, as a sentence; empty when one can."""
    return _refused_by_phase(round, is_trial=is_trial) or _refused_by_active(round)


def _refused_by_phase(round: Round, *, is_trial: bool) -> str:
    now, weeks = timezone.now(), weeks_of_round(round)
    refusals = {
        _("Omgången är publicerad. Placera dem som saknar plats för hand."): bool(round.published_at),
        _("Omgångens veckor har börjat. Placera dem som saknar plats för hand."): bool(weeks) and min(weeks) <= today(),
        _("Valet har inte öppnat än. Provkör när eleverna har börjat välja."): now < round.choose_at,
        _("Valet är öppet till %(when)s. Provkör så länge, och kör fördelningen när det har stängt.")
        % {"when": _clock(round.close_at)}: not is_trial and now < round.close_at,
    }
    return next((sentence for sentence, holds in refusals.items() if holds), "")


def _refused_by_active(round: Round) -> str:
    active = AllocationRun.objects.filter(round=round, status__in=RUN_ACTIVE).select_related("requested_by").first()
    if active:
        who = active.requested_by.name if active.requested_by else _("Någon")
        return _("%(who)s startade en körning %(when)s. Vänta tills den är klar.") % {
            "who": who,
            "when": _clock(active.requested_at),
        }
    return ""


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


def _clock(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F H.i")
