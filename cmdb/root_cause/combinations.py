"""Several causes at once: sets of CIs that explain together what none of them explains alone.

Set cover by weight: each of the best hypotheses is joined by whatever adds most, judged by the
worse of the two states each predicts; the most promising sets are then computed exactly, for the
members of a redundancy group take their dependent down only together.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.states import AT_RISK
from cmdb.root_cause.predictions import Hypothesis, Predictions

Floats = npt.NDArray[np.float64]

ANOTHER = 0.1
"""The probability of one more cause at the same time."""

LARGEST = 3
STARTS, TRIED = 15, 40
"""Hypotheses that are joined by another, and sets that are computed, for each size."""

HOPELESS = 12.0
"""A set that promises so much less than the best hypothesis is not computed."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Hypotheses with what they predict and their weights, as logarithms."""

    hypotheses: list[Hypothesis]
    made: Predictions
    weights: Floats

    def joined(self, other: "Weighed") -> "Weighed":
        """These, then those."""
        return Weighed(
            self.hypotheses + other.hypotheses,
            self.made.joined(other.made),
            np.concatenate([self.weights, other.weights]),
        )

    def rows(self, chosen: npt.NDArray[np.intp]) -> "Weighed":
        """Some of them."""
        names = [self.hypotheses[row] for row in chosen.tolist()]
        return Weighed(names, self.made.rows(chosen), self.weights[chosen])


Weigh = Callable[[Predictions, Sequence[Hypothesis]], Floats]
Exact = Callable[[list[Hypothesis]], Weighed]


def combined(singles: Weighed, symptoms: int, weigh: Weigh, exact: Exact) -> Weighed:
    """All sets of two and three that were computed; `symptoms` of the watched CIs come first.

    `weigh` judges predictions, `exact` computes and judges hypotheses.
    """
    found = singles.rows(np.zeros(0, np.intp))
    starts, best = singles, float(singles.weights.max(initial=0.0))
    for _ in range(LARGEST - 1):
        known = {frozenset(ci for ci, _ in one) for one in found.hypotheses}
        wanted = _promising(starts, singles, symptoms, weigh, best, known)
        if not wanted:
            break
        starts = exact(wanted)
        found = found.joined(starts)
        best = max(best, float(starts.weights.max()))
    return found


def _promising(
    starts: Weighed,
    singles: Weighed,
    symptoms: int,
    weigh: Weigh,
    best: float,
    known: set[frozenset[int]],
) -> list[Hypothesis]:
    """The sets most worth computing."""
    offers: dict[frozenset[int], tuple[float, Hypothesis]] = {}
    for row in np.argsort(-starts.weights, kind="stable")[:STARTS].tolist():
        one = starts.hypotheses[row]
        members = {ci for ci, _ in one}
        together = _together(starts.made, row, singles.made, symptoms)
        sets = [(*one, *other) for other in singles.hypotheses]
        promises = weigh(together, sets)
        order = np.argsort(-promises, kind="stable")[: TRIED + len(members)]
        for at in order.tolist():
            ((ci, state),) = singles.hypotheses[at]
            promise, name = float(promises[at]), frozenset(members | {ci})
            if ci in members or name in known or promise < best - HOPELESS:
                continue
            if promise > offers.get(name, (-math.inf, ()))[0]:
                offers[name] = promise, tuple(sorted((*one, (ci, state))))
    ranked = sorted(offers.values(), key=lambda offer: (-offer[0], offer[1]))
    return [hypothesis for _, hypothesis in ranked[:TRIED]]


def _together(made: Predictions, row: int, others: Predictions, symptoms: int) -> Predictions:
    """What one predicts with each of others: at most; two risks of one symptom may be its loss."""
    states = np.maximum(made.states[row][None, :], others.states)
    risky = (made.states[row][None, :] == AT_RISK) & (others.states == AT_RISK)
    risky[:, symptoms:] = False
    states = np.where(risky, np.uint8(3), states).astype(np.uint8)
    first, second = made.rounds[row][None, :], others.rounds
    either = np.where(made.states[row][None, :] == 0, second, first)
    both = (made.states[row][None, :] > 0) & (others.states > 0)
    rounds = np.where(both, np.minimum(first, second), either)
    return Predictions(states, rounds, made.reached[row][None, :] + others.reached)
