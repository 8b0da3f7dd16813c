"""`manage.py benchmark`: how long things take, how many queries and how much memory, over data of a given size.

`benchmark allocation` is apart: the engine beside its peers, and the whole way from rows to published places.
"""

import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.servers.errors import StartError
from core.servers.supervisor import StopRequested
from dashboards.benchmark.allocation import platform_table, solver_table
from dashboards.benchmark.catalogue import NAMES
from dashboards.benchmark.database import gather_statistics, quiet_surroundings, scratch_database, servers
from dashboards.benchmark.live import live_table
from dashboards.benchmark.measuring import Row, take
from dashboards.benchmark.table import table
from dashboards.benchmark.world import World, build

ALLOCATION = "allocation"
# The last is asked for by name alone: it starts a whole installation.
PARTS = ("solvers", "platform", "live")


class Command(BaseCommand):
    """Build a scratch database, measure in it, drop it, and print one table."""

    help = "Measure pages and services over data of a given size, in a scratch database that is dropped afterwards."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        names = ", ".join(f'"{name}"' for name in NAMES)
        parser.add_argument(
            "what",
            nargs="*",
            help=f'"{ALLOCATION}", or which to take, by the beginning of the name; all if none: {names}',
        )
        parser.add_argument("--learners", type=int, default=1000, help="how many the round has (default 1000)")
        parser.add_argument("--repeat", type=int, default=20, help="how often; heavy ones at most 3 times")
        alone = parser.add_argument_group("allocation")
        alone.add_argument("--scarcity", type=float, default=1.0, help="seats for each learner (default 1.0)")
        alone.add_argument(
            "--full-graph", action="store_true", help="every seat in reach, not some 40 for each learner"
        )
        alone.add_argument("--part", choices=PARTS, help="only one of the tables")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["learners"] < 1 or options["repeat"] < 1:
            raise CommandError("--learners and --repeat must be at least 1.")
        # One line per request and message would drown the table.
        logging.disable(logging.WARNING)
        try:
            if options["what"] == [ALLOCATION]:
                self._allocation(options)
            else:
                self._measures(_chosen(options["what"]), options)
        except StartError as error:
            raise CommandError(str(error)) from error
        except StopRequested:
            raise SystemExit(130) from None
        finally:
            logging.disable(logging.NOTSET)

    def _allocation(self, options: dict[str, Any]) -> None:
        learners, scarcity = options["learners"], options["scarcity"]
        if options["part"] in (None, "solvers"):
            found = solver_table(learners, scarcity=scarcity, full_graph=options["full_graph"], say=self._say)
            self.stdout.write(f"\n{found}")
        if options["part"] in (None, "platform"):
            with servers(self._say), quiet_surroundings(), scratch_database():
                found = platform_table(learners, scarcity=scarcity, say=self._say)
            self.stdout.write(f"\n{found}")
        if options["part"] == "live":
            self.stdout.write(f"\n{live_table(learners, scarcity=scarcity, say=self._say)}")

    def _measures(self, names: Sequence[str], options: dict[str, Any]) -> None:
        with servers(self._say), quiet_surroundings(), scratch_database():
            rows = self._measured(names, self._built(options["learners"]), options["repeat"])
        self.stdout.write(f"\n{table(rows)}")

    def _built(self, learners: int) -> World:
        started = perf_counter()
        world = build(learners)
        gather_statistics()
        self._say(f"Built a region with {learners} learners in the round: {perf_counter() - started:.1f} s")
        return world

    def _measured(self, names: Sequence[str], world: World, repeat: int) -> list[Row]:
        rows: list[Row] = []
        for name in names:
            started = perf_counter()
            rows += take(name, world, repeat)
            self._say(f"Measured {name}: {perf_counter() - started:.1f} s")
        return rows

    def _say(self, text: str) -> None:
        self.stderr.write(text, lambda line: line)


def _chosen(words: Sequence[str]) -> list[str]:
    """Return the measures asked for, in the catalogue's order.

    Raises:
        CommandError: a word begins no measure's name.
    """
    unknown = [word for word in words if not any(name.startswith(word) for name in NAMES)]
    if unknown:
        raise CommandError(f"No measure is called {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
    return [name for name in NAMES if not words or name.startswith(tuple(words))]
