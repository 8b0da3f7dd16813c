"""A whole installation for one test session: own servers, worker, clock and web, under the product's own supervisor."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg
import redis
from celery import Celery
from django.db import connection, connections

from config.redis import broker_url
from core.servers import demo, places, postgres, valkey
from core.servers.places import Places
from core.servers.supervisor import Supervisor
from placements.allocation.ready import compile_all

LEASE_SECONDS = 5
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TABLES = """
SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
"""


class Stack:
    """Real processes. Everything waits by `wait_until`, which also lets the supervisor raise the dead."""

    def __init__(self, var: Path) -> None:
        var.mkdir(parents=True, exist_ok=True)
        places.reset(var)
        self.here: Places = places.prepare(var)
        self.mail_folder = var / "mail"
        self.supervisor = Supervisor(self.here.logs, lambda _text: None)
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": postgres.url(self.here, "app"),
            "MIGRATE_DATABASE_URL": postgres.url(self.here, "migrator"),
            "REDIS_URL": valkey.url(self.here),
            "EMAIL_URL": f"file://{self.mail_folder}",
            "BRYGGAN_BASE_URL": self.address,
            "BRYGGAN_RUN_LEASE_SECONDS": str(LEASE_SECONDS),
            "BRYGGAN_OUTBOX_LEASE_SECONDS": str(LEASE_SECONDS),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        # The lease is seconds here: a worker that compiles the core in its first run would be given up for lost.
        compile_all()
        # Not hasty: a server killed in the middle must have written what it promised.
        demo.start_postgres(self.supervisor, self.here)
        demo.start_valkey(self.supervisor, self.here)
        demo.manage(self.here, self.environment, "migrate", "-v0")
        worker, web = demo.worker_service(self.environment), demo.web_service(self.environment, self.port)
        clock = demo.clock_service(self.environment)
        clock = replace(clock, command=[*clock.command, "-s", str(self.here.var / "beat-schedule")])
        for program in (worker, clock, web):
            self.supervisor.start(program)
        for program in (web, worker):
            self.supervisor.wait_ready(program)

    def stop(self) -> None:
        """At once: nothing here is kept."""
        with suppress(ProcessLookupError):
            self.kill(*self.supervisor._runs)
        handlers = {number: signal.getsignal(number) for number in _STOP_SIGNALS}
        self.supervisor.stop()
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def empty(self) -> None:
        """Back to an empty database, an empty cache and no mail; a task left in the queue finds nothing to do."""
        with postgres.connect(self.here) as owner:
            row = owner.execute(_TABLES).fetchone()
            owner.execute(f"TRUNCATE {row[0]} RESTART IDENTITY CASCADE")
        with redis.from_url(self.environment["REDIS_URL"]) as cache:
            cache.flushdb()
        for mail in self.mail_folder.glob("*.eml"):
            mail.unlink()

    @contextmanager
    def in_this_process(self) -> Iterator[None]:
        """Let Django here speak with the stack's database, as the app role. Its queue stays apart."""
        shared, before = connection.settings_dict, dict(connection.settings_dict)
        connections.close_all()
        secret = self.here.secrets["app"]
        shared.update(NAME=postgres.DATABASE, USER="app", PASSWORD=secret, HOST=str(self.here.sockets), PORT="")
        try:
            yield
        finally:
            connections.close_all()
            shared.update(before)

    def wait_until(self, condition: Callable[[], object], what: str, seconds: float = 30, every: float = 0.05) -> None:
        """Tend the processes until `condition` holds; fails with `what` did not happen and the ends of the logs."""
        deadline = time.monotonic() + seconds
        while not _holds(condition):
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited {seconds:.0f} s in vain: {what}\n{self.logs()}")
            self.supervisor.tend()
            time.sleep(every)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the tables hold, seen from outside the wall and outside every open transaction."""
        with postgres.connect(self.here) as owner:
            return owner.execute(query).fetchall()

    def write(self, statement: str) -> None:
        """Change what no page lets anybody change: the time that has passed."""
        with postgres.connect(self.here) as owner:
            owner.execute(statement)

    def wake(self, task: str, **arguments: str) -> None:
        """Put a task on the stack's queue, as `delay_on_commit` does in its own processes."""
        with Celery(broker=broker_url(self.environment["REDIS_URL"])) as queue:
            queue.send_task(task, kwargs=arguments, queue="bryggan", ignore_result=True)

    def kill(self, *names: str) -> None:
        """kill -9, the whole process group at once, as a machine that loses power."""
        for name in names:
            os.killpg(self.supervisor.process_id(name), signal.SIGKILL)

    def mails(self) -> list[EmailMessage]:
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(self.mail_folder.glob("*.eml"))
        ]

    def logs(self, lines: int = 12) -> str:
        tails = []
        for path in sorted(self.here.logs.glob("*.log")):
            text = path.read_text(errors="replace").splitlines()[-lines:]
            tails.append("\n".join([f"--- {path.name}", *text]))
        return "\n".join(tails)


def _free_port() -> int:
    """Any port: those from 8000 up are what a demo and other test runs try, one after the other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _holds(condition: Callable[[], object]) -> bool:
    """Whether it holds now; a database that is down or coming up holds nothing yet."""
    try:
        return bool(condition())
    except psycopg.OperationalError:
        return False
