"""Criticality: for every CI, what goes down when it alone does."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from cmdb.impact.engine.closure cimport Closure
from cmdb.impact.engine.graph cimport DEGRADED, DOWN, Graph, in_graph
from cmdb.impact.engine.lanes cimport LANES
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.ordered cimport OrderedGraph
from cmdb.impact.engine.sweep cimport Sweep

COLUMNS = ("counted_down", "counted_degraded", "all_down", "all_degraded")
"""What is counted for each CI that fails."""

BLOCK = 4096
SAMPLE = 8
ROW_COST = 2
"""A row of a sweep costs as much as so many visits of one question alone; measured."""


def criticality(
    Graph graph not None, Network network not None, counted, int threads=2, side_by_side=None
):
    """Let every CI in the graph fail (go down) alone; returns arrays (int32) by CI number.

    `counted` (uint8, by CI number) marks the services. The failing CI itself is never counted.

    - `counted_down`, `counted_degraded`: how many services go down, how many exactly degraded;
    - `all_down`, `all_degraded`: how many CIs do;
    - `takers`: by how many other CIs, each alone, a service is taken down (0 for other CIs).

    `side_by_side` forces one of the two ways; by default a sample of sweeps decides.
    """
    marks = np.append(np.asarray(counted, np.uint8), np.uint8(0))
    if len(marks) != graph.view.size + 1:
        raise ValueError("one mark for each CI is needed")
    ordered = OrderedGraph(graph, network)
    ci = np.asarray(ordered.ci)
    # Those that nothing depends on take nothing down. CIs of one site reach much the same.
    failing = np.flatnonzero(np.diff(np.asarray(ordered.out_start))).astype(np.int32)
    sites = graph.columns(ci[failing])[1]
    failing = failing[np.argsort(sites, kind="stable")]
    by_position = np.append(marks[ci], np.uint8(0))
    if side_by_side is None:
        side_by_side = _share_much(ordered, network, by_position, failing)
    if not side_by_side:
        return _one_by_one(graph, network, marks, threads)
    found, takers = _side_by_side(ordered, network, by_position, failing, threads)
    result = {name: np.zeros(graph.view.size, np.int32) for name in (*COLUMNS, "takers")}
    for column, name in enumerate(COLUMNS):
        result[name][ci] = found[: len(ci), column]
    result["takers"][ci] = takers[: len(ci)]
    return result


def _share_much(OrderedGraph ordered, Network network, marks, failing):
    """Whether CIs that fail side by side reach so much in common that it pays."""
    if len(failing) < SAMPLE * LANES:
        return True
    found, takers = np.zeros((len(marks), len(COLUMNS)), np.int32), np.zeros(len(marks), np.int32)
    cdef Sweep sweep = Sweep(ordered, network, marks, failing, found, takers)
    rows = visits = 0
    for first in np.linspace(0, len(failing) - LANES, SAMPLE).astype(int).tolist():
        sweep.run(first, first + LANES)
        rows += sweep.touched
        visits += int(found[failing[first : first + LANES], 2:].sum())
    return ROW_COST * rows <= visits


def _one_by_one(Graph graph, Network network, marks, int threads):
    size = graph.view.size
    found = np.zeros((size + 1, len(COLUMNS)), np.int32)

    def work(starts):
        takers = np.zeros(size + 1, np.int32)
        ones = OneByOne(graph, network, marks, found, takers)
        for start in starts:
            ones.run(start, min(start + BLOCK, size))
        return takers

    takers = _in_threads(work, range(0, size, BLOCK), threads)
    result = {name: found[:size, k].copy() for k, name in enumerate(COLUMNS)}
    return result | {"takers": takers[:size]}


def _side_by_side(OrderedGraph ordered, Network network, marks, failing, int threads):
    """What is found, and the takers, by position."""
    found = np.zeros((len(marks), len(COLUMNS)), np.int32)

    def work(starts):
        takers = np.zeros(len(marks), np.int32)
        sweep = Sweep(ordered, network, marks, failing, found, takers)
        for start in starts:
            sweep.run(start, min(start + BLOCK, len(failing)))
        return takers

    return found, _in_threads(work, range(0, len(failing), BLOCK), threads)


def _in_threads(work, starts, int threads):
    """The sum of what each thread returns, which take blocks until none is left."""
    blocks = iter(starts)
    with ThreadPoolExecutor(threads) as pool:
        return sum(job.result() for job in [pool.submit(work, blocks) for _ in range(threads)])


cdef class OneByOne:
    """One thread's scratch: a closure after the other. Arrays are by CI number; see `Sweep`."""

    cdef Graph graph
    cdef Closure closure
    cdef const unsigned char[::1] counted
    cdef int[:, ::1] found
    cdef int[::1] takers

    def __init__(self, Graph graph, Network network, counted, found, takers):
        self.graph, self.closure = graph, Closure()
        self.counted, self.found, self.takers = counted, found, takers
        self.closure.prepare(graph, network, DEGRADED)

    def run(self, int first, int end):
        """Let the CIs from `first` to `end` - 1 fail, each alone."""
        cdef int ci
        with nogil:
            for ci in range(first, end):
                if in_graph(&self.graph.view, ci):
                    self.closure.clear()
                    self.closure.raise_to(ci, DOWN)
                    self.closure.spread(-1)
                    self._count(ci)

    cdef void _count(self, int failed) noexcept nogil:
        cdef int i, ci, down = self.closure.count[DOWN]
        cdef int counted_down = 0, degraded = 0, counted_degraded = 0
        for i in range(1, down):  # the first is the failed CI itself
            ci = self.closure.queue[DOWN][i]
            if self.counted[ci]:
                counted_down += 1
                self.takers[ci] += 1
        for i in range(self.closure.count[DEGRADED]):
            ci = self.closure.queue[DEGRADED][i]
            if self.closure.state[ci] == DEGRADED:
                degraded += 1
                counted_degraded += self.counted[ci] != 0
        self.found[failed, 0] = counted_down
        self.found[failed, 1] = counted_degraded
        self.found[failed, 2] = down - 1
        self.found[failed, 3] = degraded
