"""`manage.py demo`: the whole product on one machine, from empty folder to address."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from celery import Celery
from django.core.management import get_commands

from config.redis import broker_url
from core.servers import places, postgres, valkey
from core.servers.errors import StartError
from core.servers.places import Places
from core.servers.supervisor import Service, StopRequested, Supervisor, die_with_parent, raise_on_signals

ROOT = Path(__file__).resolve().parents[2]
_PORTS_TRIED = 50
_REGION_EXISTS = "SELECT EXISTS (SELECT FROM accounts_organisation WHERE kind = 'region')"


def run(*, reset: bool, size: str, port: int) -> int:
    """Start everything and stay until stopped. Returns the exit code; prints one line per step."""
    var = ROOT / "var"
    lock = places.lock(var)
    if lock is None:
        _say(f"already running: {_running_address(var)}")
        return 1
    raise_on_signals()
    supervisor: Supervisor | None = None
    try:
        if reset:
            with _step("Throwing the old data away"):
                places.reset(var)
        here = places.prepare(var)
        supervisor = Supervisor(here.logs, _say)
        environment = _start_servers(supervisor, here)
        port = free_port(port)
        environment["BRYGGAN_BASE_URL"] = address = f"http://127.0.0.1:{port}"
        here.leave_environment({name: environment[name] for name in _OURS if name in environment})
        _fill(here, environment, size)
        _start_programs(supervisor, environment, port)
        _address_file(var).write_text(f"{address}/\n")
        _greet(var, address)
        supervisor.watch()
    except StopRequested:
        _say("Stopping …")
    except StartError as error:
        _say(f"Stopped: {error}")
        return 1
    finally:
        _clean_up(supervisor, var)
        lock.close()
    return 0


_OURS = (
    *("DATABASE_URL", "MIGRATE_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EMAIL_URL"),
    *("BRYGGAN_BASE_URL", "BRYGGAN_DEMO"),
)


def base_environment(here: Places) -> dict[str, str]:
    """Return what the programs of an installation for trying things out are told, but for the servers."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": here.secrets["django"],
        "EMAIL_URL": f"file://{here.var / 'mail'}",
        "BRYGGAN_DEMO": "1",
        # Whoever tries things out will not wait a quarter of an hour for the mail.
        "BRYGGAN_UNDO_SECONDS": "120",
    }


