"""Starts services in order, restarts those that die, stops them in reverse, leaves nothing behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from core.servers.account import Account
from core.servers.errors import StartError

_SET_PARENT_DEATH_SIGNAL = 1
_POLL_SECONDS = 0.1
_STEADY_SECONDS = 30.0
_MOST_QUICK_DEATHS = 8
_LOG_TAIL = 1500


class StopRequested(KeyboardInterrupt):
    """Ctrl-C, a terminate signal or a closed terminal."""


@dataclass
class Service:
    """One process to keep running, and how to know that it answers."""

    name: str
    command: list[str]
    is_ready: Callable[[], bool]
    environment: dict[str, str]
    folder: Path = Path("/")
    account: Account = field(default_factory=Account)
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 15
    ready_seconds: float = 60


@dataclass
class _Run:
    process: subprocess.Popen[bytes]
    started_at: float
    quick_deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Keeps services alive. Start from the main thread: a child's death signal follows the thread."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.logs = logs
        self.say = say
        self._services: list[Service] = []
        self._runs: dict[str, _Run] = {}

    def start(self, service: Service) -> None:
        """Start a service without waiting for it."""
        self._services.append(service)
        self._runs[service.name] = _Run(self._spawn(service), time.monotonic())

    def wait_ready(self, service: Service) -> None:
        """Wait until the service answers. StartError with the end of its log if it dies or never does."""
        seconds = service.ready_seconds
        deadline = time.monotonic() + seconds
        while not service.is_ready():
            if self._runs[service.name].process.poll() is not None:
                raise StartError(f"{service.name} did not start:\n{self._log_tail(service)}")
            if time.monotonic() > deadline:
                raise StartError(f"{service.name} gave no answer in {seconds:.0f} s:\n{self._log_tail(service)}")
            time.sleep(0.02)

    def watch(self) -> None:
        """Restart whatever dies until a signal raises StopRequested. StartError if a service keeps dying."""
        while True:
            self.tend()
            time.sleep(_POLL_SECONDS)

    def tend(self) -> None:
        """Look at every service once."""
        now = time.monotonic()
        for service in self._services:
            run = self._runs[service.name]
            if run.restart_at is not None:
                if now >= run.restart_at:
                    run.process, run.started_at, run.restart_at = self._spawn(service), now, None
            elif run.process.poll() is not None:
                self._plan_restart(service, run, now)

    def stop(self) -> None:
        """Stop everything, last started first. Never raises."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for service in reversed(self._services):
            process = self._runs[service.name].process
            if process.poll() is None:
                process.send_signal(service.stop_signal)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(service.grace_seconds)
            _kill_group(process)
            process.wait()
        self._services.clear()

    def process_id(self, name: str) -> int:
        return self._runs[name].process.pid

    def _plan_restart(self, service: Service, run: _Run, now: float) -> None:
        # What a killed parent left in its process group would hold its port or its task.
        _kill_group(run.process)
        run.quick_deaths = 0 if now - run.started_at > _STEADY_SECONDS else run.quick_deaths + 1
        if run.quick_deaths > _MOST_QUICK_DEATHS:
            raise StartError(f"{service.name} keeps dying:\n{self._log_tail(service)}")
        run.restart_at = now + min(0.1 * 2**run.quick_deaths, 5.0)
        self.say(f"{service.name} stopped by itself ({_ending(run.process.returncode)}); starting it again")

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        with (self.logs / f"{service.name}.log").open("ab") as log:
            return subprocess.Popen(
                service.command,
                cwd=service.folder,
                env=service.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Its own session: Ctrl-C in the terminal reaches us alone, and we stop the children in order.
                start_new_session=True,
                preexec_fn=die_with_parent(service.stop_signal),
                **service.account.popen_options,
            )

    def _log_tail(self, service: Service) -> str:
        with suppress(OSError):
            return (self.logs / f"{service.name}.log").read_text(errors="replace")[-_LOG_TAIL:].strip()
        return "(no log)"


def raise_on_signals() -> None:
    """Turn the stop signals into StopRequested. Explicit: a background job starts with SIGINT ignored."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise StopRequested

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what the child runs to be sent `number` when we die, kill -9 included (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
