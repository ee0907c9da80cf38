"""The propagation of failures: the least fixpoint of the impact rules, in rounds.

A log takes every rise of a CI's state, cut into rounds; each round walks the rises of the one
before. Nothing is touched that the failures do not reach: the scratch arrays stay, and are cleared
by walking the log.
"""

cimport cython

from libc.stdlib cimport calloc, free, malloc, realloc

import numpy as np

from cmdb.impact.engine.graph cimport (
    AT_RISK, DEGRADED, DOWN, GROUP, IN_GRAPH, SOFT, Arcs, Graph, View, arcs_of, dependent_of,
    flags_of, slack_of,
)
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.outage cimport Outage

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define prefetch(address) __builtin_prefetch(address)
    #else
    #define prefetch(address) ((void)(address))
    #endif
    """
    void prefetch(const void* address) noexcept nogil

cdef enum:
    AHEAD = 4  # how many rises ahead rows are fetched


@cython.final
cdef class Propagation:
    """The scratch and the result of one question at a time; used again for the next one.

    Not for use by several threads at once.
    """

    def __dealloc__(self):
        free(self.word)
        free(self.fallen)
        free(self.rises)
        free(self.rounds)
        free(self.touched_groups)
        free(self.fallen_vertices)

    def run(self, Graph graph, Network network, const int[:, ::1] failed, int most=2147483647):
        """Propagate: `failed` has a row (CI number, state) a failure, of CIs in the graph.

        False when it ended early, after more than `most` rises. Raises MemoryError.
        """
        self._prepare(graph, network)
        self.most = most
        cdef int i
        cdef bint enough
        with nogil:
            enough = self._make_room(<int>failed.shape[0])
            if enough:
                for i in range(failed.shape[0]):
                    self._raise_to(failed[i, 0], failed[i, 1], 0)
                self._run()
        if not enough or self.failed_memory:
            raise MemoryError
        return self.rounds[self.last_round] == self.count

    def release(self):
        """Forget the question and its graph; of the network the scratch stays for the next one."""
        cdef int i
        with nogil:
            for i in range(self.count):
                self.word[self.rises[i].ci] = 0
            for i in range(self.touched):
                self.fallen[self.touched_groups[i]] = 0
        self.count = self.touched = self.last_round = 0
        self.graph, self.view = None, NULL
        if self.outage is not None:
            self.outage.reset()

    cdef int _prepare(self, Graph graph, Network network) except -1:
        """Clear what the question before left, and make room for this graph."""
        cdef int room
        self.release()
        self.failed_memory = False
        if self.network is not network:
            self.outage = None
        if graph.view.size > self.size:
            room = graph.view.size + (graph.view.size >> 4) + 64
            free(self.word)
            self.size = 0
            self.word = <unsigned int*>calloc(room, sizeof(int))
            if self.word == NULL:
                raise MemoryError
            self.size = room
        if graph.view.groups > self.groups:
            room = graph.view.groups + (graph.view.groups >> 4) + 64
            free(self.fallen)
            self.groups = 0
            self.fallen = <unsigned long long*>calloc(room, sizeof(long long))
            if self.fallen == NULL:
                raise MemoryError
            self.groups = room
        if self.round_room == 0:
            self.rounds = <int*>calloc(64, sizeof(int))
            if self.rounds == NULL:
                raise MemoryError
            self.round_room = 64
        if self.outage is None and network.vertices:
            self.outage = Outage(network)
        self.graph, self.network = graph, network
        self.view = &graph.view
        return 0

    cdef void _run(self) noexcept nogil:
        cdef int first = 0, end
        cdef void* grown
        self.rounds[0] = 0
        while first < self.count:
            end = self.count
            if self.last_round + 3 > self.round_room:
                grown = realloc(self.rounds, 2 * self.round_room * sizeof(int))
                if grown == NULL:
                    self.failed_memory = True
                    return
                self.rounds = <int*>grown
                self.round_room *= 2
            self.last_round += 1
            self.rounds[self.last_round] = end
            if not self._process(first, end):
                self.failed_memory = True
                return
            first = end
            if first > self.most:
                return

    cdef bint _process(self, int first, int end) noexcept nogil:
        """Apply the rules to the rises of one round; False when memory ran out."""
        cdef const View* view = self.view
        cdef unsigned int* word = self.word
        cdef int entry, at, target
        cdef unsigned int now, before, reached, limit = <unsigned int>end
        cdef Arcs arcs
        for entry in range(first, end):
            if entry + 2 * AHEAD < end:
                prefetch(view.out_start + self.rises[entry + 2 * AHEAD].ci)
                target = self.rises[entry + AHEAD].ci
                if target < view.base_size:
                    prefetch(view.out_arc + view.out_start[target])
            now = self.rises[entry].state
            before = 0
            if self.rises[entry].before >= 0:
                before = self.rises[self.rises[entry].before].state
            arcs = arcs_of(view, self.rises[entry].ci)
            if self.count > self.most:
                return True
            if not self._make_room(arcs.count):
                return False
            for at in range(arcs.count):
                target = arcs.arc[at] >> 2
                if arcs.arc[at] & GROUP:
                    reached = AT_RISK
                    if now >= DEGRADED:
                        reached = self._join_fallen(target, now, before)
                    target = dependent_of(view, target)
                else:
                    reached = now - (arcs.arc[at] & SOFT)
                if reached > word[target] & 3:
                    self._raise_to(target, reached, limit)
        return self._spread_outage(first, end)

    cdef inline unsigned int _join_fallen(
        self, int group, unsigned int now, unsigned int before
    ) noexcept nogil:
        """Count a member that is degraded or down now; the state that the group falls to."""
        cdef unsigned long long counts = self.fallen[group]
        cdef int slack = slack_of(self.view, group)
        if counts == 0:
            self.touched_groups[self.touched] = group
            self.touched += 1
        if before < DEGRADED:
            counts += 1
        if now == DOWN:
            counts += <unsigned long long>1 << 32
        self.fallen[group] = counts
        if <int>(counts >> 32) >= slack:
            return DOWN
        return DEGRADED if <int><unsigned int>counts >= slack else AT_RISK

    cdef inline void _raise_to(self, int ci, unsigned int reached, unsigned int end) noexcept nogil:
        """Log a rise; one more in the same round (after `end`) only lifts the entry."""
        cdef unsigned int last = self.word[ci] >> 2
        if last > end:
            self.rises[last - 1].state = reached
            self.word[ci] = last << 2 | reached
            return
        if last == 0 and not flags_of(self.view, ci) & IN_GRAPH:
            return
        self.rises[self.count].ci = ci
        self.rises[self.count].before = <int>last - 1
        self.rises[self.count].state = reached
        self.count += 1
        self.word[ci] = <unsigned int>self.count << 2 | reached

    cdef bint _make_room(self, int wanted) noexcept nogil:
        """Room for so many more rises and touched groups."""
        cdef void* grown
        if self.count + wanted > self.room:
            self.room = max(2 * self.room, self.count + wanted + 1024)
            grown = realloc(self.rises, self.room * sizeof(Rise))
            if grown == NULL:
                return False
            self.rises = <Rise*>grown
        if self.touched + wanted > self.touched_room:
            self.touched_room = max(2 * self.touched_room, self.touched + wanted + 1024)
            grown = realloc(self.touched_groups, self.touched_room * sizeof(int))
            if grown == NULL:
                return False
            self.touched_groups = <int*>grown
        return True

    cdef bint _spread_outage(self, int first, int end) noexcept nogil:
        """Rule 3: what is cut off, or hangs on one CI, since network CIs went down."""
        cdef int entry, vertex, ci, count = 0, risen
        cdef unsigned int limit = <unsigned int>end
        if self.network.vertices == 0:
            return True
        if self.fallen_room < end - first:
            self.fallen_room = end - first
            free(self.fallen_vertices)
            self.fallen_vertices = <int*>malloc(self.fallen_room * sizeof(int))
            if self.fallen_vertices == NULL:
                self.fallen_room = 0
                return False
        for entry in range(first, end):
            if self.rises[entry].state == DOWN:
                vertex = self._vertex(self.rises[entry].ci)
                if vertex >= 0:
                    self.fallen_vertices[count] = vertex
                    count += 1
        if count == 0:
            return True
        risen = self.outage.spread(self.fallen_vertices, count, self.last_round)
        if not self._make_room(risen):
            return False
        for entry in range(risen):
            ci = self.network.ci[self.outage.risen_vertex[entry]]
            if self.outage.risen_state[entry] > self.word[ci] & 3:
                self._raise_to(ci, self.outage.risen_state[entry], limit)
        return True

    cdef int _vertex(self, int ci) noexcept nogil:
        """The vertex of a CI, -1 for none."""
        return self.network.vertex[ci] if ci < self.network.size else -1

    cdef int round_of(self, int rise) noexcept nogil:
        """The round of a rise."""
        cdef int low = 0, high = self.last_round, middle
        while low < high:
            middle = (low + high) // 2
            if self.rounds[middle + 1] <= rise:
                low = middle + 1
            else:
                high = middle
        return low

    cdef int state_at(self, int ci, int round_number) noexcept nogil:
        """The state of a CI after a round."""
        cdef int rise = <int>(self.word[ci] >> 2) - 1
        cdef int end = self.rounds[min(round_number + 1, self.last_round)]
        while rise >= end:
            rise = self.rises[rise].before
        return self.rises[rise].state if rise >= 0 else 0

    cdef int first_rise(self, int ci, int state) noexcept nogil:
        """The first rise of a CI to at least a state that it reached."""
        cdef int rise = <int>(self.word[ci] >> 2) - 1
        cdef int before = self.rises[rise].before
        while before >= 0 and self.rises[before].state >= state:
            rise, before = before, self.rises[before].before
        return rise

    def state(self, int ci):
        """The final state of a CI."""
        return self.word[ci] & 3 if 0 <= ci < self.view.size else 0

    def distance(self, int ci):
        """The round in which a CI reached its final state."""
        return self.round_of(<int>(self.word[ci] >> 2) - 1)

    def impacted(self):
        """CIs that ended higher than the state they were given: numbers, states and rounds."""
        cdef int entry, ci, number = 0, n = 0
        cdef int first = self.rounds[1] if self.last_round else 0
        numbers = np.empty(self.count - first, np.int32)
        states = np.empty(self.count - first, np.uint8)
        distances = np.empty(self.count - first, np.int32)
        cdef int[::1] numbers_view = numbers
        cdef unsigned char[::1] states_view = states
        cdef int[::1] distances_view = distances
        with nogil:
            for entry in range(first, self.count):
                while self.rounds[number + 1] <= entry:
                    number += 1
                ci = self.rises[entry].ci
                if <int>(self.word[ci] >> 2) - 1 == entry:
                    numbers_view[n] = ci
                    states_view[n] = self.rises[entry].state
                    distances_view[n] = number
                    n += 1
        return numbers[:n], states[:n], distances[:n]
