"""`manage.py benchmark allocation`: the engine beside its peers, then the whole way from rows to published places."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from types import ModuleType
from typing import Final

from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from core.permissions import Actor, ActorKind
from core.tenancy import scope
from dashboards.benchmark.country import Country, CountryBuilder
from dashboards.benchmark.database import as_migrator, gather_statistics
from dashboards.benchmark.market import make_instance, make_market
from dashboards.benchmark.measuring import StageClock
from dashboards.benchmark.memory import reset_resident_peak, resident_peak
from dashboards.benchmark.solvers import Reading, readings
from dashboards.benchmark.table import aligned, thousands
from dashboards.benchmark.work import STAGES
from placements.allocation import warm
from placements.enums import RunPolicy, RunStatus
from placements.models import AllocationRun, Round
from placements.selectors.run_warnings import warnings_of
from placements.services import publishing, run_work
from placements.services.publishing import perform_publishing, request_publishing
from placements.services.run_work import perform_run
from placements.services.runs import accept_warning, request_run, review_run

Say = Callable[[str], None]

# The worker's steps, by the stage they are shown as.
PUBLISH_STAGES: Final = {"gather": "gather", "current_digest": "digest of the inputs", "write": "write"}
SOLVER_HEAD: Final = ("solver", "seconds", "ratio", "peak memory", "placed", "wish 1", "wish 1–3", "outside", "engine")
MILLISECOND: Final = 0.001
STAGE_HEAD: Final = ("step", "seconds", "queries", "peak memory")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the platform's table; memory in bytes where it was read."""

    name: str
    seconds: float
    queries: int | None = None
    peak: int | None = None


def solver_table(learners: int, *, scarcity: float, full_graph: bool, say: Say) -> str:
    """Every solver on one instance, ratios to the first."""
    instance, found = readings(learners, scarcity=scarcity, full_graph=full_graph, say=say)
    problem = instance.problem
    title = (
        f"{thousands(learners)} learners, {thousands(problem.n_arcs)} arcs ({problem.n_arcs / learners:.0f} each), "
        f"{thousands(problem.n_seats)} seat nodes, scarcity {scarcity:g}"
    )
    return f"{title}\n\n{aligned([SOLVER_HEAD, *(_solver_cells(row, found[0]) for row in found)], left=1)}"


def _solver_cells(row: Reading, first: Reading) -> tuple[str, ...]:
    figures = (row.placed, row.first, row.first_to_third, row.outside)
    return (
        row.solver,
        f"{row.seconds:.3f}" if row.seconds >= MILLISECOND else f"{row.seconds:.6f}",
        f"{row.seconds / first.seconds:.1f}",
        f"{row.peak / 2**20:.0f} MB",
        *map(thousands, figures),
        row.engine,
    )


def platform_table(learners: int, *, scarcity: float, say: Say) -> str:
    """A country in the scratch database, allocated and published by the services that the worker calls."""
    country = _built(learners, scarcity, say)
    warm()
    steps = [*_allocated(country, say), *_published(country, say)]
    rows = [
        (
            step.name,
            f"{step.seconds:.2f}",
            "" if step.queries is None else str(step.queries),
            "" if step.peak is None else f"{step.peak / 2**20:.0f} MB",
        )
        for step in steps
    ]
    title = f"From rows to published places, {thousands(learners)} learners, scarcity {scarcity:g}"
    return f"{title}\n\n{aligned([STAGE_HEAD, *rows], left=1)}"


def _built(learners: int, scarcity: float, say: Say) -> Country:
    started = perf_counter()
    market = make_market(learners, scarcity=scarcity)
    wished = make_instance(market).wished
    with as_migrator(), transaction.atomic():
        country = CountryBuilder(market, wished).write()
    gather_statistics()
    say(f"Wrote the country's rows: {perf_counter() - started:.1f} s")
    return country


def _allocated(country: Country, say: Say) -> list[Step]:
    with scope(country.authority.scope()):
        round_ = Round.objects.get(pk=country.round_id)
        run = request_run(round=round_, is_trial=False, policy=RunPolicy.OPTIMUM, actor=_actor(country))
    work = partial(perform_run, run_id=run.pk, in_scope=country.authority.scope())
    steps = _timed("allocate, rows to saved", work, run_work, STAGES)
    _require(run, country, RunStatus.DRAFT)
    say(f"Allocated {run.summary['placed']} of {run.summary['learners']}: {steps[0].seconds:.1f} s")
    return steps


def _published(country: Country, say: Say) -> list[Step]:
    actor = _actor(country)
    with scope(country.authority.scope()):
        run = AllocationRun.objects.get(round=country.round_id, status=RunStatus.DRAFT)
        for warning in warnings_of(run):
            accept_warning(run=run, code=warning.code, actor=actor)
        review_run(run=run, actor=actor)
        request_publishing(run=run, actor=actor)
    work = partial(perform_publishing, run_id=run.pk, in_scope=country.authority.scope())
    steps = _timed("publish", work, publishing, PUBLISH_STAGES)
    _require(run, country, RunStatus.PUBLISHED)
    say(f"Published: {steps[0].seconds:.1f} s")
    return steps


def _timed(name: str, work: Callable[[], object], module: ModuleType, stages: Mapping[str, str]) -> list[Step]:
    """Do the work once: a step for the whole of it, then one for each of its stages."""
    clock = StageClock()
    reset_resident_peak()
    with clock.around(module, stages):
        work()
    found = [Step(f"  {stage}", lap.seconds, lap.queries) for stage, lap in clock.told(rest="the rest").items()]
    return [Step(name, clock.whole.seconds, clock.whole.queries, resident_peak()), *found]


def _require(run: AllocationRun, country: Country, status: str) -> None:
    with scope(country.authority.scope()):
        run.refresh_from_db()
    if run.status != status:
        raise RuntimeError(f"The run ended as {run.status}: {run.error}")


def _actor(country: Country) -> Actor:
    user = User.objects.get(email=f"{Role.AUTHORITY_COORDINATOR}@riket.example")
    return Actor(
        kind=ActorKind.MEMBER,
        label=user.name,
        user_id=user.pk,
        region_id=country.region.pk,
        organisation_id=country.authority.pk,
        authority_id=country.authority.pk,
        roles=frozenset({Role.AUTHORITY_COORDINATOR}),
    )
