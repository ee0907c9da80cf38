"""Supports: sets of CIs that alone keep one CI up, so whatever takes it down hits each of them.

A support holds the CI; with a CI its hard providers, of each group as many members as are needed,
and where rule 3 judges it the CIs on a path to a network root.
"""

import numpy as np

from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec

from cmdb.impact.engine.closure cimport Closure
from cmdb.impact.engine.graph cimport DOWN, Graph
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.ordered cimport OrderedGraph


cdef class Supports:
    """Supports of the CI `watched` in a graph and network; CIs are positions in `ordered`.

    `fail` and `unfail` say what is down besides; `bar` and `unbar` which CIs are no candidates.
    """

    def __init__(self, Graph graph not None, Network network not None, int watched):
        cdef int m = network.vertices, count
        self.graph, self.network = graph, network
        self.ordered = OrderedGraph(graph, network)
        self.count = count = self.ordered.count
        self.watched = self.ordered.position[watched]
        self.closure = Closure()
        self.closure.prepare(graph, network, DOWN)
        self.failures = np.empty(count + 1, np.int32)
        self.barred = np.zeros(count, np.int32)
        self.barred[self.watched] = 1
        self.held = np.zeros(count, np.int32)
        self.support = np.empty(count, np.int32)
        self.wanted = np.zeros(count, np.uint8)
        self.joined = np.zeros(m + 1, np.int32)
        self.seen = np.zeros(m + 1, np.int32)
        self.next_near = np.zeros(m + 1, np.int32)
        self.trail = np.empty(m + 1, np.int32)
        self.start = np.array(network.start)
        vertices = np.repeat(np.arange(m + 1), np.diff(self.start))
        closest = np.lexsort((distances(network)[np.asarray(network.target)], vertices))
        self.near = np.append(np.asarray(network.target)[closest], 0).astype(np.int32)

    def fail(self, int position):
        """One more is down."""
        self.failures[self.failed] = self.ordered.ci[position]
        self.failed += 1

    def unfail(self):
        """The last that failed is up again."""
        self.failed -= 1

    def bar(self, int position):
        """The CI is no candidate, for one more reason."""
        self.barred[position] += 1

    def unbar(self, int position):
        """One reason against the CI fell away."""
        self.barred[position] -= 1

    def is_down(self):
        """Whether the failures take the CI down."""
        return self.down_with(-1)

    def branch(self):
        """The candidates in one support, or None where the CI is down."""
        if self.down_with(-1):
            return None
        self.build()
        found = np.empty(self.size, np.int32)
        return found[: self.candidates(found)].tolist()

    def singles(self, double until):
        """The candidates that, each alone, take the CI down, which must be up; sets `complete`.

        Ends early when the monotonic clock reads `until` seconds.
        """
        cdef int[::1] pool = np.empty(self.count, np.int32)
        found = np.empty(self.count, np.int32)
        cdef int[::1] places = found
        cdef int count
        with nogil:
            count = self.find_singles(pool, places, until)
        return found[:count].tolist()

    cdef bint down_with(self, int position) noexcept nogil:
        """Whether one more failure (-1: none) takes the CI down; its closure is there afterwards."""
        cdef int i
        self.closure.clear()
        for i in range(self.failed):
            self.closure.raise_to(self.failures[i], DOWN)
        if position >= 0:
            self.closure.raise_to(self.ordered.ci[position], DOWN)
        return self.closure.spread(self.ordered.ci[self.watched])

    cdef int find_singles(self, int[::1] pool, int[::1] found, double until) noexcept nogil:
        """Try the candidates of one support; each failure that is survived rules out others."""
        cdef int i, left, kept, one, count = 0
        self.complete = True
        if self.down_with(-1):
            return 0
        self.build()
        left = self.candidates(pool)
        for i in range(left):
            self.wanted[pool[i]] = 1
        while left:
            left -= 1
            one = pool[left]
            self.wanted[one] = 0
            if now() >= until:
                self.complete = False
            elif self.down_with(one):
                found[count] = one
                count += 1
            else:
                self.build()
                kept = 0
                for i in range(left):
                    if self.held[pool[i]] == self.supports:
                        pool[kept] = pool[i]
                        kept += 1
                    else:
                        self.wanted[pool[i]] = 0
                left = kept
        return count

    cdef int candidates(self, int[::1] found) noexcept nogil:
        """Those of the last support that are not barred."""
        cdef int i, count = 0
        for i in range(self.size):
            if not self.barred[self.support[i]]:
                found[count] = self.support[i]
                count += 1
        return count

    cdef void build(self) noexcept nogil:
        """Find a support among those that the last closure left up."""
        cdef int done = 0, i, position, vertex
        cdef const int* at
        cdef const int* end
        self.supports += 1
        self.size = 0
        self._hold(self.watched)
        while done < self.size:
            position = self.support[done]
            done += 1
            at = &self.ordered.row[self.ordered.row_start[position]] + 1
            end = &self.ordered.row[0] + self.ordered.row_start[position + 1]
            for i in range(1, at[0] + 1):
                self._hold(at[i])
            at += at[0] + 1
            at += at[0] + 1
            while at < end:
                self._hold_members(at + 2, at[1], at[1] - at[0] + 1)
                at += 2 + at[1]
            vertex = self.ordered.vertex[position]
            if vertex >= 0 and self.network.judged[vertex] and self.joined[vertex] != self.supports:
                self._hold_path(vertex)

    cdef bint _up(self, int position) noexcept nogil:
        return self.closure.state[self.ordered.ci[position]] != DOWN

    cdef void _hold(self, int position) noexcept nogil:
        if self.held[position] != self.supports:
            self.held[position] = self.supports
            self.support[self.size] = position
            self.size += 1

    cdef void _hold_members(self, const int* member, int n, int need) noexcept nogil:
        """As many members as are needed: those held anyway, else those that are not wanted."""
        cdef int i, wanted
        for i in range(n):
            need -= self.held[member[i]] == self.supports
        for wanted in range(2):
            for i in range(n):
                if need <= 0:
                    return
                if self.wanted[member[i]] == wanted and self.held[member[i]] != self.supports:
                    if self._up(member[i]):
                        self._hold(member[i])
                        need -= 1

    cdef void _hold_path(self, int vertex) noexcept nogil:
        """The CIs on a path to a root, or to one that has a path already; depth first."""
        cdef int length = 1, i
        self.searches += 1
        self.trail[0] = vertex
        self.seen[vertex] = self.searches
        self.next_near[vertex] = 0
        while length:
            vertex = self._step(self.trail[length - 1])
            if vertex < 0:
                length -= 1
                continue
            if vertex == self.network.vertices or self.joined[vertex] == self.supports:
                for i in range(length):
                    self.joined[self.trail[i]] = self.supports
                    self._hold(self.ordered.position[self.network.ci[self.trail[i]]])
                return
            self.seen[vertex] = self.searches
            self.next_near[vertex] = 0
            self.trail[length] = vertex
            length += 1

    cdef int _step(self, int vertex) noexcept nogil:
        """The next neighbour that is up and not seen, those not wanted first; -1 for none."""
        cdef int near, position, count = self.start[vertex + 1] - self.start[vertex]
        cdef bint wanted
        while self.next_near[vertex] < 2 * count:
            wanted = self.next_near[vertex] >= count
            near = self.near[self.start[vertex] + self.next_near[vertex] - wanted * count]
            self.next_near[vertex] += 1
            if near == self.network.vertices:
                return near
            position = self.ordered.position[self.network.ci[near]]
            if self.seen[near] != self.searches and self.wanted[position] == wanted:
                if self._up(position):
                    return near
        return -1


cdef double now() noexcept nogil:
    cdef timespec clock
    clock_gettime(CLOCK_MONOTONIC, &clock)
    return <double>clock.tv_sec + clock.tv_nsec * 1e-9


cdef distances(Network network):
    """How many links each vertex is away from the virtual root."""
    cdef int m = network.vertices, head = 0, count = 1, i, v
    steps = np.full(m + 1, m + 1, np.int32)
    cdef int[::1] step = steps
    cdef int[::1] queue = np.full(m + 1, m, np.int32)
    step[m] = 0
    while head < count:
        v = queue[head]
        head += 1
        for i in range(network.start[v], network.start[v + 1]):
            if step[network.target[i]] > m:
                step[network.target[i]] = step[v] + 1
                queue[count] = network.target[i]
                count += 1
    return steps
