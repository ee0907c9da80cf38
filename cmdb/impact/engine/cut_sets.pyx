"""Minimal cut sets of one CI: the smallest sets of failures that take it down.

Every cut hits every support, so it is enough to branch over the CIs of one support, and of another
one that avoids those chosen so far (as in hitting set trees, Reiter 1987, "A theory of diagnosis
from first principles"). A CI already branched over is left out of later branches.

The supports of a whole service are large, so after the single CIs it is taken apart into what must
fall first (`Supports.parts`), with small ones. These are kept: most sets fail to hit one of those
known, which a few bits tell, and only as many closures are needed as there are cuts and supports.
"""

import time
from typing import NamedTuple

import numpy as np

from cmdb.impact.engine.ancestry import ancestry
from cmdb.impact.engine.graph cimport Graph
from cmdb.impact.engine.kinds cimport Kinds
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.supports cimport Supports

ctypedef unsigned long long Word


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
    """The sets found so far, as positions; and how far the search went.

    For one part at a time it collects supports, and a row of bits for each CI in them that tells in
    which it is. What hits all of them is tried: either it is a cut, or there is one more support.
    """

    cdef Supports supports
    cdef double until
    cdef int most
    cdef readonly list sets
    cdef readonly int examined, total
    cdef set known  # the sets, each in ascending order
    cdef int[::1] row  # by position: which row is the CI's; 0 where it is in no support
    cdef Word[:, ::1] inside  # by row: in which supports the CI is
    cdef Word[:, ::1] missed  # by how many are chosen: the supports that those do not hit
    cdef unsigned char[::1] barred  # by position: 1 where all sets with the CI are found
    cdef int[::1] member  # the CIs of all supports
    cdef int[::1] start  # of each support there, and the end
    cdef int count, words, rows  # supports, words in a row, and rows in use
    cdef int[3] chosen

    def __init__(self, Supports supports, double until, int most):
        self.supports, self.until, self.most = supports, until, most
        self.sets, self.known = [], set()
        self.words = 4
        self.rows = 1
        self.row = np.zeros(supports.count, np.int32)
        self.inside = np.zeros((64, self.words), np.uint64)
        self.missed = np.zeros((3, self.words), np.uint64)
        self.barred = np.zeros(supports.count, np.uint8)
        self.barred[supports.watched] = 1
        self.member = np.empty(1024, np.int32)
        self.start = np.zeros(64 * self.words + 1, np.int32)

    def run(self, int size):
        """Find all sets of one CI, then of two, then of three."""
        if self.supports.is_down():
            self.sets.append(())
            return
        self._extend(0, 1)
        parts = self.supports.parts([one for (one,) in self.sets]) if size > 1 else []
        self.total = 1 + (size - 1) * len(parts)
        self.examined = 1
        for more in range(2, size + 1):
            for part in parts:
                self._forget()
                self.supports.part = part
                self._extend(0, more)
                self.examined += 1

    cdef int _forget(self) except -1:
        """Drop the supports of the part before."""
        cdef int i
        for i in range(self.start[self.count]):
            self.row[self.member[i]] = 0
        self.inside[:, :] = 0
        self.missed[:, :] = 0
        self.count, self.rows = 0, 1
        return 0

    cdef int _extend(self, int n, int more) except -1:
        """Find the sets with the first `n` chosen and up to `more` more."""
        cdef int support = self._smallest(n), i
        if time.monotonic() >= self.until:
            raise OutOfBudget
        if support < 0:
            if self._is_cut(n, n):
                return 0
            support = self.count - 1
        if more == 1:
            return self._complete(n, support)
        branches = [
            self.member[i]
            for i in range(self.start[support], self.start[support + 1])
            if not self.barred[self.member[i]]
        ]
        for one in branches:
            self.chosen[n] = one
            if n == 0 or not self._is_known(n + 1):
                for i in range(self.words):
                    self.missed[n + 1, i] = self.missed[n, i] & ~self.inside[self.row[one], i]
                self._extend(n + 1, more - 1)
            self.barred[one] = 1
        for one in branches:
            self.barred[one] = 0
        return 0

    cdef int _complete(self, int n, int support) except -1:
        """Find the sets with the first `n` chosen and one CI of the support."""
        cdef int at, one
        cdef list left = []
        for at in range(self.start[support], self.start[support + 1]):
            one = self.member[at]
            if not self.barred[one] and self._hits_all(n, one):
                left.append(one)
                self.supports.wanted[one] = 1  # so that one support more rules out many
        for one in left:
            self.supports.wanted[one] = 0
            self.chosen[n] = one
            if self._hits_all(n, one) and not self._is_known(n + 1):
                self._is_cut(n + 1, n)
        return 0

    cdef bint _hits_all(self, int n, int one) noexcept nogil:
        """Whether the CI is in all supports that the first `n` chosen miss."""
        cdef int i
        for i in range(self.words):
            if self.missed[n, i] & ~self.inside[self.row[one], i]:
                return False
        return True

    cdef bint _is_known(self, int n) except -1:
        """Whether the first `n` chosen contain a known set of more than one."""
        cdef tuple cut = self._cut(n)
        if cut in self.known:
            return True
        if n < 3:
            return False
        a, b, c = cut
        return (a, b) in self.known or (a, c) in self.known or (b, c) in self.known

    cdef tuple _cut(self, int n):
        return tuple(sorted([self.chosen[i] for i in range(n)]))

    cdef bint _is_cut(self, int n, int kept) except -1:
        """Try the first `n` chosen; if they are no cut, a support is added that they miss.

        Then the first `kept` chosen miss it, and go on to be chosen.
        """
        if time.monotonic() >= self.until:
            raise OutOfBudget
        if self.supports.down_with(self.chosen, n):
            if len(self.sets) >= self.most:
                raise OutOfBudget
            self.known.add(self._cut(n))
            self.sets.append(self._cut(n))
            return True
        self.supports.build()
        self._add(kept)
        return False

    cdef int _add(self, int kept) except -1:
        """Take in the last support built."""
        cdef int i, one, at = self.start[self.count], end = at + self.supports.size
        cdef Word bit = <Word>1 << (self.count & 63)
        self._make_room(end)
        for i in range(self.supports.size):
            one = self.supports.support[i]
            if self.row[one] == 0:
                self.row[one] = self.rows
                self.rows += 1
            self.member[at + i] = one
            self.inside[self.row[one], self.count >> 6] |= bit
        for i in range(kept + 1):
            self.missed[i, self.count >> 6] |= bit
        self.count += 1
        self.start[self.count] = end
        return 0

    cdef int _make_room(self, int end) except -1:
        """For one support more, and `end` CIs in all."""
        cdef int rows = <int>self.inside.shape[0], more = self.rows + self.supports.size - rows
        if self.count == 64 * self.words:
            self.inside = np.pad(self.inside, ((0, 0), (0, self.words)))
            self.missed = np.pad(self.missed, ((0, 0), (0, self.words)))
            self.words *= 2
            self.start = np.resize(self.start, 64 * self.words + 1)
        if more > 0:
            self.inside = np.pad(self.inside, ((0, rows + more), (0, 0)))
        if end > self.member.shape[0]:
            self.member = np.resize(self.member, 2 * end)
        return 0

    cdef int _smallest(self, int n) noexcept nogil:
        """The smallest support that the first `n` chosen miss, -1 if they hit all."""
        cdef int i, size, least = 0, best = -1
        for i in range(self.count):
            if self.missed[n, i >> 6] >> (i & 63) & 1:
                size = self.start[i + 1] - self.start[i]
                if best < 0 or size < least:
                    least, best = size, i
        return best
