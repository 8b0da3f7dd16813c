"""What workers do with allocation runs: claim, solve, check, save; and wake each other when one was lost.

Places, file and draft are written in one transaction, so a worker killed at any moment leaves either all of a result or
none. Meanwhile a thread signs life: the compiled core and the saving of a country's places take longer than the lease.
"""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.bulk import Column, copy_rows, insert_large
from core.errors import DomainError
from core.permissions import SYSTEM
from core.states import move
from core.tenancy import Scope, scope
from core.weeks import week_label
from placements.allocation import AllocationError, LockConflict, NotLaminar, Policy, Result, explain, solve, verify
from placements.eligibility import RULE_VERSION
from placements.enums import RUN_ACTIVE, RunPolicy, RunStatus
from placements.models import AllocationRun, Assignment, RunFile
from placements.selectors.run_inputs import RunInputs, load_inputs, round_digest
from placements.selectors.travel_model import travel_model
from placements.services.claims import MOST_ATTEMPTS, Claim, ClaimLost, Pulse, silent_since
from placements.services.placing_many import check_now
from placements.services.run_files import packed_problem, packed_result
from placements.services.run_results import assignment_columns, policy_figures, summary
from placements.services.run_shortages import shortage_figures
from placements.services.runs import RunRefused
from placements.tasks import publish_run, retract_run, run_allocation
from schools.models import Learner

logger = logging.getLogger("bryggan.placements")

# The core has work for two threads; the result is the same by one.
THREADS: Final = min(2, os.cpu_count() or 1)
# What a worker does with a run beside making it.
FOLLOWING: Final[dict[str, Any]] = {RunStatus.PUBLISHING: publish_run, RunStatus.RETRACTING: retract_run}
WOKEN_WITHIN: Final = timedelta(seconds=5)
# Above this many arcs only the chosen policy is solved. The other three take a third of a second per million arcs.
COMPARED_ARCS: Final = 20_000_000
# Percent at which each stage begins; the engine's own stages lie between "load" and "explain".
PERCENT: Final = {
    "load": 2,
    "check": 20,
    "place": 25,
    "rank": 30,
    "lottery": 40,
    "certificate": 45,
    "compare": 50,
    "explain": 60,
    "save": 70,
}


def perform_run(*, run_id: UUID, in_scope: Scope) -> bool:
    """Claim the run, solve it and save the draft, each step in a short transaction of its own. Safe to call twice.

    Returns whether this call finished the run. A refusal ends it as failed, with a sentence; any other exception
    leaves it to be taken up again when its heartbeat lapses.
    """
    claim = claim_run(run_id=run_id, in_scope=in_scope)
    if claim is None:
        return False
    try:
        _solve_and_save(claim)
    except ClaimLost:
        logger.warning("allocation run taken over", extra={"run_id": str(run_id)})
        return False
    except (DomainError, AllocationError) as error:
        _fail(claim, refusal_sentence(error))
        logger.info("allocation run refused", extra={"run_id": str(run_id), "error": type(error).__name__})
    return True


def claim_run(*, run_id: UUID, in_scope: Scope) -> Claim | None:
    """Take a queued run, or a running one whose worker has been silent too long; None when there is none to take."""
    with scope(in_scope):
        run = AllocationRun.objects.filter(pk=run_id).select_for_update().first()
        if run is None or not _is_free(run):
            return None
        attempt = run.attempts + 1
        if attempt > MOST_ATTEMPTS:
            message = _("Körningen avbröts %(count)d gånger. Försök igen, eller kontakta supporten.")
            error = message % {"count": MOST_ATTEMPTS}
            move(run, RunStatus.FAILED, actor=SYSTEM, error=error, finished_at=timezone.now())
            return None
        if run.status == RunStatus.QUEUED:
            move(run, RunStatus.RUNNING, actor=SYSTEM)
        started = {"at": timezone.now().isoformat(), "attempt": attempt}
        AllocationRun.objects.filter(pk=run_id).update(
            attempts=attempt,
            heartbeat_at=timezone.now(),
            stage="load",
            progress=PERCENT["load"],
            log=[*run.log, started],
        )
        return Claim(run_id, attempt, in_scope)


def sweep_lost_runs() -> int:
    """Wake workers for runs and publishings whose task was lost, or whose worker was. Called in the system scope.

    Returns how many.
    """
    now = timezone.now()
    never_woken = Q(status=RunStatus.QUEUED, heartbeat_at=None, requested_at__lt=now - WOKEN_WITHIN)
    silent = Q(status__in=[*RUN_ACTIVE, *FOLLOWING], heartbeat_at__lt=silent_since())
    rows = list(AllocationRun.objects.filter(never_woken | silent).values_list("pk", "authority_id", "status"))
    # A queued run is not woken again until the lease has passed, or a busy worker's queue would grow at every sweep.
    queued = [pk for pk, _owner, status in rows if status == RunStatus.QUEUED]
    AllocationRun.objects.filter(pk__in=queued, status=RunStatus.QUEUED).update(heartbeat_at=now)
    for pk, authority_id, status in rows:
        task = FOLLOWING.get(status, run_allocation)
        task.delay_on_commit(run_id=str(pk), organisation_id=str(authority_id))
    return len(rows)


def refusal_sentence(error: Exception) -> str:
    """Return what a person should read about a refusal."""
    if isinstance(error, DomainError):
        return str(error)
    if isinstance(error, NotLaminar):
        labels = {"first": _spoken(error.first), "second": _spoken(error.second)}
        text = _("Taken för %(first)s och %(second)s överlappar varandra delvis. Lägg perioderna i skilda omgångar.")
        return text % labels
    return _("Underlaget gick inte att räkna på. Försök igen, eller kontakta supporten.")


