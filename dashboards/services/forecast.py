"""Ask for a season forecast, and compute it in a worker.

The row is the truth; the queue only wakes workers. A worker holds a forecast by the pair (running, attempts), and every
write it makes asks for both: one that was given up for lost cannot overwrite its successor.
"""

import logging
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import PlacementKind
from core.errors import DomainError
from core.locks import lock
from core.permissions import SYSTEM, Actor
from core.states import move, record
from core.tenancy import Scope, scope
from dashboards.enums import FORECAST_ACTIVE, ForecastStatus
from dashboards.models import SeasonForecast
from dashboards.selectors.forecast_inputs import forecast_inputs, school_years
from dashboards.services.forecast_result import Tally, result
from dashboards.services.forecast_solve import Season
from dashboards.services.forecast_wishes import demand_of, draw
from dashboards.tasks import run_forecast
from placements.allocation import AllocationError

logger = logging.getLogger("bryggan.dashboards")

MOST_ATTEMPTS: Final = 3
WOKEN_WITHIN: Final = timedelta(seconds=5)
# The average over a few draws: one alone would show its own luck as the season's.
DRAWS: Final = 5
READING, DRAWING, SAVING = 5, 15, 95


class ForecastRefused(DomainError):
    """There is nothing to compute, or it is being computed already."""

    code = "forecast_refused"


class ClaimLost(Exception):
    """Another worker has taken the forecast over."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A worker's hold on a forecast."""

    forecast_id: UUID
    attempt: int
    scope: Scope

    def opened(self) -> AbstractContextManager[Scope]:
        """Open a short transaction in the region's scope."""
        return scope(self.scope)

    def report(self, stage: str, progress: int) -> None:
        """Commit a sign of life.

        Raises:
            ClaimLost: the forecast is not ours any more.
        """
        with self.opened():
            self.hold(stage=stage, progress=progress)

    def hold(self, **fields: Any) -> None:
        """Write in the open transaction, if the forecast is still ours."""
        mine = SeasonForecast.objects.filter(pk=self.forecast_id, status=ForecastStatus.RUNNING, attempts=self.attempt)
        if mine.update(heartbeat_at=timezone.now(), **fields) != 1:
            raise ClaimLost(str(self.forecast_id))


@transaction.atomic
def request_forecast(*, kind: str, start_year: int, actor: Actor) -> SeasonForecast:
    """Queue a forecast for the actor's region, and wake a worker when the transaction commits.

    Raises:
        ForecastRefused: the same forecast is being computed, or the season is over.
        Busy: somebody else asks at this moment.
    """
    if kind not in PlacementKind.values or start_year not in school_years():
        raise ForecastRefused(_("Välj en praktikform och det här eller nästa läsår."))
    assert actor.region_id is not None
    lock(f"forecast:{actor.region_id}")
    active = SeasonForecast.objects.filter(
        region=actor.region_id, kind=kind, school_year=start_year, status__in=FORECAST_ACTIVE
    )
    if active.exists():
        raise ForecastRefused(_("Prognosen räknas redan. Vänta tills den är klar."))
    made = SeasonForecast(region_id=actor.region_id, kind=kind, school_year=start_year, requested_by_id=actor.user_id)
    made.seed = made.pk.hex
    made.save(force_insert=True)
    record(made, before="", after=ForecastStatus.QUEUED, actor=actor)
    run_forecast.delay_on_commit(forecast_id=str(made.pk), organisation_id=str(actor.region_id))
    return made


def perform_forecast(*, forecast_id: UUID, in_scope: Scope) -> bool:
    """Claim the forecast, compute it and save the result. Safe to call twice. Returns whether this call finished it.

    A refusal ends it as failed, with a sentence; any other exception leaves it to be taken up again.
    """
    claim = _claim(forecast_id, in_scope)
    if claim is None:
        return False
    try:
        _compute(claim)
    except ClaimLost:
        logger.warning("forecast taken over", extra={"forecast_id": str(forecast_id)})
        return False
    except (DomainError, AllocationError) as error:
        _fail(claim, error)
    return True


