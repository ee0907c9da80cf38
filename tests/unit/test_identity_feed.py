"""Identity on a small synthetic feed with known truth, as `benchmarks/identity.py` has it large."""

import pytest

from benchmarks.identity import PRECISION, RECALL, identified, joined, score
from benchmarks.identity_feed import SOURCES, feed

SIZE = 1_000


@pytest.mark.parametrize("seed", [1, 2])
def test_identity_of_a_feed_with_known_truth(seed):
    fed = feed(SIZE, seed)
    result = identified(fed)
    assert result.errors == 0
    assert fed.truth.keys() <= result.found.keys()
    ours, naive = score(fed.truth, result.found), score(fed.truth, result.naive)
    assert naive.precision < 0.5  # the feed is as misleading as it should be
    assert ours.precision >= PRECISION, ours
    assert ours.recall >= RECALL, ours


def test_a_feed_depends_on_its_arguments_only():
    one, same, other = feed(SIZE, 3), feed(SIZE, 3), feed(SIZE, 4)
    assert one == same
    assert one.truth != other.truth
    assert {source for source, _ in one.loads} == set(SOURCES)


def test_pairs_are_counted():
    truth = {("a", "1"): 1, ("b", "1"): 1, ("c", "1"): 1, ("a", "2"): 2}
    assert score(truth, dict.fromkeys(truth, 0)) == (3, 0, 3)
    assert score(truth, {name: name for name in truth}) == (0, 3, 0)
    assert score(truth, {**truth, ("c", "1"): 2}) == (1, 2, 1)


def test_claims_join_by_what_they_share():
    shared = {("a", "1"): ["x"], ("b", "1"): ["x", "y"], ("c", "1"): ["y"], ("a", "2"): ["z"]}
    groups = joined(shared.items())
    assert len(set(groups.values())) == 2
    assert groups["a", "1"] == groups["c", "1"] != groups["a", "2"]