def _is_free(run: AllocationRun) -> bool:
    if run.status == RunStatus.QUEUED:
        return True
    return run.status == RunStatus.RUNNING and (run.heartbeat_at is None or run.heartbeat_at < silent_since())


def _solve_and_save(claim: Claim) -> None:
    with Pulse(claim) as pulse:
        made = _made(claim)
        _report(claim, "save")
        with claim.opened():
            _save(claim, made)
            check_now()
            # From here on the row is ours until the commit, which has little left to do.
            pulse.stop()
            claim.hold()
            _finish(claim, made)
    logger.info("allocation run done", extra={"run_id": str(claim.run_id), "learners": made.figures["learners"]})


@dataclass(frozen=True, slots=True)
class _Made:
    """All that is left of a run when the engine's arrays are gone: what is written."""

    digest: str
    engine: str
    seconds: float
    figures: dict[str, Any]
    columns: dict[str, Column]
    problem_file: bytes
    result_file: bytes


def _made(claim: Claim) -> _Made:
    """Load, solve, check, compare and explain. The arrays, gigabytes for a country, die with this call."""
    with claim.opened():
        run = AllocationRun.objects.select_related("round").get(pk=claim.run_id)
        inputs = load_inputs(run.round, purpose=run.purpose, option=run.option, fair=run.shares_shortage)
        model = travel_model(run.region_id)
    # Packing a country's file takes as long as solving it, and only one of the two needs Python.
    with ThreadPoolExecutor(max_workers=1) as beside:
        problem_file = beside.submit(packed_problem, inputs.problem, run.seed)
        result = _solved(claim, inputs, Policy(run.policy), run.seed)
        policies = _compared(claim, inputs, result, run.seed)
        _report(claim, "explain")
        why = explain(inputs.problem, result, inputs.wishes)
        with claim.opened():
            figures = summary(inputs, result, why) | shortage_figures(inputs, result) | {"policies": policies}
        return _Made(
            digest=inputs.digest,
            engine=result.engine,
            seconds=result.seconds,
            figures=figures,
            columns=assignment_columns(inputs, result, why, model),
            result_file=packed_result(inputs.problem, result),
            problem_file=problem_file.result(),
        )


def _solved(claim: Claim, inputs: RunInputs, policy: Policy, seed: str) -> Result:
    """Solve and check. A result that does not verify is never saved.

    Raises:
        RunRefused: the locks do not fit in the seats together.
    """

    def progress(stage: str, _fraction: float) -> None:
        if stage in PERCENT:
            _report(claim, stage)

    try:
        result = solve(inputs.problem, policy, seed, threads=THREADS, progress=progress)
    except LockConflict as error:
        ids = inputs.learner_ids(error.learners[:5])
        with claim.opened():
            names = ", ".join(str(learner) for learner in Learner.objects.filter(pk__in=ids).order_by("pk"))
        message = _("De låsta platserna räcker inte till alla: %(names)s. Ta bort en låsning och kör igen.")
        raise RunRefused(message % {"names": names}) from error
    verify(inputs.problem, result)
    return result


def _compared(claim: Claim, inputs: RunInputs, result: Result, seed: str) -> dict[str, Any]:
    """What each policy would give with the same seats and seed; the chosen one alone when the problem is very large."""
    found = {str(result.policy): policy_figures(inputs, result, result.chosen)}
    if inputs.problem.n_arcs > COMPARED_ARCS:
        return found
    for policy in RunPolicy.values:
        if policy not in found:
            _report(claim, "compare")
            other = solve(inputs.problem, Policy(policy), seed, threads=THREADS)
            found[policy] = policy_figures(inputs, other, result.chosen)
    return found


def _save(claim: Claim, made: _Made) -> None:
    run = AllocationRun.objects.get(pk=claim.run_id)
    owners = {"region_id": run.region_id, "authority_id": run.authority_id, "run_id": run.pk}
    Assignment.objects.filter(run=run).delete()
    RunFile.objects.filter(run=run).delete()
    copy_rows(Assignment, made.columns, same=owners)
    insert_large(RunFile, **owners, problem=made.problem_file, result=made.result_file)


def _report(claim: Claim, stage: str) -> None:
    """Commit a sign of life with the stage now begun."""
    with claim.opened():
        claim.hold(stage=stage, progress=PERCENT[stage])


def _finish(claim: Claim, made: _Made) -> None:
    run = AllocationRun.objects.select_related("round").get(pk=claim.run_id)
    now = timezone.now()
    edited = round_digest(run.round) != made.digest
    message = _("Omgången ändrades medan fördelningen räknades. Kör fördelningen igen: den här går inte att publicera.")
    move(
        run,
        RunStatus.DRAFT,
        actor=SYSTEM,
        stage="done",
        progress=100,
        summary=made.figures,
        inputs_hash=made.digest,
        engine=made.engine,
        rule_version=RULE_VERSION,
        error=message if edited else "",
        finished_at=now,
        log=[*run.log, {"at": now.isoformat(), "placed": made.figures["placed"], "seconds": made.seconds}],
    )


def _fail(claim: Claim, message: str) -> None:
    try:
        with claim.opened():
            claim.hold()
            run = AllocationRun.objects.get(pk=claim.run_id)
            move(run, RunStatus.FAILED, actor=SYSTEM, error=message[:300], finished_at=timezone.now())
    except ClaimLost:
        logger.warning("allocation run taken over", extra={"run_id": str(claim.run_id)})


def _spoken(label: str) -> str:
    """The engine's "Verkstad, 2026-10-05" as "Verkstad v. 41"."""
    name, _comma, week = label.rpartition(", ")
    try:
        return f"{name} {week_label(date.fromisoformat(week))}"
    except ValueError:
        return label
