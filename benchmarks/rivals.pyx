# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""A bare breadth-first search: what walking a graph costs when nothing else is asked."""

import numpy as np


def plain(snapshot):
    """Provider to dependent as compressed sparse rows: start and target."""
    arrays = snapshot.graph.arrays
    arcs = arrays["out_arc"]
    grouped = arcs & 3 == 2
    target = arcs >> 2
    target[grouped] = arrays["group_dependent"][target[grouped]]
    return arrays["out_start"], target.astype(np.int32)


cdef class Breadth:
    """Visits only what `allow` leaves open, so that it walks the same CIs as the question."""

    cdef const int[::1] start
    cdef const int[::1] target
    cdef unsigned char[::1] closed
    cdef int[::1] queue

    def __init__(self, start, target):
        self.start, self.target = start, target
        self.closed = np.zeros(len(start) - 1, np.uint8)
        self.queue = np.empty(len(start), np.int32)

    def allow(self, unsigned char[::1] closed):
        """Close what is 1."""
        self.closed = closed

    def run(self, int source):
        """How many are reached; afterwards all is open again."""
        cdef int head = 0, tail = 1, at, other, ci
        cdef int* queue = &self.queue[0]
        cdef unsigned char* closed = &self.closed[0]
        cdef const int* start = &self.start[0]
        cdef const int* target = &self.target[0]
        with nogil:
            queue[0] = source
            closed[source] = 1
            while head < tail:
                ci = queue[head]
                head += 1
                for at in range(start[ci], start[ci + 1]):
                    other = target[at]
                    if not closed[other]:
                        closed[other] = 1
                        queue[tail] = other
                        tail += 1
            for at in range(tail):
                closed[queue[at]] = 0
        return tail

    def all(self):
        """A search from every CI that none before reached: each is visited once."""
        cdef int head = 0, tail = 0, at, other, ci, source, size = <int>self.start.shape[0] - 1
        cdef int* queue = &self.queue[0]
        cdef unsigned char* closed = &self.closed[0]
        cdef const int* start = &self.start[0]
        cdef const int* target = &self.target[0]
        with nogil:
            for source in range(size):
                if closed[source]:
                    continue
                queue[tail] = source
                tail += 1
                closed[source] = 1
                while head < tail:
                    ci = queue[head]
                    head += 1
                    for at in range(start[ci], start[ci + 1]):
                        other = target[at]
                        if not closed[other]:
                            closed[other] = 1
                            queue[tail] = other
                            tail += 1
            for at in range(tail):
                closed[queue[at]] = 0
        return tail
