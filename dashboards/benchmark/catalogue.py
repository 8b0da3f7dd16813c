"""Every measure, in the order they are taken: work before pages, since nothing is allocated in a published round."""

from typing import Final

from dashboards.benchmark import pages, work
from dashboards.benchmark.measuring import MEASURES

NAMES: Final = [
    name for module in (work, pages) for name, prepare in MEASURES.items() if prepare.__module__ == module.__name__
]
