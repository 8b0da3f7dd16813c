"""A forecast is asked for once, computed by one worker, and lost by none."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from core.tenancy import SystemReason, system_scope
from core.weeks import school_year
from dashboards.models import SeasonForecast
from dashboards.services.forecast import (
    MOST_ATTEMPTS,
    ForecastRefused,
    perform_forecast,
    request_forecast,
    sweep_lost_forecasts,
)
from tests.factories.dashboards import make_forecast
from tests.factories.employers import make_seats
from tests.factories.schools import make_class, make_period


@pytest.fixture
def booked(school, slot, weeks, seeding):
    """Three hundred learners, a hundred and eighty seats."""
    with seeding():
        make_period(make_class(school), weeks, learners=300)
        make_seats(slot, weeks, seats=180)


@pytest.fixture
def ask(region, as_org, actor_of, weeks):
    def asked() -> SeasonForecast:
        with as_org(region):
            return request_forecast(kind="prao", start_year=school_year(weeks[0]), actor=actor_of(region))

    return asked


def state(region, as_org, made) -> SeasonForecast:
    with as_org(region):
        return SeasonForecast.objects.get(pk=made.pk)


def perform(region, made) -> bool:
    return perform_forecast(forecast_id=made.pk, in_scope=region.scope())


def test_a_forecast_is_computed_and_says_what_it_came_from(region, booked, ask, as_org):
    made = ask()
    assert perform(region, made) is True
    found = state(region, as_org, made)
    assert (found.status, found.source, found.stage, found.progress, found.error) == ("done", "model", "done", 100, "")
    assert (found.result["learners"], found.result["unplaced"]) == (300, 120)
    assert found.result["first"] + found.result["other"] == 180
    assert perform(region, made) is False


def test_the_same_seed_gives_the_same_answer(region, booked, ask, as_org):
    results = []
    for _ in range(2):
        made = ask()
        with as_org(region):
            SeasonForecast.objects.filter(pk=made.pk).update(seed="5eed")
        perform(region, made)
        results.append(state(region, as_org, made).result)
    assert results[0] == results[1]


def test_asking_wakes_a_worker_when_the_transaction_commits(region, booked, ask, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as woken:
        ask()
    assert len(woken) == 1


def test_asking_twice_is_refused_while_the_first_is_under_way(region, booked, ask):
    made = ask()
    with pytest.raises(ForecastRefused, match="räknas redan"):
        ask()
    perform(region, made)
    ask()


@pytest.mark.parametrize(("kind", "years"), [("nonsens", 0), ("prao", -1), ("prao", 2)])
def test_only_seasons_that_can_be_planned_are_forecast(region, weeks, as_org, actor_of, kind, years):
    start_year = school_year(weeks[0]) + years
    with as_org(region), pytest.raises(ForecastRefused, match="läsår"):
        request_forecast(kind=kind, start_year=start_year, actor=actor_of(region))


def test_a_region_without_booked_weeks_is_told_what_to_do(region, ask, as_org):
    made = ask()
    assert perform(region, made) is True
    found = state(region, as_org, made)
    assert (found.status, found.error) == (
        "failed",
        "Inga kommande veckor är bokade för elever utan plats. Boka klassernas veckor och räkna igen.",
    )


def test_learners_without_any_place_are_all_left_over(region, school, weeks, seeding, ask, as_org):
    with seeding():
        make_period(make_class(school), weeks, learners=30)
    made = ask()
    perform(region, made)
    assert state(region, as_org, made).result["unplaced"] == 30


def test_a_worker_in_another_region_finds_nothing_to_claim(region, stranger_region, booked, ask, as_org):
    made = ask()
    assert perform_forecast(forecast_id=made.pk, in_scope=stranger_region.scope()) is False
    assert state(region, as_org, made).status == "queued"


def test_a_lost_worker_is_replaced_and_cannot_write_any_more(region, booked, as_org, seeding):
    silent = timezone.now() - timedelta(seconds=settings.BRYGGAN_RUN_LEASE_SECONDS + 1)
    running = {"status": "running", "source": "", "result": {}, "finished_at": None, "attempts": 1}
    with seeding():
        lost = make_forecast(region, heartbeat_at=silent, **running)
    assert perform(region, lost) is True
    found = state(region, as_org, lost)
    assert (found.status, found.attempts) == ("done", 2)


def test_a_working_worker_is_left_alone(region, as_org, seeding):
    running = {"status": "running", "source": "", "result": {}, "finished_at": None, "attempts": 1}
    with seeding():
        held = make_forecast(region, heartbeat_at=timezone.now(), **running)
    assert perform(region, held) is False
    assert state(region, as_org, held).attempts == 1


def test_a_forecast_that_kills_its_workers_ends_as_failed(region, as_org, seeding):
    silent = timezone.now() - timedelta(hours=1)
    running = {"status": "running", "source": "", "result": {}, "finished_at": None, "attempts": MOST_ATTEMPTS}
    with seeding():
        made = make_forecast(region, heartbeat_at=silent, **running)
    assert perform(region, made) is False
    found = state(region, as_org, made)
    assert (found.status, found.error) == (
        "failed",
        "Beräkningen avbröts 3 gånger. Försök igen, eller kontakta supporten.",
    )


def test_the_sweep_wakes_what_was_lost_and_nothing_else(region, stranger_region, seeding):
    old = timezone.now() - timedelta(hours=1)
    unfinished = {"source": "", "result": {}, "finished_at": None}
    with seeding():
        lost = make_forecast(region, status="running", heartbeat_at=old, attempts=1, **unfinished)
        never = make_forecast(stranger_region, status="queued", **unfinished)
        SeasonForecast.objects.filter(pk=never.pk).update(requested_at=old)
        make_forecast(region, kind="apl", status="running", heartbeat_at=timezone.now(), **unfinished)
        make_forecast(region, kind="apl")
    with system_scope(SystemReason.SWEEP_RUNS):
        assert sweep_lost_forecasts() == 2
        assert sweep_lost_forecasts() == 1  # the queued one has been woken; the running one is still lost
    assert lost.pk != never.pk
