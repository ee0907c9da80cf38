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

    CIs that only the network rules reach have no arc to come by, so they start in the queue.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.breadth = compiled().Breadth(*plain(snapshot))
        self._snapshot, self._engine = snapshot, Propagation()

    def prepare(self, asked: Asked) -> tuple[Any, Ints]:
        """The mask and the starts of a question."""
        snapshot, engine = self._snapshot, self._engine
        engine.run(snapshot.graph, snapshot.network, asked.failed)
        numbers = engine.impacted()[0]
        mask = np.ones(snapshot.graph.size, np.uint8)
        mask[numbers] = mask[asked.ci] = 0
        starts = np.array([asked.ci], np.int32)
        self.breadth.allow(mask)
        missing = len(numbers) + 1 - self.breadth.run(starts)
        if missing:
            vertex = np.asarray(snapshot.network.vertex)
            linked = numbers[vertex[numbers] >= 0]
            starts = np.concatenate([starts, linked]).astype(np.int32)
            if self.breadth.run(starts) != len(numbers) + 1:
                raise AssertionError(f"{asked.ci}: not the same CIs")
        return mask, starts
