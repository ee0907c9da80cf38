"""Which CIs could have caused what is seen: from every symptom back to what it depends on.

A walk against the arcs, nearest first, that keeps how much of a cause's trouble would be left at
the symptom: soft relations take a step off it. Members of a group count as if each could take the
group down, for several may have one cause. In the network a CI can be cut off by the CIs that lie
on every path to a root, and be put at risk by its neighbours.
"""

import numpy as np

from cmdb.impact.engine.graph cimport (
    GROUP, Arcs, Graph, Incoming, View, arcs_of, dependent_of, in_graph, incoming_of,
)
from cmdb.impact.engine.kinds cimport Kinds, KindView
from cmdb.impact.engine.network cimport Network

cdef enum:
    LOST = 3  # steps after which nothing is left of a CI that is down
    RISK = 2  # steps after which a symptom would be at risk only
    FEW = 64  # dependents of a CI that are counted

cdef double[3] STRENGTH = [1.0, 0.8, 0.2]


cdef struct Walk:
    const View* view
    const KindView* kinds
    int* seen  # by CI: the number of the last walk that came here
    unsigned char* lost  # by CI: the steps lost on the way, in that walk
    int* distance  # by CI, in that walk
    float* hits  # by CI: how many symptoms it could explain
    float* near  # by CI: how near it is to them
    int* queue
    int count
    int most
    int* touched
    int touched_count
    int number


def upstream(
    Graph graph not None, Network network not None, Kinds kinds not None, const int[::1] symptoms,
    int most,
):
    """The CIs that could have caused symptoms (different CIs of the graph).

    Returns their numbers, how many symptoms each could explain, how near it is to them, what share
    of its dependents is on the way to a symptom, and whether no walk was cut off after `most` CIs.
    """
    cdef const View* view = &graph.view
    cdef Walk walk
    cdef int i
    cdef bint complete = True
    cdef int[::1] seen = np.zeros(view.size, np.int32)
    cdef unsigned char[::1] lost = np.zeros(view.size, np.uint8)
    cdef int[::1] distance = np.zeros(view.size, np.int32)
    cdef float[::1] hits = np.zeros(view.size, np.float32)
    cdef float[::1] near = np.zeros(view.size, np.float32)
    cdef int[::1] touched = np.empty(view.size, np.int32)
    cdef int[::1] queue = np.empty(LOST * most + 1, np.int32)
    if view.size == 0 or len(symptoms) == 0:
        nothing = np.zeros(0, np.float32)
        return np.zeros(0, np.int32), nothing, nothing, nothing, True
    walk.view, walk.kinds = view, &kinds.view
    walk.seen, walk.lost, walk.distance = &seen[0], &lost[0], &distance[0]
    walk.hits, walk.near, walk.touched = &hits[0], &near[0], &touched[0]
    walk.queue, walk.most, walk.touched_count = &queue[0], most, 0
    with nogil:
        for i in range(symptoms.shape[0]):
            walk.number, walk.count = i + 1, 0
            complete &= walk_back(&walk, network, symptoms[i])
    numbers = np.sort(np.asarray(touched)[:walk.touched_count])
    cdef int[::1] number = numbers
    shares = np.empty(len(numbers), np.float32)
    cdef float[::1] share = shares
    with nogil:
        for i in range(number.shape[0]):
            share[i] = share_touched(&walk, number[i])
    return numbers, np.asarray(hits)[numbers], np.asarray(near)[numbers], shares, bool(complete)


cdef float share_touched(const Walk* walk, int ci) noexcept nogil:
    """Of a CI's dependents (the first of many), the share that a walk came to; 1 for none."""
    cdef Arcs arcs = arcs_of(walk.view, ci)
    cdef int i, target, touched = 0, count = min(arcs.count, FEW)
    for i in range(count):
        target = arcs.arc[i] >> 2
        if arcs.arc[i] & GROUP:
            target = dependent_of(walk.view, target)
        touched += walk.seen[target] > 0
    return <float>((touched + 0.5) / (count + 0.5))


cdef bint walk_back(Walk* walk, Network network, int symptom) noexcept nogil:
    """From one symptom; False when it was cut off."""
    cdef int head = 0, ci, lost, far, i
    cdef Incoming row
    reach(walk, symptom, 0, 0)
    while head < walk.count:
        ci = walk.queue[head]
        head += 1
        if head > walk.most:
            return False
        lost, far = walk.lost[ci], walk.distance[ci] + 1
        row = incoming_of(walk.view, ci)
        for i in range(row.count):
            reach(walk, row.provider[i], lost + (walk.kinds.arc[row.kind[i]] & 1), far)
        if network.vertices and ci < network.size and network.vertex[ci] >= 0:
            reach_links(walk, network, network.vertex[ci], lost, far)
    return True


cdef void reach_links(Walk* walk, Network network, int vertex, int lost, int far) noexcept nogil:
    """The CIs of the network that could cut a linked CI off, or put it at risk."""
    cdef int i, top
    if not network.judged[vertex]:
        return
    top = network.nearest[vertex]
    if top < network.vertices:
        reach(walk, network.ci[top], lost, far)
    for i in range(network.part[vertex, 0], network.part[vertex, 2]):
        reach(walk, network.ci[network.target[i]], max(lost, RISK), far)


cdef void reach(Walk* walk, int ci, int lost, int far) noexcept nogil:
    """Come to a CI; again only where more is left of its trouble than on the way before."""
    cdef double before = 0
    if lost >= LOST or not in_graph(walk.view, ci):
        return
    if walk.seen[ci] == walk.number:
        if walk.lost[ci] <= lost:
            return
        before = STRENGTH[walk.lost[ci]]
    elif walk.seen[ci] == 0:
        walk.touched[walk.touched_count] = ci
        walk.touched_count += 1
    if walk.seen[ci] != walk.number:
        walk.distance[ci] = far
        walk.near[ci] += <float>(1.0 / (1 + far))
    walk.seen[ci] = walk.number
    walk.lost[ci] = <unsigned char>lost
    walk.hits[ci] += <float>(STRENGTH[lost] - before)
    if walk.count < LOST * walk.most:
        walk.queue[walk.count] = ci
        walk.count += 1
