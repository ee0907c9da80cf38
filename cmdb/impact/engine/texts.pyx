"""Keys and names of CIs, as one run of UTF-8 bytes with the start of each."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy

import numpy as np


cdef unsigned int _hash(const char* text, int length) noexcept nogil:
    """FNV-1a, mixed at the end."""
    cdef unsigned int value = 2166136261u
    cdef int i
    for i in range(length):
        value = (value ^ <unsigned char>text[i]) * 16777619u
    value ^= value >> 15
    value *= 2246822519u
    return value ^ (value >> 13)


cdef class Texts:
    """Text i is the bytes from `start[i]` (int32) to `start[i + 1]` of `text` (uint8)."""

    def __init__(self, start, text):
        self.start, self.text = start, text
        self.starts = start
        self._held = text
        self.letters = ""
        if len(text):
            self.letters = <const char*>&self._held[0]
        self.count = len(start) - 1

    def __len__(self):
        return self.count

    def __getitem__(self, int number):
        if not 0 <= number < self.count:
            raise IndexError(number)
        cdef int first = self.starts[number]
        return PyUnicode_DecodeUTF8(self.letters + first, self.starts[number + 1] - first, NULL)


cdef class Keys(Texts):
    """Texts that are all different, and found by a hash table of their numbers (int32)."""

    def __init__(self, start, text, table=None):
        Texts.__init__(self, start, text)
        self.table = self._hashed() if table is None else table
        self.places = self.table
        self.mask = <unsigned int>len(self.table) - 1

    def _hashed(self):
        size = 16
        while size < 3 * self.count // 2 + 1:
            size *= 2
        table = np.full(size, -1, np.int32)
        cdef int[::1] places = table
        cdef unsigned int mask = size - 1, place
        cdef int number, first, length
        with nogil:
            for number in range(self.count):
                first = self.starts[number]
                length = self.starts[number + 1] - first
                if length:
                    place = _hash(self.letters + first, length) & mask
                    while places[place] >= 0:
                        place = (place + 1) & mask
                    places[place] = number
        return table

    cdef int find_bytes(self, const char* wanted, int length) noexcept nogil:
        cdef unsigned int place = _hash(wanted, length) & self.mask
        cdef int number
        while True:
            number = self.places[place]
            if number < 0 or (
                self.starts[number + 1] - self.starts[number] == length
                and memcmp(self.letters + self.starts[number], wanted, length) == 0
            ):
                return number
            place = (place + 1) & self.mask

    def find(self, str key):
        """The number of a key, -1 where there is none."""
        cdef bytes encoded = key.encode()
        if not encoded:
            return -1
        return self.find_bytes(PyBytes_AS_STRING(encoded), <int>PyBytes_GET_SIZE(encoded))


cdef struct Sortable:
    const char* text
    int length
    int number


cdef int _compare(const Sortable* a, const Sortable* b) noexcept nogil:
    cdef int order = memcmp(a.text, b.text, min(a.length, b.length))
    return order if order else a.length - b.length


cdef void _select(Sortable* rows, int low, int high, int start, int stop) noexcept nogil:
    """Quicksort (Hoare 1961), but only of the parts that reach into start to stop."""
    cdef int left, right
    cdef Sortable pivot
    while high - low > 1 and low < stop and high > start:
        pivot = rows[low + (high - low) // 2]
        left, right = low, high - 1
        while left <= right:
            while _compare(&rows[left], &pivot) < 0:
                left += 1
            while _compare(&pivot, &rows[right]) < 0:
                right -= 1
            if left <= right:
                rows[left], rows[right] = rows[right], rows[left]
                left += 1
                right -= 1
        if right + 1 - low < high - left:
            _select(rows, low, right + 1, start, stop)
            low = left
        else:
            _select(rows, left, high, start, stop)
            high = right + 1


def in_order(Texts texts, dict changed, const int[::1] numbers, int start, int stop):
    """The numbers at places `start` to `stop` of all `numbers` when sorted by their texts.

    `changed` maps numbers to texts (bytes) that stand instead of those of `texts`. Text is compared
    by code points. Linear in `numbers`, beside the sorting of the part that is asked for.
    """
    cdef int count = len(numbers), i, number, first
    start, stop = min(start, count), min(stop, count)
    cdef Sortable* rows = <Sortable*>malloc((count + 1) * sizeof(Sortable))
    if rows == NULL:
        raise MemoryError
    cdef bytes other
    cdef bint any_changed = bool(changed)
    try:
        for i in range(count):
            number = numbers[i]
            rows[i].number = number
            other = changed.get(number) if any_changed else None
            if other is not None:
                rows[i].text = PyBytes_AS_STRING(other)
                rows[i].length = <int>PyBytes_GET_SIZE(other)
            else:
                first = texts.starts[number]
                rows[i].text = texts.letters + first
                rows[i].length = texts.starts[number + 1] - first
        with nogil:
            _select(rows, 0, count, start, stop)
        found = np.empty(stop - start, np.int32)
        for i in range(start, stop):
            found[i - start] = rows[i].number
        return found
    finally:
        free(rows)


def packed(list texts):
    """The arrays `start` and `text` of a list of texts."""
    encoded = [one.encode() for one in texts]
    start = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(texts)), out=start[1:])
    if start[len(texts)] > 2147483647:
        raise OverflowError("keys or names of all CIs together are longer than 2 GiB")
    return start.astype(np.int32), np.frombuffer(b"".join(encoded), np.uint8)


def merged(Texts texts, int size, dict changed):
    """The arrays `start` and `text` of `size` texts; `changed` (bytes) stand instead of some."""
    cdef int number, first, length
    start = np.zeros(size + 1, np.int32)
    cdef int[::1] starts = start
    cdef bytes other
    with nogil:
        for number in range(min(size, texts.count)):
            starts[number + 1] = texts.starts[number + 1] - texts.starts[number]
    for changed_number, other in changed.items():
        starts[<int>changed_number + 1] = <int>len(other)
    with nogil:
        for number in range(size):
            starts[number + 1] += starts[number]
    text = np.empty(int(start[size]) + 1, np.uint8)
    cdef unsigned char[::1] letters = text
    with nogil:
        for number in range(min(size, texts.count)):
            first = texts.starts[number]
            length = texts.starts[number + 1] - first
            if length and length == starts[number + 1] - starts[number]:
                memcpy(&letters[starts[number]], texts.letters + first, length)
    for changed_number, other in changed.items():
        if other:
            memcpy(&letters[starts[<int>changed_number]], PyBytes_AS_STRING(other), len(other))
    return start, text[: len(text) - 1]
