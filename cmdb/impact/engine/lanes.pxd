"""Questions side by side in the bits of words: helpers that the compiler vectorises."""

cdef enum:
    WORDS = 8
    LANES = 512  # questions at a time

ctypedef unsigned long long Word

cdef struct Lanes:  # one bit a question
    Word word[WORDS]

cdef extern from *:
    """
    #define count_ones(word) __builtin_popcountll(word)
    #define lowest_one(word) __builtin_ctzll(word)
    """
    int count_ones(Word word) nogil
    int lowest_one(Word word) nogil

cdef struct Worklist:  # numbers to be taken in ascending order, as a bitmap with a summary
    Word* bit
    Word* summary
    int words
    int cursor  # the word to look at next
    int back  # the least number put in behind the cursor


cdef int make_worklist(Worklist* list, int count) except -1
cdef void free_worklist(Worklist* list) noexcept nogil


cdef inline void put(Worklist* list, int number) noexcept nogil:
    cdef int word = number >> 6
    list.bit[word] |= <Word>1 << (number & 63)
    list.summary[word >> 6] |= <Word>1 << (word & 63)
    if word < list.cursor and number < list.back:
        list.back = number


cdef inline int take(Worklist* list, const int* bounds) noexcept nogil:
    """The next number, which is taken out; -1 where there is none.

    Goes back to numbers put in behind only after the last number of their group; `bounds` says for
    each number the least of its group. Where NULL, all numbers are one group.
    """
    cdef int word = list.cursor, number = -1
    if word >= list.words or list.bit[word] == 0:
        word = next_word(list)
    if word < list.words:
        number = word << 6 | lowest_one(list.bit[word])
    if list.back < list.words << 6 and (
        number < 0 or bounds != NULL and bounds[number] > list.back
    ):
        number = list.back
        word = number >> 6
        list.back = list.words << 6
        list.cursor = word
        number = word << 6 | lowest_one(list.bit[word])
    list.cursor = word
    if number >= 0:
        list.bit[word] &= list.bit[word] - 1
    return number


cdef inline int next_word(Worklist* list) noexcept nogil:
    """The least word from the cursor on that is not empty; clears the summary on the way."""
    cdef int group = list.cursor >> 6, last = (list.words + 63) >> 6
    cdef Word left, seen = ~<Word>0 << (list.cursor & 63)
    cdef int word
    while group < last:
        left = list.summary[group] & seen
        while left:
            word = group << 6 | lowest_one(left)
            if list.bit[word]:
                return word
            list.summary[group] &= ~(left & -left)
            left &= left - 1
        seen = ~<Word>0
        group += 1
    return list.words


cdef inline bint any_of(const Lanes* a) noexcept nogil:
    cdef int k
    cdef Word found = 0
    for k in range(WORDS):
        found |= a.word[k]
    return found != 0


cdef inline void join(Lanes* a, const Lanes* b) noexcept nogil:
    cdef int k
    for k in range(WORDS):
        a.word[k] |= b.word[k]


cdef inline void meet(Lanes* a, const Lanes* b) noexcept nogil:
    cdef int k
    for k in range(WORDS):
        a.word[k] &= b.word[k]


cdef inline void subtract(Lanes* a, const Lanes* b) noexcept nogil:
    cdef int k
    for k in range(WORDS):
        a.word[k] &= ~b.word[k]


cdef inline bint differ(const Lanes* a, const Lanes* b) noexcept nogil:
    cdef int k
    cdef Word found = 0
    for k in range(WORDS):
        found |= a.word[k] ^ b.word[k]
    return found != 0


cdef struct Tally:  # bit-sliced counters, one a lane
    Lanes slice[32]
    int used


cdef inline void add_at(Tally* tally, const Lanes* one, int place) noexcept nogil:
    """Add 2 ** place in the lanes given."""
    cdef Lanes carry = one[0], both
    cdef int k
    while any_of(&carry):
        if place >= tally.used:
            tally.used = place + 1
        for k in range(WORDS):
            both.word[k] = tally.slice[place].word[k] & carry.word[k]
            tally.slice[place].word[k] ^= carry.word[k]
            carry.word[k] = both.word[k]
        place += 1


cdef inline int total_of(const Tally* tally, int lane) noexcept nogil:
    cdef int place, total = 0
    for place in range(tally.used):
        total |= <int>((tally.slice[place].word[lane >> 6] >> (lane & 63)) & 1) << place
    return total
