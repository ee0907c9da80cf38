"""Runs of confirmations answer like a plain list of times."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cmdb.impact.confirmations import Confirmations

SIZE = 12
times = st.integers(1, 5).map(float)
intervals = st.lists(
    st.tuples(st.integers(0, SIZE), st.integers(0, 4), times, st.integers(0, 2)).map(
        lambda one: (one[0], one[0] + one[1], one[2], one[3])
    ),
    max_size=6,
)


@given(
    known=st.dictionaries(st.integers(0, SIZE - 1), st.tuples(times, st.integers(0, 2))),
    batches=st.lists(intervals, max_size=4),
)
def test_the_latest_confirmation_counts(known, batches):
    numbers = sorted(known)
    confirmations = Confirmations.of(
        SIZE,
        np.array(numbers, np.int32),
        np.array([known[n][0] for n in numbers]),
        np.array([known[n][1] for n in numbers], np.int32),
    )
    expected = [known.get(n, (0.0, -1)) for n in range(SIZE + 10)]
    for batch in batches:
        for first, last, at, source in batch:
            for number in range(first, last + 1):
                if at > expected[number][0]:
                    expected[number] = (at, source)
        confirmations = confirmations.later(batch)
        at, source = confirmations.of_numbers(np.arange(SIZE + 10))
        assert list(zip(at.tolist(), source.tolist(), strict=True)) == expected
        assert [confirmations.of_number(n) for n in range(SIZE + 10)] == expected
        oldest = min((at for at, source in expected if source >= 0), default=np.inf)
        assert confirmations.oldest == oldest
