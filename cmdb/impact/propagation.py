"""One propagation: what follows from failures on a snapshot, and why."""

from collections.abc import Mapping, Sequence
from types import TracebackType

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine import propagation as engine
from cmdb.impact.engine import readings
from cmdb.impact.engine.explanation import Explainer
from cmdb.impact.snapshot import Snapshot

EVERY = 2**31 - 1
KEPT = 4
_unused: list[engine.Propagation] = []
"""Scratch arrays of questions that were answered, for the next ones."""


class Propagation:
    """What follows from failed CIs (number → state), by the impact rules, completely.

    `numbers`, `states` and `distances` are parallel: the CIs that ended higher than the state they
    were given, in the order in which they got there.
    """

    numbers: npt.NDArray[np.int32]
    states: npt.NDArray[np.uint8]
    distances: npt.NDArray[np.int32]

    def __init__(self, snapshot: Snapshot, failures: Mapping[int, int]) -> None:
        self.snapshot = snapshot
        scratch = _scratch()
        failed = np.array(list(failures.items()), np.int32).reshape(-1, 2)
        scratch.run(snapshot.graph, snapshot.network, failed)
        self._engine = scratch  # only now: one that failed is not used again
        self.numbers, self.states, self.distances = scratch.impacted()

    def __del__(self) -> None:
        scratch = getattr(self, "_engine", None)
        if scratch is not None:
            _give_back(scratch)

    def state(self, ci: int) -> int:
        """The state in which a CI ended."""
        return self._engine.state(ci)

    def distance(self, ci: int) -> int:
        """The round in which an impacted CI reached its final state."""
        return self._engine.distance(ci)

    def explainer(self, at: float) -> Explainer:
        """Says why; freshness is measured at a time (seconds since 1970)."""
        snapshot = self.snapshot
        types = snapshot.catalog.relation_types
        first, times, _ = snapshot.confirmed_relations.arrays()
        stale_before = [
            at - types[kind.type].freshness.total_seconds() for kind in snapshot.kinds.kinds.words
        ]
        return Explainer(
            self._engine,
            snapshot.kinds.engine,
            snapshot.keys,
            snapshot.encoded_changes,
            first,
            times,
            np.array([*stale_before, 0.0]),
        )


class Reader:
    """Asks many questions one after the other, and reads only some CIs of each answer."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._engine = _scratch()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            _give_back(self._engine)

    def run(self, failures: Sequence[tuple[int, int]], most: int = EVERY) -> bool:
        """Let CIs of the graph fail: pairs of number and state.

        False when it ended early, since more than `most` were hit.
        """
        failed = np.array(failures, np.int32).reshape(-1, 2)
        return self._engine.run(self._snapshot.graph, self._snapshot.network, failed, most)

    def read(
        self,
        watched: npt.NDArray[np.int32],
        states: npt.NDArray[np.uint8],
        rounds: npt.NDArray[np.int32],
        counted: npt.NDArray[np.uint8],
    ) -> tuple[int, int, int]:
        """Fill in states and rounds of watched CIs; how many of the counted types are not ok."""
        return readings.read(self._engine, watched, states, rounds, counted)

    def impacted(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
        """The CIs that ended higher than the state they were given, nearest first, and states."""
        numbers, states, _ = self._engine.impacted()
        return numbers, states


def _scratch() -> engine.Propagation:
    try:
        return _unused.pop()
    except IndexError:
        return engine.Propagation()


def _give_back(scratch: engine.Propagation) -> None:
    if len(_unused) < KEPT:
        scratch.release()
        _unused.append(scratch)
