"""Supports of a CI as C sees them."""

from cmdb.impact.engine.closure cimport Closure
from cmdb.impact.engine.graph cimport Graph
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.ordered cimport OrderedGraph


cdef class Supports:
    cdef readonly int count  # positions
    cdef readonly OrderedGraph ordered
    cdef Graph graph
    cdef Network network
    cdef Closure closure
    cdef readonly int watched  # position
    cdef int part  # what a support is to keep up: see `parts`
    cdef int[::1] failures  # CI numbers
    cdef int failed
    cdef unsigned char[::1] vital  # by position: 1 for the watched CI and the singles
    cdef unsigned char[::1] fatal  # the same by CI number
    cdef int[::1] burden  # by position: about how many CIs it brings into a support
    cdef int[::1] distance  # by vertex: links to the virtual root
    cdef int[::1] held  # by position: the last support it was in
    cdef int[::1] joined  # by vertex: the last support in which it had a path to a root
    cdef int[::1] seen  # by vertex: the last search for a path that came by
    cdef int[::1] cost, before, behind  # by vertex: of the way here, where from, next in its bucket
    cdef int[::1] bucket  # the vertices to go on from, by estimated cost; -1 for none
    cdef unsigned char[::1] wanted  # by position: 1 for CIs better left out of a support
    cdef int[::1] support  # positions, of which the first `size` are the last support
    cdef int size, supports, searches

    cdef bint down_with(self, const int* chosen, int count) noexcept nogil
    cdef void build(self) noexcept nogil
    cdef void _estimate(self) noexcept nogil
    cdef void _hold(self, int position) noexcept nogil
    cdef void _hold_members(self, const int* member, int n, int need) noexcept nogil
    cdef int _cheapest(self, const int* member, int n) noexcept nogil
    cdef void _hold_path(self, int vertex, bint through_vital) noexcept nogil
    cdef int _push(self, int vertex, int before, int cost) noexcept nogil
    cdef int _weight(self, int position) noexcept nogil
    cdef bint _up(self, int position) noexcept nogil
