"""The kinds of relations that occur: what their type, strength and group mean to the rules."""

import numpy as np


cdef class Kinds:
    """Parallel arrays, a row a kind; the last one has a row a group name."""

    def __init__(self, arc, group, numerator, denominator, type_order, group_order):
        cdef const unsigned char[::1] arcs = np.append(arc, 0).astype(np.uint8)
        cdef const int[::1] groups = np.append(group, 0).astype(np.int32)
        cdef const long long[::1] numerators = np.append(numerator, 0).astype(np.int64)
        cdef const long long[::1] denominators = np.append(denominator, 0).astype(np.int64)
        cdef const int[::1] type_orders = np.append(type_order, 0).astype(np.int32)
        cdef const int[::1] group_orders = np.append(group_order, 0).astype(np.int32)
        self._held = (arcs, groups, numerators, denominators, type_orders, group_orders)
        self.view.arc = &arcs[0]
        self.view.group = &groups[0]
        self.view.numerator = &numerators[0]
        self.view.denominator = &denominators[0]
        self.view.type_order = &type_orders[0]
        self.view.group_order = &group_orders[0]
