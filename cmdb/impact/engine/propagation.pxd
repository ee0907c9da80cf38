"""One question's propagation as C sees it: who rose when, and to what."""

from cmdb.impact.engine.graph cimport Graph, View
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.outage cimport Outage

cdef struct Rise:
    int ci
    int before  # index of the CI's rise before, -1 for none
    int state


cdef class Propagation:
    cdef readonly Graph graph
    cdef readonly Network network
    cdef Outage outage
    cdef const View* view
    cdef int size
    cdef int groups
    cdef unsigned int* word  # (1 + index of the last rise) << 2 | state; 0 for none
    cdef unsigned long long* fallen  # by group: members degraded or down, and above them down
    cdef Rise* rises
    cdef int count
    cdef int room
    cdef int* rounds
    cdef int last_round
    cdef int round_room
    cdef int* touched_groups
    cdef int touched
    cdef int touched_room
    cdef int* fallen_vertices
    cdef int fallen_room
    cdef bint failed_memory
    cdef int most  # rises after which it ends

    cdef int _prepare(self, Graph graph, Network network) except -1
    cdef void _run(self) noexcept nogil
    cdef bint _process(self, int first, int end) noexcept nogil
    cdef unsigned int _join_fallen(
        self, int group, unsigned int now, unsigned int before
    ) noexcept nogil
    cdef void _raise_to(self, int ci, unsigned int reached, unsigned int end) noexcept nogil
    cdef bint _make_room(self, int wanted) noexcept nogil
    cdef bint _spread_outage(self, int first, int end) noexcept nogil
    cdef int state_at(self, int ci, int round_number) noexcept nogil
    cdef int first_rise(self, int ci, int state) noexcept nogil
    cdef int round_of(self, int rise) noexcept nogil
    cdef int _vertex(self, int ci) noexcept nogil
