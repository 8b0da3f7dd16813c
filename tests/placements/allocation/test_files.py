"""Files survive the round trip, and anything else about them is refused with one clear line."""

import subprocess
import sys
import zipfile
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from placements.allocation import FileError, Policy, Problem, ProblemError, seed_commitment, solve, verify
from placements.allocation.files import (
    problem_digest,
    read_problem,
    read_result,
    write_problem,
    write_result,
)
from tests.placements.allocation.builders import from_lists, places

ROOT = Path(__file__).parents[3]


@pytest.fixture
def problem() -> Problem:
    return from_lists({"A": "s1 s2", "B": "s1", "C": "s2 s1"}, {"s1": 1, "s2": 1}, locks={"C": "s2"}, costs=None)


def command(*arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "placements.allocation", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def rewrite(path: Path, **changes: object) -> None:
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    np.savez(path, **(arrays | {name: np.asarray(value) for name, value in changes.items()}))


@pytest.mark.parametrize("policy", list(Policy))
def test_round_trip(problem: Problem, policy: Policy, tmp_path: Path) -> None:
    write_problem(tmp_path / "in.npz", problem)
    again = read_problem(tmp_path / "in.npz")
    assert problem_digest(again) == problem_digest(problem)
    result = solve(problem, policy, "seed")
    write_result(tmp_path / "out.npz", problem, result)
    read = read_result(tmp_path / "out.npz", again)
    verify(again, read)
    for field in fields(result):
        assert np.array_equal(getattr(read, field.name), getattr(result, field.name)), field.name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.npz", "out.npz"]


def test_the_smallest_problem_file_needs_no_keys(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "in.npz",
        n_learners=np.int64(2),
        learner=np.array([0, 1], np.int32),
        seat=np.array([0, 0], np.int32),
        levels=np.array([[1, 0]]),
        cap_tail=np.array([0], np.int32),
        cap_head=np.array([-1], np.int32),
        cap_seats=np.array([1]),
    )
    assert solve(read_problem(tmp_path / "in.npz")).chosen.tolist() == [-1, 1]


def test_groups_and_crossing_capacities_survive_and_count_in_the_digest(problem: Problem, tmp_path: Path) -> None:
    whole = replace(
        problem,
        group=np.array([0, 1, 1]),
        group_step=np.array([[1, 2], [1, 1]]),
        cross_seats=np.array([1]),
        cross_row=np.array([0, 0]),
        cross_node=np.array([0, 1]),
    )
    write_problem(tmp_path / "in.npz", whole)
    again = read_problem(tmp_path / "in.npz")
    for field in fields(Problem):
        assert np.array_equal(getattr(again, field.name), getattr(whole, field.name)), field.name
    digests = {problem_digest(problem), problem_digest(whole)}
    for name in ("group", "group_step", "cross_seats", "cross_row", "cross_node"):
        values = getattr(whole, name).copy()
        values[0] = {"group": 1, "group_step": 0, "cross_seats": 0, "cross_row": 1, "cross_node": 1}[name]
        changes = {name: values} | ({"cross_seats": np.array([1, 1])} if name == "cross_row" else {})
        changes |= {"cross_row": np.array([0]), "cross_node": np.array([1])} if name == "cross_node" else {}
        digests.add(problem_digest(replace(whole, **changes)))
    assert len(digests) == 7


def test_a_file_of_wider_numbers_is_read_as_it_was_written(problem: Problem, tmp_path: Path) -> None:
    """Files from before the arcs became 32-bit numbers hold 64-bit ones, and a digest over those."""
    path = tmp_path / "in.npz"
    write_problem(path, problem)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "digest"}
    arrays |= {name: arrays[name].astype(np.int64) for name in ("learner", "seat")}
    digest = sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}\n".encode() + arrays[name].tobytes())
    np.savez(path, **arrays, digest=np.array(sha256(f"{digest.hexdigest()} ".encode()).hexdigest()))
    assert problem_digest(read_problem(path)) == problem_digest(problem)
    rewrite(path, seat=1 - arrays["seat"])
    with pytest.raises(FileError, match="changed after the file was written"):
        read_problem(path)


def test_an_array_given_twice_is_refused(problem: Problem, tmp_path: Path) -> None:
    path = tmp_path / "in.npz"
    write_problem(path, problem)
    with zipfile.ZipFile(path) as archive:
        content = archive.read("cap_seats.npy")
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("cap_seats.npy", content)
    with pytest.raises(FileError, match="the same array twice"):
        read_problem(path)


