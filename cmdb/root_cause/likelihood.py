"""How well hypotheses explain what is seen: noise in both directions, severities, silence, order.

Everything is a natural logarithm against the hypothesis that nothing in the model is the cause,
under which symptoms are where they are by chance. The model is in decision 0014.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import AT_RISK, DEGRADED, DOWN, OK
from cmdb.root_cause.evidence import UNKNOWN, Evidence
from cmdb.root_cause.predictions import Hypothesis, Predictions
from cmdb.root_cause.priors import SLACK

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SEEN = np.array(
    # what is said of it: unknown, at risk, degraded, down
    [
        [0.0, 0.0, 0.0, 0.0],  # predicted ok
        [0.25, 0.15, 0.07, 0.03],  # at risk
        [0.85, 0.10, 0.60, 0.15],  # degraded
        [0.85, 0.03, 0.17, 0.65],  # down
    ]
)
"""The probability that a watched CI is reported in a state, given the one that is predicted."""

SILENT = np.array([1.0, 0.75, 0.15, 0.15])
"""The probability that it is not, though watched."""

BY_CHANCE = np.array([1.0, 0.15, 0.35, 0.50])
"""How symptoms without a cause are spread over the states; unknown is any of them."""

FALSE_SHARE = 0.1
"""The share of symptoms that are false alarms, or of another cause."""

HEALTHY_CAUSE = 0.03
"""The probability that a CI is the cause although it was found healthy."""

SPEAK_A, SPEAK_B = 0.5, 1.0
"""The share of impacted CIs that anybody reports is drawn from this beta distribution."""

RISK_WEIGHT = 0.25
"""What a CI at risk counts for among those that might have been reported."""

OUT_OF_ORDER, MOST_OUT_OF_ORDER = 0.3, 3
"""How likely an effect is seen clearly before all that is nearer to the cause."""

FACTORS = ("symptoms", "unexplained", "silent", "healthy", "order")


def explained(states: npt.NDArray[np.uint8], said: npt.NDArray[np.uint8]) -> Mask:
    """Which symptoms a prediction explains: those predicted as bad as they are, but for a step."""
    wanted = np.where(said == UNKNOWN, DEGRADED, said)
    found: Mask = (states > OK) & (states + 1 >= wanted)
    return found


class Likelihood:
    """Weighs predictions for the watched CIs: first the symptoms, then the healthy ones."""

    def __init__(self, snapshot: Snapshot, evidence: Evidence) -> None:
        self._said = np.array([one.state for one in evidence.symptoms], np.uint8)
        self._count = len(evidence.symptoms)
        self._healthy = {ci: at for at, ci in enumerate(evidence.healthy, self._count)}
        self._since = np.array(
            [math.nan if one.since is None else one.since for one in evidence.symptoms]
        )
        self.watched = np.array(evidence.watched, np.int32)
        types = snapshot.graph.columns(self.watched)[0]
        self.counted = np.zeros(max(len(snapshot.types.words), 1), np.uint8)
        self.counted[types[: self._count]] = 1
        counts = snapshot.type_counts
        population = float(counts[self.counted[: len(counts)].astype(bool)].sum())
        self.rate = min(0.5, self._count / max(population, 1.0))
        self._healthy_counted = self.counted[types[self._count :]].astype(bool)

    def weigh(self, made: Predictions, hypotheses: Sequence[Hypothesis]) -> dict[str, Floats]:
        """By factor, a value for each hypothesis."""
        symptoms = made.states[:, : self._count]
        seen = SEEN[symptoms, self._said[None, :]]
        hit = seen > 0
        gain = np.log(np.where(hit, seen, 1.0) / (SEEN[DOWN, UNKNOWN] * BY_CHANCE[self._said]))
        gain = np.where(hit, gain - math.log(self.rate), 0.0)
        return {
            "symptoms": gain.sum(axis=1),
            "unexplained": (~hit).sum(axis=1) * math.log(FALSE_SHARE),
            "silent": self._silent(made, hit),
            "healthy": self._healthy_seen(made, hypotheses),
            "order": self._order(made, hit),
        }

    def _silent(self, made: Predictions, hit: Mask) -> Floats:
        """How likely so many of those impacted are reported, and so many not, by their types."""
        healthy = made.states[:, self._count :][:, self._healthy_counted]
        reported = made.states[:, : self._count]
        weights = np.array([0.0, RISK_WEIGHT, 1.0, 1.0])
        quiet = made.reached @ weights[AT_RISK:]
        quiet = quiet - weights[healthy].sum(axis=1) - weights[reported].sum(axis=1)
        spoken = hit.sum(axis=1).tolist()
        return np.array(
            [
                log_beta(SPEAK_A + k, SPEAK_B + max(n, 0.0)) - log_beta(SPEAK_A, SPEAK_B)
                for k, n in zip(spoken, quiet.tolist(), strict=True)
            ]
        )

    def _healthy_seen(self, made: Predictions, hypotheses: Sequence[Hypothesis]) -> Floats:
        """What is healthy though predicted otherwise; that a cause seems so is rarer."""
        total: Floats = np.log(SILENT)[made.states[:, self._count :]].sum(axis=1)
        for row, hypothesis in enumerate(hypotheses if self._healthy else ()):
            for ci, _ in hypothesis:
                if ci in self._healthy:
                    usual = SILENT[made.states[row, self._healthy[ci]]]
                    total[row] += math.log(HEALTHY_CAUSE) - math.log(usual)
        return total

    def _order(self, made: Predictions, hit: Mask) -> Floats:
        """Effects seen before everything that is nearer to the cause."""
        timed = ~np.isnan(self._since)
        if np.count_nonzero(timed) < 2:
            return np.zeros(len(hit))
        rounds = made.rounds[:, : self._count][:, timed]
        hit, since = hit[:, timed], self._since[timed]
        early = np.zeros(len(hit), np.int64)
        nearer = np.full(len(hit), np.inf)
        for distance in np.unique(rounds[hit]).tolist():
            here = hit & (rounds == distance)
            before = since[None, :] < (nearer - SLACK)[:, None]
            early += (here & before & np.isfinite(nearer)[:, None]).sum(axis=1)
            nearer = np.minimum(nearer, np.where(here, since[None, :], np.inf).min(axis=1))
        return np.minimum(early, MOST_OUT_OF_ORDER) * math.log(OUT_OF_ORDER)


@lru_cache(maxsize=65_536)
def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
