"""The graph in topological order as C sees it."""

from cmdb.impact.engine.graph cimport View
from cmdb.impact.engine.network cimport Network


cdef class OrderedGraph:
    cdef readonly int count  # CIs in the graph
    cdef readonly int[::1] ci  # (count), by position
    cdef readonly int[::1] position  # (size), by CI number; -1 outside the graph
    cdef readonly int[::1] first  # (count): where the component of a position begins
    cdef readonly int[::1] vertex  # (count), by position; -1 for none
    cdef readonly int[::1] out_start  # (count + 1)
    cdef readonly int[::1] out_target
    cdef readonly int[::1] row_start  # (count + 1)
    cdef readonly int[::1] row

    cdef int _sort(self, const View* view, Network network) except -1
    cdef object _list_dependents(self, const View* view, Network network)
    cdef int _list_providers(self, const View* view, const int[::1] arc) except -1
