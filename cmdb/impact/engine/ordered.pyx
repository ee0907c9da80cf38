"""The graph renumbered so that providers come before dependents, and neighbours stay close."""

import numpy as np

from cmdb.impact.engine.graph cimport (
    GROUP, SOFT, Arcs, Graph, View, arcs_of, dependent_of, in_graph, slack_of,
)
from cmdb.impact.engine.network cimport Network


cdef struct Reach:  # what the failure of one CI reaches
    Arcs arcs
    const int* child  # vertices of the dominator tree, cut off
    int children

cdef enum:
    DOMINATOR = -1  # beside the kinds of arcs: what cuts off a CI when it goes down

cdef enum:  # columns of the depth-first search
    ENTERED = 0
    LOW = 1
    PARENT = 2
    NEXT = 3
    WAITING = 4  # by place, not by CI: those whose component is not complete


cdef class OrderedGraph:
    """The CIs in the graph, by position in a topological order of the strong components.

    Within a component the positions are consecutive. A CI whose failure alone cuts off another one
    (its immediate dominator in the network) counts as a provider of that one.

    - `ci`, `position`, `vertex`: CI numbers, positions and network vertices of each other.
    - `first`: where the component of each position begins.
    - `out_start`, `out_target`: the positions of the dependents of each position.
    - `row_start`, `row`: what each position depends on: its immediate dominator, or -1; how many
      hard providers, these; how many soft ones, these; and for each group its slack (n - need + 1),
      n, and the members.
    """

    def __init__(self, Graph graph not None, Network network not None):
        if network.vertices and network.size > graph.view.size:
            raise ValueError("the network is of another graph")
        self._sort(&graph.view, network)
        self._list_providers(&graph.view, self._list_dependents(&graph.view, network))

    cdef int _sort(self, const View* view, Network network) except -1:
        """Number the CIs by component, and in reverse postorder within each."""
        cdef int size = view.size, components = 0, i, v
        cdef int[::1] component = np.full(size, -1, np.int32)
        cdef int[::1] postorder = np.empty(size, np.int32)
        cdef int[::1] place
        cdef int[:, ::1] scratch = np.zeros((size, 5), np.int32)
        self.position = np.full(size, -1, np.int32)
        with nogil:
            self.count = depth_first(view, network, component, postorder, scratch, &components)
        place = np.zeros(components + 1, np.int32)
        self.ci = np.empty(self.count, np.int32)
        self.first = np.empty(self.count, np.int32)
        self.vertex = np.full(self.count, -1, np.int32)
        with nogil:
            # Components are numbered as they are completed, dependents first.
            for i in range(self.count):
                place[components - component[postorder[i]]] += 1
            for i in range(components):
                place[i + 1] += place[i]
            for v in range(components):
                for i in range(place[v], place[v + 1]):
                    self.first[i] = place[v]
            for i in range(self.count - 1, -1, -1):
                v = postorder[i]
                self.position[v] = place[components - 1 - component[v]]
                place[components - 1 - component[v]] += 1
                self.ci[self.position[v]] = v
            for i in range(network.vertices):
                if self.position[network.ci[i]] >= 0:
                    self.vertex[self.position[network.ci[i]]] = i
        return 0

    cdef object _list_dependents(self, const View* view, Network network):
        """Fill `out_start` and `out_target`; returns each one's HARD, SOFT, DOMINATOR or group."""
        cdef int p, q, at
        cdef int filled = 0
        cdef long long total = 0
        cdef Reach reach
        self.out_start = np.zeros(self.count + 1, np.int32)
        for p in range(self.count):
            reach = reach_of(view, network, self.ci[p])
            total += reach.arcs.count + reach.children
        if total > 2147483647:
            raise OverflowError("too many relations")
        self.out_target = np.empty(total, np.int32)
        arcs = np.empty(total, np.int32)
        cdef int[::1] arc = arcs
        with nogil:
            for p in range(self.count):
                reach = reach_of(view, network, self.ci[p])
                for at in range(reach.arcs.count + reach.children):
                    q = self.position[reached(view, network, &reach, at)]
                    if q < 0:
                        continue
                    self.out_target[filled] = q
                    if at >= reach.arcs.count:
                        arc[filled] = DOMINATOR
                    elif reach.arcs.arc[at] & GROUP:
                        arc[filled] = reach.arcs.arc[at]
                    else:
                        arc[filled] = reach.arcs.arc[at] & SOFT
                    filled += 1
                self.out_start[p + 1] = filled
        return arcs

    cdef int _list_providers(self, const View* view, const int[::1] arc) except -1:
        """Fill `row_start` and `row` from the dependents."""
        cdef int[:, ::1] place = np.zeros((self.count + 1, 3), np.int32)  # hard, soft, groups
        cdef int[::1] members = np.zeros(view.groups + 1, np.int32)
        cdef int p, q, g, at, start
        cdef long long total = 0
        self.row_start = np.zeros(self.count + 1, np.int32)
        with nogil:
            for at in range(self.out_start[self.count]):
                if arc[at] >= 0 and arc[at] & GROUP:
                    members[arc[at] >> 2] += 1
                elif arc[at] >= 0:
                    place[self.out_target[at], arc[at]] += 1
            for g in range(view.groups):
                if members[g]:
                    place[self.position[dependent_of(view, g)], 2] += 2 + members[g]
            for p in range(self.count):
                total += 3 + place[p, 0] + place[p, 1] + place[p, 2]
                self.row_start[p + 1] = <int>total
        if total > 2147483647:
            raise OverflowError("too many relations")
        self.row = np.empty(total, np.int32)
        with nogil:
            for p in range(self.count):
                start = self.row_start[p]
                self.row[start] = -1
                self.row[start + 1] = place[p, 0]
                self.row[start + 2 + place[p, 0]] = place[p, 1]
                place[p, 2] = start + 3 + place[p, 0] + place[p, 1]
                place[p, 1] = start + 3 + place[p, 0]
                place[p, 0] = start + 2
            for g in range(view.groups):
                if members[g]:
                    p = self.position[dependent_of(view, g)]
                    start = place[p, 2]
                    self.row[start] = slack_of(view, g)
                    self.row[start + 1] = members[g]
                    place[p, 2] += 2 + members[g]
                    members[g] = start + 2
            for p in range(self.count):
                for at in range(self.out_start[p], self.out_start[p + 1]):
                    q = self.out_target[at]
                    if arc[at] == DOMINATOR:
                        self.row[self.row_start[q]] = p
                    elif arc[at] & GROUP:
                        self.row[members[arc[at] >> 2]] = p
                        members[arc[at] >> 2] += 1
                    else:
                        self.row[place[q, arc[at]]] = p
                        place[q, arc[at]] += 1
        return 0


