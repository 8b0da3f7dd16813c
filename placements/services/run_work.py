"""What workers do with allocation runs: claim, solve, check, save; and wake each other when one was lost.

The row is the truth; the queue only wakes workers. A worker holds a run by the pair (running, attempts): every write it
makes asks for both, so that one which was given up for lost cannot overwrite its successor. Places, file and draft are
written in one transaction, so a worker killed at any moment leaves either all of a result or none.
"""

import logging
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.permissions import SYSTEM
from core.states import move
from core.tenancy import Scope, scope
from core.weeks import week_label
from placements.allocation import (
    AllocationError,
    LockConflict,
    NotLaminar,
    Policy,
    Result,
    explain,
    seed_commitment,
    solve,
    verify,
)
from placements.allocation.files import problem_digest, write_problem, write_result
from placements.enums import RUN_ACTIVE, RunPolicy, RunStatus
from placements.models import AllocationRun, Assignment, RunFile
from placements.selectors.run_inputs import RunInputs, load_inputs
from placements.services.run_results import assignments, policy_figures, summary
from placements.services.runs import RunRefused
from placements.tasks import run_allocation

logger = logging.getLogger("bryggan.placements")

MOST_ATTEMPTS = 5
WOKEN_WITHIN = timedelta(seconds=5)
BATCH = 1000
# Above this many arcs only the chosen policy is solved: the comparison would take minutes.
COMPARED_ARCS = 1_500_000
# Percent at which each stage begins; the engine's own stages lie between "load" and "compare".
PERCENT = {"load": 2, "check": 10, "place": 15, "rank": 25, "lottery": 40, "certificate": 50, "compare": 60, "save": 90}


class ClaimLost(Exception):
    """Another worker has taken the run over; what this one holds is worth nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a run: valid while the row is running and `attempt` is still its number."""

    run_id: UUID
    attempt: int
    scope: Scope

    def opened(self) -> AbstractContextManager[Scope]:
        """Open a short transaction in the run's scope."""
        return scope(self.scope)

    def hold(self, **fields: Any) -> None:
        """Write a sign of life and `fields`, in the open transaction.

        Raises:
            ClaimLost: the run is not ours any more.
        """
        mine = AllocationRun.objects.filter(pk=self.run_id, status=RunStatus.RUNNING, attempts=self.attempt)
        if mine.update(heartbeat_at=timezone.now(), **fields) != 1:
            raise ClaimLost(str(self.run_id))

    def report(self, stage: str) -> None:
        """Commit a sign of life with the stage now begun."""
        with self.opened():
            self.hold(stage=stage, progress=PERCENT[stage])


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
    """Wake workers for runs whose task was lost, or whose worker was. Called in the system scope. Returns how many."""
    now = timezone.now()
    silent_since = now - timedelta(seconds=settings.BRYGGAN_RUN_LEASE_SECONDS)
    never_woken = Q(status=RunStatus.QUEUED, heartbeat_at=None, requested_at__lt=now - WOKEN_WITHIN)
    lost = AllocationRun.objects.filter(never_woken | Q(status__in=RUN_ACTIVE, heartbeat_at__lt=silent_since))
    rows = list(lost.values_list("pk", "authority_id"))
    # A queued run is not woken again until the lease has passed, or a busy worker's queue would grow at every sweep.
    AllocationRun.objects.filter(pk__in=[pk for pk, _owner in rows], status=RunStatus.QUEUED).update(heartbeat_at=now)
    for pk, authority_id in rows:
        run_allocation.delay_on_commit(run_id=str(pk), organisation_id=str(authority_id))
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
    silent_since = timezone.now() - timedelta(seconds=settings.BRYGGAN_RUN_LEASE_SECONDS)
    return run.status == RunStatus.RUNNING and (run.heartbeat_at is None or run.heartbeat_at < silent_since)


