"""The final states of one set of failures as C sees them."""

from cmdb.impact.engine.graph cimport Graph, View
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.outage cimport Outage


cdef class Closure:
    cdef readonly Graph graph
    cdef readonly Network network
    cdef const View* view
    cdef Outage outage
    cdef int lowest
    cdef int size
    cdef int groups
    cdef unsigned char* state  # (size)
    cdef int* fallen  # (groups): members known to be as bad as the state at hand
    cdef int* touched_groups  # (groups)
    cdef int touched
    cdef int[4] count  # by state: CIs in its queue
    cdef int* queue[4]  # by state: CIs in the order in which they reached it
    cdef int* fallen_vertices  # (vertices)
    cdef const unsigned char* fatal  # by CI number, or NULL: 1 where it takes the watched CI down
    cdef int offered  # CIs of the queue of those down that the outage knows

    cdef int prepare(self, Graph graph, Network network, int lowest) except -1
    cdef void _free(self) noexcept
    cdef int _make_room(self, int size, int groups) except -1
    cdef void clear(self) noexcept nogil
    cdef void raise_to(self, int ci, int state) noexcept nogil
    cdef bint spread(self, int watched) noexcept nogil
    cdef void _walk(self, int ci, int state) noexcept nogil
    cdef bint _cut_off(self) noexcept nogil
