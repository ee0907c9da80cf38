"""Which CIs are worth an exact look: found by walking back from the symptoms, never by listing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.upstream import upstream
from cmdb.impact.snapshot import Snapshot
from cmdb.root_cause.priors import Priors

MOST_LOOKED_AT, MOST_MORE = 600, 200
"""Candidates whose blast radius is computed; and for the symptoms that the best leaves over."""

MOST_HIT, MOST_FAR = 400, 40
"""A blast radius of more CIs is only computed for so many, which could explain the most."""

MOST_WALKED, FEWEST_WALKED = 1_000_000, 1_000
"""CIs that all walks back visit together, and each at least."""

MOST_OF_ONE = 50_000

PRIOR = 0.3
"""What the logarithm of a prior probability is worth beside those of what the walk tells."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The CIs to look at, ascending, with how many symptoms each could explain at most.

    `left` others could explain something; the search was `complete` where no walk was cut off.
    """

    numbers: npt.NDArray[np.int32]
    hits: npt.NDArray[np.float32]
    left: int
    complete: bool


def shortlist(
    snapshot: Snapshot,
    symptoms: Sequence[int],
    priors: Priors,
    most: int = MOST_LOOKED_AT,
    known: Collection[int] = (),
) -> Shortlist:
    """The most promising of all CIs that could explain a symptom, but for those known already.

    They could explain many symptoms, are near to them, and little else depends on them. The
    symptoms themselves are among them.
    """
    ends = np.array(symptoms, np.int32)
    walked = max(FEWEST_WALKED, min(MOST_OF_ONE, MOST_WALKED // max(len(ends), 1)))
    numbers, hits, near, shares, complete = upstream(
        snapshot.graph, snapshot.network, snapshot.kinds.engine, ends, walked
    )
    new = ~np.isin(numbers, np.array(sorted(known), np.int32))
    numbers, hits, near, shares = numbers[new], hits[new], near[new], shares[new]
    if len(numbers) <= most:
        return Shortlist(numbers, hits, 0, complete)
    prior = sum(priors.factors(numbers.tolist()).values(), np.zeros(len(numbers)))
    promise = np.log(hits * near * shares) + PRIOR * prior
    own = np.isin(numbers, ends)
    order = np.argsort(np.where(own, -np.inf, -promise), kind="stable")
    best = np.sort(order[:most])
    return Shortlist(numbers[best], hits[best], len(numbers) - most, complete)
