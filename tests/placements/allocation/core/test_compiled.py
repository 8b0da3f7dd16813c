"""The cache of compiled kernels."""

import pickle

import numba

from placements.allocation.core import compiled
from placements.allocation.core.words import add


def test_kernels_count_a_change_in_any_source_file() -> None:
    assert add._cache._cache_file._source_stamp == compiled.SOURCES


def test_an_index_that_names_a_removed_class_counts_as_empty(tmp_path) -> None:
    index = compiled._Index(str(tmp_path), "kernel", "stamp")
    (tmp_path / "kernel.nbi").write_bytes(pickle.dumps(numba.__version__) + b"cplacements.allocation.core\nGone\n.")
    assert index._load_index() == {}


def test_a_kernel_works_where_nothing_can_be_written() -> None:
    space: dict[str, object] = {}
    exec("def double(number):\n    return 2 * number", space)
    double = compiled.kernel(space["double"])  # type: ignore[type-var]
    assert double(21) == 42
