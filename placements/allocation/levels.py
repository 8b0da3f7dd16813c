"""Cost levels: rank costs, rank profiles and the seeded, verifiable lottery."""

from enum import StrEnum
from functools import cached_property
from hashlib import blake2b, sha256

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.codes import distinct
from placements.allocation.core.draws import LOTTERY_BITS, costs, numbers
from placements.allocation.errors import ProblemError
from placements.allocation.problem import Ints, Keys, Problem

UInts = NDArray[np.uint64]
Grades = NDArray[np.integer]

PROFILE_BITS = 40
MAX_CLASSES = 64
FAIRNESS = "fairness"


class Policy(StrEnum):
    """How wishes are weighed once as many learners as possible have a place.

    OPTIMUM minimises the rank costs as given. GENEROUS gives the fewest learners the worst rank, then the
    next worst. GREEDY gives the most learners their first rank, then their second. SERIAL lets learners
    choose in drawn order instead: strategy-proof, but it neither places as many nor ranks as well.
    """

    OPTIMUM = "optimum"
    GENEROUS = "generous"
    GREEDY = "greedy"
    SERIAL = "serial"


class Level:
    """One row of the objective: a cost ≥ 0 for each arc."""

    def __init__(self, name: str, cost: Ints) -> None:
        self.name = name
        self._cost = cost

    @property
    def cost(self) -> Ints:
        """The cost of every arc; [m]. Subclasses work it out each time."""
        return self._cost

    @cached_property
    def largest(self) -> int:
        return int(self._cost.max(initial=0))

    def of(self, arcs: NDArray[np.integer]) -> Ints:
        """The cost of these arcs alone."""
        costs: Ints = self.cost[arcs]
        return costs


class Graded(Level):
    """A level with few different costs: arc i costs `value[grade[i]]`."""

    def __init__(self, name: str, grade: Grades, value: Ints) -> None:
        self.name, self.grade, self.value = name, grade, value

    @property
    def cost(self) -> Ints:
        return self.value[self.grade]

    @cached_property
    def largest(self) -> int:
        return int(self.value.max(initial=0))

    def of(self, arcs: NDArray[np.integer]) -> Ints:
        return self.value[self.grade[arcs]]


class Lottery(Level):
    """The last level: the seeded hash of learner and seat, worked out where it is needed."""

    def __init__(self, problem: Problem, seed: str) -> None:
        self.name = "lottery"
        self.learner, self.seat = problem.learner, problem.seat
        self.learner_hash, self.seat_hash = hashes(problem, seed)

    @property
    def cost(self) -> Ints:
        return costs(self.learner, self.seat, self.learner_hash, self.seat_hash)

    @cached_property
    def largest(self) -> int:
        return 2**LOTTERY_BITS - 1

    def of(self, arcs: NDArray[np.integer]) -> Ints:
        return costs(self.learner[arcs], self.seat[arcs], self.learner_hash, self.seat_hash)


def rank_costs(wish: Ints, made: Ints) -> Ints:
    """Triangular cost 0, 1, 3, 6, 10 … of wish 1, 2, 3 …; shapes [m].

    `wish` is the wish number, 0 for an allowed arc outside the wishes; such an arc is priced at the learner's
    own next rank, `made` + 1, so that a short list never pays.
    """
    wish, made = np.asarray(wish, np.int64), np.asarray(made, np.int64)
    if wish.shape != made.shape:
        raise ProblemError("wish and made differ in length")
    if wish.size and (wish.min() < 0 or made.min() < 0):
        raise ProblemError("wish numbers and the number of wishes made are never negative")
    step = np.where(wish > 0, wish - 1, made)
    costs: Ints = step * (step + 1) // 2
    return costs


