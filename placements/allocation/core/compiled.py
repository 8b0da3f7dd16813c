"""How the kernels are compiled: without Python's lock, cached on disk, anew when any of them changes."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.caching import IndexDataCacheFile

# Whole numbers of any width; numba compiles a kernel anew for each combination it meets.
Index = int | np.integer[Any]
Kernel = TypeVar("Kernel", bound=Callable[..., Any])


# The option without which numba counts references is not among the typed ones.
njit: Any = numba.njit


def _sources() -> str:
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCES = _sources()


class _Index(IndexDataCacheFile):
    """What is compiled of one function, for one state of all the source files.

    numba itself only looks at the function's own file, and stops at an index that names a class since removed.
    """

    def _load_index(self) -> dict[Any, Any]:
        try:
            index: dict[Any, Any] = super()._load_index()  # type: ignore[no-untyped-call]
        except (AttributeError, ImportError):
            return {}
        return index


def kernel(function: Kernel) -> Kernel:
    """Compile to machine code at the first call, or load what an earlier process compiled.

    Kernels get all memory from their caller: numba would count references to every array at every step.
    """
    return _compiled(function, njit(nogil=True, _nrt=False, forceinline=True)(function))


def allocating(function: Kernel) -> Kernel:
    """A kernel that makes arrays of its own."""
    return _compiled(function, njit(nogil=True)(function))


def _compiled(function: Kernel, compiled: Any) -> Kernel:
    try:
        compiled.enable_caching()
    except RuntimeError:
        pass  # without a directory to write in, each process compiles for itself
    else:
        cache, index = compiled._cache, cast(Any, _Index)
        cache._cache_file = index(cache._cache_path, cache._impl.filename_base, SOURCES)
    kept: Kernel = compiled
    return kept
