"""One impact question on a network: whom the CIs that fell cut off or leave hanging on one CI.

Only the part of the network that a failure touches is walked. In its block, with the vertex a
closest to the virtual root, a vertex is *low-safe* while it is joined to a or has a lower neighbour
that is low-safe, and *high-safe* likewise; with both it has two disjoint paths to a, so nothing new
lies on all its paths. Each vertex counts the neighbours it lost on either side; those no longer
safe on both are examined, in the connected pieces they form.
"""

from libc.stdlib cimport calloc, free
from libc.string cimport memset

import numpy as np

from cmdb.impact.engine.blocks cimport LocalGraph
from cmdb.impact.engine.graph cimport AT_RISK, DOWN
from cmdb.impact.engine.network cimport Network

cdef enum:  # flags of a vertex; the first two are also 1 << side
    NOT_LOW_SAFE = 1
    NOT_HIGH_SAFE = 2
    UNSAFE = 3
    GONE = 4  # down, or cut off
    RISKY = 8
    SUSPECT = 16  # to be examined in this call
    TOUCHED = 32

cdef enum:  # sides
    LOW = 0
    HIGH = 1


cdef class Outage:
    """Scratch for one question at a time about one network; `reset` it for the next question.

    `spread` takes, round by round, the vertices that fell and finds those that rise by the
    connectivity rule. Then `hangs_on` and `border` explain.
    """

    def __init__(self, Network network not None):
        cdef int size = network.vertices + 1, v
        self.network = network
        self.mark = <Mark*>calloc(size, sizeof(Mark))
        if self.mark == NULL:
            raise MemoryError
        for v in range(size):
            self.mark[v].hang = -1
        self.touched = np.empty(size, np.int32)
        self.fresh = np.empty(size, np.int32)
        self.suspects = np.empty(size, np.int32)
        self.queue = np.empty(size, np.int32)
        self.risen_vertex = np.empty(size, np.int32)
        self.risen_state = np.empty(size, np.uint8)
        self.pending = np.empty((size, 2), np.int32)
        # At most the network's edges, and one from the local root to each vertex.
        self.piece = LocalGraph(size, len(network.target) // 2 + size)
        self.borders = {}

    def __dealloc__(self):
        free(self.mark)

    def reset(self):
        """Forget the question; takes time only for the vertices it touched."""
        self.borders.clear()
        self.clear()

    def spread_all(self, const int[::1] fallen, int round):
        """The vertices that rise in this round, and their new states; see `spread`."""
        if round < 1:
            raise ValueError("rounds count from 1")
        if len(fallen) and not (0 <= np.min(fallen) and np.max(fallen) < self.network.vertices):
            raise ValueError("a vertex is out of range")
        cdef int risen = self.spread(&fallen[0] if len(fallen) else NULL, <int>len(fallen), round)
        return (
            np.array(self.risen_vertex[:risen], np.int32),
            np.array(self.risen_state[:risen], np.uint8),
        )

    def border(self, int vertex, int round, int without=-1):
        """The down vertices, sorted, next to what the vertex could still reach in this round.

        Reached without passing the vertex `without`, if one is given.
        """
        cdef int count, i, v, size = 0
        if not 0 <= vertex < self.network.vertices:
            raise ValueError("a vertex is out of range")
        cdef dict known = self.borders.setdefault((round, without), {})
        if vertex not in known:
            count = self._walk_island(vertex, round, without, &size)
            found = np.sort(self.suspects[:count])
            for i in range(size):
                v = self.queue[i]
                # Others are never asked about with this `without`; remembering them costs too much.
                if i == 0 or without < 0 or self.hangs_on(v, round) == without:
                    known[v] = found
        return known[vertex]

    cdef int spread(self, const int* fallen, int count, int round) noexcept nogil:
        """Take down the fallen vertices; returns how many rise in this round.

        They stand in `risen_vertex` and `risen_state`: DOWN for those cut off, AT_RISK for those
        that hang on another vertex than before. Each comes at most once with each state, and none
        that fell. Vertices cut off are to be given as fallen in the next round.
        """
        cdef int i, v
        self.risen = self.fresh_count = self.suspect_count = self.pending_count = 0
        for i in range(count):
            self._take_down(fallen[i], round)
        for i in range(self.fresh_count):
            self._rise_below(self.fresh[i], GONE)
        for i in range(self.fresh_count):
            v = self.fresh[i]
            if not self.mark[self.network.nearest[v]].flags & GONE:  # else its whole block is gone
                self._lose(v, LOW)
                self._lose(v, HIGH)
        for i in range(self.fresh_count):
            self._suspect_neighbours(self.fresh[i])
        for i in range(self.suspect_count):
            v = self.suspects[i]
            if self.mark[v].flags & (SUSPECT | GONE) == SUSPECT:
                self._examine(self.piece, v)
            self.mark[v].flags &= ~SUSPECT
        for i in range(self.pending_count):  # last: what is cut off in this round is not at risk
            v = self.pending[i, 0]
            if not self.mark[v].flags & GONE:
                self.mark[v].hang = self.pending[i, 1]
                self.mark[v].hang_round = round
                if not self.mark[v].flags & RISKY:
                    self._rise(v, RISKY)
                    self._rise_below(v, RISKY)
        return self.risen

    cpdef int hangs_on(self, int vertex, int round) noexcept nogil:
        """For a vertex at risk since this round: the nearest that newly lies on all its paths.

        -1 if none did by then.
        """
        while vertex >= 0 and (self.mark[vertex].hang < 0 or self.mark[vertex].hang_round > round):
            vertex = self.network.nearest[vertex]
        return self.mark[vertex].hang if vertex >= 0 else -1

    cdef void clear(self) noexcept nogil:
        """`reset`, but for the borders known."""
        cdef int i, v
        for i in range(self.touched_count):
            v = self.touched[i]
            memset(&self.mark[v], 0, sizeof(Mark))
            self.mark[v].hang = -1
        self.touched_count = 0

    cdef void _touch(self, int v) noexcept nogil:
        if not self.mark[v].flags & TOUCHED:
            self.mark[v].flags |= TOUCHED
            self.touched[self.touched_count] = v
            self.touched_count += 1

    cdef void _rise(self, int v, unsigned char flag) noexcept nogil:
        """Cut off (GONE) or put at risk (RISKY). Never a network root: nothing dominates one."""
        self._touch(v)
        self.mark[v].flags |= flag
        self.risen_vertex[self.risen] = v
        self.risen_state[self.risen] = DOWN if flag == GONE else AT_RISK
        self.risen += 1

    cdef void _take_down(self, int v, int round) noexcept nogil:
        if self.mark[v].fell:
            return
        self._touch(v)
        self.mark[v].fell = round
        if self.mark[v].flags & GONE or self.network.nearest[v] < 0:
            return  # cut off before, or never joined to a root: nothing else changes
        self.mark[v].flags |= GONE
        self.fresh[self.fresh_count] = v
        self.fresh_count += 1

    cdef void _rise_below(self, int top, unsigned char flag) noexcept nogil:
        """All paths of the vertices below one in the dominator tree run through it."""
        cdef int v, child, i, size = 1
        self.queue[0] = top
        while size:
            size -= 1
            v = self.queue[size]
            for i in range(self.network.child_start[v], self.network.child_start[v + 1]):
                child = self.network.child[i]
                if not self.mark[child].flags & (GONE | flag):  # else so is all that is below it
                    self._rise(child, flag)
                    self.queue[size] = child
                    size += 1

    cdef void _suspect(self, int v) noexcept nogil:
        if not self.mark[v].flags & SUSPECT:
            self.mark[v].flags |= SUSPECT
            self.suspects[self.suspect_count] = v
            self.suspect_count += 1

    cdef void _lose(self, int top, int side) noexcept nogil:
        """The vertex is no longer safe on this side; nor are those that leaned on it alone."""
        cdef const int[:, ::1] part = self.network.part
        cdef int v, w, i, size = 1
        if self.mark[top].flags & (1 << side):
            return
        self.mark[top].flags |= 1 << side
        self.queue[0] = top
        while size:
            size -= 1
            v = self.queue[size]
            for i in range(part[v, 1 - side], part[v, 2 - side]):
                w = self.network.target[i]
                if self.mark[w].flags & (GONE | 1 << side) or part[w, 0] > self.network.start[w]:
                    continue  # safe without v, as a neighbour of the block's first; or lost before
                self._touch(w)
                self.mark[w].lost[side] += 1
                if self.mark[w].lost[side] == part[w, side + 1] - part[w, side]:
                    self.mark[w].flags |= 1 << side
                    self._suspect(w)
                    self.queue[size] = w
                    size += 1

    cdef void _suspect_neighbours(self, int v) noexcept nogil:
        cdef int w, i
        for i in range(self.network.part[v, 0], self.network.part[v, 2]):
            w = self.network.target[i]
            if self.mark[w].flags & UNSAFE and not self.mark[w].flags & GONE:
                self._suspect(w)

    cdef void _examine(self, LocalGraph piece, int v) noexcept nogil:
        """Cut off or leave hanging the members of the piece of unsafe vertices that v is in.

        Its dominators are found in a small graph: the piece, the safe vertices around it, and in
        place of the rest of the network one root joined to those. That is exact, because a safe
        vertex reaches the block's first whichever one other vertex is taken away.
        """
        cdef int i, dominator
        if self._alone(v):
            return
        self._collect(piece, v)
        piece.find_dominators()
        for i in range(1, piece.count):
            v = piece.member[i]
            if not self.mark[v].flags & UNSAFE:
                continue
            self.mark[v].flags &= ~SUSPECT
            dominator = piece.search.nearest[i]
            if dominator < 0:
                self._rise(v, GONE)
                self._rise_below(v, GONE)
            elif dominator > 0 and self.mark[v].hang < 0:
                self.pending[self.pending_count, 0] = v
                self.pending[self.pending_count, 1] = piece.member[dominator]
                self.pending_count += 1

    cdef bint _alone(self, int v) noexcept nogil:
        """Examine a vertex that is a piece by itself, as most are; False where it is not."""
        cdef int i, w, safe = 0, last = -1
        for i in range(self.network.part[v, 0], self.network.part[v, 2]):
            w = self.network.target[i]
            if self.mark[w].flags & GONE:
                continue
            if self.mark[w].flags & UNSAFE:
                return False
            safe += 1
            last = w
        if safe == 0:
            self._rise(v, GONE)
            self._rise_below(v, GONE)
        elif safe == 1 and self.mark[v].hang < 0:
            self.pending[self.pending_count, 0] = v
            self.pending[self.pending_count, 1] = last
            self.pending_count += 1
        return True

    cdef void _collect(self, LocalGraph piece, int v) noexcept nogil:
        """Put together the small graph of the piece that v is in."""
        cdef int i, k, w, safe
        piece.begin()
        piece.number(v)
        i = 1
        while i < piece.count:
            v = piece.member[i]
            if not self.mark[v].flags & UNSAFE:
                piece.join(0, i)
            else:
                safe = 0
                for k in range(self.network.part[v, 0], self.network.part[v, 2]):
                    w = self.network.target[k]
                    if self.mark[w].flags & GONE:
                        continue
                    if self.mark[w].flags & UNSAFE:
                        if piece.number(w) > i:
                            piece.join(i, piece.number(w))
                    elif safe < 2:  # one of two stays whatever single vertex is taken away
                        safe += 1
                        piece.join(i, piece.number(w))
            i += 1

    cdef int _walk_island(self, int vertex, int round, int without, int* size) noexcept nogil:
        """Fill `queue` with the vertices reached and `suspects` with the down ones next to them.

        Returns how many are down. `seen` marks both, in between.
        """
        cdef int i, k, v, w, count = 0, m = self.network.vertices
        self.queue[0] = vertex
        self.mark[vertex].seen = 1
        size[0] = 1
        i = 0
        while i < size[0]:
            v = self.queue[i]
            for k in range(self.network.start[v], self.network.start[v + 1]):
                w = self.network.target[k]
                if w == m or w == without or self.mark[w].seen:
                    continue
                self.mark[w].seen = 1
                if 0 < self.mark[w].fell <= round:
                    self.suspects[count] = w
                    count += 1
                else:
                    self.queue[size[0]] = w
                    size[0] += 1
            i += 1
        for i in range(size[0]):
            self.mark[self.queue[i]].seen = 0
        for i in range(count):
            self.mark[self.suspects[i]].seen = 0
        return count
