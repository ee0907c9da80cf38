"""The arrays of a graph as C sees them, and how to get at a row."""

cdef enum:
    OK = 0
    AT_RISK = 1
    DEGRADED = 2
    DOWN = 3

cdef enum:  # kinds of arc, in the low two bits; the rest is the dependent, or the group's slot
    HARD = 0
    SOFT = 1
    GROUP = 2

cdef enum:  # flags of a CI; its lifecycle status stands above them
    IN_GRAPH = 1
    ROOT = 2
    EXISTS = 4
    STATUS_SHIFT = 3

cdef struct Arcs:
    const int* arc
    int count

cdef struct Incoming:
    const int* provider
    const int* number
    const unsigned short* kind
    int count

cdef struct Slot:  # a CI that differs from the base
    int ci
    int site
    unsigned short type
    unsigned char flags
    Arcs outgoing
    Incoming incoming

cdef struct View:
    int size
    int base_size
    const unsigned char* flags
    const unsigned short* type
    const int* site
    const int* out_start
    const int* out_arc
    const int* in_start
    const int* in_provider
    const int* in_number
    const unsigned short* in_kind
    int groups
    int base_groups
    const int* group_dependent
    const int* group_name
    const int* group_slack
    int* extra_dependent
    int* extra_name
    int* extra_slack
    int changed
    Slot* slots
    int* slot_table
    unsigned int slot_mask
    int resized
    int* resized_table  # pairs of slot and slack
    unsigned int resized_mask


cdef class Graph:
    cdef View view
    cdef readonly dict arrays
    cdef list rows
    cdef dict extra_index
    cdef list _held
    cdef int group_slot(self, int ci, int name)
    cdef const void* _hold(self, array) except NULL


cdef inline unsigned int spread_bits(int number) noexcept nogil:
    cdef unsigned int mixed = <unsigned int>number * 2654435761u
    return mixed ^ (mixed >> 15)


cdef inline int slot_of(const View* view, int ci) noexcept nogil:
    """The slot of a changed CI, -1 where the base holds."""
    cdef unsigned int place
    cdef int slot
    if view.changed == 0:
        return -1
    place = spread_bits(ci) & view.slot_mask
    while True:
        slot = view.slot_table[place]
        if slot < 0 or view.slots[slot].ci == ci:
            return slot
        place = (place + 1) & view.slot_mask


cdef inline Arcs arcs_of(const View* view, int ci) noexcept nogil:
    """What the trouble of a CI reaches."""
    cdef Arcs arcs
    cdef int slot = slot_of(view, ci)
    if slot >= 0:
        return view.slots[slot].outgoing
    arcs.arc = view.out_arc + view.out_start[ci]
    arcs.count = view.out_start[ci + 1] - view.out_start[ci]
    return arcs


cdef inline Incoming incoming_of(const View* view, int ci) noexcept nogil:
    """What a CI depends on."""
    cdef Incoming row
    cdef int slot = slot_of(view, ci)
    if slot >= 0:
        return view.slots[slot].incoming
    row.provider = view.in_provider + view.in_start[ci]
    row.number = view.in_number + view.in_start[ci]
    row.kind = view.in_kind + view.in_start[ci]
    row.count = view.in_start[ci + 1] - view.in_start[ci]
    return row


cdef inline unsigned char flags_of(const View* view, int ci) noexcept nogil:
    cdef int slot = slot_of(view, ci)
    return view.slots[slot].flags if slot >= 0 else view.flags[ci]


cdef inline bint in_graph(const View* view, int ci) noexcept nogil:
    return flags_of(view, ci) & IN_GRAPH


cdef inline int dependent_of(const View* view, int group) noexcept nogil:
    if group >= view.base_groups:
        return view.extra_dependent[group - view.base_groups]
    return view.group_dependent[group]


cdef inline int slack_of(const View* view, int group) noexcept nogil:
    """How many members must fall before the group does: n - need + 1."""
    cdef unsigned int place
    if group >= view.base_groups:
        return view.extra_slack[group - view.base_groups]
    if view.resized:
        place = spread_bits(group) & view.resized_mask
        while view.resized_table[2 * place] >= 0:
            if view.resized_table[2 * place] == group:
                return view.resized_table[2 * place + 1]
            place = (place + 1) & view.resized_mask
    return view.group_slack[group]


cdef int needed(long long numerator, long long denominator, int n) noexcept nogil
cdef int slack_for(int need, int n) noexcept nogil
