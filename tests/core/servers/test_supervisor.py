"""The supervisor against real processes: PostgreSQL and Valkey killed outright, and itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from core.servers import places, postgres, valkey
from core.servers.errors import StartError
from core.servers.places import Places
from core.servers.supervisor import Service, Supervisor

ROOT = Path(__file__).resolve().parents[3]
QUICK = [sys.executable, "-c", "raise SystemExit(3)"]
PATIENT = [sys.executable, "-c", "import time; time.sleep(60)"]


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def patient(name: str, command: list[str] = PATIENT) -> Service:
    return Service(name, command, lambda: True, dict(os.environ), ready_seconds=5)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor = Supervisor(tmp_path, said.append)
    yield supervisor
    supervisor.stop()
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def here(tmp_path: Path) -> Places:
    # The database account must reach the folder; pytest's own is closed to others.
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == Path.home().owner() and folder.name.startswith(("pytest-", "test_")):
            folder.chmod(0o755)
    return places.prepare(tmp_path / "var")


def test_killed_service_comes_back(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(patient("patient"))
    first = supervisor.process_id("patient")

    os.kill(first, signal.SIGKILL)

    def is_back() -> bool:
        supervisor.tend()
        return supervisor.process_id("patient") != first

    eventually(is_back)
    assert said == ["patient stopped by itself (signal 9); starting it again"]


def test_service_that_never_starts_shows_its_log(supervisor: Supervisor) -> None:
    service = patient("broken", [sys.executable, "-c", "print('no such port'); raise SystemExit(3)"])
    service.is_ready = lambda: False
    supervisor.start(service)

    with pytest.raises(StartError, match="broken did not start:\nno such port"):
        supervisor.wait_ready(service)


def test_service_that_keeps_dying_ends_the_watch(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.servers.supervisor._MOST_QUICK_DEATHS", 2)
    supervisor.start(patient("quick", QUICK))

    with pytest.raises(StartError, match="quick keeps dying"):
        supervisor.watch()


def test_stop_ends_last_started_first(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    program = (
        "import signal, sys, time\n"
        "def stop(*_):\n"
        "    open({order!r}, 'a').write(sys.argv[1])\n"
        "    raise SystemExit\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "open({ready!r} + sys.argv[1], 'w').close()\n"
        "time.sleep(60)\n"
    ).format(order=str(order), ready=str(tmp_path / "ready-"))
    for name in "ab":
        supervisor.start(patient(name, [sys.executable, "-c", program, name]))
    eventually(lambda: len(list(tmp_path.glob("ready-*"))) == 2)

    supervisor.stop()

    assert order.read_text() == "ba"


def test_killed_supervisor_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path\n"
        "from core.servers.supervisor import Service, Supervisor\n"
        "supervisor = Supervisor(Path(sys.argv[1]), print)\n"
        "supervisor.start(Service('child', ['sleep', '60'], lambda: True, dict(os.environ)))\n"
        "print(supervisor.process_id('child'), flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())

        parent.kill()

    eventually(lambda: not is_alive(child))


def test_killed_servers_come_back_with_their_data(supervisor: Supervisor, here: Places) -> None:
    for server in (postgres.service(here), valkey.service(here)):
        supervisor.start(server)
        supervisor.wait_ready(server)
    postgres.prepare_database(here)
    with psycopg.connect(postgres.url(here, "migrator")) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('Åsa')")
    with redis.Redis(unix_socket_path=str(valkey.socket(here)), password=here.secrets["valkey"]) as client:
        client.set("kept", "Åsa")

    for name in ("postgres", "valkey"):
        os.kill(supervisor.process_id(name), signal.SIGKILL)

    def are_back() -> bool:
        supervisor.tend()
        return postgres._answers(here) and valkey._answers(here)

    time.sleep(0.1)
    supervisor.tend()
    eventually(are_back)
    with psycopg.connect(postgres.url(here, "app")) as connection:
        found = connection.execute("SELECT word FROM kept WHERE lower(word) = 'åsa'").fetchall()
    with redis.Redis(unix_socket_path=str(valkey.socket(here)), password=here.secrets["valkey"]) as client:
        kept = client.get("kept")
    assert (found, kept) == ([("Åsa",)], "Åsa".encode())


def test_roles_have_no_more_than_they_need(supervisor: Supervisor, here: Places) -> None:
    server = postgres.service(here, hasty=True)
    supervisor.start(server)
    supervisor.wait_ready(server)

    postgres.prepare_database(here)
    postgres.prepare_database(here)

    with postgres.connect(here) as connection:
        found = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles"
            " WHERE rolname IN ('app', 'migrator') ORDER BY rolname"
        ).fetchall()
    assert found == [("app", False, False, False, False, True), ("migrator", False, True, True, False, True)]


def test_second_holder_of_a_folder_is_told(tmp_path: Path) -> None:
    first = places.lock(tmp_path)
    second = places.lock(tmp_path)

    assert first is not None
    assert second is None
    first.close()


def test_secrets_are_private_and_kept(here: Places) -> None:
    again = places.prepare(here.var)

    assert (here.var / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert again.secrets == here.secrets