def test_every_truncation_is_refused(problem: Problem, tmp_path: Path) -> None:
    path = tmp_path / "in.npz"
    write_problem(path, problem)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read_problem(path)


def test_every_changed_byte_is_refused_or_harmless(problem: Problem, tmp_path: Path) -> None:
    path = tmp_path / "in.npz"
    write_problem(path, problem)
    whole, digest, refused = path.read_bytes(), problem_digest(problem), 0
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            assert problem_digest(read_problem(path)) == digest
        except FileError:
            refused += 1
    assert refused > 100


def test_every_changed_value_in_a_result_is_refused(problem: Problem, tmp_path: Path) -> None:
    path = tmp_path / "out.npz"
    result = solve(problem, seed="seed")
    write_result(path, problem, result)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    for name, array in arrays.items():
        for index in np.ndindex(array.shape):
            forged = array.copy()
            forged[index] = forged[index] + 1 if array.dtype.kind in "if" else str(forged[index])[:-1] + "~"
            np.savez(path, **(arrays | {name: forged}))
            with pytest.raises(FileError):
                read_result(path, problem)


def test_a_result_of_another_problem_is_refused(problem: Problem, tmp_path: Path) -> None:
    other = from_lists({"A": "s1", "B": "s1", "C": "s2"}, {"s1": 1, "s2": 1})
    write_result(tmp_path / "out.npz", other, solve(other))
    with pytest.raises(FileError, match="made from another problem"):
        read_result(tmp_path / "out.npz", problem)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a file", b"\x93NUMPY"])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "in.npz").write_bytes(content)
    with pytest.raises(FileError):
        read_problem(tmp_path / "in.npz")


def test_missing_arrays_pickles_and_unknown_arrays_are_refused(problem: Problem, tmp_path: Path) -> None:
    path = tmp_path / "in.npz"
    np.savez(path, n_learners=np.int64(1))
    with pytest.raises(FileError, match="lacks learner, seat, levels, cap_tail, cap_head, cap_seats"):
        read_problem(path)
    np.savez(path, n_learners=np.array([{}], object), allow_pickle=True)
    with pytest.raises(FileError):
        read_problem(path)
    write_problem(path, problem)
    rewrite(path, lokced=np.zeros(3, np.int64))
    with pytest.raises(FileError, match="has an unknown array, lokced"):
        read_problem(path)
    write_problem(path, problem)
    rewrite(path, group=np.zeros(3, np.int32), group_step=np.array([1]))
    with pytest.raises(FileError, match="changed after the file was written"):
        read_problem(path)
    write_problem(path, problem)
    rewrite(path, cap_seats=problem.cap_seats + 1)
    with pytest.raises(FileError, match="changed after the file was written"):
        read_problem(path)
    write_problem(path, problem)
    rewrite(path, n_learners=np.array([3]))
    with pytest.raises(ProblemError, match="n_learners must be one integer"):
        read_problem(path)


def test_solve_and_verify_from_the_command_line(problem: Problem, tmp_path: Path) -> None:
    given, made = tmp_path / "in.npz", tmp_path / "out.npz"
    write_problem(given, problem, seed_commitment("right"))
    status, out, _ = command("solve", given, made, "--policy", "generous", "--engine", "ortools", "--seed", "right")
    assert (status, out.split(",")[0]) == (0, "solved: 2 of 3 placed")
    status, out, _ = command("verify", given, made)
    assert (status, out.split(",")[0]) == (0, "verified: 2 of 3 placed")
    result = read_result(made, problem)
    assert result.policy is Policy.GENEROUS
    assert places(problem, result)["C"] == "s2"


def test_command_line_says_what_is_wrong(problem: Problem, tmp_path: Path) -> None:
    given, made = tmp_path / "in.npz", tmp_path / "out.npz"
    assert command("solve", given, made) == (1, "", f"solve: {given}: there is no such file\n")
    write_problem(given, problem, seed_commitment("right"))
    write_result(made, problem, solve(problem, seed="wrong"))
    assert command("verify", given, made) == (
        1,
        "",
        f"verify: {given}: the seed is not the one committed to before the run\n",
    )
    rewrite(made, placed=3)
    assert command("verify", given, made) == (
        1,
        "",
        f"verify: {made}: the contents were changed after the file was written\n",
    )
    assert command("solve", given, made, "--policy", "best")[0] == 2


def test_no_django_is_imported() -> None:
    code = "import sys, placements.allocation.__main__; print([name for name in sys.modules if 'djan' in name])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
