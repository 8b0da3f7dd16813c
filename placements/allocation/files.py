"""Problem and result files (.npz) that can be replayed and checked outside the platform."""

import os
import struct
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placements.allocation.engine import Result
from placements.allocation.errors import FileError, ProblemError
from placements.allocation.levels import Policy, seed_commitment
from placements.allocation.problem import Problem

Arrays = dict[str, NDArray[Any]]

REQUIRED = ("n_learners", "learner", "seat", "levels", "cap_tail", "cap_head", "cap_seats")
OPTIONAL = (
    "locked",
    "learner_key",
    "seat_key",
    "group",
    "group_step",
    "cross_seats",
    "cross_row",
    "cross_node",
)
COMMITMENT = "seed_commitment"
DIGEST = "digest"
RESULT_INTS = (
    "chosen",
    "level_sums",
    "objective_sums",
    "cap_flow",
    "duals",
    "group_price",
    "cross_price",
    "searched",
    "shortage_learners",
    "shortage_seats",
)
# zipfile and numpy answer damaged bytes with any of these.
_UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    RuntimeError,
    MemoryError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def problem_digest(problem: Problem) -> str:
    """SHA-256 over all arrays as given; any changed value or row order gives another digest."""
    return _digest(_contents(problem))


def _contents(problem: Problem) -> Arrays:
    return {
        name: np.asarray(getattr(problem, name))
        for name in (*REQUIRED, *OPTIONAL)
        if getattr(problem, name) is not None
    }


def write_problem(path: str | os.PathLike[str], problem: Problem, commitment: str = "") -> None:
    """Write the problem, with the seed commitment when there is one. Replaces the file in one step."""
    contents = _contents(problem)
    # Early in the file: a damaged directory loses its last entries, which are optional.
    arrays = {DIGEST: np.array(_file_digest(contents, commitment)), **contents}
    if commitment:
        arrays[COMMITMENT] = np.array(commitment)
    _save(path, arrays)


def read_problem(path: str | os.PathLike[str]) -> Problem:
    """The problem in a file; of what `write_problem` writes, outsiders may leave out the digest.

    Raises FileError for an unreadable or altered file and ProblemError for arrays that are no problem.
    """
    arrays = _load(path)
    _require(path, arrays, REQUIRED)
    # A misspelt name would otherwise drop the locks or the keys without a word.
    unknown = sorted(set(arrays) - {*REQUIRED, *OPTIONAL, COMMITMENT, DIGEST})
    if unknown:
        raise FileError(f"{path}: has an unknown array, {unknown[0]}")
    n_learners = arrays["n_learners"]
    if n_learners.shape != () or n_learners.dtype.kind not in "iu":
        raise ProblemError("n_learners must be one integer")
    commitment = str(arrays.pop(COMMITMENT, ""))
    digest = arrays.pop(DIGEST, None)
    if digest is not None and str(digest) != _file_digest(arrays, commitment):
        raise FileError(f"{path}: the contents were changed after the file was written")
    return Problem(int(n_learners), **{name: array for name, array in arrays.items() if name != "n_learners"})


def read_commitment(path: str | os.PathLike[str]) -> str:
    """The seed commitment in a problem file, or an empty text."""
    return str(_load(path).get(COMMITMENT, np.array("")))


def write_result(path: str | os.PathLike[str], problem: Problem, result: Result) -> None:
    """Write the result, tied to the problem by its digest and sealed by one over the file itself."""
    arrays: Arrays = {name: getattr(result, name) for name in RESULT_INTS}
    arrays |= {
        "policy": np.array(str(result.policy)),
        "seed": np.array(result.seed),
        "engine": np.array(result.engine),
        "placed": np.array(result.placed, np.int64),
        "objective_names": np.array(result.objective_names, np.str_),
        "price": result.price,
        "seconds": np.array(result.seconds),
        "inputs": np.array(problem_digest(problem)),
    }
    arrays["seal"] = np.array(_digest(arrays))
    _save(path, arrays)


def read_result(path: str | os.PathLike[str], problem: Problem) -> Result:
    """The result in a file. Raises FileError when it is unreadable, altered, or made from another problem."""
    arrays = _load(path)
    texts = ("policy", "seed", "engine", "inputs", "seal")
    _require(path, arrays, (*RESULT_INTS, *texts, "placed", "objective_names", "price", "seconds"))
    seal = str(arrays.pop("seal"))
    if seal != _digest(arrays):
        raise FileError(f"{path}: the contents were changed after the file was written")
    if str(arrays["inputs"]) != problem_digest(problem):
        raise FileError(f"{path}: the result was made from another problem")
    try:
        result = Result(
            policy=Policy(str(arrays["policy"])),
            seed=str(arrays["seed"]),
            engine=str(arrays["engine"]),
            placed=int(arrays["placed"]),
            objective_names=tuple(str(name) for name in arrays["objective_names"]),
            seconds=float(arrays["seconds"]),
            **{name: arrays[name] for name in RESULT_INTS},
        )
        price_fits = np.array_equal(result.price, arrays["price"])
    except (ValueError, TypeError, IndexError) as error:
        raise FileError(f"{path}: not a result file: {error}") from error
    if not price_fits:
        raise FileError(f"{path}: price is not the rank row of the duals")
    return result


def check_commitment(path: str | os.PathLike[str], result: Result) -> None:
    """Raise FileError when the problem file commits to another seed than the result's."""
    commitment = read_commitment(path)
    if commitment and commitment != seed_commitment(result.seed):
        raise FileError(f"{path}: the seed is not the one committed to before the run")


def _file_digest(contents: Arrays, commitment: str) -> str:
    return sha256(f"{_digest(contents)} {commitment}".encode()).hexdigest()


def _digest(arrays: Arrays) -> str:
    """SHA-256 over name, type, shape and bytes of each array, read where they lie."""
    digest = sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {arrays[name].shape}\n".encode())
        if array.nbytes:
            digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _save(path: str | os.PathLike[str], arrays: dict[str, Any]) -> None:
    target = Path(path)
    partial = target.with_name(target.name + ".part")
    with partial.open("wb") as file:
        np.savez(file, **arrays)
    partial.replace(target)


def _load(path: str | os.PathLike[str]) -> Arrays:
    try:
        with Path(path).open("rb") as file, zipfile.ZipFile(file) as archive:
            return {name.removesuffix(".npy"): _array(archive, name) for name in _names(archive)}
    except FileNotFoundError as error:
        raise FileError(f"{path}: there is no such file") from error
    except _UNREADABLE as error:
        raise FileError(f"{path}: truncated, changed or not an .npz file ({error})") from error


def _names(archive: zipfile.ZipFile) -> list[str]:
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise ValueError("the same array twice")
    return names


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """One array. Reading to the very end makes zipfile compare the checksum."""
    with archive.open(name) as entry:
        array: NDArray[Any] = np.lib.format.read_array(entry, allow_pickle=False)
        if entry.read(1):
            raise ValueError(f"{name} goes on after its array")
    return array


def _require(path: str | os.PathLike[str], arrays: Arrays, names: tuple[str, ...]) -> None:
    missing = [name for name in names if name not in arrays]
    if missing:
        raise FileError(f"{path}: lacks {', '.join(missing)}")
