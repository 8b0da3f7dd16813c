"""Numbers that are costly to count and need not be of this second: kept for a while in the cache."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeVar

from django.core.cache import cache
from django.utils import timezone

T = TypeVar("T")


class Kept(NamedTuple, Generic[T]):
    """An answer, and when it was worked out."""

    value: T
    at: datetime


def kept(key: str, work_out: Callable[[], T], *, seconds: int, worth: Callable[[T], bool] | None = None) -> Kept[T]:
    """Return the answer kept under the key, or work it out and keep it for so many seconds.

    `key`, of any length, names all that the answer depends on, whose rows were read among it: the cache knows no
    scopes. `worth` tells whether an answer is worth keeping; small ones are then always of this second.
    """
    name = f"kept:{sha256(key.encode()).hexdigest()}"
    found: Any = cache.get(name)
    if found is not None:
        return Kept(*found)
    answer = Kept(work_out(), timezone.now())
    if worth is None or worth(answer.value):
        cache.set(name, tuple(answer), seconds)
    return answer
