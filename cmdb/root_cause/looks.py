"""Which look tells most: the CI whose check would reduce the doubt about the cause by most."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.propagation import Reader
from cmdb.root_cause.diagnosis import Diagnosis
from cmdb.root_cause.likelihood import SILENT

Floats = npt.NDArray[np.float64]

MOST_HYPOTHESES, MOST_EACH = 12, 150
"""Hypotheses that are told apart, and CIs of each blast radius that might be looked at."""

SEEN_BY_CHANCE = 0.02
"""The probability that a CI is not well for another reason."""


@dataclass(frozen=True, slots=True)
class Look:
    """A CI to check: the expected gain of information in bits, and how likely it is not well."""

    ci: int
    gain: float
    unhealthy: float


def doubt(diagnosis: Diagnosis) -> float:
    """The entropy of the cause in bits."""
    return float(_entropy(_masses(diagnosis)))


def looks(diagnosis: Diagnosis) -> list[Look]:
    """The CIs whose check would tell most, best first; those that tell nothing are left out.

    The gain is the mutual information of the cause and what a look at the CI shows.
    """
    hypotheses = [one for one, _ in diagnosis.hypotheses[:MOST_HYPOTHESES]]
    masses = _masses(diagnosis)
    wanted: dict[int, None] = {}
    with Reader(diagnosis.snapshot) as reader:
        for hypothesis in hypotheses:
            reader.run(hypothesis)
            nearest = reader.impacted()[0][:MOST_EACH].tolist()
            wanted |= dict.fromkeys([*(ci for ci, _ in hypothesis), *nearest])
        for ci in diagnosis.evidence.watched:
            wanted.pop(ci, None)
        numbers = np.array(list(wanted), np.int32)
        states = np.zeros((len(hypotheses) + 1, len(numbers)), np.uint8)
        rounds = np.zeros(len(numbers), np.int32)
        counted = np.zeros(1, np.uint8)
        for row, hypothesis in enumerate(hypotheses):
            reader.run(hypothesis)
            reader.read(numbers, states[row], rounds, counted)
    unhealthy = np.maximum(1.0 - SILENT[states], SEEN_BY_CHANCE)
    expected = masses @ unhealthy
    gains = _binary(expected) - masses @ _binary(unhealthy)
    order = np.lexsort((numbers, -gains))
    return [
        Look(int(numbers[at]), float(gains[at]), float(expected[at]))
        for at in order
        if gains[at] > 1e-9
    ]


def _masses(diagnosis: Diagnosis) -> Floats:
    """The probabilities of the best hypotheses, and at last of all others."""
    best = [mass for _, mass in diagnosis.hypotheses[:MOST_HYPOTHESES]]
    return np.array([*best, max(1.0 - sum(best), 0.0)])


def _binary(chance: Floats) -> Floats:
    """The entropy of yes and no in bits."""
    return -(chance * np.log2(chance) + (1.0 - chance) * np.log2(1.0 - chance))


def _entropy(masses: Floats) -> float:
    some = masses[masses > 0]
    return float(-(some * np.log2(some)).sum())
