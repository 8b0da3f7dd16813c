"""`manage.py benchmark allocation --part live`: a country through the real worker, while people use the pages.

Real processes, as the demo starts them: PostgreSQL and Valkey, one web process, two workers and the clock. A
coordinator runs and publishes the round by pressing the buttons; meanwhile she, the region's coordinator and a pupil
open their pages again and again, each waiting for one page before the next.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from django.conf import settings

from core.servers import demo, places, postgres, valkey
from core.servers.errors import StartError
from core.servers.places import Places
from core.servers.supervisor import Supervisor, raise_on_signals
from dashboards.benchmark.country import SLUG
from dashboards.benchmark.measuring import p95
from dashboards.benchmark.memory import reset_resident_peak, resident_peak
from dashboards.benchmark.table import aligned, thousands
from dashboards.benchmark.visitors import PATIENCE, PageFailed, Visit, Visitor, Watch

Say = Callable[[str], None]

IDLE_SECONDS: Final = 20.0
AUTHORITY, REGION = f"/o/{SLUG}-huvudman/", f"/o/{SLUG}/"
# Whose pages are opened meanwhile, and what each is called in the table.
COORDINATORS: Final[Mapping[str, Mapping[str, str]]] = {
    "authority_coordinator": {
        "authority: today": AUTHORITY,
        "authority: rounds": f"{AUTHORITY}omgangar/",
        "authority: who has chosen": f"{AUTHORITY}val/",
        "authority: classes": f"{AUTHORITY}klasser/",
        "authority: results": f"{AUTHORITY}resultat/",
        "authority: weeks": f"{AUTHORITY}veckor/",
    },
    "regional_coordinator": {
        "region: today": REGION,
        "region: supply": f"{REGION}tillgang/",
        "region: employers": f"{REGION}arbetsgivare/",
        "region: weeks": f"{REGION}veckor/",
    },
}
PUPIL: Final[Mapping[str, str]] = {
    "pupil: my weeks": "/elev/",
    "pupil: places": "/elev/platser/",
    "pupil: my wishes": "/elev/val/",
    "pupil: my place": "/elev/plats/",
}
CODES: Final = """
SELECT c.code, l.personal_code FROM schools_learner l JOIN schools_schoolclass c ON c.id = l.school_class_id
ORDER BY l.id LIMIT 1
"""
PHASES: Final = ("alone", "run", "publishing")
PROMISED_SECONDS: Final = 0.3
HEAD: Final = ("page", "alone", "p95", "run", "p95", "slowest", "publishing", "p95", "slowest")


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work of the worker's: from the press of the button to its end, and the memory it took at most."""

    name: str
    seconds: float
    peak: int


def live_table(learners: int, *, scarcity: float, say: Say) -> str:
    """Start everything, fill it, run and publish while the pages are timed.

    Raises:
        StartError: something does not start, or somebody else measures beside us.
    """
    with _installation(say) as (supervisor, here, environment, port):
        started = time.perf_counter()
        demo.manage(here, environment, "load_country", "--learners", str(learners), "--scarcity", str(scarcity))
        say(f"Wrote the country's rows: {time.perf_counter() - started:.0f} s")
        web = demo.web_service(environment, port)
        services = (demo.worker_service(environment), demo.clock_service(environment), web)
        for service in services:
            supervisor.start(service)
        for service in services:
            supervisor.wait_ready(service)
        watch, done = _watched(supervisor, f"http://127.0.0.1:{port}", _codes(here), say)
    return _told(learners, watch, done)


@contextmanager
def _installation(say: Say) -> Iterator[tuple[Supervisor, Places, dict[str, str], int]]:
    """Servers of our own with an empty database, at an address of their own."""
    raise_on_signals()
    var = Path(settings.VAR_DIR) / "benchmark"
    lock = places.lock(var)
    if lock is None:
        raise StartError("Another benchmark is running here: wait for it to end.")
    places.reset(var)
    here = places.prepare(var)
    supervisor = Supervisor(here.logs, say)
    port = demo.free_port(8100)
    try:
        demo.start_postgres(supervisor, here)
        demo.start_valkey(supervisor, here)
        environment = demo.base_environment(here) | {
            "DATABASE_URL": postgres.url(here, "app"),
            "MIGRATE_DATABASE_URL": postgres.url(here, "migrator"),
            "REDIS_URL": valkey.url(here),
            "BRYGGAN_BASE_URL": f"http://127.0.0.1:{port}",
            "BRYGGAN_UNDO_SECONDS": "3600",
        }
        demo.manage(here, environment, "migrate", "-v0")
        yield supervisor, here, environment, port
    finally:
        supervisor.stop()
        places.reset(var)
        lock.close()


def _codes(here: Places) -> tuple[str, str]:
    """The codes on some pupil's card."""
    with postgres.connect(here) as owner:
        row = owner.execute(CODES).fetchone()
    assert row is not None
    return row[0], row[1]


