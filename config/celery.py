"""The Celery app, what a worker does before its first task, and the clock's timetable."""

import os
from threading import Thread
from typing import Any

from celery import Celery
from celery.concurrency.prefork import TaskPool
from celery.schedules import schedule
from celery.signals import worker_process_init, worker_ready

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

# Workers yield to web processes on the same machine: a run takes minutes either way, a page must not.
NICENESS = 10


def make_ready(**_more: Any) -> Thread:
    """Lower the process's priority, and compile the allocation core beside, so that no run waits for it.

    In a thread: Celery gives up a process that is not there within seconds, and the first compilation takes a minute.
    """
    os.nice(NICENESS)
    thread = Thread(target=_warm, name="warm", daemon=True)
    thread.start()
    return thread


def make_threads_ready(sender: Any, **_more: Any) -> None:
    """Do the same where tasks run in the main process. One that forks must not: a child would inherit held locks."""
    if not isinstance(sender.pool, TaskPool):
        make_ready()


def _warm() -> None:
    from placements.allocation.ready import compile_all  # noqa: PLC0415 -- the apps are not ready when this is read

    compile_all()


worker_process_init.connect(make_ready)
worker_ready.connect(make_threads_ready)
