"""The benchmark at tiny size: every measure runs and prints its row, and the scratch database is gone afterwards."""

import ast
import inspect
import signal
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from dashboards.benchmark import live, pages, work, world
from dashboards.benchmark.allocation import solver_table
from dashboards.benchmark.catalogue import NAMES
from dashboards.benchmark.database import SCRATCH, quiet_surroundings
from dashboards.benchmark.measuring import MEASURES, Lap, Row, take
from dashboards.benchmark.solvers import SOLVERS
from dashboards.benchmark.table import table
from dashboards.benchmark.world import build

LEARNERS = 12


def test_every_measure_is_in_the_catalogue() -> None:
    assert sorted(NAMES) == sorted(MEASURES)


@pytest.mark.parametrize("name", NAMES)
def test_measure_prints_its_row(name: str, db: None) -> None:
    with quiet_surroundings():
        whole, *stages = take(name, build(LEARNERS), repeat=1)
    line = next(line for line in table([whole, *stages]).splitlines() if line.startswith(f"{name}  "))
    assert (whole.what, len(whole.laps), whole.queries > 0, (whole.memory or 0) > 0) == (name, 1, True, True)
    assert whole.size in line


def test_allocation_shows_the_stages_of_the_worker(db: None) -> None:
    with quiet_surroundings():
        whole, *stages = take("run", build(LEARNERS), repeat=2)
    assert {row.what.strip() for row in stages} == {*work.STAGES.values(), "the rest"}
    assert sum(row.laps[1].queries for row in stages) == whole.laps[1].queries


def test_publish_leaves_the_round_as_it_was(db: None) -> None:
    made = build(LEARNERS)
    with quiet_surroundings():
        take("publish", made, repeat=2)
    with world.outside_the_wall():
        made.round.refresh_from_db()
    assert made.round.published_at is None


def test_every_learner_of_the_round_has_sent_wishes(db: None) -> None:
    made = build(LEARNERS)
    with world.outside_the_wall():
        assert made.round.choice_lists.filter(submitted_at__isnull=False).count() == LEARNERS


def test_command_measures_in_a_database_of_its_own(django_db_setup: None, django_db_blocker, capfd) -> None:
    out = StringIO()
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        call_command("benchmark", "class", "today, r", learners=LEARNERS, repeat=1, stdout=out)
        left = _databases()
        connection.close()
    words = [line.split("  ")[0] for line in out.getvalue().splitlines()[-2:]]
    assert words == ["today, region", "class list"]
    assert (connection.settings_dict["NAME"], connection.settings_dict["USER"]) == (
        name,
        settings.BRYGGAN_APP_DATABASE["USER"],
    )
    assert SCRATCH not in left


def test_allocation_is_measured_beside_its_peers(db: None) -> None:
    lines = solver_table(40, scarcity=1.0, full_graph=True, say=lambda _text: None).splitlines()
    placed = {line[:24].strip(): line.split()[-5:] for line in lines[4:]}
    assert set(placed) == set(SOLVERS)
    # The exact solvers place equally many.
    assert len({line.split("MB")[1].split()[0] for line in lines[4:] if line.startswith(("optimum", "OR-Tools"))}) == 1


def test_the_way_from_rows_to_published_places_is_measured(django_db_blocker: Any) -> None:
    out = StringIO()
    with django_db_blocker.unblock():
        call_command("benchmark", "allocation", part="platform", learners=60, stdout=out)
        connection.close()
    steps = [line.split("  ")[0] for line in out.getvalue().splitlines() if line and not line.startswith(" ")]
    assert steps[-2:] == ["allocate, rows to saved", "publish"]


@pytest.mark.slow
def test_pages_are_timed_while_the_worker_is_at_work(monkeypatch: Any) -> None:
    monkeypatch.setattr(live, "IDLE_SECONDS", 4)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    out = StringIO()
    try:
        call_command("benchmark", "allocation", part="live", learners=60, stdout=out)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines[5:7]] == ["run", "publish"]
    opened = {line[:26].strip() for line in lines if line.startswith(("authority: ", "region: ", "pupil: "))}
    asked = [*live.COORDINATORS.values(), live.PUPIL]
    assert opened == {name for pages in asked for name in pages}


def test_command_refuses_a_measure_nobody_knows() -> None:
    with pytest.raises(CommandError, match="No measure is called lunch"):
        call_command("benchmark", "lunch")


def test_p95_of_few_repeats_is_the_slowest() -> None:
    row = Row("x", "1 thing", [Lap(seconds, 2) for seconds in (0.3, 0.1, 0.2)])
    assert (row.median, row.p95, row.queries) == (0.2, 0.3, 2)


def test_table_is_aligned() -> None:
    lines = table([Row("short", "1 thing", [Lap(0.5, 2)], 2**20), Row("a longer name", "", [Lap(61, 1)])]).splitlines()
    assert lines[-2:] == [
        "short          1 thing  500.0 ms  500.0 ms        2      1.0 MB",
        "a longer name            61.00 s   61.00 s        1",
    ]


def test_a_page_that_fails_is_no_measure(db: None) -> None:
    made = build(LEARNERS)
    with quiet_surroundings(), pytest.raises(pages.PageFailed, match="answered 404"):
        pages._page(made, made.region, "regional_coordinator", "schools:class_list", (1, "class")).run()


def test_stages_are_named_after_functions_of_the_worker() -> None:
    steps = (work.run_work._solve_and_save, work.run_work._made, work.run_work._finish)
    source = "".join(inspect.getsource(step) for step in steps)
    called = {getattr(node.func, "id", "") for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}
    assert set(work.STAGES) - called == set()


def _databases() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return [name for (name,) in cursor.fetchall()]
