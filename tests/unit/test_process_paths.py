"""The shortest ways through processes, against a plain search of networkx."""

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.tickets.defaults import ROLES, default_processes
from cmdb.tickets.paths import reached, way_to

PROCESSES = default_processes()
INCIDENT = PROCESSES["incident"]


def test_ways_of_an_incident():
    desk = {"service_desk"}
    names = [one.name for one in way_to(INCIDENT, "recorded", "resolved", desk)]
    assert names == ["classify", "dispatch", "accept", "resolve"]
    assert [one.name for one in way_to(INCIDENT, "recorded", "wait_for_user", desk)][-1] == (
        "wait_for_user"
    )
    assert way_to(INCIDENT, "recorded", "resolved", {"requester"}) is None
    assert way_to(INCIDENT, "in_progress", "resolved", desk, {("in_progress", "resolve")}) is None
    assert way_to(INCIDENT, "closed", "recorded", desk) is None
    assert way_to(INCIDENT, "recorded", "recorded", desk) == []
    assert reached(INCIDENT, "resolved", "resolve")
    assert not reached(INCIDENT, "closed", "resolve")


@pytest.mark.parametrize("kind", PROCESSES)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_they_are_the_shortest(kind, data):
    process = PROCESSES[kind]
    states = [one.name for one in process.states]
    start, wanted = (data.draw(st.sampled_from(states)) for _ in range(2))
    roles = data.draw(st.sets(st.sampled_from(sorted(ROLES))))
    pairs = [(state, step.name) for step in process.steps for state in step.sources]
    barred = data.draw(st.sets(st.sampled_from(pairs)))
    avoided = data.draw(st.sets(st.sampled_from(states))) - {start}
    graph = nx.DiGraph()
    graph.add_nodes_from(states)
    for step in process.steps:
        for state in step.sources:
            free = (state, step.name) not in barred and step.target not in avoided
            if free and not step.roles.isdisjoint(roles):
                graph.add_edge(state, step.target)
    way = way_to(process, start, wanted, roles, barred, avoided)
    if not nx.has_path(graph, start, wanted):
        assert way is None
        return
    assert len(way) == nx.shortest_path_length(graph, start, wanted)
    for step in way:
        assert start in step.sources
        assert (start, step.name) not in barred
        start = step.target
    assert start == wanted
