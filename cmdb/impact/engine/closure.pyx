"""The closure of a set of failures under the impact rules: final states only, no rounds.

As long as only states matter, CIs may be taken in any order: first all that go down, then all that
go degraded, then all at risk. So each CI is walked once, in its final state, and one counter a
redundancy group is enough.
"""

from libc.stdlib cimport calloc, free, malloc

import numpy as np

from cmdb.impact.engine.graph cimport (
    AT_RISK, DEGRADED, DOWN, GROUP, SOFT, Arcs, Graph, arcs_of, dependent_of, in_graph, slack_of,
)
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.outage cimport Outage


cdef class Closure:
    """The scratch and the result of one question at a time; used again for the next one.

    Not for use by several threads at once. The states found stay until the next run.
    """

    def __dealloc__(self):
        self._free()
        free(self.fallen_vertices)

    cdef void _free(self) noexcept:
        free(self.state)
        free(self.fallen)
        free(self.touched_groups)
        free(self.queue[1])
        self.state, self.fallen, self.touched_groups, self.queue[1] = NULL, NULL, NULL, NULL
        self.size = self.groups = 0

    def run(
        self,
        Graph graph not None,
        Network network not None,
        const int[:, ::1] failed,
        int lowest=AT_RISK,
        int watched=-1,
    ):
        """Whether `watched` is down after failures: rows (CI number, state), of CIs in the graph.

        States below `lowest` are left out (those CIs count as ok). With a CI number `watched`, the
        search ends as soon as that CI is down; then the other states are not complete.
        """
        cdef int i
        cdef bint down
        if not AT_RISK <= lowest <= DOWN:
            raise ValueError("no such state")
        self.prepare(graph, network, lowest)
        for i in range(failed.shape[0]):
            if not 0 <= failed[i, 0] < graph.view.size or not 0 <= failed[i, 1] <= DOWN:
                raise ValueError("no such failure")
        if not -1 <= watched < graph.view.size:
            raise ValueError("no such CI")
        with nogil:
            for i in range(failed.shape[0]):
                self.raise_to(failed[i, 0], failed[i, 1])
            down = self.spread(watched)
        return down

    def states(self, const int[::1] numbers):
        """The states of CIs (uint8)."""
        cdef Py_ssize_t i
        found = np.empty(len(numbers), np.uint8)
        cdef unsigned char[::1] states = found
        for i in range(len(numbers)):
            states[i] = self.state[numbers[i]] if 0 <= numbers[i] < self.view.size else 0
        return found

    def risen(self):
        """The CIs that are not ok, failed ones included: numbers (int32) and states (uint8)."""
        cdef int i, state, n = 0
        cdef int most = self.count[AT_RISK] + self.count[DEGRADED] + self.count[DOWN]
        numbers, states = np.empty(most, np.int32), np.empty(most, np.uint8)
        cdef int[::1] number_of = numbers
        cdef unsigned char[::1] state_of = states
        for state in range(DOWN, 0, -1):
            for i in range(self.count[state]):
                if self.state[self.queue[state][i]] == state:
                    number_of[n] = self.queue[state][i]
                    state_of[n] = state
                    n += 1
        return numbers[:n], states[:n]

    cdef int prepare(self, Graph graph, Network network, int lowest) except -1:
        """Clear what the question before left, and make room for this graph."""
        self.clear()
        self.lowest = lowest
        if graph.view.size > self.size or graph.view.groups > self.groups:
            self._free()
            self._make_room(
                graph.view.size + (graph.view.size >> 4) + 1,
                graph.view.groups + (graph.view.groups >> 4) + 1,
            )
        if self.network is not network:
            self.outage = Outage(network)
            free(self.fallen_vertices)
            self.fallen_vertices = <int*>malloc((network.vertices + 1) * sizeof(int))
            if self.fallen_vertices == NULL:
                raise MemoryError
        self.graph, self.network = graph, network
        self.view = &graph.view
        return 0

    cdef int _make_room(self, int size, int groups) except -1:
        cdef int state
        self.state = <unsigned char*>calloc(size, 1)
        self.fallen = <int*>calloc(groups, sizeof(int))
        self.touched_groups = <int*>malloc(groups * sizeof(int))
        self.queue[1] = <int*>malloc(3 * <size_t>size * sizeof(int))
        if (
            self.state == NULL or self.fallen == NULL or self.touched_groups == NULL
            or self.queue[1] == NULL
        ):
            raise MemoryError
        for state in range(2, 4):
            self.queue[state] = self.queue[state - 1] + size
        self.size, self.groups = size, groups
        return 0

    cdef void clear(self) noexcept nogil:
        """Forget the question; takes time only for what it touched."""
        cdef int i, state
        for state in range(1, 4):
            for i in range(self.count[state]):
                self.state[self.queue[state][i]] = 0
            self.count[state] = 0
        for i in range(self.touched):
            self.fallen[self.touched_groups[i]] = 0
        self.touched = self.offered = 0
        if self.network is not None and self.network.vertices:
            self.outage.clear()

    cdef void raise_to(self, int ci, int state) noexcept nogil:
        """Give a CI of the graph at least a state."""
        if state > self.state[ci] and state >= self.lowest and in_graph(self.view, ci):
            self.state[ci] = state
            self.queue[state][self.count[state]] = ci
            self.count[state] += 1

    cdef bint spread(self, int watched) noexcept nogil:
        """Apply the rules to all that was raised; whether the CI `watched` (-1: none) is down.

        It counts as down as soon as a `fatal` CI is. More may be raised and spread afterwards only
        where `lowest` is DOWN.
        """
        cdef int i = 0, state, ci
        while True:
            while i < self.count[DOWN]:
                if self.fatal != NULL and self.fatal[self.queue[DOWN][i]]:
                    return True
                self._walk(self.queue[DOWN][i], DOWN)
                i += 1
                if watched >= 0 and self.state[watched] == DOWN:
                    return True
            if not self._cut_off():
                break
        for state in range(DEGRADED, self.lowest - 1, -1):
            i = 0
            while i < self.count[state]:
                ci = self.queue[state][i]
                if self.state[ci] == state:
                    self._walk(ci, state)
                i += 1
        return watched >= 0 and self.state[watched] == DOWN

    cdef void _walk(self, int ci, int state) noexcept nogil:
        """Apply rules 1 and 2 to all that a CI's trouble reaches."""
        cdef int at, group, reached
        cdef Arcs arcs = arcs_of(self.view, ci)
        for at in range(arcs.count):
            if not arcs.arc[at] & GROUP:
                self.raise_to(arcs.arc[at] >> 2, state - (arcs.arc[at] & SOFT))
                continue
            group = arcs.arc[at] >> 2
            reached = AT_RISK
            if state > AT_RISK:
                if self.fallen[group] == 0:
                    self.touched_groups[self.touched] = group
                    self.touched += 1
                self.fallen[group] += 1
                if self.fallen[group] >= slack_of(self.view, group):
                    reached = state
            if reached >= self.lowest:
                self.raise_to(dependent_of(self.view, group), reached)

    cdef bint _cut_off(self) noexcept nogil:
        """Rule 3 for the CIs that went down since the last call; False where nothing more does."""
        cdef int i, vertex, count = 0, risen, before = self.count[DOWN]
        if self.network.vertices == 0:
            return False
        for i in range(self.offered, before):
            vertex = -1
            if self.queue[DOWN][i] < self.network.size:
                vertex = self.network.vertex[self.queue[DOWN][i]]
            if vertex >= 0:
                self.fallen_vertices[count] = vertex
                count += 1
        self.offered = before
        if count == 0:
            return False
        risen = self.outage.spread(self.fallen_vertices, count, 1)
        for i in range(risen):
            vertex = self.outage.risen_vertex[i]
            self.raise_to(self.network.ci[vertex], self.outage.risen_state[i])
        return before < self.count[DOWN]
