"""The diagnosis: probabilities of causes, alone and together, that add up to 1."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import DEGRADED, DOWN, OK
from cmdb.root_cause import likelihood, priors
from cmdb.root_cause.candidates import shortlist
from cmdb.root_cause.combinations import Weighed, combined
from cmdb.root_cause.evidence import Evidence
from cmdb.root_cause.likelihood import Likelihood
from cmdb.root_cause.predictions import Hypothesis, Predictions, predict
from cmdb.root_cause.priors import Priors

Floats = npt.NDArray[np.float64]

LOG_STATE_ODDS = {DOWN: float(np.log(0.65)), DEGRADED: float(np.log(0.35))}
"""In which state CIs fail."""

MOST_DEGRADED = 100
"""Candidates that are looked at as merely degraded, too."""

LOG_ANOTHER = float(np.log(0.1 * priors.OUTSIDE / (1 - priors.OUTSIDE)))
"""The probability of one more cause at the same time, against that of none in the model."""

FACTORS = (
    "prior",
    *priors.FACTORS,
    "state",
    *likelihood.FACTORS,
    "either_state",
    "combinations",
)
"""The factors of a candidate, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A CI with its probability to be the main cause, and why.

    The weights of `factors` are natural logarithms; they add up to `weight`, the logarithm of how
    many times likelier it is than a cause outside the model. `state` is the likelier one in which
    it failed; `explains`, `unexplained` and `contradicts` are CIs.
    """

    ci: int
    state: int
    score: float
    weight: float
    factors: Mapping[str, float]
    explains: tuple[int, ...]
    unexplained: tuple[int, ...]
    contradicts: tuple[int, ...]


def diagnose(
    snapshot: Snapshot, evidence: Evidence, type_odds: Mapping[str, float] | None = None
) -> "Diagnosis":
    """Weigh all causes of the symptoms; `type_odds` tells how often types fail by themselves."""
    return Diagnosis(snapshot, evidence, Priors(snapshot, evidence, type_odds))


class Diagnosis:
    """What could have caused the symptoms.

    `scores` has all CIs that were looked at, best first; theirs, `unseen` (all that were not) and
    `outside` (nothing in the model) add up to 1. `hypotheses` are those of one CI or more, best
    first, with probabilities that add up to the same. `left` CIs could explain a symptom and were
    not looked at; where the search for them was cut off, `complete` is false.
    """

    def __init__(self, snapshot: Snapshot, evidence: Evidence, known: Priors) -> None:
        self.snapshot, self.evidence, self.priors = snapshot, evidence, known
        self._likelihood = Likelihood(snapshot, evidence)
        found = shortlist(snapshot, evidence, known)
        self.left, self.complete = found.left, found.complete
        numbers = found.numbers.tolist()
        prior = sum(known.factors(numbers).values(), np.zeros(len(numbers)))
        self._prior = dict(zip(numbers, prior.tolist(), strict=True))
        singles = self._exact([((ci, DOWN),) for ci in numbers])
        best = np.argsort(-singles.weights, kind="stable")[:MOST_DEGRADED].tolist()
        singles = singles.joined(self._exact([((numbers[at], DEGRADED),) for at in best]))
        self._singles = singles
        self._row = {one: row for row, one in enumerate(singles.hypotheses)}
        sets = combined(singles, len(evidence.symptoms), self._weigh, self._exact)
        self._add_up(singles.joined(sets))

    def _exact(self, hypotheses: list[Hypothesis]) -> Weighed:
        watched = self._likelihood.watched
        made = predict(self.snapshot, hypotheses, watched, self._likelihood.counted)
        return Weighed(hypotheses, made, self._weigh(made, hypotheses))

    def _weigh(self, made: Predictions, hypotheses: Sequence[Hypothesis]) -> Floats:
        """The logarithms of hypotheses' weights against that of what is outside the model."""
        prior, odds = self._prior, LOG_STATE_ODDS
        total = np.array(
            [
                sum(prior[ci] + odds[state] for ci, state in one) + (len(one) - 1) * LOG_ANOTHER
                for one in hypotheses
            ]
        )
        return sum(self._likelihood.weigh(made, hypotheses).values(), total)

    def _add_up(self, every: Weighed) -> None:
        """Probabilities from weights; those of what was not looked at are at most the least."""
        parts = every.weights
        if self.left:
            least = parts[: len(self._prior)].min() + np.log(self.left)
            parts = np.append(parts, least)
        whole = float(np.logaddexp.reduce(np.append(parts, 0.0)))
        self.outside = float(np.exp(-whole))
        self.unseen = float(np.exp(parts[-1] - whole)) if self.left else 0.0
        order = np.argsort(-every.weights, kind="stable")
        probabilities = np.exp(every.weights[order] - whole).tolist()
        names = [every.hypotheses[row] for row in order.tolist()]
        self.hypotheses = list(zip(names, probabilities, strict=True))
        weights: dict[int, list[float]] = {ci: [] for ci in self._prior}
        for row, hypothesis in enumerate(every.hypotheses):
            for ci, share in self._shares(hypothesis):
                weights[ci].append(float(every.weights[row]) + math.log(share))
        self._weights = {ci: float(np.logaddexp.reduce(ones)) for ci, ones in weights.items()}
        ranked = sorted(self._weights.items(), key=lambda one: (-one[1], one[0]))
        self.scores = {ci: math.exp(weight - whole) for ci, weight in ranked}

    def _shares(self, hypothesis: Hypothesis) -> Sequence[tuple[int, float]]:
        """How CIs share the probability of a set: by the symptoms that each explains alone."""
        if len(hypothesis) == 1:
            return ((hypothesis[0][0], 1.0),)
        count = len(self.evidence.symptoms)
        rows = [self._row[(one,)] for one in hypothesis]
        alone = 1.0 + (self._singles.made.states[rows, :count] > OK).sum(axis=1)
        shares = (alone / alone.sum()).tolist()
        return [(ci, share) for (ci, _), share in zip(hypothesis, shares, strict=True)]

    @property
    def combinations(self) -> list[tuple[tuple[int, ...], float]]:
        """The hypotheses of several CIs, best first, whatever the states in which they failed."""
        found: dict[tuple[int, ...], float] = {}
        for hypothesis, probability in self.hypotheses:
            if len(hypothesis) > 1:
                cis = tuple(ci for ci, _ in hypothesis)
                found[cis] = found.get(cis, 0.0) + probability
        return sorted(found.items(), key=lambda one: (-one[1], one[0]))

    def candidate(self, ci: int) -> Candidate:
        """A CI of `scores`, explained."""
        rows = [
            row for state in (DOWN, DEGRADED) if (row := self._row.get(((ci, state),), -1)) >= 0
        ]
        weights = self._singles.weights[rows]
        best = rows[int(np.argmax(weights))]
        hypothesis = self._singles.hypotheses[best]
        state = hypothesis[0][1]
        made = self._singles.made.rows(np.array([best]))
        weighed = self.priors.factors([ci]) | self._likelihood.weigh(made, [hypothesis])
        factors = {name: float(value[0]) for name, value in weighed.items()}
        factors["state"] = LOG_STATE_ODDS[state]
        alone = float(np.logaddexp.reduce(weights))
        factors["either_state"] = alone - float(weights.max())
        factors["combinations"] = self._weights[ci] - alone
        states = made.states[0]
        symptoms, healthy = self.evidence.symptoms, self.evidence.healthy
        said = np.array([one.state for one in symptoms], np.uint8)
        told = likelihood.explained(states[: len(symptoms)], said).tolist()
        wrong = (states[len(symptoms) :] >= DEGRADED).tolist()
        return Candidate(
            ci,
            state,
            self.scores[ci],
            self._weights[ci],
            {name: factors[name] for name in FACTORS},
            tuple(one.ci for one, is_told in zip(symptoms, told, strict=True) if is_told),
            tuple(one.ci for one, is_told in zip(symptoms, told, strict=True) if not is_told),
            tuple(one for one, is_wrong in zip(healthy, wrong, strict=True) if is_wrong),
        )
