"""Which CIs are worth an exact look: found by walking back from the symptoms, never by listing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.upstream import upstream
from cmdb.impact.snapshot import Snapshot
from cmdb.root_cause.evidence import Evidence
from cmdb.root_cause.priors import Priors

MOST_LOOKED_AT = 240
"""Candidates whose blast radius is computed."""

MOST_WALKED, FEWEST_WALKED = 1_000_000, 1_000
"""CIs that all walks back visit together, and each at least."""

MOST_OF_ONE = 50_000

HIT, NEAR, FAN = 3.0, 2.0, 1.0
"""What a symptom within reach, nearness, and a tenfold of direct dependents are worth."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The CIs to look at, ascending; how many others could explain something; if that is all."""

    numbers: npt.NDArray[np.int32]
    left: int
    complete: bool


def shortlist(snapshot: Snapshot, evidence: Evidence, priors: Priors) -> Shortlist:
    """The most promising of all CIs that could explain a symptom.

    Half of them explain the most, half the most for what else they would hit. All symptoms are
    among them, as far as there is room.
    """
    symptoms = np.array([one.ci for one in evidence.symptoms], np.int32)
    most = max(FEWEST_WALKED, min(MOST_OF_ONE, MOST_WALKED // max(len(symptoms), 1)))
    numbers, hits, near, fans, complete = upstream(
        snapshot.graph, snapshot.network, snapshot.kinds.engine, symptoms, most
    )
    if len(numbers) <= MOST_LOOKED_AT:
        return Shortlist(numbers, 0, complete)
    prior = sum(priors.factors(numbers.tolist()).values(), np.zeros(len(numbers)))
    promise = HIT * np.sqrt(hits) * np.sqrt(len(symptoms)) + NEAR * near + prior
    modest = promise - FAN * np.log1p(fans) * np.sqrt(hits)
    half = MOST_LOOKED_AT // 2
    chosen = np.zeros(len(numbers), bool)
    chosen[np.argsort(-promise, kind="stable")[:half]] = True
    chosen[np.argsort(-modest, kind="stable")[:half]] = True
    own = np.flatnonzero(np.isin(numbers, symptoms))
    chosen[own[np.argsort(-promise[own], kind="stable")[: half // 2]]] = True
    return Shortlist(numbers[chosen], int(np.count_nonzero(~chosen)), complete)
