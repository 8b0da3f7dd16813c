"""What can be wrong with an allocation problem, a result or a file."""

from collections.abc import Sequence


class AllocationError(ValueError):
    """Base of everything this package raises on purpose."""


class ProblemError(AllocationError):
    """The arrays do not describe an allocation problem; the message names the array and the row."""


class CostTooLarge(ProblemError):
    """A cost level is so large that its sums could leave 64-bit integers."""


class NotLaminar(AllocationError):
    """Two capacities overlap without one lying inside the other, so they form no forest.

    Attributes: `first` and `second`, the labels of the two capacities.
    """

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"Capacities cross: “{first}” and “{second}” share some seat nodes but not all")
        self.first = first
        self.second = second


class TooEntangled(AllocationError):
    """Capacities that cross bind so many learners together that no exact search would end in time.

    Attributes: `learners` and `arcs`, how many learners there are to place and how many choices they have.
    """

    def __init__(self, learners: int, arcs: int) -> None:
        super().__init__(
            f"Crossing capacities bind {learners} learners with {arcs} choices together: too many to search"
        )
        self.learners = learners
        self.arcs = arcs


class LockConflict(AllocationError):
    """The locks do not fit in the seats together.

    Attributes: `learners`, the locked learners that find no room (others may share the blame).
    """

    def __init__(self, learners: Sequence[int]) -> None:
        named = ", ".join(str(learner) for learner in learners[:5]) + (" …" if len(learners) > 5 else "")
        super().__init__(f"No room for {len(learners)} locked learner(s): {named}")
        self.learners = tuple(learners)


class VerificationError(AllocationError):
    """A result is not what it claims to be; the message says which check failed."""


class FileError(AllocationError):
    """A file is truncated, is not a problem or result file, or was changed after it was written."""
