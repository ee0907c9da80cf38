"""The rivals on the same graph: a bare compiled search, networkx and rustworkx."""

import os
import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import rustworkx as rx

from benchmarks.questions import Asked
from cmdb.impact.engine.propagation import Propagation
from cmdb.impact.snapshot import Snapshot

Ints = npt.NDArray[np.int32]


def compiled() -> Any:
    """The module `breadth`, compiled when it is first asked for, with the flags of the engine."""
    import pyximport

    os.environ["CFLAGS"] = "-O3"
    folder = Path(tempfile.gettempdir()) / f"cmdb-benchmarks-{os.getuid()}"
    pyximport.install(language_level=3, build_dir=str(folder))
    from benchmarks import breadth

    return breadth


def plain(snapshot: Snapshot) -> tuple[Ints, Ints]:
    """Provider to dependent as compressed sparse rows: start and target."""
    arrays = snapshot.graph.arrays
    arcs = arrays["out_arc"]
    grouped = arcs & 3 == 2
    target = arcs >> 2
    target[grouped] = arrays["group_dependent"][target[grouped]]
    return arrays["out_start"], target.astype(np.int32)


def pairs(start: Ints, target: Ints) -> list[tuple[int, int]]:
    """The same as a list of arcs."""
    source = np.repeat(np.arange(len(start) - 1), np.diff(start))
    return list(zip(source.tolist(), target.tolist(), strict=True))


def networkx_graph(start: Ints, target: Ints) -> "nx.DiGraph[int]":
    """For `networkx.descendants`."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(start) - 1))
    graph.add_edges_from(pairs(start, target))
    return graph


def rustworkx_graph(start: Ints, target: Ints) -> Any:
    """For `rustworkx.descendants`."""
    graph = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(len(start) - 1))
    graph.add_edges_from_no_data(pairs(start, target))
    return graph


class SameVisits:
    """The bare search, told for each question which CIs to visit: those that ours reaches.

    One array says what is open; only what differs from the question before is written. CIs that
    only the network rules reach have no arc to come by, so they start in the queue.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.breadth = compiled().Breadth(*plain(snapshot))
        self._closed = np.ones(snapshot.graph.size, np.uint8)
        self._open: Ints = np.zeros(0, np.int32)
        self._vertex = np.asarray(snapshot.network.vertex)
        self._snapshot, self._engine = snapshot, Propagation()
        self.breadth.allow(self._closed)

    def visited(self, asked: Asked) -> tuple[Ints, Ints]:
        """What a question visits, and where it starts."""
        snapshot, engine = self._snapshot, self._engine
        engine.run(snapshot.graph, snapshot.network, asked.failed)
        numbers = np.append(engine.impacted()[0], np.int32(asked.ci))
        starts = np.array([asked.ci], np.int32)
        self.allow(numbers)
        if self.breadth.run(starts) < len(numbers):
            linked = numbers[self._vertex[numbers] >= 0]
            starts = np.union1d(starts, linked).astype(np.int32)
            if self.breadth.run(starts) != len(numbers):
                raise AssertionError(f"{asked.ci}: not the same CIs")
        return numbers, starts

    def allow(self, numbers: Ints) -> None:
        """Open these CIs and no others."""
        self._closed[self._open] = 1
        self._closed[numbers] = 0
        self._open = numbers
