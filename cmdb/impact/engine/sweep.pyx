"""What many CIs take down, each failing alone: a question a lane of bits, in one pass.

CIs are taken in topological order of the strong components; each gathers its state in all lanes
from its providers at once, groups by bit-sliced counters. Only within a component, and where the
network cuts off more, is a CI taken again.
"""

from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from cmdb.impact.engine.lane_outage cimport LaneOutage
from cmdb.impact.engine.lanes cimport (
    LANES, WORDS, Lanes, Tally, Word, add_at, any_of, count_ones, differ, free_worklist, join,
    make_worklist, put, subtract, take, total_of,
)
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.ordered cimport OrderedGraph

cdef enum:  # columns of what is found, and tallies
    DOWN_COUNTED = 0
    DEGRADED_COUNTED = 1
    DOWN_ALL = 2
    DEGRADED_ALL = 3


cdef class Sweep:
    """The scratch of one thread. `counted`, `failing` and the results are by position.

    `found` has a row a CI: counted CIs down and degraded, all CIs down and degraded, itself left
    out. `takers` is by how many of the failing CIs, itself left out, a counted one is taken down.
    """

    def __init__(
        self,
        OrderedGraph graph not None,
        Network network not None,
        const unsigned char[::1] counted,
        const int[::1] failing,
        int[:, ::1] found,
        int[::1] takers,
    ):
        cdef int count = graph.count
        self.graph, self.outage = graph, LaneOutage(network)
        self.counted, self.failing, self.found, self.takers = counted, failing, found, takers
        self.used = 1
        self.bounds = &graph.first[0] if count else NULL
        self.rows = <Row*>malloc(<size_t>(count + 1) * sizeof(Row))
        self.slot = <int*>calloc(count + 1, sizeof(int))
        self.position_of = <int*>malloc((count + 1) * sizeof(int))
        self.linked = <int*>malloc((count + 1) * sizeof(int))
        self.tally = <Tally*>calloc(4, sizeof(Tally))
        if (
            self.rows == NULL or self.slot == NULL or self.position_of == NULL
            or self.linked == NULL or self.tally == NULL
        ):
            raise MemoryError
        memset(self.rows, 0, sizeof(Row))
        make_worklist(&self.todo, count)

    def __dealloc__(self):
        free(self.rows)
        free(self.slot)
        free(self.position_of)
        free(self.linked)
        free(self.tally)
        free_worklist(&self.todo)

    def run(self, int first, int end):
        """Let the CIs `failing[first:end]` fail, each alone."""
        if not 0 <= first <= end <= len(self.failing):
            raise ValueError("out of range")
        with nogil:
            while first < end:
                self._pass(first, min(first + LANES, end))
                first += LANES

    cdef void _pass(self, int first, int end) noexcept nogil:
        cdef int lane
        cdef Row own
        for lane in range(end - first):
            memset(&own, 0, sizeof(Row))
            own.down.word[lane >> 6] = own.bad.word[lane >> 6] = <Word>1 << (lane & 63)
            self._merge(self.failing[first + lane], &own)
        self._drain()
        while self._cut_off():
            self._drain()
        self._count(first, end)
        self._clear()

    cdef void _drain(self) noexcept nogil:
        """Rules 1 and 2, and the dominator tree of rule 3, until nothing changes."""
        cdef int position
        cdef Row total
        while True:
            position = take(&self.todo, self.bounds)
            if position < 0:
                return
            memset(&total, 0, sizeof(Row))
            self._gather(position, &total)
            self._merge(position, &total)

    cdef bint _merge(self, int position, const Row* more) noexcept nogil:
        """Raise a CI in some lanes; its dependents are to be taken again."""
        cdef int at, slot = self.slot[position]
        cdef Row before
        if slot == 0:
            if not any_of(&more.bad):
                return False
            slot = self.slot[position] = self.used
            self.position_of[slot] = position
            self.used += 1
            memset(&self.rows[slot], 0, sizeof(Row))
        before = self.rows[slot]
        join(&self.rows[slot].down, &more.down)
        join(&self.rows[slot].bad, &more.bad)
        if self.graph.vertex[position] >= 0 and differ(&before.down, &self.rows[slot].down):
            self.outage.fall(self.graph.vertex[position], &self.rows[slot].down)
            self.linked_count += 1
        elif not differ(&before.bad, &self.rows[slot].bad):
            if not differ(&before.down, &self.rows[slot].down):
                return False
        for at in range(self.graph.out_start[position], self.graph.out_start[position + 1]):
            put(&self.todo, self.graph.out_target[at])
        return True

    cdef void _gather(self, int position, Row* total) noexcept nogil:
        """What the providers of a CI make of it."""
        cdef const int* at = &self.graph.row[self.graph.row_start[position]]
        cdef const int* end = &self.graph.row[0] + self.graph.row_start[position + 1]
        cdef int i, slot, slack, n, touched
        if at[0] >= 0 and self.slot[at[0]]:
            join(&total.down, &self.rows[self.slot[at[0]]].down)
        at += 1
        for i in range(1, at[0] + 1):
            slot = self.slot[at[i]]
            if slot:
                join(&total.down, &self.rows[slot].down)
                join(&total.bad, &self.rows[slot].bad)
        at += at[0] + 1
        for i in range(1, at[0] + 1):
            slot = self.slot[at[i]]
            if slot:
                join(&total.bad, &self.rows[slot].down)
        at += at[0] + 1
        while at < end:
            slack, n = at[0], at[1]
            at += 2
            touched = 0
            for i in range(n):
                touched += self.slot[at[i]] != 0
            if touched >= slack:
                gather_group(self.rows, self.slot, at, n, slack, total)
            at += n
        join(&total.bad, &total.down)

    cdef bint _cut_off(self) noexcept nogil:
        """The rest of rule 3; False where nothing more goes down."""
        cdef int i, risen
        cdef Row more
        if self.linked_count == 0:
            return False
        self.linked_count = 0
        risen = self.outage.spread()
        for i in range(risen):
            more.down = more.bad = self.outage.known[self.outage.risen[i]].cut
            self._merge(
                self.graph.position[
                    self.outage.network.ci[self.outage.known[self.outage.risen[i]].number]
                ],
                &more,
            )
        return risen > 0

    cdef void _count(self, int first, int end) noexcept nogil:
        """Add up the lanes of all CIs touched."""
        cdef int i, k, lane, position
        cdef Lanes degraded
        memset(self.tally, 0, 4 * sizeof(Tally))
        for i in range(1, self.used):
            degraded = self.rows[i].bad
            subtract(&degraded, &self.rows[i].down)
            add_at(&self.tally[DOWN_ALL], &self.rows[i].down, 0)
            add_at(&self.tally[DEGRADED_ALL], &degraded, 0)
            position = self.position_of[i]
            if self.counted[position]:
                add_at(&self.tally[DOWN_COUNTED], &self.rows[i].down, 0)
                add_at(&self.tally[DEGRADED_COUNTED], &degraded, 0)
                for k in range(WORDS):
                    self.takers[position] += count_ones(self.rows[i].down.word[k])
        for lane in range(end - first):
            position = self.failing[first + lane]
            for k in range(4):
                self.found[position, k] = total_of(&self.tally[k], lane)
            self.found[position, DOWN_ALL] -= 1
            if self.counted[position]:
                self.found[position, DOWN_COUNTED] -= 1
                self.takers[position] -= 1

    cdef void _clear(self) noexcept nogil:
        cdef int i
        for i in range(1, self.used):
            self.slot[self.position_of[i]] = 0
        self.touched = self.used - 1
        self.used = 1
        self.outage.clear()


cdef void gather_group(
    const Row* rows, const int* slot, const int* member, int n, int slack, Row* total
) noexcept nogil:
    """Where at least `slack` members fell: counters that overflow just then."""
    cdef Row slice[32]
    cdef Row carry
    cdef Lanes both
    cdef int bits = 0, i, j, k
    while <Word>1 << bits < <Word>slack:
        bits += 1
    for j in range(bits):
        memset(&slice[j], 255 if ((1 << bits) - slack) >> j & 1 else 0, sizeof(Row))
    for i in range(n):
        if slot[member[i]] == 0:
            continue
        carry = rows[slot[member[i]]]
        for j in range(bits):
            for k in range(WORDS):
                both.word[k] = slice[j].down.word[k] & carry.down.word[k]
                slice[j].down.word[k] ^= carry.down.word[k]
                carry.down.word[k] = both.word[k]
                both.word[k] = slice[j].bad.word[k] & carry.bad.word[k]
                slice[j].bad.word[k] ^= carry.bad.word[k]
                carry.bad.word[k] = both.word[k]
        join(&total.down, &carry.down)
        join(&total.bad, &carry.bad)
