"""Which CIs are worth an exact look: found by walking back from the symptoms, never by listing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.upstream import upstream
from cmdb.impact.snapshot import Snapshot
from cmdb.root_cause.priors import Priors

MOST_LOOKED_AT, MOST_MORE = 400, 120
"""Candidates whose blast radius is computed; and for the symptoms that the best leaves over."""

MOST_HIT, MOST_FAR, MOST_FAR_MORE = 300, 20, 6
"""A blast radius of more CIs is only computed for so many, which could explain the most."""

MOST_WALKED, FEWEST_WALKED = 250_000, 1_000
"""CIs that all walks back visit together, and each at least."""

MOST_OF_ONE = 12_000

PRIOR = 0.3
"""What the logarithm of a prior probability is worth beside those of what the walk tells."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The CIs to look at, ascending, with how many symptoms each could explain at most.

    `found` CIs could explain something, those known before included; the search was `complete`
    where no walk was cut off.
    """

    numbers: npt.NDArray[np.int32]
    hits: npt.NDArray[np.float32]
    found: int
    complete: bool


def shortlist(
    snapshot: Snapshot,
    symptoms: Sequence[int],
    priors: Priors,
    most: int = MOST_LOOKED_AT,
    known: Collection[int] = (),
) -> Shortlist:
    """The most promising of all CIs that could explain a symptom, but for those known already.

    They could explain many symptoms, are near to them, and little else depends on them. Up to half
    of them are symptoms themselves; where there is a choice, a quarter may be of the network.
    """
    ends = np.array(symptoms, np.int32)
    walked = max(FEWEST_WALKED, min(MOST_OF_ONE, MOST_WALKED // max(len(ends), 1)))
    numbers, hits, near, shares, complete = upstream(
        snapshot.graph, snapshot.network, snapshot.kinds.engine, ends, walked
    )
    found = len(numbers)
    new = ~np.isin(numbers, np.array(sorted(known), np.int32))
    numbers, hits, near, shares = numbers[new], hits[new], near[new], shares[new]
    if len(numbers) <= most:
        return Shortlist(numbers, hits, found, complete)
    promise = np.log(hits * near * shares) + PRIOR * priors.own(numbers)
    order = np.argsort(-promise, kind="stable")
    own = order[np.isin(numbers[order], ends)][: most // 2]
    order = np.concatenate([own, order[~np.isin(order, own)]])
    linked = _linked(snapshot, numbers[order])
    order = order[~linked | (np.cumsum(linked) <= most // 4)]
    best = np.sort(order[:most])
    return Shortlist(numbers[best], hits[best], found, complete)


def _linked(snapshot: Snapshot, numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which CIs are of the network: what their failure cuts off takes long to find."""
    vertex = np.asarray(snapshot.network.vertex)
    found = np.zeros(len(numbers), bool)
    known = numbers < len(vertex)
    found[known] = vertex[numbers[known]] >= 0
    return found
