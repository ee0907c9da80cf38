"""Final states, and what each CI takes down alone: the same as the reference finds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.impact.engine.closure import Closure
from cmdb.impact.engine.criticality import COLUMNS, criticality
from cmdb.impact.engine.cut_sets import cut_sets
from tests.estate_graphs import estate_graph
from tests.reference import impact as reference
from tests.reference.estates import ALL_RULES, estates, failure_lists

AT_RISK, DEGRADED, DOWN = 1, 2, 3
CLOSURE = Closure()  # one for all, so that traces of earlier questions would be noticed

questions = estates(extra_types=True).flatmap(lambda e: st.tuples(st.just(e), failure_lists(e)))


def failed_rows(made, failures):
    rows = [(made.keys.index(f["key"]), reference.RANK[f["state"]]) for f in failures]
    return np.array(rows, np.int32).reshape(-1, 2)


def expected_states(estate, made, failures):
    states = reference.states(estate, ALL_RULES, failures)
    return np.array([reference.RANK[states.get(key, "ok")] for key in made.keys], np.uint8)


@settings(max_examples=1500, deadline=None)
@given(question=questions, data=st.data())
def test_closure_equals_reference(question, data):
    estate, failures = question
    made = estate_graph(estate, ALL_RULES)
    expected = expected_states(estate, made, failures)
    lowest = data.draw(st.sampled_from([AT_RISK, DEGRADED, DOWN]))
    CLOSURE.run(made.graph, made.network, failed_rows(made, failures), lowest)
    wanted = np.where(expected >= lowest, expected, 0)
    numbers = np.arange(len(made.keys), dtype=np.int32)
    assert CLOSURE.states(numbers).tolist() == wanted.tolist()
    risen, states = CLOSURE.risen()
    assert sorted(risen.tolist()) == np.flatnonzero(wanted).tolist()
    assert states.tolist() == wanted[risen].tolist()
    for watched in range(len(made.keys)):
        down = CLOSURE.run(made.graph, made.network, failed_rows(made, failures), DOWN, watched)
        assert down == (expected[watched] == DOWN)


def brute_force(estate, made, counted):
    """Every CI fails alone, in the reference."""
    size = len(made.keys)
    found = {name: [0] * size for name in (*COLUMNS, "takers")}
    for ci in made.in_graph:
        states = expected_states(estate, made, [{"key": made.keys[ci], "state": "down"}])
        states[ci] = 0
        for name, state in (("down", DOWN), ("degraded", DEGRADED)):
            found[f"all_{name}"][ci] = int((states == state).sum())
            found[f"counted_{name}"][ci] = int((states[counted == 1] == state).sum())
        for other in np.flatnonzero((states == DOWN) & (counted == 1)):
            found["takers"][other] += 1
    return found


@settings(max_examples=1200, deadline=None)
@given(estate=estates(extra_types=True), data=st.data())
def test_criticality_equals_every_ci_failing_in_the_reference(estate, data):
    made = estate_graph(estate, ALL_RULES)
    marks = data.draw(st.integers(0, 2 ** len(made.keys) - 1))
    counted = np.array([marks >> i & 1 for i in range(len(made.keys))], np.uint8)
    threads = data.draw(st.sampled_from([1, 2]))
    expected = brute_force(estate, made, counted)
    for side_by_side in (False, True, None):
        found = criticality(made.graph, made.network, counted, threads, side_by_side)
        assert {name: array.tolist() for name, array in found.items()} == expected


def test_what_two_failures_together_cut_off_is_counted():
    """A ring of switches; one power supply carries both neighbours of the far one."""
    switches = [{"key": key, "type": "switch"} for key in ("root", "left", "far", "right")]
    switches[0]["network_root"] = True
    estate = {
        "cis": [*switches, {"key": "supply", "type": "ups"}],
        "relations": [
            {"from": start, "type": kind, "to": end}
            for start, kind, end in (
                ("root", "connects_to", "left"),
                ("left", "connects_to", "far"),
                ("far", "connects_to", "right"),
                ("right", "connects_to", "root"),
                ("left", "depends_on", "supply"),
                ("right", "depends_on", "supply"),
            )
        ],
    }
    made = estate_graph(estate, ALL_RULES)
    for side_by_side in (False, True):
        found = criticality(made.graph, made.network, np.ones(5, np.uint8), 1, side_by_side)
        assert found["all_down"].tolist() == [3, 0, 0, 0, 3]
        assert found["takers"].tolist() == [0, 2, 2, 2, 0]
    cuts = cut_sets(made.graph, made.network, made.kinds, 2, [], 2, 60.0, 100)
    assert cuts.sets == [(0,), (4,), (1, 3)]
