"""Network links: what every path to a network root runs through.

The links are undirected, so the CIs that lie on every path from a CI to the virtual root are cut
vertices of the network, and they form a tree: the dominator tree. Found by one depth-first search
(Tarjan 1972, biconnected components) in time linear in the network.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

VIRTUAL_ROOT = -1
UNREACHED = -1


def dominators(
    start: Any, target: Any, roots: Any, down: Any
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """For each vertex the nearest other vertex on all its paths to the virtual root, and how many.

    `start` (m + 1) and `target` are the adjacency of m vertices, `roots` those joined to the
    virtual root; vertices with `down` are removed. Returns `nearest` (VIRTUAL_ROOT where there is
    none) and `count` (UNREACHED where there is no path).
    """
    m = len(start) - 1
    entered = np.zeros(m, np.int32)
    low = np.zeros(m, np.int32)
    parent = np.full(m, -1, np.int32)
    pointer = start[:-1].copy()
    nearest = np.full(m, -1, np.int32)
    count = np.full(m, -1, np.int32)
    is_root = np.zeros(m, np.uint8)
    order = np.empty(m, np.int32)
    block = np.empty(m, np.int32)
    time = 0
    block_size = 0
    for root in roots:
        is_root[root] = 1
    for root in roots:
        if down[root] or entered[root]:
            continue
        vertex = root
        time += 1
        entered[vertex] = time
        low[vertex] = 0
        order[time - 1] = vertex
        block[block_size] = vertex
        block_size += 1
        while vertex != -1:
            if pointer[vertex] < start[vertex + 1]:
                other = target[pointer[vertex]]
                pointer[vertex] += 1
                if down[other] or other == parent[vertex]:
                    continue
                if entered[other]:
                    low[vertex] = min(low[vertex], entered[other])
                    continue
                parent[other] = vertex
                time += 1
                entered[other] = time
                low[other] = 0 if is_root[other] else time
                order[time - 1] = other
                block[block_size] = other
                block_size += 1
                vertex = other
                continue
            above = parent[vertex]
            if above == -1 or low[vertex] >= entered[above]:
                while True:
                    block_size -= 1
                    popped = block[block_size]
                    nearest[popped] = above
                    if popped == vertex:
                        break
            else:
                low[above] = min(low[above], low[vertex])
            vertex = above
    for i in range(time):
        vertex = order[i]
        count[vertex] = 0 if nearest[vertex] == -1 else count[nearest[vertex]] + 1
    return nearest, count


@dataclass(frozen=True, slots=True)
class Network:
    """The linked CIs and network roots in the graph, as m vertices, with the intact paths.

    `ci` gives the CI number of a vertex, `vertex` the vertex of a CI number (-1 for none).
    """

    ci: npt.NDArray[np.int32]
    vertex: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    roots: npt.NDArray[np.int32]
    judged: npt.NDArray[np.uint8]
    nearest: npt.NDArray[np.int32]
    count: npt.NDArray[np.int32]

    @classmethod
    def build(
        cls,
        size: int,
        ends: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
        roots: npt.NDArray[np.int32],
    ) -> "Network":
        """From the ends of all links between CIs in the graph, and the network roots in it."""
        low, high = np.minimum(*ends), np.maximum(*ends)
        pairs = np.unique(np.stack([low, high], axis=1), axis=0) if len(low) else np.empty((0, 2))
        a, b = pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
        ci = np.unique(np.concatenate([a, b, roots])).astype(np.int32)
        vertex = np.full(size, -1, np.int32)
        vertex[ci] = np.arange(len(ci), dtype=np.int32)
        near = vertex[np.concatenate([a, b])]
        far = vertex[np.concatenate([b, a])]
        order = np.argsort(near, kind="stable")
        start = np.searchsorted(near[order], np.arange(len(ci) + 1)).astype(np.int32)
        target = np.ascontiguousarray(far[order])
        root_vertices = np.sort(vertex[roots]).astype(np.int32)
        nearest, count = kernels().dominators(
            start, target, root_vertices, np.zeros(len(ci), np.uint8)
        )
        judged = (count != UNREACHED).astype(np.uint8)
        judged[root_vertices] = 0
        return cls(ci, vertex, start, target, root_vertices, judged, nearest, count)

    @property
    def not_evaluated(self) -> int:
        """How many linked CIs reach no root even when nothing has failed."""
        return int(np.count_nonzero(self.count == UNREACHED))

    def neighbours(self, vertex: int) -> list[int]:
        """The vertices linked to one vertex."""
        found: list[int] = self.target[self.start[vertex] : self.start[vertex + 1]].tolist()
        return found


def kernels() -> Any:
    """The kernels in force; imported late, because they are made from the functions here."""
    from cmdb.impact import kernel

    return kernel.current()
