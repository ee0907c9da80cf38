"""Every value comes back as it was put."""

from dataclasses import replace

import pytest

from cmdb.identity.changes import Document
from cmdb.services.ports import Signature
from tests.contract.records import claim, commit, item, relation

TEXTS = [
    "数据库-1",
    "😀🏳️‍🌈",
    'it\'s "quoted" `so`',
    "back\\slash\\n",
    "a:b:c",
    "$key {x} [y] (z) // -- /* */ %s ?",
    "line\nbreak\ttab\r",
    " leading and trailing ",
    "e\u0301 is not é",
    "DROP TABLE ci; --",
    "x" * 1500,
    "\u2028\u202e\ufeff",
    "null",
    "0",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts(store, text):
    made = item(text, name=text, attributes={"t": text, "many": [text, text]})
    link = relation(text, "uses", text, group=text, id=text, attributes={text: text})
    said = claim("ci", text, text, 0, run=text, body={"name": text})
    commit(store, made, link, said, Document(text, text, {text: text}))
    stored = replace(made, number=0, seq=1)
    assert store.items([text]) == {text: stored}
    assert store.relations([link.identity]) == {link.identity: replace(link, number=0, seq=1)}
    assert store.claims("ci", text, [text]) == {text: said}
    assert store.document(text, text) == Document(text, text, {text: text})
    assert store.candidates([text]) == {text: ([text], [text], [text])}
    assert store.topology().items[0].name == text
    renamed = replace(stored, name=text + "!")
    done = commit(store, (stored, renamed), signature=Signature(text, 1.0, text, text))
    assert store.log(1) == [done]
    assert done.actor == text
    assert done.entries[0].subject == text


VALUES = [
    0,
    -1,
    2**53 + 1,
    2**63 - 1,
    -(2**63),
    2**64 - 1,
    0.0,
    1.0,
    -2.5,
    1e308,
    5e-324,
    0.1,
    True,
    False,
    "",
    "1",
    [],
    [""],
    [1, 2],
    [1.0, 2.0],
    [True, False],
    ["a", "b"],
    [1, 2.0],
    [1, True],
    ["a", 1],
    [2**64 - 1],
    [[]],
    {"deep": [{"x": [1, None]}]},
    {},
]


def typed(value):
    """The value with the types in it, since 1 == 1.0 == True."""
    if isinstance(value, list):
        return [typed(one) for one in value]
    return type(value), value


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_attribute_values(store, value):
    made = item("a", attributes={"v": value, "other": "x"})
    link = relation("a", "uses", "a", attributes={"v": value})
    said = claim("ci", "s", "a", 0, body={"v": value})
    commit(store, made, link, said, Document("d", "x", {"v": value}))
    found = store.items(["a"])["a"]
    assert found == replace(made, number=0, seq=1)
    for attributes in (
        found.attributes,
        store.relations_by_number([0])[0].attributes,
        store.claims("ci", "s", ["a"])["a"].body,
        store.document("d", "x").body,
        store.log(0)[0].entries[0].after["attributes"],
    ):
        assert typed(attributes["v"]) == typed(value)
    commit(store, (found, replace(found, attributes={"other": "y"})))
    assert store.items(["a"])["a"].attributes == {"other": "y"}


RESERVED = ["key", "name", "type", "status", "network_root", "redundancy", "number", "seq"]


@pytest.mark.parametrize(
    "name",
    [
        *RESERVED,
        "attributes_json",
        "attributes",
        "site",
        "x" * 63,
        "Strange Name`$",
        "数",
        "id",
        "labels",
    ],
)
def test_attribute_names(store, name):
    made = item("a", attributes={name: "v", "plain": 1})
    commit(store, made)
    assert store.items(["a"])["a"] == replace(made, number=0, seq=1)


def test_whole_times_stay_exact(store):
    at = 1772352000.123456
    done = commit(
        store,
        item("a"),
        claim("ci", "s", "a", 0, observed_at=at, confirmed_at=at + 1),
        signature=Signature("ann", at, "x"),
    )
    assert store.log(0) == [done]
    assert store.log(0)[0].at == at
    assert store.claims("ci", "s", ["a"])["a"].observed_at == at
    assert store.topology().items[0].confirmed_at == at + 1
