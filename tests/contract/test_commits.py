"""Commits: what they store, number and log."""

from dataclasses import replace

from cmdb.history.log import LogEntry
from cmdb.identity.changes import ChangeSet, Document
from cmdb.schema.records import RelationIdentity
from cmdb.services.ports import ItemQuery, RelationQuery, Signature
from tests.contract.records import SIGNATURE, changes, claim, commit, estate, item, relation


def test_a_new_store_is_empty(store):
    assert store.seq() == 0
    assert store.seq_at(1e12) == 0
    assert store.log(0) == []
    assert store.items(["a"]) == {}
    assert store.items_by_number([0]) == {}
    assert store.find_items(ItemQuery()) == []
    assert store.candidates(["a", "b:c"]) == {}
    assert store.relations([RelationIdentity("a", "uses", "b", None, None)]) == {}
    assert store.relations_by_number([0]) == {}
    assert store.find_relations(RelationQuery()) == []
    assert store.find_relations(RelationQuery(key="a", type="uses")) == []
    assert store.claims("ci", "s", ["a"]) == {}
    assert store.claims_about("relation", [0]) == {}
    assert list(store.claims_of("ci", "s")) == []
    assert store.document("d", "x") is None
    assert store.documents("d") == []
    assert store.receipt("ann", "x") is None
    topology = store.topology()
    assert (topology.seq, list(topology.items), list(topology.relations)) == (0, [], [])


def test_created_records_come_back_as_they_were_put(store):
    full = item(
        "db-1",
        "database",
        name="orders db",
        status="in_maintenance",
        network_root=True,
        redundancy={"feeds": {"need": 1}, "nodes": {"need": "50%"}},
        attributes={"site": "zrh", "version": "15", "cores": 8, "load": 0.5, "tags": ["a", "b"]},
    )
    link = relation("app-1", "depends_on", "db-1", strength="soft", attributes={"port": 5432})
    done = commit(store, full, item("app-1", "application"), link)
    assert done.seq == store.seq() == 1
    found = store.items(["db-1", "app-1", "none"])
    assert found["db-1"] == replace(full, number=0, seq=1)
    assert found["app-1"] == item("app-1", "application", number=1, seq=1)
    assert set(found) == {"db-1", "app-1"}
    assert store.items_by_number([1, 0, 7]) == {0: found["db-1"], 1: found["app-1"]}
    stored = replace(link, number=0, seq=1)
    assert store.relations([link.identity]) == {link.identity: stored}
    assert store.relations_by_number([0, 7]) == {0: stored}


def test_an_update_replaces_the_whole_record(store):
    before = estate(
        store, "a", "b", attributes={"old": 1, "kept": 2}, redundancy={"g": {"need": 1}}
    )
    after = replace(before["a"], type="router", name="A", attributes={"kept": 2, "new": [1, 2]})
    after = replace(after, redundancy={})
    assert commit(store, (before["a"], after)).seq == 2
    assert store.items(["a", "b"]) == {"a": replace(after, seq=2), "b": before["b"]}


def test_relations_are_updated_and_removed(store):
    estate(store, "a", "b")
    commit(store, relation("a", "uses", "b"), relation("a", "depends_on", "b", id="x"))
    first, second = store.relations_by_number([0, 1]).values()
    if first.type != "uses":
        first, second = second, first
    after = replace(first, strength="hard", attributes={"why": {"deep": [1, None, "x"]}})
    commit(store, (first, after), (second, None))
    assert store.find_relations(RelationQuery()) == [replace(after, seq=3)]
    commit(store, (replace(after, seq=3), replace(after, strength=None, attributes={})))
    assert store.find_relations(RelationQuery()) == [replace(first, seq=4)]


def test_parallel_relations_differ_by_type_group_and_id(store):
    estate(store, "a", "b")
    identities = [
        RelationIdentity("a", "uses", "b", None, None),
        RelationIdentity("b", "uses", "a", None, None),
        RelationIdentity("a", "depends_on", "b", None, None),
        RelationIdentity("a", "uses", "b", "g", None),
        RelationIdentity("a", "uses", "b", None, "g"),
        RelationIdentity("a", "uses", "b", "g", "1"),
        RelationIdentity("a", "uses", "a", None, None),
    ]
    commit(store, *(relation(*one[:3], group=one.group, id=one.id) for one in identities))
    found = store.relations([*identities, RelationIdentity("b", "uses", "a", "g", None)])
    assert {one: relation.identity for one, relation in found.items()} == {
        one: one for one in identities
    }
    assert sorted(one.number for one in found.values()) == list(range(len(identities)))


def test_removed_things_are_gone_and_their_numbers_are_never_reused(store):
    known = estate(store, "a", "b", "c")
    commit(store, relation("a", "uses", "b"), relation("b", "uses", "c"))
    links = store.relations_by_number([0, 1])
    commit(store, (known["c"], None), (links[1], None))
    assert set(store.items("abc")) == {"a", "b"}
    assert store.relations_by_number([0, 1]) == {0: links[0]}
    commit(store, item("c"), relation("b", "uses", "c"))
    assert store.items(["c"])["c"].number == 3
    assert list(store.relations_by_number([0, 1, 2])) == [0, 2]


