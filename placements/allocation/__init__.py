"""Exact, seeded and provable allocation of learners to seats: arrays in, result and proof out, no Django."""

from placements.allocation.capacity import Cap, Reserve, build_forest, nest, week_caps
from placements.allocation.engine import Result, solve, warm
from placements.allocation.errors import (
    AllocationError,
    CostTooLarge,
    FileError,
    LockConflict,
    NotLaminar,
    ProblemError,
    TooEntangled,
    VerificationError,
)
from placements.allocation.explain import Explanation, Outcome, Reason, Wishes, explain
from placements.allocation.fairness import fairness_steps
from placements.allocation.forest import Forest
from placements.allocation.levels import Policy, rank_costs, seed_commitment
from placements.allocation.problem import Problem
from placements.allocation.verify import verify

__all__ = [
    "AllocationError",
    "Cap",
    "CostTooLarge",
    "Explanation",
    "FileError",
    "Forest",
    "LockConflict",
    "NotLaminar",
    "Outcome",
    "Policy",
    "Problem",
    "ProblemError",
    "Reason",
    "Reserve",
    "Result",
    "TooEntangled",
    "VerificationError",
    "Wishes",
    "build_forest",
    "explain",
    "fairness_steps",
    "nest",
    "rank_costs",
    "seed_commitment",
    "solve",
    "verify",
    "warm",
    "week_caps",
]
