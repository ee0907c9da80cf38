"""A changed graph: the base shared, the CIs that changed in slots of their own."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdlib cimport free
from libc.string cimport memset

from cmdb.impact.engine.graph cimport (
    GROUP, IN_GRAPH, Arcs, Graph, Incoming, Slot, View, dependent_of, flags_of, needed,
    slack_for, slack_of, slot_of, spread_bits,
)
from cmdb.impact.engine.kinds cimport Kinds, KindView
from cmdb.impact.engine.memory cimport copied, grown


def patched(Graph graph, Kinds kinds, dict items, dict incoming, set regroup, settings_of):
    """The graph with changes in.

    `items` maps numbers to (flags, type, site); `incoming` maps dependents to (numbers of relations
    that go, list of (provider, relation number, kind) that come); `regroup` are CIs whose stated
    needs changed; `settings_of` gives a CI's stated needs: {group name: (numerator, denominator)}.
    """
    cdef Patch patch = Patch(graph, kinds, settings_of)
    for ci, (flags, type_number, site) in items.items():
        patch.put_item(ci, flags, type_number, site, regroup)
    touched = {}
    for dependent, (gone, come) in incoming.items():
        if patch.put_incoming(dependent, gone, come, touched):
            regroup.add(dependent)
    for dependent in regroup:
        patch.put_groups(dependent)
    for provider, dependents in touched.items():
        patch.put_outgoing(provider, dependents)
    return patch.result


cdef class Patch:
    """A graph in the making; nobody else sees it until it is done."""

    cdef Graph result
    cdef View* view
    cdef KindView* kinds
    cdef object settings_of
    cdef int room
    cdef int extra_room
    cdef bint own_index

    def __init__(self, Graph graph, Kinds kinds, settings_of):
        cdef const View* old = &graph.view
        cdef Graph result = Graph.__new__(Graph)
        result.arrays, result._held = graph.arrays, graph._held
        result.rows, result.extra_index = list(graph.rows), graph.extra_index
        self.result, self.kinds, self.settings_of = result, &kinds.view, settings_of
        self.view = &result.view
        self.view[0] = old[0]
        self.own_index = False
        self.room = old.changed + 64
        self.view.slots = <Slot*>copied(
            old.slots, old.changed * sizeof(Slot), self.room * sizeof(Slot)
        )
        self.view.slot_table = <int*>copied(
            old.slot_table, (old.slot_mask + 1) * sizeof(int) if old.changed else 0,
            (old.slot_mask + 1) * sizeof(int),
        )
        cdef int extra = old.groups - old.base_groups
        self.extra_room = extra + 16
        cdef size_t used = extra * sizeof(int), room = self.extra_room * sizeof(int)
        self.view.extra_dependent = <int*>copied(old.extra_dependent, used, room)
        self.view.extra_name = <int*>copied(old.extra_name, used, room)
        self.view.extra_slack = <int*>copied(old.extra_slack, used, room)
        self.view.resized_table = <int*>copied(
            old.resized_table, (old.resized_mask + 1) * 2 * sizeof(int) if old.resized else 0,
            (old.resized_mask + 1) * 2 * sizeof(int),
        )
        if old.changed == 0:
            self._rehash(256)
        if old.resized == 0:
            self._resize(64)

    cdef int slot(self, int ci) except -1:
        """The slot of a CI; a new one starts as the base has it."""
        cdef int slot = slot_of(self.view, ci)
        cdef Slot* new
        cdef unsigned int place
        if slot >= 0:
            return slot
        if self.view.changed == self.room:
            self.room *= 2
            self.view.slots = <Slot*>grown(self.view.slots, self.room * sizeof(Slot))
        slot = self.view.changed
        new = &self.view.slots[slot]
        memset(new, 0, sizeof(Slot))
        new.ci = ci
        new.site = -1
        if ci < self.view.base_size:
            new.site, new.type = self.view.site[ci], self.view.type[ci]
            new.flags = self.view.flags[ci]
            new.outgoing.arc = self.view.out_arc + self.view.out_start[ci]
            new.outgoing.count = self.view.out_start[ci + 1] - self.view.out_start[ci]
            new.incoming.provider = self.view.in_provider + self.view.in_start[ci]
            new.incoming.number = self.view.in_number + self.view.in_start[ci]
            new.incoming.kind = self.view.in_kind + self.view.in_start[ci]
            new.incoming.count = self.view.in_start[ci + 1] - self.view.in_start[ci]
        self.result.rows.append(None)
        self.result.rows.append(None)
        self.view.changed += 1
        if <unsigned int>self.view.changed * 4 > self.view.slot_mask:
            self._rehash((self.view.slot_mask + 1) * 4)
        else:
            place = spread_bits(ci) & self.view.slot_mask
            while self.view.slot_table[place] >= 0:
                place = (place + 1) & self.view.slot_mask
            self.view.slot_table[place] = slot
        return slot

    cdef int _rehash(self, unsigned int size) except -1:
        cdef int slot
        cdef unsigned int place
        self.view.slot_table = <int*>grown(self.view.slot_table, size * sizeof(int))
        memset(self.view.slot_table, 255, size * sizeof(int))
        self.view.slot_mask = size - 1
        for slot in range(self.view.changed):
            place = spread_bits(self.view.slots[slot].ci) & self.view.slot_mask
            while self.view.slot_table[place] >= 0:
                place = (place + 1) & self.view.slot_mask
            self.view.slot_table[place] = slot
        return 0

    cdef int put_item(self, int ci, int flags, int type_number, int site, set regroup) except -1:
        cdef int at, before
        cdef Slot* slot
        while self.view.size <= ci:
            self.view.size += 1
            self.slot(self.view.size - 1)
        slot = &self.view.slots[self.slot(ci)]
        before = slot.flags
        slot.flags, slot.type, slot.site = flags, type_number, site
        if (before ^ flags) & IN_GRAPH:
            for at in range(slot.outgoing.count):
                if slot.outgoing.arc[at] & 3 == GROUP:
                    regroup.add(dependent_of(self.view, slot.outgoing.arc[at] >> 2))
        return 0

    cdef int put_incoming(self, int ci, set gone, list come, dict touched) except -1:
        """Replace the incoming row; note which provider must follow for which dependent.

        Whether a group of the CI has changed.
        """
        cdef int place = self.slot(ci), at, count
        cdef Incoming old = self.view.slots[place].incoming
        cdef int room = old.count + <int>len(come)
        cdef bytes row = PyBytes_FromStringAndSize(NULL, room * (2 * sizeof(int) + sizeof(short)))
        cdef int* provider = <int*>PyBytes_AS_STRING(row)
        cdef int* number = provider + room
        cdef unsigned short* kind = <unsigned short*>(number + room)
        cdef bint grouped = False
        count = 0
        for at in range(old.count):
            if old.number[at] in gone:
                _touch(touched, old.provider[at], ci)
                grouped |= self.kinds.arc[old.kind[at]] == GROUP
                continue
            provider[count], number[count] = old.provider[at], old.number[at]
            kind[count] = old.kind[at]
            count += 1
        for new_provider, new_number, new_kind in come:
            _touch(touched, new_provider, ci)
            provider[count], number[count], kind[count] = new_provider, new_number, new_kind
            grouped |= self.kinds.arc[kind[count]] == GROUP
            count += 1
        self.result.rows[2 * place] = row
        self.view.slots[place].incoming = Incoming(provider, number, kind, count)
        return grouped

    cdef int put_groups(self, int ci) except -1:
        """Compute the slack of a CI's groups anew; make the slots that are missing."""
        cdef Incoming row
        cdef int at, n, need, kind, wanted
        cdef dict members = {}
        cdef set joined
        if ci >= self.view.size:
            return 0
        place = slot_of(self.view, ci)
        if place >= 0:
            row = self.view.slots[place].incoming
        else:
            row.provider = self.view.in_provider + self.view.in_start[ci]
            row.kind = self.view.in_kind + self.view.in_start[ci]
            row.count = self.view.in_start[ci + 1] - self.view.in_start[ci]
        for at in range(row.count):
            if self.kinds.arc[row.kind[at]] == GROUP:
                name = self.kinds.group[row.kind[at]]
                if name not in members:
                    members[name] = set()
                if flags_of(self.view, row.provider[at]) & IN_GRAPH:
                    (<set>members[name]).add(row.provider[at])
        stated = self.settings_of(ci) if members else None
        for name, joined in members.items():
            n = <int>len(joined)
            need = 1
            if name in stated:
                numerator, denominator = stated[name]
                need = needed(numerator, denominator, n)
            else:
                for at in range(row.count):
                    kind = row.kind[at]
                    if (
                        self.kinds.arc[kind] == GROUP and self.kinds.group[kind] == name
                        and row.provider[at] in joined
                    ):
                        wanted = needed(
                            self.kinds.numerator[kind], self.kinds.denominator[kind], n
                        )
                        need = max(need, wanted)
            self._put_slack(self.group(ci, name), slack_for(need, n))
        return 0

    cdef int group(self, int ci, int name) except -1:
        """The slot of a group, a new one where there was none."""
        cdef int found = self.result.group_slot(ci, name)
        if found >= 0:
            return found
        if not self.own_index:
            self.result.extra_index = dict(self.result.extra_index)
            self.own_index = True
        cdef int extra = self.view.groups - self.view.base_groups
        cdef size_t room
        if extra == self.extra_room:
            self.extra_room *= 2
            room = self.extra_room * sizeof(int)
            self.view.extra_dependent = <int*>grown(self.view.extra_dependent, room)
            self.view.extra_name = <int*>grown(self.view.extra_name, room)
            self.view.extra_slack = <int*>grown(self.view.extra_slack, room)
        self.view.extra_dependent[extra] = ci
        self.view.extra_name[extra] = name
        self.view.extra_slack[extra] = 1
        self.result.extra_index[ci, name] = self.view.groups
        self.view.groups += 1
        return self.view.groups - 1

    cdef int _put_slack(self, int group, int slack) except -1:
        cdef unsigned int place
        if group >= self.view.base_groups:
            self.view.extra_slack[group - self.view.base_groups] = slack
            return 0
        if slack_of(self.view, group) == slack:
            return 0
        if <unsigned int>self.view.resized * 2 > self.view.resized_mask:
            self._resize((self.view.resized_mask + 1) * 4)
        place = spread_bits(group) & self.view.resized_mask
        while self.view.resized_table[2 * place] >= 0:
            if self.view.resized_table[2 * place] == group:
                self.view.resized_table[2 * place + 1] = slack
                return 0
            place = (place + 1) & self.view.resized_mask
        self.view.resized_table[2 * place] = group
        self.view.resized_table[2 * place + 1] = slack
        self.view.resized += 1
        return 0

    cdef int _resize(self, unsigned int size) except -1:
        cdef int* old = self.view.resized_table
        cdef unsigned int i, place, before = self.view.resized_mask + 1 if self.view.resized else 0
        self.view.resized_table = NULL
        cdef int* new = <int*>grown(NULL, 2 * size * sizeof(int))
        memset(new, 255, 2 * size * sizeof(int))
        for i in range(before):
            if old[2 * i] >= 0:
                place = spread_bits(old[2 * i]) & (size - 1)
                while new[2 * place] >= 0:
                    place = (place + 1) & (size - 1)
                new[2 * place], new[2 * place + 1] = old[2 * i], old[2 * i + 1]
        free(old)
        self.view.resized_table = new
        self.view.resized_mask = size - 1
        return 0

    cdef int put_outgoing(self, int ci, set dependents) except -1:
        """Replace the arcs of a provider that lead to these dependents."""
        cdef int place = self.slot(ci), at, count = 0, arc, other, kind
        cdef Arcs old = self.view.slots[place].outgoing
        cdef Incoming incoming
        cdef int room = old.count
        for dependent in dependents:
            room += self.view.slots[self.slot(dependent)].incoming.count
        cdef bytes row = PyBytes_FromStringAndSize(NULL, room * sizeof(int))
        cdef int* arcs = <int*>PyBytes_AS_STRING(row)
        cdef int only = -1
        if len(dependents) == 1:
            (only,) = dependents
        for at in range(old.count):
            arc = old.arc[at]
            other = arc >> 2
            if arc & 3 == GROUP:
                other = dependent_of(self.view, other)
            if other == only if only >= 0 else other in dependents:
                continue
            arcs[count] = arc
            count += 1
        for dependent in dependents:
            incoming = self.view.slots[self.slot(dependent)].incoming
            joined = None
            for at in range(incoming.count):
                if incoming.provider[at] != ci:
                    continue
                kind = self.kinds.arc[incoming.kind[at]]
                if kind == GROUP:
                    slot = self.group(dependent, self.kinds.group[incoming.kind[at]])
                    if joined is None:
                        joined = set()
                    elif slot in joined:
                        continue
                    joined.add(slot)
                    arcs[count] = <int>slot << 2 | GROUP
                else:
                    arcs[count] = <int>dependent << 2 | kind
                count += 1
        self.result.rows[2 * place + 1] = row
        place = self.slot(ci)
        self.view.slots[place].outgoing = Arcs(arcs, count)
        return 0


cdef int _touch(dict touched, provider, dependent) except -1:
    found = touched.get(provider)
    if found is None:
        touched[provider] = {dependent}
    else:
        (<set>found).add(dependent)
    return 0
