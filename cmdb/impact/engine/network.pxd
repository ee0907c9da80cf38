"""The network as C sees it."""

cimport cython


@cython.final
cdef class Network:
    cdef readonly int size  # CI numbers
    cdef readonly int vertices  # m, which is also the number of the virtual root
    cdef readonly int not_evaluated  # linked CIs that reach no root
    cdef readonly const int[::1] ci  # (m)
    cdef readonly const int[::1] vertex  # (size), -1 for none
    cdef readonly const int[::1] start  # (m + 2)
    cdef readonly const int[::1] target
    cdef readonly const int[:, ::1] part  # (m + 1, 3)
    cdef readonly const int[::1] nearest  # (m + 1), -1 for none
    cdef readonly const int[::1] order  # (m + 1), -1 for none
    cdef readonly const int[::1] child_start  # (m + 2)
    cdef readonly const int[::1] child
    cdef readonly const unsigned char[::1] judged  # (m)
