"""The diagnosis: probabilities of causes, alone and together, that add up to 1."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.propagation import EVERY
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import DEGRADED, DOWN, OK
from cmdb.root_cause import likelihood, priors
from cmdb.root_cause.candidates import (
    MOST_FAR,
    MOST_FAR_MORE,
    MOST_HIT,
    MOST_LOOKED_AT,
    MOST_MORE,
    shortlist,
)
from cmdb.root_cause.combinations import LARGEST, Weighed, parts, promising, turned
from cmdb.root_cause.evidence import Evidence
from cmdb.root_cause.likelihood import Likelihood
from cmdb.root_cause.predictions import Hypothesis, Predictions, predict
from cmdb.root_cause.priors import Priors

Floats = npt.NDArray[np.float64]

LOG_STATE_ODDS = {DOWN: float(np.log(0.65)), DEGRADED: float(np.log(0.35))}
"""In which state CIs fail."""

MOST_DEGRADED = 60
"""Candidates that are looked at as merely degraded, too."""

FEW_FAR = 6
"""Hypotheses at a time with CIs that hit many others, which take long."""

MAIN = 4
"""The power by which a cause that explains more is the main one."""

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
        self._said = np.array([one.state for one in evidence.symptoms], np.uint8)
        self._prior: dict[int, float] = {}
        self._far: set[int] = set()  # those that hit many CIs
        self._found, self.complete = 0, True
        self._singles = self._alone([one.ci for one in evidence.symptoms], MOST_LOOKED_AT)
        sets = self._together()
        self.left = max(self._found - len(self._prior), 0)
        self._row = {one: row for row, one in enumerate(self._singles.hypotheses)}
        self._add_up(self._singles.joined(sets))

    def _alone(self, symptoms: list[int], most: int) -> Weighed:
        """New candidates for some symptoms, each failing alone."""
        most_far = MOST_FAR if most == MOST_LOOKED_AT else MOST_FAR_MORE
        found = shortlist(self.snapshot, symptoms, self.priors, most, self._prior)
        numbers = found.numbers.tolist()
        prior = sum(self.priors.factors(numbers).values(), np.zeros(len(numbers)))
        self._prior |= dict(zip(numbers, prior.tolist(), strict=True))
        down = self._exact([((ci, DOWN),) for ci in numbers], MOST_HIT)
        far = np.flatnonzero(~down.made.whole)
        far = far[np.argsort(-found.hits[far], kind="stable")]
        for at in far[most_far:].tolist():
            del self._prior[numbers[at]]
        kept = [numbers[at] for at in far[:most_far].tolist()]
        self._far.update(kept)
        down = down.rows(np.flatnonzero(down.made.whole)).joined(
            self._exact([((ci, DOWN),) for ci in kept])
        )
        self._found = max(self._found, found.found)
        self.complete = self.complete and found.complete
        best = np.argsort(-down.guides, kind="stable")[:MOST_DEGRADED].tolist()
        degraded: list[Hypothesis] = [((down.hypotheses[at][0][0], DEGRADED),) for at in best]
        return down.joined(self._exact(self._affordable(degraded)))

    def _affordable(self, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        """Not too many of those that hit many CIs, the first ones."""
        few = 0
        kept = []
        for one in hypotheses:
            far = any(ci in self._far for ci, _ in one)
            few += far
            if not far or few <= FEW_FAR:
                kept.append(one)
        return kept

    def _together(self) -> Weighed:
        """Sets of causes, each larger by one, as long as the best leaves symptoms over.

        These give new candidates.
        """
        every = self._exact([])
        starts = self._singles
        for _ in range(LARGEST - 1):
            if not starts.hypotheses:
                break
            over = self._left_over(starts)
            if not over:
                break
            self._singles = self._singles.joined(self._alone(over, MOST_MORE))
            if not every.hypotheses:
                starts = self._singles
            found = self._joined(starts, every)
            if found.hypotheses:
                found = found.joined(self._joined(self._exact(parts(found)), found))
                new = [one for one in turned(found) if one not in set(found.hypotheses)]
                found = found.joined(self._exact(self._affordable(new)))
            every, starts = every.joined(found), found
        return every

    def _joined(self, starts: Weighed, known: Weighed) -> Weighed:
        """The most promising sets of one of `starts` and one more CI, but those known already."""
        best = max(0.0, *self._singles.weights, *known.weights)
        count = len(self.evidence.symptoms)
        wanted = promising(
            starts, self._singles, count, self._promise, best, frozenset(known.hypotheses)
        )
        return self._exact(self._affordable(wanted))

    def _left_over(self, starts: Weighed) -> list[int]:
        """The symptoms that the best hypothesis does not explain."""
        symptoms = self.evidence.symptoms
        states = starts.made.states[starts.best, : len(symptoms)]
        told = likelihood.explained(states, self._said).tolist()
        return [one.ci for one, is_told in zip(symptoms, told, strict=True) if not is_told]

    def _exact(self, hypotheses: list[Hypothesis], most: int = EVERY) -> Weighed:
        known = self._likelihood
        made = predict(self.snapshot, hypotheses, known.watched, known.counted, most)
        prior, odds = self._prior, LOG_STATE_ODDS
        priors = np.array(
            [
                sum(prior[ci] + odds[state] for ci, state in one) + (len(one) - 1) * LOG_ANOTHER
                for one in hypotheses
            ]
        )
        factors = known.weigh(made, hypotheses)
        weights: Floats = sum(factors.values(), priors)
        guides = weights + known.forgiven(made, factors)
        return Weighed(hypotheses, made, weights, guides, priors)

    def _promise(
        self, made: Predictions, hypotheses: Sequence[Hypothesis], priors: Floats
    ) -> Floats:
        """What sets of one more CI would weigh, if they predicted this."""
        factors = self._likelihood.weigh(made, hypotheses)
        return sum(factors.values(), priors + LOG_ANOTHER)

    def _add_up(self, every: Weighed) -> None:
        """Probabilities from weights; those of what was not looked at are at most the least."""
        parts = every.weights
        if self.left:
            least = min(self._singles.weights) + np.log(self.left)
            parts = np.append(parts, least)
        whole = float(np.logaddexp.reduce(np.append(parts, 0.0)))
        self.outside = float(np.exp(-whole))
        self.unseen = float(np.exp(parts[-1] - whole)) if self.left else 0.0
        order = np.argsort(-every.weights, kind="stable")
        probabilities = np.exp(every.weights[order] - whole).tolist()
        names = [every.hypotheses[row] for row in order.tolist()]
        self.hypotheses = list(zip(names, probabilities, strict=True))
        weights: dict[int, list[float]] = {ci: [] for ci in self._prior}
        for hypothesis, weight in zip(every.hypotheses, every.weights.tolist(), strict=True):
            if len(hypothesis) == 1:
                weights[hypothesis[0][0]].append(weight)
                continue
            for ci, share in self._shares(hypothesis):
                weights[ci].append(weight + math.log(share))
        self._weights = {
            ci: ones[0] if len(ones) == 1 else float(np.logaddexp.reduce(ones))
            for ci, ones in weights.items()
        }
        ranked = sorted(self._weights.items(), key=lambda one: (-one[1], one[0]))
        self.scores = {ci: math.exp(weight - whole) for ci, weight in ranked}

    def _shares(self, hypothesis: Hypothesis) -> Sequence[tuple[int, float]]:
        """How likely each CI of a set is the main cause: by how much it explains alone."""
        count = len(self.evidence.symptoms)
        rows = [self._row[((ci, DOWN),)] for ci, _ in hypothesis]
        alone = (1.0 + (self._singles.made.states[rows, :count] > OK).sum(axis=1)) ** MAIN
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

    def candidates(self, cis: Sequence[int]) -> list[Candidate]:
        """CIs of `scores`, explained."""
        rows = [self._rows(ci) for ci in cis]
        best = [own[int(np.argmax(self._singles.weights[own]))] for own in rows]
        made = self._singles.made.rows(np.array(best, np.intp))
        weighed = self._likelihood.weigh(made, [self._singles.hypotheses[row] for row in best])
        weighed = self.priors.factors(cis) | weighed
        told = likelihood.explained(made.states[:, : len(self.evidence.symptoms)], self._said)
        return [
            self._candidate(
                ci,
                own,
                {name: float(value[at]) for name, value in weighed.items()},
                told[at].tolist(),
                (made.states[at, len(self.evidence.symptoms) :] >= DEGRADED).tolist(),
            )
            for at, (ci, own) in enumerate(zip(cis, rows, strict=True))
        ]

    def _rows(self, ci: int) -> list[int]:
        """The rows of a CI that failed alone."""
        found = (self._row.get(((ci, state),)) for state in (DOWN, DEGRADED))
        return [row for row in found if row is not None]

    def _candidate(
        self,
        ci: int,
        rows: list[int],
        factors: dict[str, float],
        told: list[bool],
        wrong: list[bool],
    ) -> Candidate:
        """A CI with the factors of the likelier state, what that explains and contradicts."""
        weights = self._singles.weights[rows]
        state = self._singles.hypotheses[rows[int(np.argmax(weights))]][0][1]
        alone = float(np.logaddexp.reduce(weights))
        factors["state"] = LOG_STATE_ODDS[state]
        factors["either_state"] = alone - float(weights.max())
        factors["combinations"] = self._weights[ci] - alone
        symptoms = [one.ci for one in self.evidence.symptoms]
        return Candidate(
            ci,
            state,
            self.scores[ci],
            self._weights[ci],
            {name: factors[name] for name in FACTORS},
            tuple(one for one, is_told in zip(symptoms, told, strict=True) if is_told),
            tuple(one for one, is_told in zip(symptoms, told, strict=True) if not is_told),
            tuple(o for o, is_wrong in zip(self.evidence.healthy, wrong, strict=True) if is_wrong),
        )
