"""Undirected graphs: blocks (biconnected components), immediate dominators, low-high orders.

In an undirected graph the vertices on every path from a vertex to the root are cut vertices, so
one depth-first search with low points finds them all (Tarjan 1972, "Depth-first search and linear
graph algorithms"). Graphs are compressed sparse rows: the neighbours of vertex v are
`target[start[v]:start[v + 1]]`.
"""

import numpy as np


cdef class DepthFirstSearch:
    """One search at a time, in graphs of up to `capacity` vertices; holds what the last one found.

    `preorder` lists the vertices in the order reached. By vertex: `entered`, its place in that
    order (-1 if not reached); `low`, the least place one arc away from its subtree; `parent` in
    the search tree; `nearest`, its immediate dominator, which is the vertex of its block (the one
    with the arc to its parent) that is closest to the root; -1 for the root and if not reached.
    """

    def __init__(self, int capacity):
        self.preorder = np.empty(capacity, np.int32)
        self.entered = np.empty(capacity, np.int32)
        self.low = np.empty(capacity, np.int32)
        self.parent = np.empty(capacity, np.int32)
        self.nearest = np.empty(capacity, np.int32)
        self.next_arc = np.empty(capacity, np.int32)

    def search(self, const int[::1] start, const int[::1] target, int root):
        """Search from the root and return how many vertices were reached, the root included."""
        cdef int count = <int>len(start) - 1
        if not 0 <= root < count <= len(self.preorder):
            raise ValueError("the root or the graph is out of range")
        return self.run(start, target, count, root)

    cdef int run(
        self, const int[::1] start, const int[::1] target, int count, int root
    ) noexcept nogil:
        """Search the graph of vertices 0..count-1; returns how many vertices were reached."""
        cdef int v, w, p, i, reached
        for v in range(count):
            self.entered[v] = self.nearest[v] = -1
            self.next_arc[v] = start[v]
        self.entered[root] = self.low[root] = 0
        self.parent[root] = -1
        self.preorder[0] = root
        reached = 1
        v = root
        while v != -1:
            p = self.parent[v]
            if self.next_arc[v] < start[v + 1]:
                w = target[self.next_arc[v]]
                self.next_arc[v] += 1
                if self.entered[w] == -1:
                    self.parent[w] = v
                    self.entered[w] = self.low[w] = reached
                    self.preorder[reached] = w
                    reached += 1
                    v = w
                elif w != p and self.entered[w] < self.low[v]:
                    self.low[v] = self.entered[w]
            else:
                if p != -1 and self.low[v] < self.low[p]:
                    self.low[p] = self.low[v]
                v = p
        for i in range(1, reached):
            v = self.preorder[i]
            p = self.parent[v]
            # Where nothing below v gets above p, the block of v begins at p; else p is inside it.
            self.nearest[v] = p if self.low[v] >= self.entered[p] else self.nearest[p]
        return reached


cdef class LocalGraph:
    """A graph put together from some vertices of a large one, in time for those alone.

    Its vertices are numbered 1, 2, ... as they come; 0 is its root. `begin`, then `number` and
    `join`, then `find_dominators`; the immediate dominators stand in `search.nearest`.
    """

    def __init__(self, int capacity, int edges):
        """For a large graph of `capacity` vertices (and the root), and so many edges."""
        self.local = np.zeros(capacity, np.int32)
        self.member = np.empty(capacity + 1, np.int32)
        self.near = np.empty(edges, np.int32)
        self.far = np.empty(edges, np.int32)
        self.start = np.empty(capacity + 2, np.int32)
        self.target = np.empty(2 * edges, np.int32)
        self.search = DepthFirstSearch(capacity + 1)

    cdef void begin(self) noexcept nogil:
        self.member[0] = -1
        self.count = 1
        self.edges = 0

    cdef int number(self, int v) noexcept nogil:
        """The number here of a vertex of the large graph; a new one if it has none."""
        if not self.local[v]:
            self.local[v] = self.count
            self.member[self.count] = v
            self.count += 1
        return self.local[v]

    cdef void join(self, int near, int far) noexcept nogil:
        """Add an edge, by the numbers here; each is to be added once."""
        self.near[self.edges] = near
        self.far[self.edges] = far
        self.edges += 1

    cdef void find_dominators(self) noexcept nogil:
        """Search from the root; the vertices lose their numbers, but stay in `member`."""
        cdef int i
        fill_rows(self.count, self.near, self.far, self.edges, self.start, self.target)
        self.search.run(self.start, self.target, self.count, 0)
        for i in range(1, self.count):
            self.local[self.member[i]] = 0


cdef void fill_rows(
    int count, const int[::1] near, const int[::1] far, int edges, int[::1] start, int[::1] target
) noexcept nogil:
    """Counting sort of undirected edges into rows.

    `start` has count + 1 places; `target` gets both directions, 2 * edges.
    """
    cdef int i, v
    for v in range(count + 1):
        start[v] = 0
    for i in range(edges):
        start[near[i]] += 1
        start[far[i]] += 1
    for v in range(1, count + 1):
        start[v] += start[v - 1]
    for i in range(edges - 1, -1, -1):
        start[near[i]] -= 1
        target[start[near[i]]] = far[i]
        start[far[i]] -= 1
        target[start[far[i]]] = near[i]


cdef void low_high_order(
    DepthFirstSearch search,
    int reached,
    int[::1] before,
    int[::1] after,
    unsigned char[::1] plus,
    int[::1] order,
) noexcept nogil:
    """Number the vertices so that in its block each has a lower and a higher neighbour.

    The block's vertex closest to the root counts as its lowest, whatever its own number; only it
    and the highest vertex (joined to it) lack one of the two. Numbers of different blocks do not
    compare. `before` and `after` link the list in which the order grows; `plus` must be zeros.
    Tarjan 1986, "Two streamlined depth-first search algorithms" (st-numbering), for all blocks in
    one pass: the list of a block stays in one piece of the common list.
    """
    cdef int root = search.preorder[0]
    cdef int i, v, p, place, lowest
    before[root] = after[root] = root  # the ends of the list
    for i in range(1, reached):
        v = search.preorder[i]
        p = search.parent[v]
        lowest = search.preorder[search.low[v]]
        if search.nearest[v] == p:
            place = root  # first of its block: a new list at the end
        elif lowest == search.nearest[v] or not plus[lowest]:
            place = p
            plus[p] = 1
        else:
            place = after[p]
            plus[p] = 0
        after[v] = place
        before[v] = before[place]
        after[before[v]] = v
        before[place] = v
    v = root
    for i in range(reached):
        order[v] = i
        v = after[v]