def sweep_lost_forecasts() -> int:
    """Wake workers for forecasts whose task was lost, or whose worker was. Called in the system scope."""
    now = timezone.now()
    silent = now - timedelta(seconds=settings.BRYGGAN_RUN_LEASE_SECONDS)
    never_woken = Q(status=ForecastStatus.QUEUED, heartbeat_at=None, requested_at__lt=now - WOKEN_WITHIN)
    lost = SeasonForecast.objects.filter(never_woken | Q(status__in=FORECAST_ACTIVE, heartbeat_at__lt=silent))
    rows = list(lost.values_list("pk", "region_id"))
    # Not woken again until the lease has passed, or a busy worker's queue would grow at every sweep.
    SeasonForecast.objects.filter(pk__in=[pk for pk, _r in rows], status=ForecastStatus.QUEUED).update(heartbeat_at=now)
    for pk, region_id in rows:
        run_forecast.delay_on_commit(forecast_id=str(pk), organisation_id=str(region_id))
    return len(rows)


def _claim(forecast_id: UUID, in_scope: Scope) -> _Claim | None:
    """Take a queued forecast, or a running one whose worker has been silent too long."""
    with scope(in_scope):
        found = SeasonForecast.objects.filter(pk=forecast_id).select_for_update(of=("self",)).first()
        if found is None or not _is_free(found):
            return None
        attempt = found.attempts + 1
        if attempt > MOST_ATTEMPTS:
            error = _("Beräkningen avbröts %(count)d gånger. Försök igen, eller kontakta supporten.")
            move(
                found,
                ForecastStatus.FAILED,
                actor=SYSTEM,
                error=error % {"count": MOST_ATTEMPTS},
                finished_at=timezone.now(),
            )
            return None
        if found.status == ForecastStatus.QUEUED:
            move(found, ForecastStatus.RUNNING, actor=SYSTEM)
        SeasonForecast.objects.filter(pk=forecast_id).update(
            attempts=attempt, heartbeat_at=timezone.now(), stage="read", progress=READING
        )
        return _Claim(forecast_id, attempt, in_scope)


def _is_free(found: SeasonForecast) -> bool:
    if found.status == ForecastStatus.QUEUED:
        return True
    silent = timezone.now() - timedelta(seconds=settings.BRYGGAN_RUN_LEASE_SECONDS)
    return found.status == ForecastStatus.RUNNING and (found.heartbeat_at is None or found.heartbeat_at < silent)


def _compute(claim: _Claim) -> None:
    with claim.opened():
        asked = SeasonForecast.objects.get(pk=claim.forecast_id)
        inputs = forecast_inputs(asked.region_id, kind=asked.kind, start_year=asked.school_year)
    if not len(inputs.heads):
        raise ForecastRefused(
            _("Inga kommande veckor är bokade för elever utan plats. Boka klassernas veckor och räkna igen.")
        )
    demand, tally, season = demand_of(inputs.history), Tally(inputs), Season(inputs)
    random = np.random.default_rng(int(asked.seed, 16))
    for number in range(DRAWS):
        claim.report("place", DRAWING + (SAVING - DRAWING) * number // DRAWS)
        drawn = draw(inputs, demand, random)
        tally.add(drawn, season.place(drawn, f"{asked.seed}:{number}"))
    found = result(inputs, demand, tally)
    with claim.opened():
        claim.hold(stage="done", progress=100, source=demand.source, result=found)
        move(
            SeasonForecast.objects.get(pk=claim.forecast_id),
            ForecastStatus.DONE,
            actor=SYSTEM,
            finished_at=timezone.now(),
        )
    logger.info("forecast done", extra={"forecast_id": str(asked.pk), "learners": found["learners"]})


def _fail(claim: _Claim, error: Exception) -> None:
    text = str(error) if isinstance(error, DomainError) else _("Underlaget gick inte att räkna på. Försök igen.")
    logger.info("forecast refused", extra={"forecast_id": str(claim.forecast_id), "error": type(error).__name__})
    try:
        with claim.opened():
            claim.hold()
            found = SeasonForecast.objects.get(pk=claim.forecast_id)
            move(found, ForecastStatus.FAILED, actor=SYSTEM, error=text[:300], finished_at=timezone.now())
    except ClaimLost:
        logger.warning("forecast taken over", extra={"forecast_id": str(claim.forecast_id)})
