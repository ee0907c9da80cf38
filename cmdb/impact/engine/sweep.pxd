"""What many CIs take down, each alone, as C sees it."""

from cmdb.impact.engine.lane_outage cimport LaneOutage
from cmdb.impact.engine.lanes cimport Lanes, Tally, Worklist
from cmdb.impact.engine.ordered cimport OrderedGraph

cdef struct Row:  # the lanes in which a CI is down, and in which it is degraded or down
    Lanes down
    Lanes bad


cdef class Sweep:
    cdef OrderedGraph graph
    cdef LaneOutage outage
    cdef const unsigned char[::1] counted  # by position
    cdef const int[::1] failing  # positions
    cdef int[:, ::1] found  # (count, 4), by position
    cdef int[::1] takers  # by position
    cdef Row* rows  # those touched, from 1 on; 0 stands for all others
    cdef readonly int touched  # CIs by the last pass
    cdef int used
    cdef int* slot  # (count): where the row of a position is
    cdef int* position_of  # by slot
    cdef Worklist todo
    cdef const int* bounds
    cdef int* linked  # positions in the network that went down in more lanes
    cdef int linked_count
    cdef Tally* tally

    cdef void _pass(self, int first, int end) noexcept nogil
    cdef void _drain(self) noexcept nogil
    cdef bint _merge(self, int position, const Row* more) noexcept nogil
    cdef void _gather(self, int position, Row* total) noexcept nogil
    cdef bint _cut_off(self) noexcept nogil
    cdef void _count(self, int first, int end) noexcept nogil
    cdef void _clear(self) noexcept nogil
