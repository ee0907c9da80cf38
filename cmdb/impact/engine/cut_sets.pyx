"""Minimal cut sets of one CI: the smallest sets of failures that take it down.

Every cut hits every support, so it is enough to branch over the CIs of one support, and of another
one that avoids those chosen so far (as in hitting set trees, Reiter 1987, "A theory of diagnosis
from first principles"). A CI already branched over is left out of later branches: each cut is found
once.
"""

import time
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from cmdb.impact.engine.ancestry import ancestry
from cmdb.impact.engine.graph cimport Graph
from cmdb.impact.engine.kinds cimport Kinds
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.supports cimport Supports


class CutSets(NamedTuple):
    """`sets` are tuples of ascending CI numbers, the smaller sets first, then by number.

    Where `complete` is false, time or `most` ran out: the sets are minimal cuts, but there may be
    more; then `examined` of `total` first branches were done (0 of 0 before they are known).
    """

    sets: list[tuple[int, ...]]
    complete: bool
    examined: int
    total: int


class OutOfBudget(Exception):
    """Time is over, or enough sets are found."""


def cut_sets(
    Graph graph not None,
    Network network not None,
    Kinds kinds not None,
    int service,
    failed,
    int size,
    double seconds,
    int most,
):
    """The minimal sets of up to `size` (1 to 3) CIs that, besides those failed, take a CI down.

    With failures and a size of 1 it tells what is left: which one more failure breaks the CI.
    The CI itself is a cut too, and left out. Where it is down already, the only set is the empty
    one. Takes `seconds` at most, and ends with `most` sets: see CutSets.
    """
    if not 1 <= size <= 3:
        raise ValueError("cut sets have 1 to 3 CIs")
    for ci in (service, *failed):
        if not graph.in_graph(ci):
            raise ValueError("not in the graph")
    until = time.monotonic() + seconds
    numbers, part, network_part = ancestry(graph, network, kinds, service)
    supports = Supports(part, network_part, int(np.searchsorted(numbers, service)))
    for ci in np.intersect1d(numbers, np.asarray(failed, np.int32)):
        supports.fail(supports.ordered.position[int(np.searchsorted(numbers, ci))])
    search = Search(supports, until, most)
    complete = True
    try:
        search.run(size)
    except OutOfBudget:
        complete = False
    ci_of = numbers[np.asarray(supports.ordered.ci)]
    sets = [tuple(sorted(int(ci_of[one]) for one in cut)) for cut in search.sets]
    return CutSets(sorted(sets, key=order), complete, search.examined, search.total)


def order(cut):
    """Smaller sets first, then by number."""
    return len(cut), cut


cdef class Search:
    """The sets found so far, as positions; and how far the search went."""

    cdef Supports supports
    cdef double until
    cdef int most
    cdef readonly list sets
    cdef readonly int examined, total
    cdef object partners  # by position: those that make a cut of two with it

    def __init__(self, Supports supports, double until, int most):
        self.supports, self.until, self.most = supports, until, most
        self.sets = []
        self.partners = defaultdict(list)

    def run(self, int size):
        """Find all sets of one CI, then of two, then of three."""
        cdef list branches
        if self.supports.is_down():
            self.sets.append(())
            return
        branches = self.supports.branch()
        self._leaf(())
        for (one,) in self.sets:
            self.supports.bar(one)
        branches = [one for one in branches if not self.supports.barred[one]]
        self.total = 1 + (size - 1) * len(branches)
        self.examined = 1
        for depth in range(1, size):
            self._branch((), branches, depth)
            self.partners = defaultdict(list)
            for cut in self.sets:
                if len(cut) == 2:
                    self.partners[cut[0]].append(cut[1])
                    self.partners[cut[1]].append(cut[0])

    def _branch(self, tuple chosen, list branches, int depth):
        """Sets with those chosen and `depth` + 1 more, one of which is among the branches."""
        cdef list barred = []
        for one in branches:
            if time.monotonic() >= self.until:
                raise OutOfBudget
            bars = self.partners.get(one, ())
            for other in bars:
                self.supports.bar(other)
            self.supports.fail(one)
            cut = (*chosen, one)
            if depth == 1:
                self._leaf(cut)
            else:
                self._branch(cut, self.supports.branch(), depth - 1)
            self.supports.unfail()
            for other in bars:
                self.supports.unbar(other)
            self.supports.bar(one)
            barred.append(one)
            if not chosen:
                self.examined += 1
        for one in barred:
            self.supports.unbar(one)

    def _leaf(self, tuple chosen):
        """Sets with those chosen and one more."""
        for one in self.supports.singles(self.until):
            if len(self.sets) >= self.most:
                raise OutOfBudget
            self.sets.append((*chosen, one))
        if not self.supports.complete:
            raise OutOfBudget
