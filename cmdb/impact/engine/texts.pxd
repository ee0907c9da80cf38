"""Texts by number as C sees them."""

cdef class Texts:
    cdef readonly object start
    cdef readonly object text
    cdef const int[::1] starts
    cdef const char* letters
    cdef const unsigned char[::1] _held
    cdef int count


cdef class Keys(Texts):
    cdef readonly object table
    cdef const int[::1] places
    cdef unsigned int mask
    cdef int find_bytes(self, const char* wanted, int length) noexcept nogil
