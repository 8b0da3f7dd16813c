"""A run's two files as they are kept: what it was given and what it answered, without names."""

import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from placements.allocation import Problem, Result, seed_commitment
from placements.allocation.files import write_problem, write_result

# The arrays of a country are hundreds of megabytes of small numbers: the lightest level takes most of what there is.
LEVEL = zlib.Z_BEST_SPEED


def packed_files(problem: Problem, result: Result, seed: str) -> tuple[bytes, bytes]:
    """Return the problem's file and the result's, packed side by side: zlib works without Python's lock."""
    with TemporaryDirectory() as folder:
        paths = Path(folder) / "problem.npz", Path(folder) / "result.npz"
        write_problem(paths[0], problem, seed_commitment(seed))
        write_result(paths[1], problem, result)
        with ThreadPoolExecutor(max_workers=2) as pool:
            first, second = pool.map(_packed, paths)
    return first, second


def _packed(path: Path) -> bytes:
    """An npz is a zip; this is the same one, compressed."""
    out = BytesIO()
    with (
        zipfile.ZipFile(path) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as target,
    ):
        for name in source.namelist():
            with source.open(name) as entry, target.open(name, "w", force_zip64=True) as packed:
                while block := entry.read(1 << 20):
                    packed.write(block)
    return out.getvalue()
