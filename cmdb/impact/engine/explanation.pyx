"""Why: one reason for each rise, and the path back to a failed CI. Made only for what is asked."""

from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memmove

import numpy as np

from cmdb.impact.engine.graph cimport (
    AT_RISK, DOWN, GROUP, IN_GRAPH, SOFT, Incoming, flags_of, incoming_of, slack_of,
)
from cmdb.impact.engine.kinds cimport Kinds, KindView
from cmdb.impact.engine.propagation cimport Propagation
from cmdb.impact.engine.texts cimport Texts

DEPENDENCY, REDUNDANCY, CONNECTIVITY = 0, 1, 2


cdef struct Step:
    int rule  # -1 as long as it is not known
    int name  # the kind of the relation, or the number of the group's name
    int provider  # the named CI with the least key
    int state  # the state it gives the reason in
    int rise  # that rise of the provider
    double oldest  # of the path up to here: the oldest confirmation of a relation on it
    int relation  # its number, -1 for none
    bint stale  # whether a relation of the path was confirmed too long ago


cdef class Explainer:
    """Explains one propagation. Its steps are kept, so several explanations share them.

    `texts` and `changed` (number to bytes) give the keys; `first` and `at` are the runs of
    confirmation by relation number; `stale_before` gives, by kind of relation, the time before
    which a confirmation is too old.
    """

    cdef Propagation propagation
    cdef const KindView* kinds
    cdef Kinds _kinds
    cdef Texts texts
    cdef dict changed
    cdef const int[::1] first
    cdef const double[::1] at
    cdef const double[::1] stale_before
    cdef Step* steps
    cdef int* fallen
    cdef int fallen_room

    def __init__(
        self, Propagation propagation, Kinds kinds, Texts texts, dict changed, first, at,
        stale_before,
    ):
        self.propagation, self._kinds, self.kinds = propagation, kinds, &kinds.view
        self.texts, self.changed = texts, changed
        self.first, self.at, self.stale_before = first, at, stale_before
        self.steps = <Step*>calloc(propagation.count + 1, sizeof(Step))
        if self.steps == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.steps)
        free(self.fallen)

    def cause(self, int ci):
        """Why an impacted CI is in its final state.

        Rule, name (kind of the relation of a dependency, number of the group's name), the named CIs
        with the states the reason needs, and the CI it hangs on (-1 for none).
        """
        cdef int rise = <int>(self.propagation.word[ci] >> 2) - 1
        cdef Step* step = self._step(rise)
        cdef int state = self.propagation.rises[rise].state
        if step.rule == DEPENDENCY:
            return DEPENDENCY, step.name, [(step.provider, step.state)], -1
        before = self.propagation.round_of(rise) - 1
        if step.rule == REDUNDANCY:
            count = self._members_named(ci, step.name, state, before)
            return REDUNDANCY, step.name, [(self.fallen[i], state) for i in range(count)], -1
        named, hangs_on = self._border(ci, state, before)
        return CONNECTIVITY, -1, [(one, DOWN) for one in named], hangs_on

    def path(self, int ci):
        """From a failed CI to this one, by steps to a named CI."""
        cdef int rise = <int>(self.propagation.word[ci] >> 2) - 1
        cdef Step* step
        found = [ci]
        while rise >= self.propagation.rounds[1]:
            step = self._step(rise)
            found.append(step.provider)
            rise = step.rise
        found.reverse()
        return found

    def confirmations(self, const int[::1] numbers):
        """Of the paths to CIs: the oldest confirmation (inf where there is no relation), the number
        of the relation it is of (-1), and whether any relation was confirmed too long ago."""
        oldest, relations = np.empty(len(numbers)), np.empty(len(numbers), np.int32)
        stale = np.empty(len(numbers), np.uint8)
        cdef double[::1] oldest_of = oldest
        cdef int[::1] relation_of = relations
        cdef unsigned char[::1] stale_of = stale
        cdef Step* step
        cdef Py_ssize_t i
        cdef int rise
        for i in range(numbers.shape[0]):
            rise = <int>(self.propagation.word[numbers[i]] >> 2) - 1
            if rise < self.propagation.rounds[1]:
                oldest_of[i], relation_of[i], stale_of[i] = np.inf, -1, 0
                continue
            step = self._step(rise)
            oldest_of[i], relation_of[i] = step.oldest, step.relation
            stale_of[i] = step.stale
        return oldest, relations, stale

    cdef Step* _step(self, int rise) except NULL:
        """The step to a rise; the steps before it are made first."""
        cdef Step* step = &self.steps[rise]
        cdef list waiting
        if step.state:
            return step
        waiting = [rise]
        self._choose(rise)
        while self.steps[waiting[len(waiting) - 1]].rise >= self.propagation.rounds[1]:
            rise = self.steps[waiting[len(waiting) - 1]].rise
            if self.steps[rise].state:
                break
            self._choose(rise)
            waiting.append(rise)
        while waiting:
            rise = waiting.pop()
            self._add_confirmation(&self.steps[rise], self.propagation.rises[rise].ci)
        return step

    cdef int _choose(self, int rise) except -1:
        """Find the reason of a rise: dependency, else redundancy, else connectivity."""
        cdef Step* step = &self.steps[rise]
        cdef int ci = self.propagation.rises[rise].ci
        cdef int state = self.propagation.rises[rise].state
        cdef int before = self.propagation.round_of(rise) - 1
        if not (
            self._dependency(step, ci, state, before)
            or self._redundancy(step, ci, state, before)
        ):
            named, _ = self._border(ci, state, before)
            step.rule, step.name, step.provider, step.state = CONNECTIVITY, -1, named[0], DOWN
        step.rise = self.propagation.first_rise(step.provider, step.state)
        return 0

    cdef bint _dependency(self, Step* step, int ci, int state, int before) except -1:
        cdef Incoming row = incoming_of(self.propagation.view, ci)
        cdef int at, arc, given, kind, best = -1
        for at in range(row.count):
            kind = row.kind[at]
            arc = self.kinds.arc[kind]
            if arc == GROUP or not flags_of(self.propagation.view, row.provider[at]) & IN_GRAPH:
                continue
            given = self.propagation.state_at(row.provider[at], before)
            if given - (arc & SOFT) != state:
                continue
            if best >= 0:
                if self.kinds.type_order[kind] > self.kinds.type_order[row.kind[best]]:
                    continue
                if (
                    self.kinds.type_order[kind] == self.kinds.type_order[row.kind[best]]
                    and self._compare(row.provider[at], row.provider[best]) >= 0
                ):
                    continue
            best = at
            step.state = given
        if best < 0:
            return False
        step.rule, step.name, step.provider = DEPENDENCY, row.kind[best], row.provider[best]
        return True

    cdef bint _redundancy(self, Step* step, int ci, int state, int before) except -1:
        cdef Incoming row = incoming_of(self.propagation.view, ci)
        cdef int at, group, count, i, done = -1, next_order, order
        while True:
            group, next_order = -1, 2147483647
            for at in range(row.count):
                if self.kinds.arc[row.kind[at]] == GROUP:
                    order = self.kinds.group_order[self.kinds.group[row.kind[at]]]
                    if done < order < next_order:
                        group, next_order = self.kinds.group[row.kind[at]], order
            if group < 0:
                return False
            done = next_order
            count = self._members_named(ci, group, state, before)
            if count:
                step.rule, step.name, step.state = REDUNDANCY, group, state
                step.provider = self.fallen[0]
                for i in range(1, count):
                    if self._compare(self.fallen[i], step.provider) < 0:
                        step.provider = self.fallen[i]
                return True

    cdef int _members_named(self, int ci, int group, int state, int before) except -1:
        """The fewest members that make a group fall to a state, in `fallen`; 0 when it does not.

        Those that had fallen earliest come first, then by key.
        """
        cdef Incoming row = incoming_of(self.propagation.view, ci)
        cdef int at, count = 0, low, high, middle, provider, slot, fewest = 1
        cdef void* grown
        if state != AT_RISK:
            slot = self.propagation.graph.group_slot(ci, group)
            fewest = slack_of(self.propagation.view, slot)
        if row.count > self.fallen_room:
            grown = realloc(self.fallen, 2 * row.count * sizeof(int))
            if grown == NULL:
                raise MemoryError
            self.fallen = <int*>grown
            self.fallen_room = 2 * row.count
        for at in range(row.count):
            provider = row.provider[at]
            if (
                self.kinds.arc[row.kind[at]] != GROUP
                or self.kinds.group[row.kind[at]] != group
                or not flags_of(self.propagation.view, provider) & IN_GRAPH
                or self.propagation.state_at(provider, before) < state
            ):
                continue
            low, high = 0, count
            while low < high:
                middle = (low + high) // 2
                if self._fell_later(provider, self.fallen[middle], state):
                    low = middle + 1
                else:
                    high = middle
            if low < count and self.fallen[low] == provider:
                continue
            memmove(&self.fallen[low + 1], &self.fallen[low], (count - low) * sizeof(int))
            self.fallen[low] = provider
            count += 1
        return fewest if count >= fewest else 0

    cdef bint _fell_later(self, int one, int other, int state) noexcept:
        """Whether the first fell to the state later; of equals, whether its key is greater."""
        cdef int first = self.propagation.round_of(self.propagation.first_rise(one, state))
        cdef int second = self.propagation.round_of(self.propagation.first_rise(other, state))
        return first > second or (first == second and self._compare(one, other) > 0)

    cdef tuple _border(self, int ci, int state, int before):
        """The down CIs that border what a CI can still reach, by key, and what it hangs on."""
        network, outage = self.propagation.network, self.propagation.outage
        cdef int vertex = network.vertex[ci], hangs_on = -1
        if state == AT_RISK:
            hangs_on = outage.hangs_on(vertex, before + 1)
        named = [network.ci[one] for one in outage.border(vertex, before + 1, hangs_on)]
        named.sort(key=self._key)
        return named, network.ci[hangs_on] if hangs_on >= 0 else -1

    def _key(self, int ci):
        return self.changed[ci] if ci in self.changed else self.texts[ci].encode()

    cdef int _compare(self, int one, int other) noexcept:
        """Compare the keys of two CIs."""
        cdef int start, length, other_start, other_length, order
        if self.changed:
            first, second = self._key(one), self._key(other)
            return (first > second) - (first < second)
        start, other_start = self.texts.starts[one], self.texts.starts[other]
        length = self.texts.starts[one + 1] - start
        other_length = self.texts.starts[other + 1] - other_start
        order = memcmp(
            self.texts.letters + start, self.texts.letters + other_start, min(length, other_length)
        )
        return order if order else length - other_length

    cdef int _add_confirmation(self, Step* step, int ci) except -1:
        """What the step's relations add to the confirmation of the path before it."""
        cdef Incoming row = incoming_of(self.propagation.view, ci)
        cdef int at, kind, newest_relation = -1
        cdef double newest = -1, when
        cdef bint fits, all_stale = True
        step.oldest, step.relation, step.stale = np.inf, -1, False
        if step.rise >= self.propagation.rounds[1]:
            step.oldest = self.steps[step.rise].oldest
            step.relation = self.steps[step.rise].relation
            step.stale = self.steps[step.rise].stale
        if step.rule == CONNECTIVITY:
            return 0
        for at in range(row.count):
            if row.provider[at] != step.provider:
                continue
            kind = row.kind[at]
            if step.rule == DEPENDENCY:
                fits = (
                    self.kinds.arc[kind] == self.kinds.arc[step.name]
                    and self.kinds.type_order[kind] == self.kinds.type_order[step.name]
                )
            else:
                fits = self.kinds.arc[kind] == GROUP and self.kinds.group[kind] == step.name
            if not fits:
                continue
            when = self._confirmed(row.number[at])
            if when >= self.stale_before[kind]:
                all_stale = False
            if when > newest:
                newest, newest_relation = when, row.number[at]
        if all_stale:
            step.stale = True
        if newest < step.oldest:
            step.oldest, step.relation = newest, newest_relation
        return 0

    cdef double _confirmed(self, int number) noexcept:
        """When a relation was last confirmed."""
        cdef Py_ssize_t low = 0, high = self.first.shape[0], middle
        while high - low > 1:
            middle = (low + high) // 2
            if self.first[middle] <= number:
                low = middle
            else:
                high = middle
        return self.at[low]
