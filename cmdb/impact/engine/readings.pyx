"""What one propagation says of a few CIs, and how much it reaches: no arrays of all it hits."""


from cmdb.impact.engine.graph cimport slot_of
from cmdb.impact.engine.propagation cimport Propagation


def read(
    Propagation found not None,
    const int[::1] watched,
    unsigned char[::1] states,
    int[::1] rounds,
    const unsigned char[::1] counted,
):
    """Fill in the states of watched CIs and the rounds in which they got there (0 where ok).

    Returns how many CIs of the counted types (a byte a type number), failed ones included, ended
    at risk, degraded and down.
    """
    cdef int[4] tally
    cdef int i, ci, slot, word, kind
    if not len(watched) <= min(len(states), len(rounds)):
        raise ValueError("no room for the states")
    with nogil:
        for i in range(watched.shape[0]):
            ci = watched[i]
            word = found.word[ci] if 0 <= ci < found.view.size else 0
            states[i] = word & 3
            rounds[i] = found.round_of((word >> 2) - 1) if word >> 2 else 0
        tally[0] = tally[1] = tally[2] = tally[3] = 0
        for i in range(found.count):
            ci = found.rises[i].ci
            if <int>(found.word[ci] >> 2) - 1 != i:
                continue
            slot = slot_of(found.view, ci)
            kind = found.view.slots[slot].type if slot >= 0 else found.view.type[ci]
            if kind < counted.shape[0] and counted[kind]:
                tally[found.rises[i].state] += 1
    return tally[1], tally[2], tally[3]
