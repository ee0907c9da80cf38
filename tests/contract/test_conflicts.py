"""Optimistic concurrency: who is late gets Conflict, and nothing of his commit is done."""

from dataclasses import replace

import pytest

from cmdb.errors import Conflict
from cmdb.identity.changes import Document
from cmdb.services.ports import Receipt, Signature
from tests.contract.records import SIGNATURE, changes, claim, commit, item, relation

OLD = Document("d", "x", {"v": 1})
NEW = Document("d", "x", {"v": 2})


def lost_update(store):
    stale = store.items(["a"])["a"]
    commit(store, (stale, replace(stale, name="first")))
    return [(stale, replace(stale, name="second"))]


def update_of_removed(store):
    stale = store.items(["free"])["free"]
    commit(store, (stale, None))
    return [(stale, replace(stale, name="second"))]


def removal_of_changed(store):
    stale = store.items(["free"])["free"]
    commit(store, (stale, replace(stale, name="first")))
    return [(stale, None)]


def key_taken(store):
    return [item("a", "router")]


def key_taken_by_update(store):
    known = store.items(["free"])["free"]
    return [(known, replace(known, key="a"))]


def removal_with_relations(store):
    return [(store.items(["a"])["a"], None)]


def relation_exists(store):
    return [relation("a", "uses", "b", group="g")]


def relation_twice(store):
    return [relation("b", "uses", "a"), relation("b", "uses", "a")]


def relation_to_nothing(store):
    return [relation("a", "uses", "nobody")]


def relation_from_nothing(store):
    return [relation("nobody", "uses", "a")]


def stale_relation(store):
    stale = store.relations_by_number([0])[0]
    commit(store, (stale, replace(stale, strength="hard")))
    return [(stale, replace(stale, strength="soft"))]


def removal_of_changed_relation(store):
    stale = store.relations_by_number([0])[0]
    commit(store, (stale, replace(stale, strength="hard")))
    return [(stale, None)]


def removal_of_removed_relation(store):
    stale = store.relations_by_number([0])[0]
    commit(store, (stale, None))
    return [(stale, None)]


def claim_exists(store):
    return [claim("ci", "s", "a", 1)]


def claim_observed_since(store):
    stale = store.claims("ci", "s", ["a"])["a"]
    commit(store, (stale, replace(stale, observed_at=60.0)))
    return [(stale, replace(stale, observed_at=70.0))]


def claim_withdrawn_since(store):
    stale = store.claims("ci", "s", ["a"])["a"]
    commit(store, (stale, replace(stale, withdrawn=True)))
    return [(stale, replace(stale, body={"name": "x"}))]


def claim_removed_since(store):
    stale = store.claims("ci", "s", ["a"])["a"]
    commit(store, (stale, None))
    return [(stale, None)]


def document_exists(store):
    return [NEW]


def document_changed(store):
    commit(store, (OLD, NEW))
    return [(OLD, Document("d", "x", {"v": 3}))]


def document_removed(store):
    commit(store, (OLD, None))
    return [(OLD, NEW)]


def removal_of_changed_document(store):
    commit(store, (OLD, NEW))
    return [(OLD, None)]


@pytest.mark.parametrize(
    "late",
    [
        lost_update,
        update_of_removed,
        removal_of_changed,
        key_taken,
        key_taken_by_update,
        removal_with_relations,
        relation_exists,
        relation_twice,
        relation_to_nothing,
        relation_from_nothing,
        stale_relation,
        removal_of_changed_relation,
        removal_of_removed_relation,
        claim_exists,
        claim_observed_since,
        claim_withdrawn_since,
        claim_removed_since,
        document_exists,
        document_changed,
        document_removed,
        removal_of_changed_document,
    ],
)
def test_a_conflict_leaves_nothing_behind(store, late):
    commit(store, item("a"), item("b"), item("free"), relation("a", "uses", "b", group="g"))
    commit(store, claim("ci", "s", "a", 0), OLD)
    records = late(store)
    seq, log, topology = store.seq(), store.log(0), store.topology()
    beside = [item("new"), relation("new", "uses", "a"), claim("ci", "s", "new", 1)]
    beside.append(Document("d", "new", {}))
    with pytest.raises(Conflict):
        commit(store, *beside, *records)
    assert store.seq() == seq
    assert store.log(0) == log
    assert store.topology() == topology
    assert store.items(["new"]) == {}
    assert store.claims("ci", "s", ["new"]) == {}
    assert store.document("d", "new") is None
    assert commit(store, *beside).seq == seq + 1
    assert store.items(["new"])["new"].number == 3
    assert [one.from_key for one in store.relations_by_number([1]).values()] == ["new"]


def test_the_conflict_names_what_changed(store):
    commit(store, item("a"), item("b"))
    stale = store.items(["a"])["a"]
    commit(store, (stale, replace(stale, name="first")))
    with pytest.raises(Conflict, match="configuration item 'a'"):
        commit(store, (stale, replace(stale, name="second")))
    with pytest.raises(Conflict, match="'nobody'"):
        commit(store, relation("a", "uses", "nobody"))


def test_a_receipt_is_given_once_for_each_actor(store):
    receipt = Receipt("key-1", "digest")
    signed = Signature("ann", 1.0, "why", "run", receipt)
    done = commit(store, item("a"), signature=signed)
    commit(store, item("b"), signature=SIGNATURE)
    commit(store, item("c"), signature=replace(signed, actor="bob"))
    assert store.receipt("ann", "key-1") == (receipt, done)
    assert store.receipt("ann", "key-2") is None
    assert store.receipt("eve", "key-1") is None
    with pytest.raises(Conflict):
        commit(store, item("d"), signature=replace(signed, at=2.0))
    assert store.seq() == 3
    assert store.items(["d"]) == {}


def test_unchanged_records_do_not_stand_in_the_way(store):
    commit(store, item("a"), item("b"))
    known = store.items("ab")
    commit(store, (known["b"], replace(known["b"], name="B")))
    store.commit(changes((known["a"], replace(known["a"], name="A"))), SIGNATURE)
    assert {one.name for one in store.items("ab").values()} == {"A", "B"}
