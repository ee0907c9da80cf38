"""The part of the graph that can take one CI down, as a small graph and network of its own."""

import numpy as np

from cmdb.impact.engine.graph cimport (
    GROUP, IN_GRAPH, SOFT, Arcs, Graph, Incoming, View, arcs_of, dependent_of, in_graph,
    incoming_of, slack_of,
)
from cmdb.impact.engine.kinds cimport Kinds, KindView
from cmdb.impact.engine.network cimport Network


def ancestry(Graph graph not None, Network network not None, Kinds kinds not None, int ci):
    """All CIs whose failure may take part in taking a CI down, itself included.

    Returns their numbers (int32, ascending), and a graph and a network of only those, numbered by
    their place there, that agree with the whole ones on who of them goes down.
    """
    cdef const View* view = &graph.view
    cdef unsigned char[::1] seen = np.zeros(view.size, np.uint8)
    cdef int[::1] queue = np.empty(view.size, np.int32)
    cdef unsigned char[::1] spread = np.zeros(network.vertices + 1, np.uint8)
    cdef int count
    with nogil:
        count = walk(view, network, &kinds.view, ci, seen, queue, spread)
    numbers = np.sort(np.asarray(queue)[:count])
    place = np.full(view.size, -1, np.int32)
    place[numbers] = np.arange(count, dtype=np.int32)
    return numbers, part_of_graph(graph, numbers, place), part_of_network(network, numbers, place)


cdef int walk(
    const View* view,
    Network network,
    const KindView* kinds,
    int ci,
    unsigned char[::1] seen,
    int[::1] queue,
    unsigned char[::1] spread,
) noexcept nogil:
    """From a CI to its providers; from a linked one to its whole block, and those on the way."""
    cdef int head = 0, count = 1, i, v, top
    cdef Incoming row
    queue[0] = ci
    seen[ci] = 1
    while head < count:
        ci = queue[head]
        head += 1
        row = incoming_of(view, ci)
        for i in range(row.count):
            if kinds.arc[row.kind[i]] != SOFT:
                count = add(view, row.provider[i], seen, queue, count)
        v = network.vertex[ci] if network.vertices and ci < network.size else -1
        if v < 0 or not network.judged[v]:
            continue
        top = network.nearest[v]
        if spread[top]:
            continue
        spread[top] = 1
        if top < network.vertices:
            count = add(view, network.ci[top], seen, queue, count)
        for i in range(network.child_start[top], network.child_start[top + 1]):
            count = add(view, network.ci[network.child[i]], seen, queue, count)
    return count


cdef inline int add(
    const View* view, int ci, unsigned char[::1] seen, int[::1] queue, int count
) noexcept nogil:
    if seen[ci] or not in_graph(view, ci):
        return count
    seen[ci] = 1
    queue[count] = ci
    return count + 1


cdef Graph part_of_graph(Graph graph, const int[::1] numbers, const int[::1] place):
    """The hard and grouped relations among some CIs."""
    cdef const View* view = &graph.view
    cdef int size = <int>len(numbers), i, at, target, filled = 0, groups = 0, slot
    cdef Arcs row
    cdef long long total = 0
    for i in range(size):
        total += arcs_of(view, numbers[i]).count
    out_start, out_arc = np.zeros(size + 1, np.int32), np.empty(total, np.int32)
    dependents, slacks = np.empty(total, np.int32), np.empty(total, np.int32)
    cdef int[::1] start = out_start
    cdef int[::1] arc = out_arc
    cdef int[::1] dependent = dependents
    cdef int[::1] slack = slacks
    cdef int[::1] group_of = np.full(view.groups + 1, -1, np.int32)
    with nogil:
        for i in range(size):
            row = arcs_of(view, numbers[i])
            for at in range(row.count):
                slot = row.arc[at] >> 2
                target = place[dependent_of(view, slot) if row.arc[at] & GROUP else slot]
                if target < 0 or row.arc[at] & SOFT:
                    continue
                arc[filled] = target << 2
                if row.arc[at] & GROUP:
                    if group_of[slot] < 0:
                        group_of[slot] = groups
                        dependent[groups] = target
                        slack[groups] = slack_of(view, slot)
                        groups += 1
                    arc[filled] = group_of[slot] << 2 | GROUP
                filled += 1
            start[i + 1] = filled
    empty = np.zeros(0, np.int32)
    return Graph({
        "flags": np.full(size, IN_GRAPH, np.uint8),
        "type": np.zeros(size, np.uint16),
        "site": np.zeros(size, np.int32),
        "out_start": out_start,
        "out_arc": out_arc[:filled].copy(),
        "in_start": np.zeros(size + 1, np.int32),
        "in_provider": empty,
        "in_number": empty,
        "in_kind": np.zeros(0, np.uint16),
        "group_dependent": dependents[:groups].copy(),
        "group_name": np.zeros(groups, np.int32),
        "group_slack": slacks[:groups].copy(),
    })


cdef Network part_of_network(Network network, const int[::1] numbers, const int[::1] place):
    """The links among some CIs that reach a root, and the roots among them."""
    cdef int i, k, v, w, m = network.vertices
    low, high, roots = [], [], []
    for i in range(len(numbers)):
        v = network.vertex[numbers[i]] if m and numbers[i] < network.size else -1
        if v < 0 or network.nearest[v] < 0:
            continue
        for k in range(network.start[v], network.start[v + 1]):
            w = network.target[k]
            if w == m:
                roots.append(i)
            elif w > v and place[network.ci[w]] >= 0:
                low.append(i)
                high.append(place[network.ci[w]])
    ends = [np.array(one, np.int32) for one in (low, high, roots)]
    return Network.build(<int>len(numbers), *ends)
