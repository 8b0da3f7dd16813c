"""What a measure is, and how one is taken: time and queries in every repeat, memory once."""

import gc
import math
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any, Final

from django.db import connection

from dashboards.benchmark.memory import reset_resident_peak, resident_peak
from dashboards.benchmark.world import World

HEAVY_REPEATS: Final = 3
Laps = Mapping[str, "Lap"]


@dataclass(frozen=True, slots=True)
class Lap:
    """One repeat, or one stage of it."""

    seconds: float
    queries: int

    def __add__(self, other: "Lap") -> "Lap":
        return Lap(self.seconds + other.seconds, self.queries + other.queries)

    def __sub__(self, other: "Lap") -> "Lap":
        return Lap(self.seconds - other.seconds, self.queries - other.queries)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Subject:
    """What a measure has made ready: `run` is timed, `before` is not.

    `run` may return laps of its own stages. A heavy subject runs a few times without a warm-up, and its memory is the
    whole process's: the solver's own is invisible to Python, and tracing would make it run for minutes. With `each`
    the table also says how many of that unit a second.
    """

    size: int
    unit: str
    run: Callable[[], Laps | None]
    before: Callable[[], object] = _nothing
    heavy: bool = False
    each: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    size: str
    laps: list[Lap]
    memory: int | None = None
    whole_process: bool = False
    each: int = 0

    @property
    def median(self) -> float:
        return median(lap.seconds for lap in self.laps)

    @property
    def p95(self) -> float:
        """Return the time that 95 of 100 repeats stay within; the slowest, when they are few."""
        return p95(lap.seconds for lap in self.laps)

    @property
    def queries(self) -> int:
        return max(lap.queries for lap in self.laps)


def p95(values: Iterable[float]) -> float:
    """Return what 95 of 100 values do not exceed; the largest, when they are few."""
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


Measure = Callable[[World], Subject]
MEASURES: dict[str, Measure] = {}


def measure(name: str) -> Callable[[Measure], Measure]:
    """Register a function that makes something ready in the world and returns what to time."""

    def register(prepare: Measure) -> Measure:
        MEASURES[name] = prepare
        return prepare

    return register


class Watch:
    """Counts seconds and queries from where it was started."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *rest: Any) -> Any:
        self.queries += 1
        return execute(*rest)

    @contextmanager
    def lap(self, keep: Callable[[Lap], None]) -> Iterator[None]:
        """Hand the block's lap to `keep`."""
        queries, started = self.queries, perf_counter()
        yield
        keep(Lap(perf_counter() - started, self.queries - queries))


def take(name: str, world: World, repeat: int) -> list[Row]:
    """Take a measure: the row of the whole, then one for each stage it told of."""
    subject = MEASURES[name](world)
    if not subject.heavy:
        subject.before()
        subject.run()
    reset_resident_peak()
    laps: list[Lap] = []
    stages: dict[str, list[Lap]] = {}
    for _number in range(min(repeat, HEAVY_REPEATS) if subject.heavy else repeat):
        subject.before()
        gc.collect()
        watch = Watch()
        with connection.execute_wrapper(watch), watch.lap(laps.append):
            told = subject.run()
        for stage, lap in (told or {}).items():
            stages.setdefault(stage, []).append(lap)
    memory = resident_peak() if subject.heavy else traced_peak(subject)
    size = f"{subject.size:,} {subject.unit}".replace(",", " ")
    whole = Row(name, size, laps, memory, whole_process=subject.heavy, each=subject.size if subject.each else 0)
    return [whole, *(Row(f"  {stage}", "", found) for stage, found in stages.items())]


@dataclass
class StageClock:
    """Times the steps of a service as the service itself takes them."""

    watch: Watch = field(default_factory=Watch)
    laps: dict[str, Lap] = field(default_factory=dict)
    whole: Lap = Lap(0, 0)

    @contextmanager
    def around(self, module: ModuleType, stages: Mapping[str, str]) -> Iterator[None]:
        """Put a clock round the functions of `module` named in `stages` while the block runs."""
        before = {name: getattr(module, name) for name in stages}
        for name, stage in stages.items():
            setattr(module, name, self._clocked(before[name], stage))
        try:
            with connection.execute_wrapper(self.watch), self.watch.lap(self._keep_whole):
                yield
        finally:
            for name, function in before.items():
                setattr(module, name, function)

    def told(self, rest: str) -> Laps:
        """Return the laps by stage; `rest` is what lies outside every stage."""
        return {**self.laps, rest: self.whole - sum(self.laps.values(), Lap(0, 0))}

    def _keep_whole(self, lap: Lap) -> None:
        self.whole = lap

    def _clocked(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def keep(lap: Lap) -> None:
            self.laps[stage] = self.laps.get(stage, Lap(0, 0)) + lap

        @wraps(function)
        def clocked(*args: Any, **kwargs: Any) -> Any:
            with self.watch.lap(keep):
                return function(*args, **kwargs)

        return clocked


def traced_peak(subject: Subject) -> int:
    """Return the most that Python held at once in a run of its own, in bytes."""
    subject.before()
    gc.collect()
    tracemalloc.start()
    try:
        subject.run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
