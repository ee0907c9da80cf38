"""C memory that raises MemoryError in place of giving NULL."""

from libc.stdlib cimport malloc, realloc
from libc.string cimport memcpy


cdef inline void* grown(void* old, size_t size) except NULL:
    cdef void* new = realloc(old, size)
    if new == NULL:
        raise MemoryError
    return new


cdef inline void* copied(const void* old, size_t used, size_t size) except? NULL:
    """A copy with room for more."""
    if size == 0:
        return NULL
    cdef void* new = malloc(size)
    if new == NULL:
        raise MemoryError
    if used:
        memcpy(new, old, used)
    return new
