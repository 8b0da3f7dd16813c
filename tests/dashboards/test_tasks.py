"""The tasks that wake the forecast: ids in, and the region's scope or the sweep's."""

from datetime import timedelta

from django.utils import timezone

from config.celery import BEAT_SCHEDULE
from dashboards.models import SeasonForecast
from dashboards.tasks import run_forecast, sweep_forecasts
from tests.factories.dashboards import make_forecast

UNFINISHED = {"status": "queued", "source": "", "result": {}, "finished_at": None}


def test_the_task_computes_in_the_regions_scope(region, as_org, seeding):
    with seeding():
        made = make_forecast(region, **UNFINISHED)
    assert run_forecast(forecast_id=str(made.pk), organisation_id=str(region.pk)) is True
    with as_org(region):
        found = SeasonForecast.objects.get()
    assert (found.status, found.attempts) == ("failed", 1)  # nothing is booked: the sentence says so


def test_the_task_of_another_region_touches_nothing(region, stranger_region, as_org, seeding):
    with seeding():
        made = make_forecast(region, **UNFINISHED)
    assert run_forecast(forecast_id=str(made.pk), organisation_id=str(stranger_region.pk)) is False
    with as_org(region):
        assert SeasonForecast.objects.get().status == "queued"


def test_the_clock_sweeps_and_wakes_on_commit(region, seeding, django_capture_on_commit_callbacks):
    with seeding():
        made = make_forecast(region, **UNFINISHED)
        SeasonForecast.objects.filter(pk=made.pk).update(requested_at=timezone.now() - timedelta(minutes=5))
    with django_capture_on_commit_callbacks() as woken:
        assert sweep_forecasts() == 1
    assert len(woken) == 1
    assert BEAT_SCHEDULE["dashboards.sweep_forecasts"]["task"] == sweep_forecasts.name
