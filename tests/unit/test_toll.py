"""The ranking and the cut sets, against brute force in the reference."""

from itertools import combinations

import pytest
from hypothesis import given, settings

from cmdb.impact.building import build
from cmdb.impact.criticality import Toll, minimal_cuts
from cmdb.schema.catalog import builtin_catalog
from tests.reference import impact as reference
from tests.reference.estates import estates
from tests.topologies import topology

SERVICES = builtin_catalog().below("service")


def states(estate, keys):
    failures = [{"key": key, "state": "down"} for key in keys]
    return reference.states(estate, reference.BUILTIN_RULES, failures)


def in_graph(estate):
    wanted = reference.STATUSES_IN_GRAPH
    return [ci["key"] for ci in estate["cis"] if (ci.get("status") or "live") in wanted]


@settings(max_examples=400, deadline=None)
@given(estate=estates())
def test_the_ranking_is_that_of_every_ci_failing(estate):
    types = {ci["key"]: ci["type"] for ci in estate["cis"]}
    expected = []
    for key in in_graph(estate):
        others = {k: s for k, s in states(estate, [key]).items() if k != key}
        hit = {state: [k for k, s in others.items() if s == state] for state in reference.STATES}
        services = {s: sum(types[k] in SERVICES for k in keys) for s, keys in hit.items()}
        if hit["down"] or hit["degraded"]:
            counts = (services["down"], services["degraded"], len(hit["down"]))
            expected.append((*(-count for count in counts), key))
    snapshot = build(topology(estate), builtin_catalog())
    toll = Toll.of(snapshot)
    numbers = toll.numbers()
    ranked = [snapshot.key(n) for n in toll.ranked(snapshot, numbers, 0, len(numbers)).tolist()]
    assert ranked == [key for *_, key in sorted(expected)]
    pages = [toll.ranked(snapshot, numbers, n, n + 2).tolist() for n in range(0, len(numbers), 2)]
    assert [snapshot.key(n) for page in pages for n in page] == ranked


@settings(max_examples=150, deadline=None)
@given(estate=estates())
def test_the_cut_sets_are_all_minimal_ones(estate):
    keys = in_graph(estate)[:7]
    if not keys:
        return
    service, others = keys[0], in_graph(estate)[1:]
    cuts: list[frozenset[str]] = []
    for size in (1, 2):
        for chosen in map(frozenset, combinations(others, size)):
            if not any(cut <= chosen for cut in cuts):
                down = states(estate, chosen)[service] == "down"
                cuts += [chosen] if down else []
    snapshot = build(topology(estate), builtin_catalog())
    found = minimal_cuts(snapshot, snapshot.known(service), [], 2, 60.0)
    assert found.complete
    shown = {frozenset(map(snapshot.key, one)) for one in found.sets}
    assert shown == set(cuts)


@pytest.mark.parametrize("size", [1, 3])
def test_nothing_takes_down_what_stands_alone(size):
    estate = {"cis": [{"key": "a", "type": "server"}], "relations": []}
    snapshot = build(topology(estate), builtin_catalog())
    assert minimal_cuts(snapshot, 0, [], size, 1.0).sets == []
    assert Toll.of(snapshot).numbers().tolist() == []
