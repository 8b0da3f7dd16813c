"""The market outside the shortage falls into parts that share neither learner nor seat: each thread solves some."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from placements.allocation.core.compiled import Index, kernel
from placements.allocation.core.layout import Caps, Rows

Ids = NDArray[np.int32]
Bools = NDArray[np.bool_]


class Share(NamedTuple):
    """What one thread solves: learners in the order given, and the nodes they can reach."""

    learners: Ids
    nodes: Bools


def shares(rows: Rows, caps: Caps, short: Bools, learners: Ids, count: int) -> list[Share]:
    """Deal the parts of the learners' market out into `count` shares, much alike in arcs, the largest first.

    `short` marks the nodes of the shortage, which none of them needs.
    """
    if count == 1:
        return [Share(learners, ~short)]
    root = np.arange(len(short), dtype=np.int32)
    of_learner = np.empty(len(learners), np.int32)
    _join(rows, caps, short, learners, root, of_learner)
    weight = np.bincount(of_learner, np.diff(rows.start)[learners], len(short))
    share_of = np.zeros(len(short), np.int32)
    load = np.zeros(count)
    for part in np.argsort(-weight, kind="stable")[: np.count_nonzero(weight)]:
        share_of[part] = np.argmin(load)
        load[share_of[part]] += weight[part]
    of_node, learner_share = share_of[root], share_of[of_learner]
    return [Share(learners[learner_share == k], (of_node == k) & ~short) for k in np.argsort(-load, kind="stable")]


@kernel
def _join(rows: Rows, caps: Caps, short: Bools, learners: Ids, root: Ids, of_learner: Ids) -> None:
    """Let `root` name one node for all that hang together, and `of_learner` that of each learner's seats."""
    sink = len(caps.up) - 2
    for arc in range(len(caps.tail)):
        if caps.head[arc] != sink and not short[caps.tail[arc]] and not short[caps.head[arc]]:
            _unite(root, caps.tail[arc], caps.head[arc])
    for k in range(len(learners)):
        p, first = learners[k], np.int32(-1)
        for position in range(rows.start[p], rows.start[p + 1]):
            v = rows.seat[position]
            if not short[v]:
                if first < 0:
                    first = v
                else:
                    _unite(root, first, v)
        of_learner[k] = first
    for v in range(len(root)):
        root[v] = _root_of(root, v)
    for k in range(len(learners)):
        of_learner[k] = root[of_learner[k]]


@kernel
def _unite(root: Ids, v: Index, w: Index) -> None:
    v, w = _root_of(root, v), _root_of(root, w)
    # The lower number wins, so that a root is never above what hangs on it.
    if v < w:
        root[w] = v
    else:
        root[v] = w


@kernel
def _root_of(root: Ids, v: Index) -> Index:
    while root[v] != v:
        root[v] = root[root[v]]
        v = root[v]
    return v
