"""Supports: sets of CIs that alone keep something up, so whatever takes it down hits each of them.

With a CI a support holds its hard providers, of each group as many members as are needed, and where
rule 3 judges it the CIs on a path to a network root. Small supports that differ much are best.
"""

import numpy as np

from cmdb.impact.engine.closure cimport Closure
from cmdb.impact.engine.graph cimport DOWN, Graph
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.ordered cimport OrderedGraph

cdef enum:
    LAST_BUCKET = 4095
    HEAVY = 64  # a greater burden makes no difference
    WANTED = 8  # by how much a path avoids a CI that is wanted elsewhere


cdef class Supports:
    """Supports of the CI `watched` in a graph and network; CIs are positions in `ordered`."""

    def __init__(self, Graph graph not None, Network network not None, int watched):
        cdef int m = network.vertices, count
        self.graph, self.network = graph, network
        self.ordered = OrderedGraph(graph, network)
        self.count = count = self.ordered.count
        self.watched = self.ordered.position[watched]
        self.closure = Closure()
        self.closure.prepare(graph, network, DOWN)
        self.failures = np.empty(count + 1, np.int32)
        self.vital = np.zeros(count, np.uint8)
        self.fatal = np.zeros(graph.view.size, np.uint8)
        self.burden = np.zeros(count, np.int32)
        self.distance = distances(network)
        self.held = np.zeros(count, np.int32)
        self.support = np.empty(count, np.int32)
        self.wanted = np.zeros(count, np.uint8)
        self.joined = np.zeros(m + 1, np.int32)
        self.seen = np.zeros(m + 1, np.int32)
        self.cost, self.before, self.behind = np.empty((3, m + 1), np.int32)
        self.bucket = np.full(LAST_BUCKET + 1, -1, np.int32)
        self._estimate()

    def fail(self, int position):
        """One more is down, from now on."""
        self.failures[self.failed] = self.ordered.ci[position]
        self.failed += 1

    def is_down(self):
        """Whether the failures take the CI down."""
        return self.down_with(NULL, 0)

    def parts(self, singles):
        """What must fall for the CI to go down; `part` is one of them, or 0 for the CI itself.

        Without its singles, whatever takes the CI down takes down it or one of them first, all of
        which are vital. Their hard providers are vital too: so either a group of a vital CI falls
        (1 + where its row begins), or the network cuts off a piece of vital CIs (-1 - a vertex).
        Either one only has to be kept up as long as all that is vital is up: so that is taken for
        granted in a support, and no part of it.
        """
        cdef int position, at, i, spare
        vital = [self.watched, *singles]
        for position in vital:
            self.vital[position] = self.fatal[self.ordered.ci[position]] = 1
        self.closure.fatal = &self.fatal[0]
        self._estimate()
        found = {}
        for position in vital:
            at = self.ordered.row_start[position] + 1
            at += self.ordered.row[at] + 1
            at += self.ordered.row[at] + 1
            while at < self.ordered.row_start[position + 1]:
                members = np.asarray(self.ordered.row[at + 2 : at + 2 + self.ordered.row[at + 1]])
                spare = self.ordered.row[at]
                others = [i for i in members.tolist() if not self.vital[i]]
                if len(others) >= spare:
                    found.setdefault((spare, *sorted(others)), 1 + at)
                at += 2 + len(members)
        return [*found.values(), *self._pieces(vital)]

    def _pieces(self, vital):
        """A vertex of each connected piece of vital CIs without a root, as a part."""
        cdef int m = self.network.vertices, vertex, near, i
        cdef bint rooted
        found, done = [], {-1, m}
        for position in vital:
            vertex = self.ordered.vertex[position]
            if vertex in done:
                continue
            done.add(vertex)
            piece, rooted = [vertex], False
            for vertex in piece:
                for i in range(self.network.start[vertex], self.network.start[vertex + 1]):
                    near = self.network.target[i]
                    rooted |= near == m
                    if near in done:
                        continue
                    if self.vital[self.ordered.position[self.network.ci[near]]]:
                        done.add(near)
                        piece.append(near)
            if not rooted:
                found.append(-1 - piece[0])
        return found

    cdef bint down_with(self, const int* chosen, int count) noexcept nogil:
        """Whether more failures take the CI down; if not, the closure is there afterwards."""
        cdef int i
        self.closure.clear()
        for i in range(self.failed):
            self.closure.raise_to(self.failures[i], DOWN)
        for i in range(count):
            self.closure.raise_to(self.ordered.ci[chosen[i]], DOWN)
        return self.closure.spread(self.ordered.ci[self.watched])

    cdef void build(self) noexcept nogil:
        """Find a support of the part among what the last closure left up."""
        cdef int done = 0, i, position, vertex
        cdef const int* at
        cdef const int* end
        self.supports += 1
        self.size = 0
        if self.part == 0:
            self._hold(self.watched)
        elif self.part < 0:
            self._hold_path(-1 - self.part, True)
        else:
            at = &self.ordered.row[self.part - 1]
            self._hold_members(at + 2, at[1], at[1] - at[0] + 1)
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
                self._hold_path(vertex, False)

    cdef void _estimate(self) noexcept nogil:
        """Fill `burden`; where CIs depend on each other in a circle, from a part of it."""
        cdef int position, i, total, least
        cdef const int* at
        cdef const int* end
        for position in range(self.count):
            at = &self.ordered.row[self.ordered.row_start[position]] + 1
            end = &self.ordered.row[0] + self.ordered.row_start[position + 1]
            total = 1
            for i in range(1, at[0] + 1):
                total += self.burden[at[i]]
            at += at[0] + 1
            at += at[0] + 1
            while at < end:
                least = HEAVY
                for i in range(2, at[1] + 2):
                    least = min(least, self.burden[at[i]])
                total += min(least * (at[1] - at[0] + 1), HEAVY)
                at += 2 + at[1]
            self.burden[position] = 0 if self.vital[position] else min(total, HEAVY)

    cdef bint _up(self, int position) noexcept nogil:
        return self.closure.state[self.ordered.ci[position]] != DOWN

    cdef void _hold(self, int position) noexcept nogil:
        if self.held[position] != self.supports and not self.vital[position]:
            self.held[position] = self.supports
            self.support[self.size] = position
            self.size += 1

    cdef void _hold_members(self, const int* member, int n, int need) noexcept nogil:
        """As many members as are needed: those held anyway, else the cheapest."""
        cdef int i
        for i in range(n):
            if self.vital[member[i]] or self.held[member[i]] == self.supports:
                need -= 1
        while need > 0:
            self._hold(member[self._cheapest(member, n)])
            need -= 1

    cdef int _cheapest(self, const int* member, int n) noexcept nogil:
        """The place of the member to hold next: one that is not wanted, of the least burden."""
        cdef int i, weight, least = 3 * HEAVY, best = 0
        for i in range(n):
            if self.held[member[i]] != self.supports and not self.vital[member[i]]:
                weight = self.burden[member[i]] + HEAVY * self.wanted[member[i]]
                if weight < least and self._up(member[i]):
                    least, best = weight, i
        return best

    cdef void _hold_path(self, int vertex, bint through_vital) noexcept nogil:
        """The CIs on a cheap path to a root, or to one that has a path; as A* finds it.

        Vital CIs have a path, but when it is their own that is looked for it leads `through_vital`.
        """
        cdef int i, near, position, at, most
        self.searches += 1
        at = most = self._push(vertex, -1, 0)
        while True:
            while self.bucket[at] < 0:
                at += 1
            vertex = self.bucket[at]
            self.bucket[at] = self.behind[vertex]
            if vertex == self.network.vertices or self.joined[vertex] == self.supports:
                break
            position = self.ordered.position[self.network.ci[vertex]]
            if self.vital[position] and not through_vital:
                break
            for i in range(self.network.start[vertex], self.network.start[vertex + 1]):
                near = self.network.target[i]
                if self.seen[near] == self.searches:
                    continue
                position = -1
                if near != self.network.vertices:
                    position = self.ordered.position[self.network.ci[near]]
                    if not self._up(position):
                        continue
                near = self._push(near, vertex, self.cost[vertex] + self._weight(position))
                at, most = min(at, near), max(most, near)
        while vertex >= 0:
            if vertex != self.network.vertices:
                self.joined[vertex] = self.supports
                self._hold(self.ordered.position[self.network.ci[vertex]])
            vertex = self.before[vertex]
        for i in range(at, most + 1):
            self.bucket[i] = -1

    cdef int _push(self, int vertex, int before, int cost) noexcept nogil:
        """Remember to go on from a vertex; returns the bucket it is in."""
        cdef int place = min(cost + self.distance[vertex], LAST_BUCKET)
        self.seen[vertex] = self.searches
        self.cost[vertex], self.before[vertex] = cost, before
        self.behind[vertex] = self.bucket[place]
        self.bucket[place] = vertex
        return place

    cdef int _weight(self, int position) noexcept nogil:
        """What it costs to lead a path through a CI; -1 is the virtual root."""
        if position < 0 or self.vital[position] or self.held[position] == self.supports:
            return 0
        return self.burden[position] + WANTED * self.wanted[position]


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
