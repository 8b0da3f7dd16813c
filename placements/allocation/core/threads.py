"""Run independent kernels at the same time; they let go of Python's lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def side_by_side(threads: int, *parts: Callable[[], Any]) -> list[Any]:
    """The results of all parts, run by at most `threads` threads."""
    if threads == 1:
        return [part() for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return [part.result() for part in [pool.submit(part) for part in parts]]
