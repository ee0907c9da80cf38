"""The graph as arrays: an immutable base, and the few CIs that commits have changed since.

The base holds, for each CI, what it depends on (incoming rows) and what its trouble reaches
(outgoing arcs), as compressed sparse rows. A changed graph shares the base and has slots for the
changed CIs; it is immutable too, so readers of an older one are never disturbed.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdlib cimport free

import numpy as np

ARRAYS = {
    "flags": np.uint8,
    "type": np.uint16,
    "site": np.int32,
    "out_start": np.int32,
    "out_arc": np.int32,
    "in_start": np.int32,
    "in_provider": np.int32,
    "in_number": np.int32,
    "in_kind": np.uint16,
    "group_dependent": np.int32,
    "group_name": np.int32,
    "group_slack": np.int32,
}
"""The arrays of a base. Groups are sorted by dependent; `in_kind` are numbers of relation kinds."""


cdef int needed(long long numerator, long long denominator, int n) noexcept nogil:
    """How many of n members are needed: a count (denominator 0), or a share rounded up."""
    cdef long long wanted = numerator
    if denominator:
        wanted = (numerator * n + denominator - 1) // denominator
    return <int>min(wanted, 2147483647)


cdef int slack_for(int need, int n) noexcept nogil:
    """n - need + 1, with the need held between 1 and n."""
    return n - max(min(need, n), 1) + 1


cdef class Graph:
    """The graph of CIs that take part in impact.

    `arrays` are those named in ARRAYS. Arcs carry `dependent << 2 | kind`, or for a redundancy
    group `slot << 2 | GROUP`.
    """

    def __init__(self, dict arrays):
        self.arrays = arrays
        self.rows = []
        self.extra_index = {}
        self._held = []
        view = &self.view
        view.flags = <const unsigned char*>self._hold(arrays["flags"])
        view.type = <const unsigned short*>self._hold(arrays["type"])
        view.site = <const int*>self._hold(arrays["site"])
        view.out_start = <const int*>self._hold(arrays["out_start"])
        view.out_arc = <const int*>self._hold(arrays["out_arc"])
        view.in_start = <const int*>self._hold(arrays["in_start"])
        view.in_provider = <const int*>self._hold(arrays["in_provider"])
        view.in_number = <const int*>self._hold(arrays["in_number"])
        view.in_kind = <const unsigned short*>self._hold(arrays["in_kind"])
        view.group_dependent = <const int*>self._hold(arrays["group_dependent"])
        view.group_name = <const int*>self._hold(arrays["group_name"])
        view.group_slack = <const int*>self._hold(arrays["group_slack"])
        view.size = view.base_size = len(arrays["flags"])
        view.groups = view.base_groups = len(arrays["group_slack"])
        view.changed = view.resized = 0

    def __dealloc__(self):
        free(self.view.slots)
        free(self.view.slot_table)
        free(self.view.resized_table)
        free(self.view.extra_dependent)
        free(self.view.extra_name)
        free(self.view.extra_slack)

    cdef const void* _hold(self, array) except NULL:
        """The address of an array's data; the array is kept as long as the graph."""
        cdef const unsigned char[::1] data
        contiguous = np.ascontiguousarray(array)
        self._held.append(contiguous)
        if contiguous.nbytes == 0:
            return <const void*>PyBytes_AS_STRING(b"\0\0\0\0\0\0\0\0")
        data = contiguous.view(np.uint8)
        return &data[0]

    cdef int group_slot(self, int ci, int name):
        """The slot of a CI's group, -1 for none."""
        cdef int low = 0, high = self.view.base_groups, middle
        while low < high:
            middle = (low + high) // 2
            if self.view.group_dependent[middle] < ci:
                low = middle + 1
            else:
                high = middle
        while low < self.view.base_groups and self.view.group_dependent[low] == ci:
            if self.view.group_name[low] == name:
                return low
            low += 1
        return self.extra_index.get((ci, name), -1) if self.extra_index else -1

    @property
    def size(self):
        """How many numbers CIs have; some may be unused."""
        return self.view.size

    @property
    def changed(self):
        """How many CIs differ from the base."""
        return self.view.changed

    def flags(self, int ci):
        """The flags of a CI."""
        return flags_of(&self.view, ci) if 0 <= ci < self.view.size else 0

    def in_graph(self, int ci):
        """Whether a CI takes part in the graph."""
        return bool(self.flags(ci) & IN_GRAPH)

    def columns(self, const int[::1] numbers):
        """The types (uint16), sites (int32) and flags (uint8) of CIs."""
        types, sites = np.empty(len(numbers), np.uint16), np.empty(len(numbers), np.int32)
        flags = np.empty(len(numbers), np.uint8)
        cdef unsigned short[::1] type_of = types
        cdef int[::1] site_of = sites
        cdef unsigned char[::1] flag_of = flags
        cdef Py_ssize_t i
        cdef int slot
        cdef const View* view = &self.view
        with nogil:
            for i in range(numbers.shape[0]):
                slot = slot_of(view, numbers[i])
                if slot >= 0:
                    type_of[i] = view.slots[slot].type
                    site_of[i] = view.slots[slot].site
                    flag_of[i] = view.slots[slot].flags
                else:
                    type_of[i] = view.type[numbers[i]]
                    site_of[i] = view.site[numbers[i]]
                    flag_of[i] = view.flags[numbers[i]]
        return types, sites, flags

    def incoming(self, int ci):
        """What a CI depends on: a list of (provider, relation number, kind)."""
        if not 0 <= ci < self.view.size:
            return []
        cdef Incoming row = incoming_of(&self.view, ci)
        return [(row.provider[i], row.number[i], row.kind[i]) for i in range(row.count)]

    def merged(self):
        """Incoming rows and columns with all changes in, as arrays for a new base."""
        return _merged(&self.view)


cdef dict _merged(const View* view):
    cdef int size = view.size
    start = np.zeros(size + 1, np.int32)
    cdef int[::1] starts = start
    cdef int ci, at
    cdef Incoming row
    cdef int slot
    with nogil:
        for ci in range(size):
            starts[ci + 1] = starts[ci] + incoming_of(view, ci).count
    total = int(start[size])
    result = {
        "flags": np.empty(size, np.uint8),
        "type": np.empty(size, np.uint16),
        "site": np.empty(size, np.int32),
        "in_start": start,
        "in_provider": np.empty(total, np.int32),
        "in_number": np.empty(total, np.int32),
        "in_kind": np.empty(total, np.uint16),
    }
    cdef unsigned char[::1] flags = result["flags"]
    cdef unsigned short[::1] types = result["type"]
    cdef int[::1] sites = result["site"]
    cdef int[::1] provider = result["in_provider"]
    cdef int[::1] number = result["in_number"]
    cdef unsigned short[::1] kind = result["in_kind"]
    with nogil:
        for ci in range(size):
            slot = slot_of(view, ci)
            if slot >= 0:
                flags[ci] = view.slots[slot].flags
                types[ci] = view.slots[slot].type
                sites[ci] = view.slots[slot].site
            else:
                flags[ci], types[ci], sites[ci] = view.flags[ci], view.type[ci], view.site[ci]
            row = incoming_of(view, ci)
            for at in range(row.count):
                provider[starts[ci] + at] = row.provider[at]
                number[starts[ci] + at] = row.number[at]
                kind[starts[ci] + at] = row.kind[at]
    return result
