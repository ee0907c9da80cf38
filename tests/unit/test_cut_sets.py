"""Cut sets, and what is left: the same as trying all sets of failures."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cmdb.impact.engine.closure import Closure
from cmdb.impact.engine.cut_sets import cut_sets
from tests.estate_graphs import estate_graph
from tests.reference import impact as reference
from tests.reference.estates import ALL_RULES, estates

DOWN = 3
MOST = 10_000
CLOSURE = Closure()


def taken_down_by_reference(estate, made, service, failed):
    failures = [{"key": made.keys[ci], "state": "down"} for ci in failed]
    states = reference.states(estate, ALL_RULES, failures)
    return states[made.keys[service]] == "down"


def taken_down_by_engine(estate, made, service, failed):
    rows = np.array([(ci, DOWN) for ci in failed], np.int32).reshape(-1, 2)
    return CLOSURE.run(made.graph, made.network, rows, DOWN, service)


def brute_force(estate, made, service, failed, taken_down):
    """All minimal sets of up to three."""
    others = [ci for ci in made.in_graph if ci != service and ci not in failed]
    found: list[tuple[int, ...]] = []
    for size in range(4):
        for chosen in combinations(others, size):
            if any(set(cut) <= set(chosen) for cut in found):
                continue
            if taken_down(estate, made, service, (*failed, *chosen)):
                found.append(chosen)
    return found


@st.composite
def questions(draw, most_cis=9):
    """An estate, one of its CIs, and others that failed already."""
    estate = draw(estates(extra_types=True))
    kept = estate["cis"][:most_cis]
    keys = {ci["key"] for ci in kept}
    estate["cis"] = kept
    estate["relations"] = [r for r in estate["relations"] if {r["from"], r["to"]} <= keys]
    made = estate_graph(estate, ALL_RULES)
    assume(made.in_graph)
    service = draw(st.sampled_from(made.in_graph))
    failed = draw(st.lists(st.sampled_from(made.in_graph), max_size=2, unique=True))
    return estate, made, service, [ci for ci in failed if ci != service]


def answers(made, service, failed, size, seconds=60.0, most=MOST):
    return cut_sets(made.graph, made.network, made.kinds, service, failed, size, seconds, most)


def check(question, taken_down):
    estate, made, service, failed = question
    expected = brute_force(estate, made, service, failed, taken_down)
    for size in (1, 2, 3):
        found = answers(made, service, failed, size)
        assert found.sets == [cut for cut in expected if len(cut) <= size]
        assert found.complete
        assert found.examined == found.total


@settings(max_examples=250, deadline=None)
@given(question=questions(7))
def test_cut_sets_equal_all_sets_tried_in_the_reference(question):
    check(question, taken_down_by_reference)


@settings(max_examples=2000, deadline=None)
@given(question=questions(14))
def test_cut_sets_equal_all_sets_tried(question):
    check(question, taken_down_by_engine)


@st.composite
def meshes(draw):
    """A service on one or two of the machines of a wide network, some of which need each other."""
    chance = draw(st.randoms(use_true_random=False))
    keys = [f"m{i}" for i in range(draw(st.integers(5, 22)))]
    links = [chance.sample(keys, 2) for _ in range(int(len(keys) * chance.uniform(0.9, 1.6)))]
    needs = [chance.sample(keys, 2) for _ in range(chance.randint(0, 8))]
    group = chance.choice((None, "hosts"))
    relations = [{"from": a, "type": "connects_to", "to": b} for a, b in links]
    relations += [
        {"from": a, "type": "depends_on", "to": b, "group": chance.choice((None, "a"))}
        for a, b in [*needs, ("service", chance.choice(keys[2:])), ("service", keys[-1])]
    ]
    for one in relations[-2:]:
        one["group"] = group
    cis = [{"key": key, "type": "switch", "network_root": key in keys[:2]} for key in keys]
    estate = {"cis": [*cis, {"key": "service", "type": "application"}], "relations": relations}
    return estate, estate_graph(estate, ALL_RULES), len(keys), []


@settings(max_examples=300, deadline=None)
@given(question=meshes())
def test_cut_sets_of_wide_networks_equal_all_sets_tried(question):
    check(question, taken_down_by_engine)


@pytest.mark.parametrize("need", [13, 12, 11])
def test_cut_sets_of_a_wide_group_equal_all_sets_tried(need):
    keys = [f"m{i}" for i in range(14)]
    relations = [
        {"from": "service", "type": "depends_on", "to": key, "group": "nodes"} for key in keys
    ]
    cis = [{"key": key, "type": "server"} for key in keys]
    service = {"key": "service", "type": "application", "redundancy": {"nodes": {"need": need}}}
    estate = {"cis": [*cis, service], "relations": relations}
    made = estate_graph(estate, ALL_RULES)
    check((estate, made, len(keys), []), taken_down_by_engine)
    assert len(answers(made, len(keys), [], 3).sets) == {13: 91, 12: 364, 11: 0}[need]


@settings(max_examples=500, deadline=None)
@given(question=questions(14), most=st.integers(0, 5), seconds=st.sampled_from([0.0, 60.0]))
def test_a_partial_answer_is_honest(question, most, seconds):
    _, made, service, failed = question
    everything = answers(made, service, failed, 3)
    found = answers(made, service, failed, 3, seconds, most)
    assert set(found.sets) <= set(everything.sets)
    assert found.sets == everything.sets or not found.complete
    assert len(found.sets) <= max(most, 1)
    assert found.examined <= found.total
