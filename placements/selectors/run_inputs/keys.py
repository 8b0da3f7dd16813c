"""Names for the file without names: stable in a round, and in no other round."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from placements.models import Round
from placements.selectors.run_inputs.inputs import Numbers, Weeks

Keys = NDArray[np.bytes_]
ID_BYTES: Final = 16
_SEAT: Final = np.dtype([("slot", "S16"), ("weeks", "S8")])


def learner_keys(round: Round, ids: bytes) -> Keys:
    """Return the keys of learners, given as their ids one after the other."""
    return _keys(round, ids, ID_BYTES)


def seat_keys(round: Round, slot: NDArray[np.bytes_], block: Numbers, blocks: Sequence[Weeks]) -> Keys:
    """Return the keys of seat nodes: the slot's id with the weeks of its block."""
    rows = np.empty(len(slot), _SEAT)
    rows["slot"], rows["weeks"] = slot, np.frombuffer(b"".join(map(_weeks, blocks)), "S8")[block]
    return _keys(round, rows.tobytes(), _SEAT.itemsize)


def learners_by_key(round: Round, ids: Iterable[UUID]) -> dict[bytes, UUID]:
    """Return which learner each key is, of those given."""
    found = list(ids)
    return dict(zip(learner_keys(round, b"".join(each.bytes for each in found)).tolist(), found, strict=True))


def slots_by_key(round: Round, ids: Iterable[UUID], blocks: Sequence[Weeks]) -> dict[bytes, UUID]:
    """Return which slot the seat node of each key is of, for every slot given in every block."""
    found = list(ids)
    every = [(each, weeks) for each in found for weeks in map(_weeks, blocks)]
    content = b"".join(each.bytes + weeks for each, weeks in every)
    keys = _keys(round, content, _SEAT.itemsize).tolist()
    return {key: each for key, (each, _weeks_of) in zip(keys, every, strict=True)}


def _weeks(block: Weeks) -> bytes:
    return blake2b(",".join(map(str, block)).encode(), digest_size=8).digest()


def _keys(round: Round, content: bytes, width: int) -> Keys:
    """One key for each `width` bytes."""
    key = round.pk.bytes
    digests = [
        blake2b(content[start : start + width], key=key, digest_size=12).digest()
        for start in range(0, len(content), width)
    ]
    return np.array([digest.hex() for digest in digests], "S24")
