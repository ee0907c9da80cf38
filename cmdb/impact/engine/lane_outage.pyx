"""Whom failures cut off from the network roots, for many sets of failures side by side.

The same idea as in `outage.pyx`, a lane of bits a question: where no path through lower neighbours
leads to the first vertex of the block, nor one through higher neighbours, the vertex is in doubt;
those in doubt are searched from the ones around them that are not. Exact for any number of
failures. That all below a failed vertex in the dominator tree is cut off is left to the caller.
"""

from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from cmdb.impact.engine.lanes cimport (
    Lanes, any_of, differ, free_worklist, join, make_worklist, meet, put, subtract, take,
)
from cmdb.impact.engine.network cimport Network

cdef enum:  # sides
    LOW = 0
    HIGH = 1


cdef class LaneOutage:
    """Scratch for the lanes of one pass; `clear` it for the next pass."""

    def __init__(self, Network network not None):
        cdef int m = network.vertices, v
        self.network = network
        self.used = 1
        self.known = <Vertex*>malloc(<size_t>(m + 2) * sizeof(Vertex))
        self.place = <int*>calloc(m + 1, sizeof(int))
        self.vertex_at = <int*>calloc(m + 2, sizeof(int))
        self.listed = <int*>malloc((m + 2) * sizeof(int))
        self.stack = <int*>malloc((m + 2) * sizeof(int))
        self.risen = <int*>malloc((m + 2) * sizeof(int))
        if (
            self.known == NULL or self.place == NULL or self.vertex_at == NULL
            or self.listed == NULL or self.stack == NULL or self.risen == NULL
        ):
            raise MemoryError
        memset(self.known, 0, sizeof(Vertex))
        make_worklist(&self.todo[LOW], m + 2)
        make_worklist(&self.todo[HIGH], m + 2)
        self.top_place = m + 1
        for v in range(m + 1):
            if network.order[v] >= 0:
                self.vertex_at[network.order[v]] = v

    def __dealloc__(self):
        free(self.known)
        free(self.place)
        free(self.vertex_at)
        free(self.listed)
        free(self.stack)
        free(self.risen)
        free_worklist(&self.todo[LOW])
        free_worklist(&self.todo[HIGH])

    cdef void clear(self) noexcept nogil:
        """Forget all failures; takes time only for the vertices touched."""
        cdef int i
        for i in range(1, self.used):
            self.place[self.known[i].number] = 0
        self.used = 1
        self.listed_count = 0

    cdef void fall(self, int vertex, const Lanes* lanes) noexcept nogil:
        """The vertex is down in these lanes."""
        if self.network.nearest[vertex] < 0:
            return
        join(&self._touch(vertex).down, lanes)
        put(&self.todo[LOW], self.network.order[vertex])
        put(&self.todo[HIGH], self.top_place - self.network.order[vertex])

    cdef int spread(self) noexcept nogil:
        """Find who is cut off by what fell; returns how many stand in `risen`, as places known.

        Their lanes are in `cut`, and count as fallen from then on.
        """
        cdef int i
        cdef Vertex* one
        self._settle(LOW)
        self._settle(HIGH)
        self._reach()
        self.risen_count = 0
        for i in range(self.listed_count):
            one = &self.known[self.listed[i]]
            one.cut = self._doubtful(one)
            subtract(&one.cut, &one.reach)
            if any_of(&one.cut):
                self.risen[self.risen_count] = self.listed[i]
                self.risen_count += 1
        for i in range(self.risen_count):
            one = &self.known[self.risen[i]]
            self.fall(one.number, &one.cut)
        return self.risen_count

    cdef Vertex* _touch(self, int vertex) noexcept nogil:
        cdef int place = self.place[vertex]
        if place == 0:
            place = self.place[vertex] = self.used
            self.used += 1
            memset(&self.known[place], 0, sizeof(Vertex))
            self.known[place].number = vertex
        return &self.known[place]

    cdef void _settle(self, int side) noexcept nogil:
        """Who is no longer safe on a side; along the order, so that each is weighed once."""
        cdef const int[:, ::1] part = self.network.part
        cdef int i, v, w, number
        while True:
            number = take(&self.todo[side], NULL)
            if number < 0:
                return
            v = self.vertex_at[number if side == LOW else self.top_place - number]
            if not self._weigh(v, side):
                continue
            for i in range(part[v, 1 - side], part[v, 2 - side]):
                w = self.network.target[i]
                if part[w, 0] == self.network.start[w]:  # else safe by itself
                    number = self.network.order[w]
                    put(&self.todo[side], number if side == LOW else self.top_place - number)

    cdef bint _weigh(self, int vertex, int side) noexcept nogil:
        """Whether the vertex lost its safety on the side in more lanes."""
        cdef const int[:, ::1] part = self.network.part
        cdef int place = self.place[vertex], i, near
        cdef Lanes lost, before
        cdef Vertex* one
        lost = self.known[place].down
        near = self.place[self.network.nearest[vertex]]
        if near:  # where the block's first is down, its whole block is
            subtract(&lost, &self.known[near].down)
        if part[vertex, 0] == self.network.start[vertex]:
            i = part[vertex, side]
            before = self.known[self.place[self.network.target[i]]].unsafe[side]
            for i in range(i + 1, part[vertex, side + 1]):
                if not any_of(&before):
                    break
                meet(&before, &self.known[self.place[self.network.target[i]]].unsafe[side])
            join(&lost, &before)
        if place == 0 and not any_of(&lost):
            return False
        one = self._touch(vertex)
        before = one.unsafe[side]
        join(&one.unsafe[side], &lost)
        if not differ(&before, &one.unsafe[side]):
            return False
        if not one.listed and any_of(&one.unsafe[1 - side]):
            lost = self._doubtful(one)
            if any_of(&lost):
                one.listed = True
                self.listed[self.listed_count] = self.place[vertex]
                self.listed_count += 1
        return True

    cdef Lanes _doubtful(self, const Vertex* one) noexcept nogil:
        """The lanes in which a vertex is unsafe on both sides, but not down."""
        cdef Lanes both = one.unsafe[LOW]
        meet(&both, &one.unsafe[HIGH])
        subtract(&both, &one.down)
        return both

    cdef void _reach(self) noexcept nogil:
        """From those not in doubt, who of those in doubt can still be reached."""
        cdef int i, size = 0, place
        cdef Vertex* one
        for i in range(self.listed_count):
            one = &self.known[self.listed[i]]
            memset(&one.reach, 0, sizeof(Lanes))
            one.waiting = True
            self.stack[size] = self.listed[i]
            size += 1
        while size:
            size -= 1
            one = &self.known[self.stack[size]]
            one.waiting = False
            if not self._lean(one):
                continue
            for i in range(self.network.part[one.number, 0], self.network.part[one.number, 2]):
                place = self.place[self.network.target[i]]
                if self.known[place].listed and not self.known[place].waiting:
                    self.known[place].waiting = True
                    self.stack[size] = place
                    size += 1

    cdef bint _lean(self, Vertex* one) noexcept nogil:
        """Whether a vertex in doubt is reached from its neighbours in more lanes."""
        cdef Lanes doubt = self._doubtful(one), closed
        cdef Lanes missing = doubt
        cdef const Vertex* other
        cdef int i
        subtract(&missing, &one.reach)
        for i in range(self.network.part[one.number, 0], self.network.part[one.number, 2]):
            if not any_of(&missing):
                break
            other = &self.known[self.place[self.network.target[i]]]
            closed = self._doubtful(other)
            subtract(&closed, &other.reach)
            join(&closed, &other.down)
            meet(&missing, &closed)
        subtract(&doubt, &missing)
        if not differ(&doubt, &one.reach):
            return False
        one.reach = doubt
        return True
