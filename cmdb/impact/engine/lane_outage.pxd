"""Connectivity in many lanes as C sees it."""

from cmdb.impact.engine.lanes cimport Lanes, Worklist
from cmdb.impact.engine.network cimport Network

cdef struct Vertex:  # what is known of a vertex, by lane
    Lanes down
    Lanes unsafe[2]  # not joined to its block's first through lower, or higher, vertices
    Lanes reach  # though unsafe on both sides
    Lanes cut  # by the last call of spread
    int number
    bint listed  # among those unsafe on both sides in some lane
    bint waiting


cdef class LaneOutage:
    cdef Network network
    cdef Vertex* known  # those touched, from 1 on; 0 stands for all others
    cdef int used
    cdef int* place  # (m + 1): among those known
    cdef int* vertex_at  # (m + 1): by place in the low-high order
    cdef int* listed
    cdef int listed_count
    cdef int* stack
    cdef int* risen
    cdef int risen_count
    cdef Worklist todo[2]
    cdef int top_place

    cdef void clear(self) noexcept nogil
    cdef void fall(self, int vertex, const Lanes* lanes) noexcept nogil
    cdef int spread(self) noexcept nogil
    cdef Vertex* _touch(self, int vertex) noexcept nogil
    cdef void _settle(self, int side) noexcept nogil
    cdef bint _weigh(self, int vertex, int side) noexcept nogil
    cdef void _reach(self) noexcept nogil
    cdef Lanes _doubtful(self, const Vertex* one) noexcept nogil
    cdef bint _lean(self, Vertex* one) noexcept nogil
