"""`manage.py test`: pytest beside private servers that nobody else uses."""

import os
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import IO

from core.servers import places, postgres, valkey
from core.servers.demo import ROOT, start_postgres, start_valkey
from core.servers.errors import StartError
from core.servers.places import Places
from core.servers.supervisor import StopRequested, Supervisor, die_with_parent, raise_on_signals

# Without arguments everything is run, on every core up to four; a file stays on one worker, which keeps its servers.
EVERYTHING = ["-q", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--durations", "10"]


def run(arguments: list[str]) -> int:
    """Run pytest with `arguments`. Returns its exit code."""
    raise_on_signals()
    var, lock = _free_folder()
    supervisor: Supervisor | None = None
    try:
        here = places.prepare(var)
        supervisor = Supervisor(here.logs, _say)
        return _pytest(arguments, _start_servers(supervisor, here))
    except StopRequested:
        return 130
    except StartError as error:
        _say(str(error))
        return 1
    finally:
        if supervisor is not None:
            supervisor.stop()
        lock.close()


def _free_folder() -> tuple[Path, IO[str]]:
    """Two test runs at once each get their own servers."""
    for number in count(1):
        var = ROOT / "var" / ("test" if number == 1 else f"test-{number}")
        if (lock := places.lock(var)) is not None:
            return var, lock
    raise AssertionError


def _start_servers(supervisor: Supervisor, here: Places) -> dict[str, str]:
    environment = {"EMAIL_URL": f"file://{here.var / 'mail'}", "BRYGGAN_TEST_VAR": str(here.var)}
    if "DATABASE_URL" not in os.environ:
        start_postgres(supervisor, here, hasty=True)
        environment |= {
            "DATABASE_URL": postgres.url(here, "app"),
            "MIGRATE_DATABASE_URL": postgres.url(here, "migrator"),
        }
    if "REDIS_URL" not in os.environ:
        start_valkey(supervisor, here)
        environment["REDIS_URL"] = valkey.url(here)
    return {**environment, **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """Pytest shares our terminal: Ctrl-C reaches it directly, and it gets to finish its report."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *(arguments or EVERYTHING)],
        cwd=ROOT,
        env=environment,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        return process.wait()
    except StopRequested:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
