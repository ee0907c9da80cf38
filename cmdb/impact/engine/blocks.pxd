"""What other modules use of the depth-first search and of the low-high order."""

cimport cython


@cython.final
cdef class DepthFirstSearch:
    cdef readonly int[::1] preorder, entered, low, parent, nearest
    cdef int[::1] next_arc
    cdef int run(
        self, const int[::1] start, const int[::1] target, int count, int root
    ) noexcept nogil


@cython.final
cdef class LocalGraph:
    cdef int[::1] member  # (count), by local number
    cdef int count
    cdef int[::1] local, near, far, start, target
    cdef int edges
    cdef DepthFirstSearch search
    cdef void begin(self) noexcept nogil
    cdef int number(self, int v) noexcept nogil
    cdef void join(self, int near, int far) noexcept nogil
    cdef void find_dominators(self) noexcept nogil


cdef void fill_rows(
    int count, const int[::1] near, const int[::1] far, int edges, int[::1] start, int[::1] target
) noexcept nogil
cdef void low_high_order(
    DepthFirstSearch search,
    int reached,
    int[::1] before,
    int[::1] after,
    unsigned char[::1] plus,
    int[::1] order,
) noexcept nogil
