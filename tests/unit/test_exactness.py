"""The engine and the independent reference agree on every graph, every time."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.building import build, compacted
from cmdb.impact.patching import patched
from cmdb.impact.states import STATES
from cmdb.impact.topology import Delta
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import RelationType
from tests.reference import impact as reference
from tests.reference.estates import ALL_RULES, EXTRA_RULES, estates, failure_lists
from tests.topologies import item, relation, topology

EXAMPLES = 50_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 5_000


def answer(snapshot, failures):
    given_states: dict[int, int] = {}
    for failure in failures:
        number = snapshot.number(failure["key"])
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
def test_engine_equals_reference(question):
    estate, failures = question
    snapshot = build(topology(estate), builtin_catalog())
    expected = reference.blast_radius(estate, reference.BUILTIN_RULES, failures)
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
    snapshot = build(topology(estate), EXTRA_CATALOG)
    expected = reference.blast_radius(estate, ALL_RULES, failures)
    assert rows(snapshot, failures) == expected


@settings(max_examples=1000, deadline=None)
@given(question=questions)
def test_named_causes_alone_give_the_state(question):
    estate, failures = question
    snapshot = build(topology(estate), builtin_catalog())
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
    old_numbers = {ci["key"]: i for i, ci in enumerate(before["cis"])}
    snapshot = build(topology(before), builtin_catalog())
    gone = {i: (relation(r, i, old_numbers), None) for i, r in enumerate(before["relations"])}
    snapshot = patched(snapshot, Delta(seq=2, relations=gone))
    new_items = {i: item(ci, i) for i, ci in enumerate(estate["cis"])}
    items = [(i, new_items.get(i)) for i in range(max(len(before["cis"]), len(new_items)))]
    new = [(i, (None, relation(r, i, numbers))) for i, r in enumerate(estate["relations"])]
    for parts, name in ((items, "items"), (new, "relations")):
        cut = data.draw(st.integers(0, len(parts)))
        for part in (parts[:cut], parts[cut:]):
            snapshot = patched(snapshot, Delta(snapshot.seq + 1, **{name: dict(part)}))
            if data.draw(st.booleans()):
                snapshot = compacted(snapshot)
    expected = reference.blast_radius(estate, reference.BUILTIN_RULES, failures)
    assert rows(snapshot, failures) == expected
