"""Seeded chance: the same day gives the same region, ids included."""

import random
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from schools.services.codes import ALPHABET

T = TypeVar("T")


class Dice(random.Random):
    """A random source that also draws ids, codes and weighted things."""

    def uuid(self) -> UUID:
        """Return a version 4 id."""
        return UUID(int=self.getrandbits(128), version=4)

    def code(self, length: int) -> str:
        """Return a code of letters and digits that are not mistaken for each other."""
        return "".join(self.choices(ALPHABET, k=length))

    def weighted(self, things: Sequence[T], weights: Sequence[float]) -> T:
        """Return one thing, the heavier the likelier."""
        return self.choices(things, weights)[0]

    def often(self, share: float) -> bool:
        """Return True in `share` of the throws."""
        return self.random() < share


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` into whole parts in proportion to the weights; the parts sum to `total`."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    by_rest = sorted(range(len(exact)), key=lambda index: parts[index] - exact[index])
    for index in by_rest[: total - sum(parts)]:
        parts[index] += 1
    return parts
