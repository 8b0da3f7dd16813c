"""How the kernels are compiled: without Python's lock, cached on disk, anew when the package changes."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


# The option without which numba counts references is not among the typed ones.
njit: Any = numba.njit


def _sources() -> str:
    digest = sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCES = _sources()


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
        # numba only looks at the function's own file; a helper changed in another file must count as well.
        compiled._cache._cache_file._source_stamp = SOURCES
    kept: Kernel = compiled
    return kept