cdef inline Reach reach_of(const View* view, Network network, int ci) noexcept nogil:
    cdef Reach reach
    cdef int vertex = network.vertex[ci] if network.vertices and ci < network.size else -1
    reach.arcs = arcs_of(view, ci)
    reach.child = NULL
    reach.children = 0
    if vertex >= 0:
        reach.children = network.child_start[vertex + 1] - network.child_start[vertex]
        if reach.children:
            reach.child = &network.child[network.child_start[vertex]]
    return reach


cdef inline int reached(
    const View* view, Network network, const Reach* reach, int at
) noexcept nogil:
    """The CI at a place among those that a failure reaches."""
    if at >= reach.arcs.count:
        return network.ci[reach.child[at - reach.arcs.count]]
    if reach.arcs.arc[at] & GROUP:
        return dependent_of(view, reach.arcs.arc[at] >> 2)
    return reach.arcs.arc[at] >> 2


cdef int depth_first(
    const View* view,
    Network network,
    int[::1] component,
    int[::1] postorder,
    int[:, ::1] scratch,
    int* components,
) noexcept nogil:
    """Strong components (Tarjan 1972) and postorder of the CIs in the graph; returns their number.

    `component` must be -1 everywhere, and `scratch`, of shape (size, 5), zeros.
    """
    cdef int first, v, w, clock = 0, finished = 0, waiting = 0
    cdef Reach reach
    for first in range(view.size):
        if scratch[first, ENTERED] or not in_graph(view, first):
            continue
        v = first
        scratch[v, PARENT] = -1
        while v >= 0:
            if scratch[v, ENTERED] == 0:
                clock += 1
                scratch[v, ENTERED] = scratch[v, LOW] = clock
                scratch[waiting, WAITING] = v
                waiting += 1
            reach = reach_of(view, network, v)
            w = v
            while w == v and scratch[v, NEXT] < reach.arcs.count + reach.children:
                w = reached(view, network, &reach, scratch[v, NEXT])
                scratch[v, NEXT] += 1
                if scratch[w, ENTERED] == 0 and in_graph(view, w):
                    scratch[w, PARENT] = v
                    break
                if scratch[w, ENTERED] and component[w] < 0:
                    scratch[v, LOW] = min(scratch[v, LOW], scratch[w, ENTERED])
                w = v
            if w != v:
                v = w
                continue
            postorder[finished] = v
            finished += 1
            if scratch[v, LOW] == scratch[v, ENTERED]:
                while component[v] < 0:
                    waiting -= 1
                    component[scratch[waiting, WAITING]] = components[0]
                components[0] += 1
            w = scratch[v, PARENT]
            if w >= 0:
                scratch[w, LOW] = min(scratch[w, LOW], scratch[v, LOW])
            v = w
    return finished
