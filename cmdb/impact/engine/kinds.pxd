"""The kinds of relations as C sees them."""

cdef struct KindView:
    const unsigned char* arc  # HARD, SOFT or GROUP
    const int* group  # number of the group's name, -1 for none
    const long long* numerator  # the type's need: a count where the denominator is 0
    const long long* denominator
    const int* type_order  # order of the relation type's name
    const int* group_order  # by number of the group's name: its order


cdef class Kinds:
    cdef KindView view
    cdef tuple _held
