"""Criticality: what each CI takes down alone, and which few CIs take one down together."""

import os
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.criticality import criticality
from cmdb.impact.engine.cut_sets import CutSets, cut_sets
from cmdb.impact.engine.texts import in_order
from cmdb.impact.snapshot import Snapshot

Numbers = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

MAX_THREADS = 4
MOST_SETS = 10_000
"""So many cut sets are looked for, at most."""


@dataclass(frozen=True, slots=True)
class Toll:
    """For every CI number: how many others go down, or become just degraded, when it goes down."""

    services_down: Numbers
    services_degraded: Numbers
    cis_down: Numbers
    cis_degraded: Numbers

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Toll":
        """Let every CI fail alone; the services are the CIs of type service or below."""
        types, _, _ = snapshot.graph.columns(np.arange(snapshot.graph.size, dtype=np.int32))
        counted = snapshot.service_types[types].astype(np.uint8)
        threads = min(os.cpu_count() or 1, MAX_THREADS)
        found = criticality(snapshot.graph, snapshot.network, counted, threads)
        return cls(
            found["counted_down"],
            found["counted_degraded"],
            found["all_down"],
            found["all_degraded"],
        )

    def numbers(self) -> Numbers:
        """The CIs that take anything down or degrade it, ascending."""
        return np.flatnonzero(self.cis_down | self.cis_degraded).astype(np.int32)

    def ranked(self, snapshot: Snapshot, numbers: Numbers, start: int, stop: int) -> Numbers:
        """Of these CIs, ranked, those from `start` up to `stop`.

        In the order of services down, services degraded, CIs down, the most first; then of keys.
        """
        counts = np.stack(
            [
                array[numbers]
                for array in (self.services_down, self.services_degraded, self.cis_down)
            ]
        )
        order = np.lexsort(-counts[::-1])
        changes = np.diff(counts[:, order]).any(axis=0)
        bounds = [0, *(np.flatnonzero(changes) + 1).tolist(), len(numbers)]
        parts = [np.zeros(0, np.int32)]
        for before, after in pairwise(bounds):
            if after > start and before < stop:
                first, last = max(start, before) - before, min(stop, after) - before
                alike = numbers[order[before:after]]
                parts.append(in_order(snapshot.keys, snapshot.encoded_changes, alike, first, last))
        return np.concatenate(parts)


def minimal_cuts(
    snapshot: Snapshot, ci: int, failed: list[int], size: int, seconds: float
) -> CutSets:
    """The minimal sets of up to `size` CIs that, besides those failed, take a CI down."""
    engine = snapshot.kinds.engine
    return cut_sets(snapshot.graph, snapshot.network, engine, ci, failed, size, seconds, MOST_SETS)
