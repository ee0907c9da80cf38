"""Supports of a CI as C sees them."""

from cmdb.impact.engine.closure cimport Closure
from cmdb.impact.engine.graph cimport Graph
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.ordered cimport OrderedGraph


cdef class Supports:
    cdef readonly int count  # positions
    cdef readonly OrderedGraph ordered
    cdef readonly bint complete  # whether the last search for singles was in time
    cdef int[::1] barred  # by position: how many reasons there are against it as a candidate
    cdef Graph graph
    cdef Network network
    cdef Closure closure
    cdef int watched  # position
    cdef int[::1] failures  # CI numbers, of which the first `failed` hold
    cdef int failed
    cdef int[::1] start, near  # the neighbours of each vertex, those closest to a root first
    cdef int[::1] held  # by position: the last support it was in
    cdef int[::1] joined  # by vertex: the last support in which it had a path to a root
    cdef int[::1] seen  # by vertex: the last search for a path that came by
    cdef int[::1] next_near  # by vertex
    cdef int[::1] trail
    cdef unsigned char[::1] wanted  # by position: 1 for candidates, better left out of a support
    cdef int[::1] support  # positions, of which the first `size` are the last support
    cdef int size, supports, searches

    cdef bint down_with(self, int position) noexcept nogil
    cdef void build(self) noexcept nogil
    cdef int candidates(self, int[::1] found) noexcept nogil
    cdef int find_singles(self, int[::1] pool, int[::1] found, double until) noexcept nogil
    cdef void _hold(self, int position) noexcept nogil
    cdef void _hold_members(self, const int* member, int n, int need) noexcept nogil
    cdef void _hold_path(self, int vertex) noexcept nogil
    cdef int _step(self, int vertex) noexcept nogil
    cdef bint _up(self, int position) noexcept nogil
