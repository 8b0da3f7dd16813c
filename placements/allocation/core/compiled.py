"""How the kernels are compiled: without Python's lock, cached on disk, anew when any of them changes."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def _sources() -> str:
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCES = _sources()


def kernel(function: Kernel) -> Kernel:
    """Compile to machine code at the first call, or load what an earlier process compiled.

    Without a directory to write in, each process compiles for itself.
    """
    compiled: Any = njit(nogil=True)(function)
    try:
        compiled.enable_caching()
    except RuntimeError:
        pass
    else:
        # numba only looks at the function's own file; a helper changed in another file must count as well.
        compiled._cache._cache_file._source_stamp = SOURCES
    kept: Kernel = compiled
    return kept
