"""Keys and names as bytes: finding, ordering and merging."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.impact.engine.texts import Keys, Texts, in_order, merged, packed

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
keys = st.lists(words.filter(bool), unique=True, max_size=40)


@given(keys=keys, other=words)
def test_every_key_is_found_and_no_other(keys, other):
    table = Keys(*packed(keys))
    assert [table.find(key) for key in keys] == list(range(len(keys)))
    assert [table[i] for i in range(len(table))] == keys
    assert table.find(other) == (keys.index(other) if other in keys else -1)


@settings(max_examples=300)
@given(keys=keys.filter(bool), data=st.data())
def test_order_is_that_of_sorted(keys, data):
    changed = {
        n: data.draw(words)
        for n in data.draw(st.sets(st.integers(0, len(keys) - 1), max_size=len(keys)))
    }
    numbers = data.draw(st.permutations(range(len(keys))))
    numbers = numbers[: data.draw(st.integers(0, len(numbers)))]
    start = data.draw(st.integers(0, len(keys)))
    stop = data.draw(st.integers(start, len(keys) + 3))
    encoded = {n: text.encode() for n, text in changed.items()}
    found = in_order(Texts(*packed(keys)), encoded, np.array(numbers, np.int32), start, stop)
    shown = [changed.get(n, keys[n]) for n in found.tolist()]
    assert shown == sorted(changed.get(n, keys[n]) for n in numbers)[start:stop]


@given(texts=st.lists(words, max_size=30), data=st.data())
def test_merged_replaces_adds_and_empties(texts, data):
    size = len(texts) + data.draw(st.integers(0, 5))
    changed = data.draw(st.dictionaries(st.integers(0, size - 1), words)) if size else {}
    expected = [*texts, *[""] * (size - len(texts))]
    for number, text in changed.items():
        expected[number] = text
    encoded = {n: text.encode() for n, text in changed.items()}
    result = Texts(*merged(Texts(*packed(texts)), size, encoded))
    assert [result[i] for i in range(size)] == expected


def test_numbers_out_of_range_are_refused():
    texts = Texts(*packed(["a"]))
    for number in (-1, 1):
        with pytest.raises(IndexError):
            texts[number]