def objective(problem: Problem, policy: Policy, seed: str) -> list[Level]:
    """The levels after the number placed, in order: locks, fairness, rank, the caller's further ones, the lottery.

    Fairness costs nothing on any arc: it is the steps of the groups' unplaced learners (`fairness_sum`).
    """
    levels: list[Level] = []
    if problem.locked is not None:
        unlocked = (problem.locked < 0)[problem.learner]
        levels.append(Graded("locks", unlocked.view(np.int8), np.array([0, 1])))
    if problem.n_groups:
        levels.append(Level(FAIRNESS, np.broadcast_to(np.int64(0), problem.n_arcs)))
    if policy is Policy.OPTIMUM:
        levels.append(Level("rank", problem.levels[0]))
    else:
        levels += _profile(problem.levels[0], problem.n_learners, worst_first=policy is Policy.GENEROUS)
    levels += [Level(f"level {row}", cost) for row, cost in enumerate(problem.levels[1:], start=1)]
    return [*levels, Lottery(problem, seed)]


def fairness_sum(problem: Problem, chosen: Ints) -> int:
    """What the groups' unplaced learners cost together: each group climbs its steps, and stays on the last."""
    steps = problem.steps()
    total = 0
    for group, count in enumerate(unplaced_by_group(problem, chosen).tolist()):
        row = steps[group]
        total += int(row[:count].sum()) + max(count - len(row), 0) * int(row[-1])
    return total


def unplaced_by_group(problem: Problem, chosen: Ints) -> Ints:
    """Number of unplaced learners in each group; [groups]."""
    if problem.group is None:
        return np.zeros(0, np.int64)
    return np.bincount(problem.group[chosen < 0], minlength=problem.n_groups)


def arc_draws(problem: Problem, seed: str) -> UInts:
    """The lottery number of each arc, uint64[m]; it depends on the seed and the two keys alone.

    Learner key and seat key are each hashed by BLAKE2b keyed with the seed, their two 64-bit numbers a and b
    are joined as a + 3·b (mod 2⁶⁴) and stirred by the finaliser of SplitMix64. The objective uses the 40
    highest bits.
    """
    return numbers(problem.learner, problem.seat, *hashes(problem, seed))


def hashes(problem: Problem, seed: str) -> tuple[UInts, UInts]:
    """The numbers a [n] and b [seat nodes] of the lottery."""
    assert problem.learner_key is not None
    assert problem.seat_key is not None
    return _digests(problem.learner_key, seed, b"learner"), _digests(problem.seat_key, seed, b"seat")


def learner_order(problem: Problem, seed: str) -> Ints:
    """Learners in drawn order for the serial lottery, int64[n]."""
    assert problem.learner_key is not None
    order: Ints = np.lexsort((problem.learner_key, _digests(problem.learner_key, seed, b"learner")))
    return order


def seed_commitment(seed: str) -> str:
    """SHA-256 of the seed, to publish before wishes close; the seed itself is shown with the result."""
    return sha256(seed.encode()).hexdigest()


def _digests(keys: Keys, seed: str, person: bytes) -> UInts:
    # BLAKE2b takes at most 64 bytes of key; hashing the seed first lets it have any length.
    keyed = blake2b(digest_size=8, key=sha256(seed.encode()).digest(), person=person)
    raw = bytearray()
    for text in keys.tolist():
        one = keyed.copy()
        one.update(text)
        raw += one.digest()
    return np.frombuffer(bytes(raw), ">u8").astype(np.uint64)


def _profile(rank_cost: Ints, n_learners: int, *, worst_first: bool) -> list[Level]:
    """Counts per rank as digits in base n + 1, as many digits to a level as fit in 40 bits."""
    values, rank = distinct(rank_cost)
    if len(values) > MAX_CLASSES:
        raise ProblemError(f"the first level has {len(values)} different costs; a profile takes {MAX_CLASSES}")
    # Maximising the count of one rank is minimising the count of all others: the number placed is settled.
    classes = np.arange(len(values))
    digits = [(classes == k) if worst_first else (classes != k) for k in classes]
    digits = digits[:0:-1] if worst_first else digits[:-1]
    per_level = max(1, PROFILE_BITS // (n_learners + 1).bit_length())
    levels: list[Level] = []
    grade = rank.astype(np.int8)
    for start in range(0, len(digits), per_level):
        value = np.zeros(len(values), np.int64)
        for digit in digits[start : start + per_level]:
            value = value * (n_learners + 1) + digit
        levels.append(Graded(f"profile {len(levels) + 1}", grade, value))
    return levels