def test_a_removed_item_takes_its_relations_along_in_one_commit(store):
    known = estate(store, "a", "b")
    commit(store, relation("a", "uses", "b"), claim("ci", "s", "a", known["a"].number))
    link = store.relations_by_number([0])[0]
    commit(store, (link, None), (known["a"], None))
    assert set(store.items("ab")) == {"b"}
    assert store.find_relations(RelationQuery()) == []
    assert store.candidates(["s:a"]) == {}


def test_claims_follow_the_numbers_of_new_records(store):
    estate(store, "other")
    commit(store, relation("other", "uses", "other"))
    numbers = [-11, -12, -13]
    new = changes(
        item("a", number=numbers[0]),
        item("b", number=numbers[1]),
        relation("a", "uses", "b", number=numbers[2]),
        claim("ci", "s", "a", numbers[0]),
        claim("ci", "s", "b", numbers[1]),
        claim("relation", "s", "a-b", numbers[2]),
    )
    store.commit(new, SIGNATURE)
    assert store.claims("ci", "s", ["a"])["a"].subject == store.items(["a"])["a"].number == 1
    assert store.claims("ci", "s", ["b"])["b"].subject == store.items(["b"])["b"].number == 2
    assert store.claims("relation", "s", ["a-b"])["a-b"].subject == 1
    assert store.relations_by_number([1])[1].from_key == "a"


def test_the_log_tells_who_when_why_and_each_record_before_and_after(store):
    first = commit(
        store,
        item("a", attributes={"x": 1}),
        item("b"),
        relation("a", "uses", "b", group="g"),
        claim("ci", "s", "a", 0, body=None),
        Document("note", "n", {"text": "hello"}),
    )
    (logged,) = store.log(0)
    assert logged == first
    assert (logged.seq, logged.at, logged.actor) == (1, 100.5, "ann")
    assert (logged.reason, logged.run) == ("because", "run-1")
    a, b = item("a", attributes={"x": 1}), item("b")
    link = relation("a", "uses", "b", group="g")
    said = claim("ci", "s", "a", 0, body=None)
    assert logged.entries == (
        LogEntry("ci", "a", None, {**a.content(), "number": 0}),
        LogEntry("ci", "b", None, {**b.content(), "number": 1}),
        LogEntry("relation", "0", None, {**link.content(), "number": 0}),
        LogEntry("claim", "ci:0", None, said.content()),
        LogEntry("document", "note:n", None, {"text": "hello"}),
    )
    known = store.items("ab")
    second = commit(
        store,
        (known["a"], replace(known["a"], name="A")),
        (store.relations_by_number([0])[0], None),
        (known["b"], None),
        (Document("note", "n", {"text": "hello"}), None),
        signature=Signature("bob", 200.0, "other"),
    )
    assert store.log(1) == [second]
    assert second.entries == (
        LogEntry(
            "ci",
            "a",
            {**a.content(), "number": 0},
            {**replace(a, name="A").content(), "number": 0},
        ),
        LogEntry("relation", "0", {**link.content(), "number": 0}, None),
        LogEntry("ci", "b", {**b.content(), "number": 1}, None),
        LogEntry("document", "note:n", {"text": "hello"}, None),
    )


def test_the_log_comes_in_pages(store):
    for number in range(5):
        commit(store, item(f"k{number}"), signature=Signature("a", 10.0 * number, ""))
    assert [one.seq for one in store.log(0)] == [1, 2, 3, 4, 5]
    assert [one.seq for one in store.log(1, limit=2)] == [2, 3]
    assert [one.entries[0].subject for one in store.log(3)] == ["k3", "k4"]
    assert store.log(5) == []
    assert [store.seq_at(at) for at in (-1.0, 0.0, 9.9, 10.0, 39.0, 1e9)] == [0, 1, 1, 2, 4, 5]


def test_an_empty_change_set_is_a_commit_too(store):
    assert store.commit(ChangeSet(), SIGNATURE).entries == ()
    assert [(one.seq, one.entries) for one in store.log(0)] == [(1, ())]


def test_many_records_in_one_commit(store):
    count = 12_000
    new = changes(*(item(f"k{n:05}") for n in range(count)))
    for n in range(count - 1):
        placed = relation(f"k{n:05}", "uses", f"k{n + 1:05}", number=new.fresh_number())
        new.relations.append(type(new.items[0])(None, placed))
    done = store.commit(new, SIGNATURE)
    assert len(done.entries) == 2 * count - 1
    assert store.log(0) == [done]
    assert {one.number for one in store.items_by_number(range(count)).values()} == set(range(count))
    assert len(store.relations_by_number(range(count))) == count - 1
