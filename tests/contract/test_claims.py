"""Claims, confirmations and documents."""

from dataclasses import replace

import pytest

from cmdb.history.log import LogEntry
from cmdb.identity.changes import Change, ChangeSet, Document
from tests.contract.records import SIGNATURE, claim, commit, estate, item, relation


@pytest.fixture
def known(store):
    made = estate(store, "a", "b")
    commit(store, relation("a", "uses", "b"))
    return made


@pytest.mark.parametrize("kind", ["ci", "relation"])
def test_claims_are_found_by_source_and_key_and_by_what_they_are_about(store, known, kind):
    body = {"attributes": {"deep": [1, {"x": None}]}, "name": "å"}
    said = [
        claim(kind, "s", "k1", 0, body=body),
        claim(kind, "s", "k2", 1, body=None),
        claim(kind, "t", "k1", 0, run="other", observed_at=1.25, confirmed_at=7.5),
        claim(kind, "s", "k3", 0, withdrawn=True),
    ]
    other = "relation" if kind == "ci" else "ci"
    commit(store, *said, claim(other, "s", "k1", 1))
    assert store.claims(kind, "s", ["k1", "k2", "k9"]) == {"k1": said[0], "k2": said[1]}
    assert store.claims(kind, "none", ["k1"]) == {}
    assert store.claims_about(kind, [0, 1, 9]) == {0: [said[0], said[3], said[2]], 1: [said[1]]}
    assert store.claims_about(other, [0]) == {}
    assert list(store.claims_of(kind, "s")) == [said[0], said[1]]
    assert list(store.claims_of(kind, "s", withdrawn=True)) == [said[0], said[1], said[3]]


@pytest.mark.parametrize("kind", ["ci", "relation"])
def test_claims_are_replaced_moved_withdrawn_and_removed(store, known, kind):
    first = claim(kind, "s", "k", 0)
    commit(store, first)
    second = replace(first, observed_at=60.0, body={"name": "x"}, run="r2")
    commit(store, (first, second))
    assert store.claims(kind, "s", ["k"]) == {"k": second}
    moved = replace(second, subject=1)
    commit(store, (second, moved))
    assert store.claims_about(kind, [0, 1]) == {1: [moved]}
    gone = replace(moved, withdrawn=True)
    done = commit(store, (moved, gone))
    assert done.entries == (LogEntry("claim", f"{kind}:1", moved.content(), gone.content()),)
    assert list(store.claims_of(kind, "s")) == []
    assert store.claims(kind, "s", ["k"]) == {"k": gone}
    commit(store, (gone, None))
    assert store.claims(kind, "s", ["k"]) == {}


def test_a_new_claim_may_take_the_place_of_a_removed_one(store, known):
    first = claim("ci", "s", "k", 0)
    commit(store, first)
    commit(store, (first, None))
    commit(store, replace(first, subject=1))
    assert store.candidates(["s:k"]) == {"s:k": ([], ["b"], [])}


def confirm(store, *claims, at):
    again = [Change(one, replace(one, confirmed_at=at, run="r2")) for one in claims]
    said = ChangeSet(confirmed=again)
    return store.commit(said, SIGNATURE)


def test_confirmations_are_one_entry_and_raise_the_time(store, known):
    said = [claim("ci", "s", "a", 0), claim("ci", "s", "b", 1), claim("relation", "t", "ab", 0)]
    commit(store, *said, claim("ci", "u", "a", 0, confirmed_at=55.0))
    done = confirm(store, *said, at=80.0)
    after = {"at": 80.0, "cis": [[0, 1]], "relations": []}
    linked = {"at": 80.0, "cis": [], "relations": [[0, 0]]}
    stamps = {"stamps": [{"at": 50.0, "run": "r", "cis": [[0, 1]], "relations": []}]}
    others = {"stamps": [{"at": 50.0, "run": "r", "cis": [], "relations": [[0, 0]]}]}
    assert done.entries == (
        LogEntry("confirmation", "s", stamps, after),
        LogEntry("confirmation", "t", others, linked),
    )
    assert store.log(done.seq - 1) == [done]
    assert store.claims("ci", "s", ["a"])["a"] == replace(said[0], confirmed_at=80.0, run="r2")
    assert store.claims("relation", "t", ["ab"])["ab"].confirmed_at == 80.0
    assert store.claims("ci", "u", ["a"])["a"].confirmed_at == 55.0
    assert [one.confirmed_at for one in store.topology().items] == [80.0, 80.0]
    confirm(store, said[0], at=70.0)
    assert store.claims("ci", "s", ["a"])["a"].confirmed_at == 80.0
    commit(store, (said[1], replace(said[1], body={"x": 1}, confirmed_at=90.0)))
    assert [one.confirmed_at for one in store.topology().items] == [80.0, 90.0]


def test_an_alias_confirms_nothing(store, known):
    commit(store, claim("ci", "s", "a", 0, body=None), claim("ci", "s", "b", 1))
    assert [one.confirmed_at for one in store.topology().items] == [0.0, 50.0]


def test_candidates_are_told_by_key_by_alias_and_by_name(store):
    commit(store, item("a", name="x"), item("b", name="both"), item("c", name="both"), item("x"))
    commit(
        store,
        claim("ci", "s", "b", 2),
        claim("ci", "s", "alias", 1),
        claim("ci", "t", "alias", 2, withdrawn=True),
        claim("ci", "s", "k:1", 0),
        claim("ci", "u", "s:k", 1),
        claim("ci", "s", "k", 2),
        claim("relation", "s", "link", 0),
    )
    asked = ["b", "x", "alias", "s:alias", "t:alias", "s:k:1", "s:k", "both", "link", "s:no", ":"]
    assert store.candidates(asked) == {
        "b": (["b"], ["c"], []),
        "x": (["x"], [], ["a", "x"]),
        "alias": ([], ["b", "c"], []),
        "s:alias": ([], ["b"], []),
        "t:alias": ([], ["c"], []),
        "s:k:1": ([], ["a"], []),
        "s:k": ([], ["b", "c"], []),
        "both": ([], [], ["b", "c"]),
    }


def test_documents(store):
    body = {"b": [1, 2.5, None, {"x": "ü"}], "a": True}
    commit(store, Document("d", "y", body), Document("d", "x", {}), Document("e", "x", {"v": 1}))
    assert store.document("d", "y") == Document("d", "y", body)
    assert store.document("d", "z") is None
    assert store.documents("d") == [Document("d", "x", {}), Document("d", "y", body)]
    commit(store, (Document("d", "y", body), Document("d", "y", {"v": 2})))
    commit(store, (Document("d", "x", {}), None))
    assert store.documents("d") == [Document("d", "y", {"v": 2})]
    assert store.documents("e") == [Document("e", "x", {"v": 1})]
    assert [one.subject for one in store.log(1)[0].entries] == ["d:y"]