def _solve_and_save(claim: Claim) -> None:
    with claim.opened():
        run = AllocationRun.objects.select_related("round").get(pk=claim.run_id)
        inputs = load_inputs(run.round)
    result = _solved(inputs, Policy(run.policy), run.seed, claim.report)
    why = explain(inputs.problem, result, inputs.wishes)
    figures = summary(inputs, result, why) | {"policies": _compared(inputs, result, run.seed, claim)}
    problem_file, result_file = _files(inputs, result, run.seed)
    claim.report("save")
    rows = assignments(run, inputs, result, why)
    with claim.opened():
        claim.hold()
        Assignment.objects.filter(run=run).delete()
        RunFile.objects.filter(run=run).delete()
        Assignment.objects.bulk_create(rows, batch_size=BATCH)
        RunFile.objects.create(
            region_id=run.region_id, authority_id=run.authority_id, run=run, problem=problem_file, result=result_file
        )
        _finish(claim, figures, result, problem_digest(inputs.problem))
    logger.info("allocation run done", extra={"run_id": str(run.pk), "learners": len(inputs.learners)})


def _solved(inputs: RunInputs, policy: Policy, seed: str, report: Callable[[str], None]) -> Result:
    """Solve and check. A result that does not verify is never saved.

    Raises:
        RunRefused: the locks do not fit in the seats together.
    """

    def progress(stage: str, _fraction: float) -> None:
        if stage in PERCENT:
            report(stage)

    try:
        result = solve(inputs.problem, policy, seed, progress=progress)
    except LockConflict as error:
        names = ", ".join(inputs.learners[index].name for index in error.learners[:5])
        message = _("De låsta platserna räcker inte till alla: %(names)s. Ta bort en låsning och kör igen.")
        raise RunRefused(message % {"names": names}) from error
    verify(inputs.problem, result)
    return result


def _compared(inputs: RunInputs, result: Result, seed: str, claim: Claim) -> dict[str, Any]:
    """What each policy would give with the same seats and seed; the chosen one alone when the problem is very large."""
    found = {str(result.policy): policy_figures(inputs, result, result.chosen)}
    if inputs.problem.n_arcs > COMPARED_ARCS:
        return found
    for policy in RunPolicy.values:
        if policy not in found:
            claim.report("compare")
            other = solve(inputs.problem, Policy(policy), seed, progress=lambda _stage, _done: claim.report("compare"))
            found[policy] = policy_figures(inputs, other, result.chosen)
    return found


def _finish(claim: Claim, figures: dict[str, Any], result: Result, digest: str) -> None:
    run = AllocationRun.objects.get(pk=claim.run_id)
    now = timezone.now()
    move(
        run,
        RunStatus.DRAFT,
        actor=SYSTEM,
        stage="done",
        progress=100,
        summary=figures,
        inputs_hash=digest,
        engine=result.engine,
        error="",
        finished_at=now,
        log=[*run.log, {"at": now.isoformat(), "placed": result.placed, "seconds": result.seconds}],
    )


def _fail(claim: Claim, message: str) -> None:
    try:
        with claim.opened():
            claim.hold()
            run = AllocationRun.objects.get(pk=claim.run_id)
            move(run, RunStatus.FAILED, actor=SYSTEM, error=message[:300], finished_at=timezone.now())
    except ClaimLost:
        logger.warning("allocation run taken over", extra={"run_id": str(claim.run_id)})


def _files(inputs: RunInputs, result: Result, seed: str) -> tuple[bytes, bytes]:
    with TemporaryDirectory() as folder:
        problem_path, result_path = Path(folder) / "problem.npz", Path(folder) / "result.npz"
        write_problem(problem_path, inputs.problem, seed_commitment(seed))
        write_result(result_path, inputs.problem, result)
        return _packed(problem_path), _packed(result_path)


def _packed(path: Path) -> bytes:
    """An npz is a zip; this is the same one, compressed."""
    out = BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return out.getvalue()


def _spoken(label: str) -> str:
    """The engine's "Verkstad, 2026-10-05" as "Verkstad v. 41"."""
    name, _comma, week = label.rpartition(", ")
    try:
        return f"{name} {week_label(date.fromisoformat(week))}"
    except ValueError:
        return label
