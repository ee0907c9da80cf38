"""What other modules use of an outage."""

cimport cython

from cmdb.impact.engine.blocks cimport LocalGraph
from cmdb.impact.engine.network cimport Network


cdef struct Mark:  # what is known of a vertex
    int fell  # the round from which on it is down, 0 for none
    int hang  # the vertex that newly lies on all its paths, -1 for none
    int hang_round  # the round in which it came to
    int lost[2]  # neighbours lost on the low side and on the high one
    unsigned char flags
    unsigned char seen


@cython.final
cdef class Outage:
    cdef readonly Network network
    cdef readonly int[::1] risen_vertex  # (m + 1), of the last call of spread
    cdef readonly unsigned char[::1] risen_state  # (m + 1)
    cdef int risen
    cdef Mark* mark  # (m + 1)
    cdef int[::1] touched, fresh, suspects, queue
    cdef int touched_count, fresh_count, suspect_count
    cdef LocalGraph piece
    cdef int[:, ::1] pending
    cdef int pending_count
    cdef dict borders

    cdef int spread(self, const int* fallen, int count, int round) noexcept nogil
    cpdef int hangs_on(self, int vertex, int round) noexcept nogil
    cdef void clear(self) noexcept nogil
    cdef void _touch(self, int v) noexcept nogil
    cdef void _rise(self, int v, unsigned char flag) noexcept nogil
    cdef void _take_down(self, int v, int round) noexcept nogil
    cdef void _rise_below(self, int top, unsigned char flag) noexcept nogil
    cdef void _suspect(self, int v) noexcept nogil
    cdef void _lose(self, int top, int side) noexcept nogil
    cdef void _suspect_neighbours(self, int v) noexcept nogil
    cdef void _examine(self, LocalGraph piece, int v) noexcept nogil
    cdef bint _alone(self, int v) noexcept nogil
    cdef void _collect(self, LocalGraph piece, int v) noexcept nogil
    cdef int _walk_island(self, int vertex, int round, int without, int* size) noexcept nogil
