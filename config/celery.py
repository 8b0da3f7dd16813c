"""The Celery app and the clock's timetable."""

import os

from celery import Celery
from celery.schedules import schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("bryggan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Name → task and how often. Every task here looks in the database for work that a lost message left behind.
BEAT_SCHEDULE: dict[str, dict[str, str | schedule]] = {
    "core.deliver_outbox": {"task": "core.deliver_outbox", "schedule": schedule(5)},
    "placements.tell_published": {"task": "placements.tell_published", "schedule": schedule(5)},
    "dashboards.sweep_forecasts": {"task": "dashboards.sweep_forecasts", "schedule": schedule(15)},
    "placements.sweep_runs": {"task": "placements.sweep_runs", "schedule": schedule(15)},
}
app.conf.beat_schedule = BEAT_SCHEDULE
