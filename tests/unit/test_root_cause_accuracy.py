"""The accuracy of root cause analysis, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.reports.root_cause_accuracy import Verdict, accuracy, by_period, calibration_error

verdicts = st.lists(
    st.builds(
        Verdict,
        st.just("INC-1"),
        st.sampled_from(["2026-10", "2026-11"]),
        st.none() | st.integers(1, 9),
        st.floats(0, 1),
    )
)


def test_figures_by_hand():
    said = [
        Verdict("INC-1", "2026-10", 1, 0.9),
        Verdict("INC-2", "2026-10", 2, 0.9),
        Verdict("INC-3", "2026-11", None, 0.4),
        Verdict("INC-4", "2026-11", 4, 0.4),
    ]
    whole = accuracy(said)
    assert whole.top == {1: 0.25, 3: 0.5, 5: 0.75}
    assert whole.mean_reciprocal_rank == (1 + 0.5 + 0.25) / 4
    assert whole.calibration_error == pytest.approx((0.4 + 0.4) / 2)
    assert [(one.period, one.top[1]) for one in by_period(said)] == [
        ("2026-10", 0.5),
        ("2026-11", 0.0),
    ]
    assert accuracy([]).top == {1: 0.0, 3: 0.0, 5: 0.0}


@given(verdicts)
def test_figures_are_shares(said):
    whole = accuracy(said)
    shares = [*whole.top.values(), whole.mean_reciprocal_rank, calibration_error(said)]
    assert all(0 <= one <= 1 for one in shares)
    assert list(whole.top.values()) == sorted(whole.top.values())
    assert sum(one.count for one in by_period(said)) == len(said)
