"""The intact network: what every path to a network root runs through.

Built once per graph. The CIs on every path from a CI to the virtual root form a tree, the
dominator tree; a low-high order in every block lets `outage.pyx` see in a few steps that a failure
leaves a CI with two disjoint paths (Georgiadis and Tarjan 2016, "Dominator tree certification and
divergent spanning trees").
"""

import numpy as np

from cmdb.impact.engine.blocks cimport DepthFirstSearch, fill_rows, low_high_order


cdef class Network:
    """The linked CIs and the network roots as vertices 0..m-1, and the virtual root, vertex m.

    - `ci` (m): the CI number of a vertex; `vertex` (size): the vertex of a CI number, -1 for none.
    - `start` (m + 2), `target`: the neighbours of each vertex, each once.
    - `nearest` (m + 1): the nearest other vertex on all paths to the virtual root, which is also
      the vertex of its block closest to that root; -1 for the virtual root and where no path is.
      Two neighbours share a block just where they have the same `nearest`, or one is the other's.
    - `order` (m + 1): a low-high order, to compare vertices of one block.
    - `part` (m + 1, 3): where in a vertex' row its lower and its higher neighbours in the block
      begin, and those of the blocks below it. Before the first stands `nearest`, if a neighbour.
    - `child_start` (m + 2), `child`: the vertices by their `nearest`.
    - `judged` (m): 1 for a vertex that reaches a root and is none.
    """

    @staticmethod
    def build(int size, low, high, roots) -> Network:
        """Network of `size` CI numbers, from the CIs at the ends of all links, and the roots.

        Arrays of int32. A link may come more than once, but joins two different CIs.
        """
        cdef Network network = Network.__new__(Network)
        if len(low) != len(high):
            raise ValueError("each link has two ends")
        for cis in (low, high, roots):
            if len(cis) and not 0 <= cis.min() <= cis.max() < size:
                raise ValueError("a CI number is out of range")
        network.size = size
        linked = np.zeros(size, np.bool_)
        for cis in (low, high, roots):
            linked[cis] = True
        ci = np.flatnonzero(linked).astype(np.int32)
        vertex = np.full(size, -1, np.int32)
        vertex[ci] = np.arange(len(ci), dtype=np.int32)
        network.vertices = <int>len(ci)
        network.ci, network.vertex = ci, vertex
        network._link(vertex[low], vertex[high], vertex[roots])
        return network

    def _link(self, low, high, roots):
        """From the vertices at the ends of all links, and the roots'."""
        cdef int m = self.vertices
        cdef int reached
        cdef DepthFirstSearch search = DepthFirstSearch(m + 1)
        near = np.concatenate([low, roots])
        far = np.concatenate([high, np.full(len(roots), m, np.int32)])
        start, target = distinct_rows(m + 1, near, far)
        reached = search.run(start, target, m + 1, m)
        self.nearest = search.nearest
        self.order = order = np.full(m + 1, -1, np.int32)
        low_high_order(
            search,
            reached,
            np.empty(m + 1, np.int32),
            np.empty(m + 1, np.int32),
            np.zeros(m + 1, np.uint8),
            order,
        )
        self.start = start
        self.target = arranged = np.empty(len(target), np.int32)
        self.part = part = np.empty((m + 1, 3), np.int32)
        arrange_rows(self, target, arranged, part)
        self.child_start = child_start = np.zeros(m + 2, np.int32)
        self.child = child = np.empty(reached - 1, np.int32)
        list_children(self.nearest, m + 1, child_start, child)
        judged = np.asarray(search.entered)[:m] >= 0
        self.not_evaluated = m + 1 - reached
        judged[roots] = False
        self.judged = judged.view(np.uint8)


def distinct_rows(int count, const int[::1] near, const int[::1] far):
    """Rows (count + 1 starts, targets) of the undirected edges, each neighbour once."""
    cdef int edges = <int>len(near)
    start_array = np.empty(count + 1, np.int32)
    target_array = np.empty(2 * edges, np.int32)
    cdef int[::1] start = start_array
    cdef int[::1] target = target_array
    cdef int[::1] seen = np.full(count, -1, np.int32)
    cdef int v, i, begin = 0, filled = 0
    with nogil:
        fill_rows(count, near, far, edges, start, target)
        for v in range(count):
            for i in range(begin, start[v + 1]):
                if seen[target[i]] != v:
                    seen[target[i]] = v
                    target[filled] = target[i]
                    filled += 1
            begin = start[v + 1]
            start[v + 1] = filled
    return start_array, target_array[:filled].copy()


cdef void arrange_rows(
    Network network, const int[::1] target, int[::1] arranged, int[:, ::1] part
) noexcept nogil:
    """Put the neighbours of each vertex in the order that `part` describes."""
    cdef int v, i, side, w
    cdef int[4] place
    for v in range(network.vertices + 1):
        place[0] = place[1] = place[2] = place[3] = 0
        for i in range(network.start[v], network.start[v + 1]):
            place[side_of(network, v, target[i])] += 1
        w = network.start[v]
        for side in range(4):
            i = place[side]
            place[side] = w
            if side:
                part[v, side - 1] = w
            w += i
        for i in range(network.start[v], network.start[v + 1]):
            side = side_of(network, v, target[i])
            arranged[place[side]] = target[i]
            place[side] += 1


cdef inline int side_of(Network network, int v, int w) noexcept nogil:
    """Where w stands in the row of v: 0 nearest, 1 lower, 2 higher, 3 in a block below v."""
    if network.nearest[v] == w:
        return 0
    if network.nearest[v] != network.nearest[w]:
        return 3
    return 1 if network.order[w] < network.order[v] else 2


cdef void list_children(
    const int[::1] nearest, int count, int[::1] child_start, int[::1] child
) noexcept nogil:
    """Counting sort of the vertices by `nearest`; `child_start` must be count + 1 zeros."""
    cdef int v
    for v in range(count):
        if nearest[v] >= 0:
            child_start[nearest[v]] += 1
    for v in range(1, count + 1):
        child_start[v] += child_start[v - 1]
    for v in range(count - 1, -1, -1):
        if nearest[v] >= 0:
            child_start[nearest[v]] -= 1
            child[child_start[nearest[v]]] = v
