"""The topology is what the store holds."""

from cmdb.impact.topology import TopologyItem, TopologyRelation
from tests.contract.records import SIGNATURE, changes, claim, commit, item, relation


def test_topology(store):
    commit(
        store,
        item("a", name="A", redundancy={"g": {"need": "50%"}}, attributes={"site": "s1"}),
        item("gone"),
        item("b", "switch", status="retired", network_root=True),
        relation("a", "depends_on", "b", group="g", strength="soft", id="x"),
        relation("gone", "uses", "a"),
        relation("b", "uses", "b"),
        claim("ci", "s", "a", 0, confirmed_at=70.0),
        claim("ci", "t", "a", 0, confirmed_at=60.0),
        claim("relation", "s", "a-b", 0, confirmed_at=65.0),
    )
    link = store.relations_by_number([1])[1]
    commit(store, (link, None), (store.items(["gone"])["gone"], None))
    topology = store.topology()
    assert topology.seq == 2
    assert list(topology.items) == [
        TopologyItem(0, "a", "server", "A", "live", False, {"g": {"need": "50%"}}, "s1", 70.0, "s"),
        TopologyItem(2, "b", "switch", "b", "retired", True, {}, None, 0.0),
    ]
    assert list(topology.relations) == [
        TopologyRelation(0, 0, "depends_on", 2, "g", "soft", 65.0, "s"),
        TopologyRelation(2, 2, "uses", 2, None, None, 0.0),
    ]


def test_topology_of_many(store):
    count, hub = 3000, 0
    kinds = ("uses", "runs_on", "depends_on")
    links = (relation(f"k{n}", kinds[n % 3], f"k{hub}") for n in range(count))
    new = changes(*(item(f"k{n}") for n in range(count)), *links)
    store.commit(new, SIGNATURE)
    topology = store.topology()
    assert [one.number for one in topology.items] == list(range(count))
    assert [
        (one.number, one.from_number, one.type, one.to_number) for one in topology.relations
    ] == [(n, n, kinds[n % 3], hub) for n in range(count)]
