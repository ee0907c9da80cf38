"""Memory for questions that are answered side by side in the bits of words."""

from libc.stdlib cimport calloc, free


cdef int make_worklist(Worklist* list, int count) except -1:
    """Room for the numbers 0..count-1; none is in it."""
    list.words = (count + 63) >> 6
    list.cursor = list.words
    list.back = list.words << 6
    list.bit = <Word*>calloc(list.words + 1, sizeof(Word))
    list.summary = <Word*>calloc((list.words >> 6) + 1, sizeof(Word))
    if list.bit == NULL or list.summary == NULL:
        raise MemoryError
    return 0


cdef void free_worklist(Worklist* list) noexcept nogil:
    free(list.bit)
    free(list.summary)
