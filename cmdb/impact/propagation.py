"""One propagation: the states that follow from failures, and when each CI rose to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact import kernel
from cmdb.impact.kernel import OK
from cmdb.impact.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Propagation:
    """States by CI number, and the log of rises in rounds.

    `latest` is 1 + the index of a CI's last rise in the log, 0 for none; `log_before` links a
    CI's rises backwards; round r is `rounds[r]` to `rounds[r + 1]` of the log.
    """

    state: npt.NDArray[np.uint8]
    latest: npt.NDArray[np.int32]
    log_ci: npt.NDArray[np.int32]
    log_state: npt.NDArray[np.uint8]
    log_before: npt.NDArray[np.int32]
    rounds: npt.NDArray[np.int32]

    def round_of(self, rise: int) -> int:
        """The round in which a rise happened."""
        return int(np.searchsorted(self.rounds, rise, side="right")) - 1

    def distance(self, ci: int) -> int:
        """The round in which the CI reached its final state."""
        return self.round_of(int(self.latest[ci]) - 1)

    def state_at(self, ci: int, number: int) -> int:
        """The CI's state after a round."""
        rise = int(self.latest[ci]) - 1
        end = self.rounds[min(number + 1, len(self.rounds) - 1)]
        while rise >= end:
            rise = int(self.log_before[rise])
        return int(self.log_state[rise]) if rise >= 0 else OK

    def first_rise(self, ci: int, state: int) -> int:
        """The CI's first rise to at least `state`."""
        rise = int(self.latest[ci]) - 1
        before = int(self.log_before[rise])
        while before >= 0 and self.log_state[before] >= state:
            rise, before = before, int(self.log_before[before])
        return rise

    def down_after(self, number: int) -> npt.NDArray[np.int32]:
        """The CIs that are down after a round."""
        end = self.rounds[min(number + 1, len(self.rounds) - 1)]
        down: npt.NDArray[np.int32] = self.log_ci[:end][self.log_state[:end] == kernel.DOWN]
        return down

    def impacted(self) -> npt.NDArray[np.int32]:
        """The CIs that ended higher than the state they were given."""
        later = np.unique(self.log_ci[self.rounds[1] :])
        return later.astype(np.int32)


def propagate(snapshot: Snapshot, failures: Mapping[int, int]) -> Propagation:
    """What follows from failed CIs (number → state), by the impact rules, completely."""
    return Propagation(*kernel.current().propagate(*_arguments(snapshot, failures)))


def final_states(snapshot: Snapshot, failures: Mapping[int, int]) -> npt.NDArray[np.uint8]:
    """The final state of every CI, for questions that need no distances and no reasons."""
    states: npt.NDArray[np.uint8] = kernel.current().states(*_arguments(snapshot, failures))
    return states


def _arguments(snapshot: Snapshot, failures: Mapping[int, int]) -> tuple[Any, ...]:
    network = snapshot.network
    return (
        np.array(list(failures.items()), np.int32).reshape(-1, 2),
        snapshot.in_graph,
        snapshot.arcs.start,
        snapshot.arcs.end,
        *snapshot.arcs.values,
        snapshot.group_dependent,
        snapshot.group_slack,
        network.vertex,
        network.ci,
        network.start,
        network.target,
        network.roots,
        network.judged,
        network.count,
    )
