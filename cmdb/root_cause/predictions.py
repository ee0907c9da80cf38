"""What hypotheses predict: the exact blast radius of each, read at the CIs whose state is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cmdb.impact.propagation import EVERY, Reader
from cmdb.impact.snapshot import Snapshot

Hypothesis = tuple[tuple[int, int], ...]
"""The CIs that have failed by themselves, each with the state it failed to, by number."""

States = npt.NDArray[np.uint8]
Rounds = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Predictions:
    """A row a hypothesis: the states of the watched CIs, and in which rounds they got there.

    `reached` counts the CIs of the counted types that it leaves at risk, degraded and down.
    `whole` is false where so many are hit that it was not looked at to the end.
    """

    states: States
    rounds: Rounds
    reached: npt.NDArray[np.int64]
    whole: npt.NDArray[np.bool_]

    def rows(self, chosen: npt.NDArray[np.intp]) -> "Predictions":
        """Some of the rows."""
        return Predictions(
            self.states[chosen], self.rounds[chosen], self.reached[chosen], self.whole[chosen]
        )

    def joined(self, other: "Predictions") -> "Predictions":
        """These rows, then those."""
        return Predictions(
            np.concatenate([self.states, other.states]),
            np.concatenate([self.rounds, other.rounds]),
            np.concatenate([self.reached, other.reached]),
            np.concatenate([self.whole, other.whole]),
        )


def predict(
    snapshot: Snapshot,
    hypotheses: Sequence[Hypothesis],
    watched: npt.NDArray[np.int32],
    counted: npt.NDArray[np.uint8],
    most: int = EVERY,
) -> Predictions:
    """What each hypothesis predicts for the watched CIs; `counted` is by number of a type.

    Those that hit more than `most` are not looked at to the end.
    """
    states = np.zeros((len(hypotheses), len(watched)), np.uint8)
    rounds = np.zeros((len(hypotheses), len(watched)), np.int32)
    reached = np.zeros((len(hypotheses), 3), np.int64)
    whole = np.ones(len(hypotheses), bool)
    with Reader(snapshot) as reader:
        for row, hypothesis in enumerate(hypotheses):
            whole[row] = reader.run(hypothesis, most)
            reached[row] = reader.read(watched, states[row], rounds[row], counted)
    return Predictions(states, rounds, reached, whole)
