"""How well hypotheses explain what is seen: noise in both directions, severities, silence, order.

Everything is a natural logarithm against the hypothesis that nothing in the model is the cause,
under which symptoms are where they are by chance. The model is in decision 0016.
"""

import math
from collections.abc import Sequence

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
        [0.60, 0.07, 0.43, 0.10],  # degraded
        [0.85, 0.03, 0.17, 0.65],  # down
    ]
)
"""The probability that a watched CI is reported in a state, given the one that is predicted."""

SILENT = np.array([1.0, 0.75, 0.40, 0.15])
"""The probability that it is not, though watched."""

ALARMED = float(SEEN[DOWN, UNKNOWN])

BY_CHANCE = np.array([1.0, 0.40, 0.35, 0.25])
"""How symptoms without a cause are spread over the states; unknown is any of them."""

FALSE = (0.6, 6.0)
"""The share of symptoms that are false, or of another cause, is of this beta distribution."""

MISSED = (1.0, 6.0)
"""Likewise the share of watched CIs that are impacted and seem healthy."""

SPOKEN = (0.5, 1.0)
"""Likewise the share of impacted CIs that anybody reports."""

HEALTHY_CAUSE = 0.03
"""The probability that a CI is the cause although it was found healthy."""

RISK_WEIGHT = 0.25
"""What a CI at risk counts for among those that might have been reported."""

OUT_OF_ORDER, MOST_OUT_OF_ORDER = 0.3, 3
"""How likely an effect is seen clearly before all that is nearer to the cause."""

HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)

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
        self._population = float(counts[self.counted[: len(counts)].astype(bool)].sum())
        self._counted_healthy = self.counted[types[self._count :]].astype(bool)
        spread = log_choices(np.array([self._population]), np.array([float(self._count)]))
        here = max(self._population, 1.0) / max(float(counts.sum()), 1.0)
        self._by_chance = math.log(here / (self._count * (self._count + 1) or 1)) - float(spread[0])

    def weigh(self, made: Predictions, hypotheses: Sequence[Hypothesis]) -> dict[str, Floats]:
        """By factor, a value for each hypothesis."""
        symptoms = made.states[:, : self._count]
        seen = SEEN[symptoms, self._said[None, :]]
        hit = seen > 0
        explained = np.count_nonzero(hit, axis=1).astype(float)
        quiet = self._quiet(made)
        gain = np.log(np.where(hit, seen, 1.0) / (ALARMED * BY_CHANCE[self._said])) * hit
        return {
            "symptoms": gain.sum(axis=1) - self._by_chance,
            "unexplained": self._unexplained(explained, quiet),
            "silent": log_share(explained, quiet, SPOKEN),
            "healthy": self._healthy_seen(made, explained, hypotheses),
            "order": self._order(made, hit),
        }

    def forgiven(self, made: Predictions, factors: dict[str, Floats]) -> Floats:
        """What each hypothesis gains when others may explain what it does not."""
        told = (made.states[:, : self._count] > OK).sum(axis=1)
        share: Floats = 1.0 - told / max(self._count, 1)
        return share * self._by_chance - factors["unexplained"]

    def _quiet(self, made: Predictions) -> Floats:
        """How many of those impacted nobody spoke of, of the types of the symptoms."""
        weights = np.array([0.0, RISK_WEIGHT, 1.0, 1.0])
        healthy = made.states[:, self._count :][:, self._counted_healthy]
        reported = made.states[:, : self._count]
        spoken = weights[healthy].sum(axis=1) + weights[reported].sum(axis=1)
        quiet: Floats = np.maximum(made.reached @ weights[AT_RISK:] - spoken, 0.0)
        return quiet

    def _unexplained(self, explained: Floats, quiet: Floats) -> Floats:
        """Symptoms that are false: how many of them, and that they are just where they are."""
        false = self._count - explained
        elsewhere = np.maximum(self._population - explained - quiet, false)
        return log_share(false, explained, FALSE) - log_choices(elsewhere, false)

    def _healthy_seen(
        self, made: Predictions, explained: Floats, hypotheses: Sequence[Hypothesis]
    ) -> Floats:
        """What is healthy though predicted otherwise; that a cause seems so is rarer."""
        states = made.states[:, self._count :]
        missed = np.count_nonzero(states == DOWN, axis=1).astype(float)
        total: Floats = log_share(missed, explained, MISSED)
        for state in (AT_RISK, DEGRADED):
            total = total + np.count_nonzero(states == state, axis=1) * math.log(SILENT[state])
        for row, hypothesis in enumerate(hypotheses if self._healthy else ()):
            healthy = sum(ci in self._healthy for ci, _ in hypothesis)
            total[row] += healthy * math.log(HEALTHY_CAUSE / SILENT[DOWN])
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


def log_share(some: Floats, others: Floats, share: tuple[float, float]) -> Floats:
    """The probability of just these and those, where the share of these is beta distributed."""
    a, b = share
    before = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    these, those, all_ = log_gamma(np.stack([a + some, b + others, a + b + some + others]))
    result: Floats = these + those - all_ + before
    return result


def log_choices(all_: Floats, some: Floats) -> Floats:
    """In how many ways some can be chosen of all."""
    whole, chosen, left = log_gamma(np.stack([all_ + 1.0, some + 1.0, all_ - some + 1.0]))
    result: Floats = whole - chosen - left
    return result


def log_gamma(x: Floats) -> Floats:
    """The logarithm of the gamma function of positive numbers, by Stirling's series."""
    below: Floats = np.log(x * (x + 1.0) * (x + 2.0) * (x + 3.0))
    z = x + 4.0
    w = 1.0 / (z * z)
    series = (1.0 / 12.0 - w * (1.0 / 360.0 - w * (1.0 / 1260.0 - w / 1680.0))) / z
    return (z - 0.5) * np.log(z) - z + HALF_LOG_2_PI + series - below
