"""Several causes at once: sets of CIs that explain together what none of them explains alone.

Set cover by weight: each of the best hypotheses is joined by whatever adds most, judged by the
worse of the two states each predicts; the most promising sets are then computed exactly, for the
members of a redundancy group take their dependent down only together.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.states import AT_RISK, DEGRADED, DOWN
from cmdb.root_cause.predictions import Hypothesis, Predictions

Floats = npt.NDArray[np.float64]

LARGEST = 3
STARTS, TRIED, MENDED = 6, 40, 4
"""Hypotheses that are joined by another; sets that are computed; and sets that are mended."""

HOPELESS = 12.0
"""A set that promises so much less than the best hypothesis is not computed."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Hypotheses with what they predict and their weights, as logarithms.

    `guides` are weights as if others explained what the hypothesis does not.
    """

    hypotheses: list[Hypothesis]
    made: Predictions
    weights: Floats
    guides: Floats

    def joined(self, other: "Weighed") -> "Weighed":
        """These, then those."""
        return Weighed(
            self.hypotheses + other.hypotheses,
            self.made.joined(other.made),
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.guides, other.guides]),
        )

    def rows(self, chosen: npt.NDArray[np.intp]) -> "Weighed":
        """Some of them."""
        names = [self.hypotheses[row] for row in chosen.tolist()]
        return Weighed(names, self.made.rows(chosen), self.weights[chosen], self.guides[chosen])

    def first(self, most: int) -> "Weighed":
        """The best of them."""
        if len(self.hypotheses) <= most:
            return self
        return self.rows(np.argsort(-self.weights, kind="stable")[:most])

    @property
    def best(self) -> int:
        """The row of the best."""
        return int(np.argmax(self.weights))


Weigh = Callable[[Predictions, Sequence[Hypothesis]], Floats]


def promising(
    starts: Weighed,
    singles: Weighed,
    symptoms: int,
    weigh: Weigh,
    best: float,
    known: Collection[Hypothesis] = (),
) -> list[Hypothesis]:
    """The sets of one of `starts` and one of `singles` that are most worth computing.

    `symptoms` of the watched CIs come first; `weigh` judges predictions; `best` is the weight of
    the best hypothesis; those `known` are left out.
    """
    offers: dict[frozenset[int], tuple[float, Hypothesis]] = {}
    best_rows = np.argsort(-starts.weights, kind="stable")[:STARTS]
    guided = np.argsort(-starts.guides, kind="stable")[:STARTS]
    for row in np.union1d(best_rows, guided).tolist():
        one = starts.hypotheses[row]
        members = {ci for ci, _ in one}
        together = _together(starts.made, row, singles.made, symptoms)
        sets = [(*one, *other) for other in singles.hypotheses]
        promises = weigh(together, sets)
        order = np.argsort(-promises, kind="stable")[: TRIED + len(members)]
        for at in order.tolist():
            ((ci, state),) = singles.hypotheses[at]
            promise, name = float(promises[at]), frozenset(members | {ci})
            if ci in members or promise < best - HOPELESS:
                continue
            if tuple(sorted((*one, (ci, state)))) in known:
                continue
            if promise > offers.get(name, (-math.inf, ()))[0]:
                offers[name] = promise, tuple(sorted((*one, (ci, state))))
    ranked = sorted(offers.values(), key=lambda offer: (-offer[0], offer[1]))
    return [hypothesis for _, hypothesis in ranked[:TRIED]]


def parts(sets: Weighed) -> list[Hypothesis]:
    """The best sets, each without one of its members: another may fit better in its place."""
    found = (
        one[:at] + one[at + 1 :] for one in sets.first(MENDED).hypotheses for at in range(len(one))
    )
    return list(dict.fromkeys(found))


def turned(sets: Weighed) -> list[Hypothesis]:
    """The best sets, each with one of its members in the other state."""
    other = {DOWN: DEGRADED, DEGRADED: DOWN}
    found = (
        (*one[:at], (one[at][0], other[one[at][1]]), *one[at + 1 :])
        for one in sets.first(MENDED).hypotheses
        for at in range(len(one))
    )
    return list(dict.fromkeys(found))


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
    return Predictions(states, rounds, made.reached[row][None, :] + others.reached, others.whole)
