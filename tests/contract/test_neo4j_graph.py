"""What people see in Neo4j Browser, and what the driver's failures do to commits."""

from dataclasses import replace

import neo4j as driver_module
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import IncompleteCommit, ServiceUnavailable, TransientError

from cmdb.errors import StoreUnavailable
from tests.contract.backends import Backend
from tests.contract.records import claim, commit, item, relation, ticket


@pytest.fixture
def store(neo4j):
    with Backend("neo4j", uri=neo4j.uri, user=neo4j.user, password=neo4j.password) as backend:
        yield backend.open(retry_seconds=3.0)


@pytest.fixture
def query(neo4j):
    with GraphDatabase.driver(neo4j.uri, auth=(neo4j.user, neo4j.password)) as driver:
        yield lambda text: [r.values() for r in driver.execute_query(text).records]


def test_it_reads_as_a_natural_graph(store, query):
    commit(
        store,
        item("a", attributes={"site": "s1", "cores": 8}, redundancy={"g": {"need": 1}}),
        item("b", "virtual_machine"),
        item("c", "claim"),
        relation("a", "depends_on", "b", group="g", attributes={"x": 1}),
        claim("ci", "scan", "a-1", 0),
    )
    assert query("MATCH (c:CI) RETURN c.key, labels(c) ORDER BY c.key") == [
        ["a", ["CI", "Device", "Computer", "Server"]],
        ["b", ["CI", "VirtualMachine"]],
        ["c", ["CI", "ClaimCI"]],
    ]
    assert query("MATCH (c:Server) RETURN c.site, c.cores, c.status, c.redundancy") == [
        ["s1", 8, "live", '{"g":{"need":1}}']
    ]
    assert query("MATCH (a)-[r:DEPENDS_ON]->(b) RETURN a.key, b.key, r.group, r.attributes") == [
        ["a", "b", "g", '{"x":1}']
    ]
    assert query("MATCH (x:Claim)-[:CLAIMS]->(c:CI) RETURN x.source, x.key, c.key") == [
        ["scan", "a-1", "a"]
    ]


def test_labels_follow_the_type_and_claims_their_subject(store, query):
    commit(store, item("a"), item("b"), said := claim("ci", "s", "k", 0))
    known = store.items("ab")
    commit(store, (known["a"], replace(known["a"], type="hypervisor")))
    assert query("MATCH (c:CI {key: 'a'}) RETURN labels(c)") == [
        [["CI", "Device", "Computer", "Hypervisor"]]
    ]
    commit(store, (said, replace(said, subject=1)), (store.items("a")["a"], None))
    assert query("MATCH (x:Claim)-[:CLAIMS]->(c:CI) RETURN c.key") == [["b"]]


def test_strange_type_names_never_reach_cypher(store):
    for name in ("Server", "a`b", "", "1a", "a b", "x" * 64):
        with pytest.raises(ValueError, match="not the name"):
            commit(store, item("a", name))
    commit(store, item("a"))
    with pytest.raises(ValueError, match="not the name"):
        commit(store, relation("a", "uses`]->() //", "a"))
    assert store.seq() == 1


class Failing:
    """Stands in for `Transaction.commit`, and fails as often as told."""

    def __init__(self, monkeypatch, error, times, done):
        self.error, self.times, self.done, self.calls = error, times, done, 0
        self.real = driver_module.Transaction.commit
        monkeypatch.setattr(driver_module.Transaction, "commit", lambda own: self(own))

    def __call__(self, transaction):
        self.calls += 1
        if self.calls > self.times:
            return self.real(transaction)
        if self.done:
            self.real(transaction)
        else:
            transaction.rollback()
        raise self.error


@pytest.mark.parametrize("error", [IncompleteCommit("lost"), ServiceUnavailable("gone")])
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("times", [1, 2])
def test_a_commit_of_unknown_outcome_is_done_exactly_once(store, monkeypatch, error, done, times):
    failing = Failing(monkeypatch, error, times, done)
    made = commit(store, item("a"), item("b"), relation("a", "uses", "b"))
    assert failing.calls == (1 if done else times + 1)
    assert made.seq == store.seq() == 1
    assert store.log(0) == [made]
    assert commit(store, item("c")).seq == 2
    assert store.items(["c"])["c"].number == 2


def test_transient_errors_are_tried_again_for_a_while(store, monkeypatch):
    failing = Failing(monkeypatch, TransientError("busy"), 2, False)
    assert commit(store, item("a")).seq == 1
    assert failing.calls == 3
    failing.calls, failing.times = 0, 10**6
    with pytest.raises(StoreUnavailable):
        commit(store, item("b"))
    assert failing.calls > 3
    failing.times = 0
    assert store.seq() == 1
    assert commit(store, item("b")).seq == 2


def test_tickets_are_tied_to_what_they_concern(store, query):
    commit(store, item("a"), item("b"))
    commit(
        store,
        ticket("INC-1", items=[("affected", "a")], body={"fields": {"category": "network"}}),
        ticket("CHG-1", kind="change", items=[("changed", "a")], links=[("resolves", "INC-1")]),
    )
    assert query("MATCH (t:Ticket:Change)-[:CHANGES]->(c:CI) RETURN t.number, c.key") == [
        ["CHG-1", "a"]
    ]
    assert query("MATCH (t:Incident)-[:AFFECTS]->(c) RETURN t.number, t.category, c.key") == [
        ["INC-1", "network", "a"]
    ]
    assert query("MATCH (:Change)-[:RESOLVES]->(t:Incident) RETURN t.number") == [["INC-1"]]
    commit(store, (store.items("a")["a"], None))
    assert query("MATCH (t:Change)-[:CHANGES]->(f:FormerCI) RETURN f.key, labels(f)") == [
        ["a", ["FormerCI"]]
    ]
