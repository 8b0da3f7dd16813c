"""What a worker process does before its first task."""

import os
import subprocess
import sys

from celery.signals import worker_process_init, worker_ready
from django.conf import settings

from config import celery

READY = """
import os, django
django.setup()
from config.celery import make_ready
thread = make_ready()
thread.join()
print(os.nice(0))
"""


def test_a_worker_process_yields_to_web_and_compiles_before_its_first_run() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", READY],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(os.nice(0) + celery.NICENESS)]


def test_both_kinds_of_worker_are_made_ready() -> None:
    assert celery.make_ready in connected(worker_process_init)
    assert celery.make_threads_ready in connected(worker_ready)


def connected(signal: object) -> list[object]:
    return [receiver() for _key, receiver in signal.receivers]  # type: ignore[attr-defined]


def test_every_timed_task_exists() -> None:
    celery.app.loader.import_default_modules()
    assert {entry["task"] for entry in celery.BEAT_SCHEDULE.values()} <= set(celery.app.tasks)
