"""A run's two files as they are kept: what it was given and what it answered, without names."""

import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from placements.allocation import Problem, Result, seed_commitment
from placements.allocation.files import write_problem, write_result

# The arrays of a country are hundreds of megabytes of small numbers: the lightest level takes most of what there is.
LEVEL = zlib.Z_BEST_SPEED


def packed_problem(problem: Problem, seed: str) -> bytes:
    """Return the problem's file, with the commitment to the seed. May run beside the engine: zlib holds no lock."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "problem.npz"
        write_problem(path, problem, seed_commitment(seed))
        return _packed(path)


def packed_result(problem: Problem, result: Result) -> bytes:
    """Return the result's file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "result.npz"
        write_result(path, problem, result)
        return _packed(path)


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
