# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""A bare breadth-first search: what walking a graph costs when nothing else is asked."""

import numpy as np


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

    def run(self, const int[::1] sources):
        """How many are reached; afterwards all is open again."""
        cdef int tail = 0, at
        with nogil:
            for at in range(<int>sources.shape[0]):
                self.closed[sources[at]] = 1
                self.queue[tail] = sources[at]
                tail += 1
            tail = self.walk(0, tail)
            for at in range(tail):
                self.closed[self.queue[at]] = 0
        return tail

    def all(self):
        """A search from every CI that none before reached: each is visited once."""
        cdef int tail = 0, at, source
        with nogil:
            for source in range(<int>self.start.shape[0] - 1):
                if not self.closed[source]:
                    self.closed[source] = 1
                    self.queue[tail] = source
                    tail = self.walk(tail, tail + 1)
            for at in range(tail):
                self.closed[self.queue[at]] = 0
        return tail

    cdef int walk(self, int head, int tail) noexcept nogil:
        """Visit all from the `head` of the queue on; where it ends."""
        cdef int at, other, ci
        cdef int* queue = &self.queue[0]
        cdef unsigned char* closed = &self.closed[0]
        cdef const int* start = &self.start[0]
        cdef const int* target = &self.target[0]
        while head < tail:
            ci = queue[head]
            head += 1
            for at in range(start[ci], start[ci + 1]):
                other = target[at]
                if not closed[other]:
                    closed[other] = 1
                    queue[tail] = other
                    tail += 1
        return tail
