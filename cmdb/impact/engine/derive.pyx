"""From what each CI depends on to what each CI's trouble reaches: arcs, groups and their slack."""

import numpy as np

from cmdb.impact.engine.graph cimport GROUP, IN_GRAPH, needed, slack_for
from cmdb.impact.engine.kinds cimport KindView, Kinds


cdef struct Rows:
    int size
    const unsigned char* flags
    const int* start
    const int* provider
    const unsigned short* kind


def incoming_rows(
    int size,
    const int[::1] dependent,
    const int[::1] provider,
    const int[::1] number,
    const unsigned short[::1] kind,
):
    """Relations grouped by dependent, as compressed sparse rows in the given order."""
    start = np.zeros(size + 1, np.int32)
    total = len(dependent)
    rows = np.empty(total, np.int32), np.empty(total, np.int32), np.empty(total, np.uint16)
    cdef int[::1] starts = start
    cdef int[::1] place = np.zeros(size + 1, np.int32)
    cdef int[::1] providers = rows[0]
    cdef int[::1] numbers = rows[1]
    cdef unsigned short[::1] kinds = rows[2]
    cdef Py_ssize_t i
    cdef int at
    with nogil:
        for i in range(dependent.shape[0]):
            starts[dependent[i] + 1] += 1
        for i in range(size):
            starts[i + 1] += starts[i]
            place[i] = starts[i]
        for i in range(dependent.shape[0]):
            at = place[dependent[i]]
            place[dependent[i]] += 1
            providers[at], numbers[at], kinds[at] = provider[i], number[i], kind[i]
    return {
        "in_start": start, "in_provider": rows[0], "in_number": rows[1], "in_kind": rows[2]
    }


def outgoing_arcs(dict arrays, Kinds kinds, settings):
    """`out_start`, `out_arc` and the groups, from `flags` and the incoming rows.

    `settings` are needs that CIs state themselves, sorted: arrays of CI, group name, numerator,
    denominator. A provider's second relation into one group makes no second arc.
    """
    cdef Rows rows
    cdef const unsigned char[::1] flags = np.append(arrays["flags"], 0).astype(np.uint8)
    cdef const int[::1] start = arrays["in_start"]
    cdef const int[::1] provider = np.append(arrays["in_provider"], 0).astype(np.int32)
    cdef const unsigned short[::1] kind = np.append(arrays["in_kind"], 0).astype(np.uint16)
    rows.size = len(arrays["flags"])
    rows.flags, rows.start = &flags[0], &start[0]
    rows.provider, rows.kind = &provider[0], &kind[0]
    cdef int most = _count_groups(&rows, &kinds.view)
    found = [np.empty(most + 1, np.int32) for _ in range(3)]
    cdef int[::1] dependent = found[0]
    cdef int[::1] name = found[1]
    cdef int[::1] slack = found[2]
    arc_of = np.empty(len(provider), np.int32)
    out_start = np.zeros(rows.size + 1, np.int32)
    cdef int[::1] arcs = arc_of
    cdef int[::1] starts = out_start
    cdef int[::1] mark = np.zeros(rows.size + 1, np.int32)
    cdef const int[::1] set_ci = settings[0]
    cdef const int[::1] set_name = settings[1]
    cdef const long long[::1] set_numerator = settings[2]
    cdef const long long[::1] set_denominator = settings[3]
    cdef int ci, setting = 0, groups = 0, first, g, n, need, entry, set_count = len(set_ci)
    cdef KindView* view = &kinds.view
    with nogil:
        for ci in range(rows.size):
            first = groups
            groups = _groups_of_row(&rows, view, ci, first, &arcs[0], &name[0])
            for g in range(first, groups):
                dependent[g] = ci
                n = _members(&rows, view, ci, name[g], g, &arcs[0], &mark[0], &need)
                while setting < set_count and (
                    set_ci[setting] < ci
                    or (set_ci[setting] == ci and set_name[setting] < name[g])
                ):
                    setting += 1
                if (
                    setting < set_count
                    and set_ci[setting] == ci and set_name[setting] == name[g]
                ):
                    need = needed(set_numerator[setting], set_denominator[setting], n)
                slack[g] = slack_for(need, n)
            for entry in range(rows.start[ci], rows.start[ci + 1]):
                if arcs[entry] >= 0:
                    starts[rows.provider[entry] + 1] += 1
        for ci in range(rows.size):
            starts[ci + 1] += starts[ci]
            mark[ci] = starts[ci]
    out_arc = np.empty(int(out_start[rows.size]) + 1, np.int32)
    cdef int[::1] out = out_arc
    with nogil:
        for entry in range(rows.start[rows.size]):
            if arcs[entry] >= 0:
                out[mark[rows.provider[entry]]] = arcs[entry]
                mark[rows.provider[entry]] += 1
    return {
        "out_start": out_start,
        "out_arc": out_arc[: len(out_arc) - 1],
        "group_dependent": found[0][:groups].copy(),
        "group_name": found[1][:groups].copy(),
        "group_slack": found[2][:groups].copy(),
    }


cdef int _count_groups(Rows* rows, KindView* kinds) noexcept nogil:
    """At least the number of groups: relations in groups."""
    cdef int entry, count = 0
    for entry in range(rows.start[rows.size]):
        if kinds.arc[rows.kind[entry]] == GROUP:
            count += 1
    return count


cdef int _groups_of_row(
    Rows* rows, KindView* kinds, int ci, int first, int* arcs, int* name
) noexcept nogil:
    """Name the groups of a CI, in the order of their names' numbers; note the arcs of its row."""
    cdef int entry, g, groups = first
    cdef int wanted
    for entry in range(rows.start[ci], rows.start[ci + 1]):
        if kinds.arc[rows.kind[entry]] != GROUP:
            arcs[entry] = (ci << 2) | kinds.arc[rows.kind[entry]]
            continue
        arcs[entry] = -1
        wanted = kinds.group[rows.kind[entry]]
        g = groups
        while g > first and name[g - 1] > wanted:
            g -= 1
        if g > first and name[g - 1] == wanted:
            continue
        for g in range(groups, first - 1, -1):
            if g == first or name[g - 1] < wanted:
                name[g] = wanted
                break
            name[g] = name[g - 1]
        groups += 1
    return groups


cdef int _members(
    Rows* rows, KindView* kinds, int ci, int wanted, int group, int* arcs, int* mark, int* need
) noexcept nogil:
    """Count the distinct members in the graph; note their arcs, and the greatest need by type."""
    cdef int entry, provider, kind, n = 0, most = 1
    for entry in range(rows.start[ci], rows.start[ci + 1]):
        kind = rows.kind[entry]
        provider = rows.provider[entry]
        if kinds.arc[kind] != GROUP or kinds.group[kind] != wanted or mark[provider] == group + 1:
            continue
        mark[provider] = group + 1
        arcs[entry] = (group << 2) | GROUP
        if rows.flags[provider] & IN_GRAPH:
            n += 1
    for entry in range(rows.start[ci], rows.start[ci + 1]):
        kind = rows.kind[entry]
        if (
            kinds.arc[kind] == GROUP and kinds.group[kind] == wanted
            and rows.flags[rows.provider[entry]] & IN_GRAPH
        ):
            most = max(most, needed(kinds.numerator[kind], kinds.denominator[kind], n))
    need[0] = most
    return n