def _watched(supervisor: Supervisor, address: str, codes: tuple[str, str], say: Say) -> tuple[Watch, list[Work]]:
    coordinator = Visitor(address)
    coordinator.sign_in("authority_coordinator")
    people = [(Visitor(address), pages) for pages in COORDINATORS.values()]
    for (visitor, _pages), role in zip(people, COORDINATORS, strict=True):
        visitor.sign_in(role)
    pupil = Visitor(address)
    pupil.sign_in_as_pupil(*codes)
    watch = Watch()
    _wait_for_compiled(supervisor)
    with watch.watching([*people, (pupil, PUPIL)]):
        time.sleep(IDLE_SECONDS)
        say("Pages alone: measured")
        run_url, run = _run(coordinator, watch, supervisor)
        say(f"From the button to the draft: {run.seconds:.1f} s")
        published = _publish(coordinator, run_url, watch, supervisor)
        say(f"From the button to published: {published.seconds:.1f} s")
    if watch.failures:
        raise PageFailed("; ".join(sorted(set(watch.failures))))
    return watch, [run, published]


def _run(coordinator: Visitor, watch: Watch, supervisor: Supervisor) -> tuple[str, Work]:
    index, _path = coordinator.open(f"{AUTHORITY}fordelning/")
    round_url = _link(rf'href="({AUTHORITY}fordelning/omgang/[0-9a-f-]+/)"', index)
    coordinator.open(round_url)
    watch.enter("run")
    with _timed("run", supervisor) as work:
        _page, run_url = coordinator.open(f"{round_url}kor/", {"policy": "optimum", "purpose": "full"})
        _wait(coordinator, run_url, "Inte publicerad", "inte publicerad")
    return run_url, work()


def _publish(coordinator: Visitor, run_url: str, watch: Watch, supervisor: Supervisor) -> Work:
    watch.enter("between")
    page, _path = coordinator.open(run_url)
    for action in sorted(set(re.findall(rf'action="({run_url}varningar/[a-z_]+/)"', page))):
        coordinator.open(action, {"act": "accept"})
    coordinator.open(f"{run_url}granska/", {})
    coordinator.open(f"{run_url}publicera/")
    watch.enter("publishing")
    with _timed("publish", supervisor) as work:
        coordinator.open(f"{run_url}publicera/", {"when": "now"})
        _wait(coordinator, run_url, "Ångra publiceringen")
    return work()


def _link(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    if found is None:
        raise PageFailed(f"no {pattern} on the page")
    return found[1]


def _wait(visitor: Visitor, path: str, *words: str) -> None:
    """Look at the page once a second, as its panel does, until it says one of the words."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        page, _path = visitor.open(path)
        if any(word in page for word in words):
            return
        if "avbröts" in page:
            break
        time.sleep(1)
    raise PageFailed(f"{path} never said “{words[0]}”")


# -- the worker's processes


@contextmanager
def _timed(name: str, supervisor: Supervisor) -> Iterator[Callable[[], Work]]:
    """Time the block; the function given tells of it afterwards."""
    children = _descendants(supervisor.process_id("worker"))
    for child in children:
        reset_resident_peak(child)
    started = time.perf_counter()
    ended: list[float] = []
    yield lambda: Work(name, ended[0], max(map(resident_peak, children)))
    ended.append(time.perf_counter() - started)


def _wait_for_compiled(supervisor: Supervisor) -> None:
    """A worker that has just started compiles the core; wait until none of its processes is at work."""
    quiet = 0
    children = _descendants(supervisor.process_id("worker"))
    while quiet < 3:
        before = sum(map(_ticks, children))
        time.sleep(1)
        quiet = quiet + 1 if sum(map(_ticks, children)) - before < 10 else 0


def _descendants(parent: int) -> list[int]:
    children = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return [parent, *(found for child in children for found in _descendants(child))]


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


# -- the tables


def _told(learners: int, watch: Watch, done: Sequence[Work]) -> str:
    names = sorted({visit.name for visit in watch.visits})
    rows = [(name, *(cell for phase in PHASES for cell in _cells(watch, name, phase))) for name in names]
    meanwhile = [visit for visit in watch.visits if visit.phase in PHASES[1:]]
    late = [visit for visit in meanwhile if visit.took > PROMISED_SECONDS]
    work = [("work", "seconds", "peak memory of a worker process")]
    work += [(each.name, f"{each.seconds:.1f}", f"{each.peak / 2**20:.0f} MB") for each in done]
    title = f"Through the worker, {thousands(learners)} learners"
    share = (
        f"{len(late)} of the {len(meanwhile)} pages opened meanwhile took more than {PROMISED_SECONDS * 1000:.0f} ms."
    )
    pages = aligned([HEAD, *rows], left=1)
    return f"{title}\n\n{aligned(work, left=1)}\n\nMilliseconds of a page\n\n{pages}\n\n" + "\n".join(
        [share, *map(_when, late)]
    )


def _when(visit: Visit) -> str:
    return f"  {visit.name}: {visit.took * 1000:.0f} ms, opened {visit.at:.1f} s into {visit.phase}"


def _cells(watch: Watch, name: str, phase: str) -> list[str]:
    found = [visit.took for visit in watch.visits if (visit.name, visit.phase) == (name, phase)]
    if not found:
        return ["–"] * (2 if phase == "alone" else 3)
    figures = [median(found), p95(found)] + ([] if phase == "alone" else [max(found)])
    return [f"{each * 1000:.0f}" for each in figures]