def _start_servers(supervisor: Supervisor, here: Places) -> dict[str, str]:
    """Start PostgreSQL and Valkey, unless the environment names others; return the programs' environment."""
    environment = base_environment(here)
    if "DATABASE_URL" not in os.environ:
        with _step("Starting PostgreSQL"):
            start_postgres(supervisor, here)
        environment |= {
            "DATABASE_URL": postgres.url(here, "app"),
            "MIGRATE_DATABASE_URL": postgres.url(here, "migrator"),
        }
    if "REDIS_URL" not in os.environ:
        with _step("Starting Valkey"):
            start_valkey(supervisor, here)
        environment["REDIS_URL"] = valkey.url(here)
    return {**environment, **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.local"}


def start_postgres(supervisor: Supervisor, here: Places, *, hasty: bool = False) -> None:
    server = postgres.service(here, hasty=hasty)
    supervisor.start(server)
    supervisor.wait_ready(server)
    postgres.prepare_database(here)


def start_valkey(supervisor: Supervisor, here: Places) -> None:
    server = valkey.service(here)
    supervisor.start(server)
    supervisor.wait_ready(server)


def _fill(here: Places, environment: dict[str, str], size: str) -> None:
    with _step("Bringing the database up to date"):
        manage(here, environment, "migrate", "-v0")
    if "seed_demo" in get_commands() and not _has_region(here, environment):
        with _step(f"Building the demo region (size {size})"):
            manage(here, environment, "seed_demo", "--size", size)


def _has_region(here: Places, environment: dict[str, str]) -> bool:
    if environment["DATABASE_URL"] != postgres.url(here, "app"):
        # Somebody's own server: whether it gets a demo region is theirs to say.
        return True
    with postgres.connect(here) as connection:
        row = connection.execute(_REGION_EXISTS).fetchone()
    return row is not None and bool(row[0])


def manage(here: Places, environment: dict[str, str], *arguments: str) -> None:
    """Run a manage.py command to its end. StartError with the end of its output if it fails."""
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    (here.logs / "manage.log").write_text(result.stdout)
    if result.returncode:
        raise StartError(f"manage.py {arguments[0]} failed:\n{result.stdout.strip()[-3000:]}")


def _start_programs(supervisor: Supervisor, environment: dict[str, str], port: int) -> None:
    with _step("Starting worker, clock and web"):
        worker, clock, web = worker_service(environment), clock_service(environment), web_service(environment, port)
        for program in (worker, clock, web):
            supervisor.start(program)
        for program in (web, worker):
            supervisor.wait_ready(program)


def worker_service(environment: dict[str, str]) -> Service:
    options = ["-c", "2", "-l", "INFO", "--without-mingle", "--without-gossip"]
    # Processes share locks through /dev/shm; a bare container may not let us write there.
    if not os.access("/dev/shm", os.W_OK):
        options += ["--pool", "threads"]
    broker = environment.get("CELERY_BROKER_URL") or broker_url(environment["REDIS_URL"])
    # Not as current: tasks queued by this process go where its own settings say.
    queue = Celery(broker=broker, set_as_current=False)
    return Service(
        name="worker",
        command=[sys.executable, "-m", "celery", "-A", "config.celery", "worker", *options],
        is_ready=lambda: bool(queue.control.ping(timeout=0.5)),
        environment=environment,
        folder=ROOT,
        grace_seconds=20,
    )


def clock_service(environment: dict[str, str]) -> Service:
    schedule = ROOT / "var" / "run" / "celerybeat-schedule"
    options = ["-l", "INFO", "--pidfile=", "-s", str(schedule)]
    return Service(
        name="beat",
        command=[sys.executable, "-m", "celery", "-A", "config.celery", "beat", *options],
        is_ready=lambda: True,
        environment=environment,
        folder=ROOT,
        grace_seconds=5,
    )


def web_service(environment: dict[str, str], port: int) -> Service:
    options = ["--worker-class", "gthread", "-w", "1", "--threads", "8", "--graceful-timeout", "5"]
    return Service(
        name="web",
        command=[sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", *options],
        is_ready=partial(_web_answers, port),
        environment=environment | {"DATABASE_POOL_SIZE": "8"},
        folder=ROOT,
        grace_seconds=10,
    )


def _web_answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def free_port(wanted: int) -> int:
    for port in range(wanted, wanted + _PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StartError(f"No free port between {wanted} and {wanted + _PORTS_TRIED - 1}: give another with --port.")


def _greet(var: Path, address: str) -> None:
    sign_ins = var / "signins.txt"
    print(f"\n  Bryggan is running at {address}/   (Ctrl-C stops everything)\n", flush=True)
    if sign_ins.exists():
        print(sign_ins.read_text(), flush=True)
    print(f"  Mail is written to {var / 'mail'}, logs to {var / 'logs'}\n", flush=True)


def _clean_up(supervisor: Supervisor | None, var: Path) -> None:
    started = time.monotonic()
    if supervisor is not None:
        supervisor.stop()
    (var / "run" / "environment.json").unlink(missing_ok=True)
    _address_file(var).unlink(missing_ok=True)
    _say(f"All stopped in {time.monotonic() - started:.1f} s")


def _running_address(var: Path) -> str:
    file = _address_file(var)
    return file.read_text().strip() if file.exists() else "it is still starting"


def _address_file(var: Path) -> Path:
    return var / "run" / "address"


@contextmanager
def _step(text: str) -> Iterator[None]:
    print(f"  {text} …", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def _say(text: str) -> None:
    print(f"  {text}", flush=True)
