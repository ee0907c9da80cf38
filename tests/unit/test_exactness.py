"""The engine and the independent reference agree on every graph, every time."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.impact import kernel
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.kernel import STATES
from cmdb.impact.propagation import final_states
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Delta
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import RelationType
from tests.reference import impact as reference
from tests.reference.estates import ALL_RULES, EXTRA_RULES, estates, failure_lists
from tests.topologies import item, relation, topology

EXAMPLES = 50_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 5_000


@pytest.fixture(scope="module", params=["interpreted", "compiled"])
def kernels(request):
    kernel.use(kernel.INTERPRETED if request.param == "interpreted" else kernel.compiled())
    yield
    kernel.use(kernel.INTERPRETED)


def answer(snapshot, failures):
    given_states: dict[int, int] = {}
    for failure in failures:
        number = snapshot.index[failure["key"]]
        state = STATES.index(failure["state"])
        given_states[number] = max(state, given_states.get(number, 0))
    return BlastRadius(snapshot, given_states, at=0.0)


def rows(snapshot, failures):
    return [
        {name: row[name] for name in ("key", "state", "distance", "causes", "path")}
        for row in answer(snapshot, failures).rows()
    ]


questions = estates().flatmap(lambda e: st.tuples(st.just(e), failure_lists(e)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(question=questions)
def test_engine_equals_reference(kernels, question):
    estate, failures = question
    snapshot = Snapshot.build(topology(estate), builtin_catalog())
    expected = reference.blast_radius(estate, reference.BUILTIN_RULES, failures)
    radius = answer(snapshot, failures)
    final = final_states(snapshot, radius.failures)
    assert final.tolist() == radius.propagation.state.tolist()
    assert rows(snapshot, failures) == expected


EXTRA_CATALOG = builtin_catalog().extended(
    [],
    [
        RelationType(name, name, name, name, rule.impact, rule.strength, rule.group, rule.need)
        for name, rule in EXTRA_RULES.items()
    ],
)


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(
    question=estates(extra_types=True).flatmap(lambda e: st.tuples(st.just(e), failure_lists(e)))
)
def test_engine_equals_reference_on_types_of_its_users(question):
    """Relations that carry trouble both ways, and types that share a group with other needs."""
    estate, failures = question
    snapshot = Snapshot.build(topology(estate), EXTRA_CATALOG)
    expected = reference.blast_radius(estate, ALL_RULES, failures)
    assert rows(snapshot, failures) == expected


@settings(max_examples=1000, deadline=None)
@given(question=questions)
def test_named_causes_alone_give_the_state(question):
    estate, failures = question
    snapshot = Snapshot.build(topology(estate), builtin_catalog())
    for row in rows(snapshot, failures):
        (cause,) = row["causes"]
        states = reference.states(estate, reference.BUILTIN_RULES, cause["from"])
        assert STATES.index(states[row["key"]]) >= STATES.index(row["state"])


@settings(max_examples=1500, deadline=None)
@given(before=estates(), question=questions, data=st.data())
def test_patched_snapshot_equals_one_built_anew(before, question, data):
    """An estate turned into another one by a few patches answers like one built from scratch."""
    estate, failures = question
    numbers = {ci["key"]: i for i, ci in enumerate(estate["cis"])}
    snapshot = Snapshot.build(topology(before), builtin_catalog())
    new_items = {i: item(ci, i) for i, ci in enumerate(estate["cis"])}
    new_relations = {i: relation(r, i, numbers) for i, r in enumerate(estate["relations"])}
    delta = Delta(seq=2)
    delta.relations = dict.fromkeys(range(len(before["relations"])))
    snapshot = snapshot.patched(delta)
    items: list[tuple[int, object]] = [
        (i, new_items.get(i)) for i in range(max(len(before["cis"]), len(new_items)))
    ]
    first = data.draw(st.integers(0, len(items)))
    snapshot = snapshot.patched(Delta(3, items=dict(items[:first])))
    snapshot = snapshot.patched(Delta(4, items=dict(items[first:])))
    half = data.draw(st.integers(0, len(new_relations)))
    parts = list(new_relations.items())
    snapshot = snapshot.patched(Delta(5, relations=dict(parts[:half])))
    snapshot = snapshot.patched(Delta(6, relations=dict(parts[half:])))
    expected = reference.blast_radius(estate, reference.BUILTIN_RULES, failures)
    assert rows(snapshot, failures) == expected
