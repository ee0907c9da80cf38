"""Pages of CIs and relations: filters, order and cursors."""

import random
from dataclasses import replace

import pytest

from cmdb.services.ports import ItemQuery, RelationQuery
from tests.contract.records import commit, item, relation

ITEMS = [
    item("a", "server", name="Zeta", attributes={"site": "s1", "n": 1, "tags": ["x", "y"]}),
    item("B", "router", name="alpha", status="retired", attributes={"site": "s2", "n": 2}),
    item("c", "server", name="MÜLLER", attributes={"site": "s1", "n": 1.5, "ok": True}),
    item("D", "switch", name="alpha", attributes={"site": "s3", "v": "1", "m": [1, 2.5]}),
    item("e%_", "server", name="中文名称", status="retired", attributes={"ok": False}),
]
SORTS = ("key", "name", "type", "status")


@pytest.fixture
def known(store):
    commit(store, *ITEMS)
    return store


def keys(store, **query):
    found = store.find_items(ItemQuery(**query))
    assert found == [store.items([one.key])[one.key] for one in found]
    return [one.key for one in found]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["B", "D", "a", "c", "e%_"]),
        ({"types": frozenset({"server", "none"})}, ["a", "c", "e%_"]),
        ({"types": frozenset({"server", "router"})}, ["B", "a", "c", "e%_"]),
        ({"types": frozenset(f"t{n}" for n in range(20)) | {"router"}}, ["B"]),
        ({"types": frozenset()}, []),
        ({"visible_types": frozenset({"router", "switch"})}, ["B", "D"]),
        ({"types": frozenset({"server"}), "visible_types": frozenset({"router"})}, []),
        ({"sites": frozenset({"s1", "s3"})}, ["D", "a", "c"]),
        ({"sites": frozenset()}, []),
        ({"status": "retired"}, ["B", "e%_"]),
        ({"text": "ALPHA"}, ["B", "D"]),
        ({"text": "b"}, ["B"]),
        ({"text": "müller"}, ["c"]),
        ({"text": "ÜLL"}, ["c"]),
        ({"text": "文名"}, ["e%_"]),
        ({"text": "%_"}, ["e%_"]),
        ({"text": "nothing"}, []),
        ({"attributes": {"site": "s1"}}, ["a", "c"]),
        ({"attributes": {"n": 1}}, ["a"]),
        ({"attributes": {"n": 1.5}}, ["c"]),
        ({"attributes": {"n": "1"}}, []),
        ({"attributes": {"v": "1", "site": "s3"}}, ["D"]),
        ({"attributes": {"v": 1}}, []),
        ({"attributes": {"ok": True}}, ["c"]),
        ({"attributes": {"ok": False}}, ["e%_"]),
        ({"attributes": {"tags": ["x", "y"]}}, ["a"]),
        ({"attributes": {"tags": ["y", "x"]}}, []),
        ({"attributes": {"m": [1, 2.5]}}, ["D"]),
        ({"attributes": {"none": 1}}, []),
        ({"limit": 2}, ["B", "D"]),
        ({"descending": True, "limit": 3}, ["e%_", "c", "a"]),
        ({"sort": "name"}, ["c", "a", "B", "D", "e%_"]),
        ({"sort": "name", "descending": True}, ["e%_", "D", "B", "a", "c"]),
        ({"sort": "type"}, ["B", "a", "c", "e%_", "D"]),
        ({"sort": "status", "descending": True}, ["e%_", "B", "c", "a", "D"]),
        ({"after": ("a", "a")}, ["c", "e%_"]),
        ({"after": ("bb", "bb"), "types": frozenset({"server"})}, ["c", "e%_"]),
        ({"sort": "name", "after": ("alpha", "B")}, ["D", "e%_"]),
        ({"sort": "name", "descending": True, "after": ("alpha", "D")}, ["B", "a", "c"]),
        ({"status": "live", "text": "A", "sites": frozenset({"s3"})}, ["D"]),
    ],
)
def test_filters_and_order(known, query, expected):
    assert keys(known, **query) == expected


def test_an_unknown_order_is_refused(known):
    with pytest.raises(ValueError, match="x"):
        known.find_items(ItemQuery(sort="x"))


def test_updates_are_found_by_their_new_values(known):
    before = known.items(["a"])["a"]
    commit(known, (before, replace(before, name="new", type="router", attributes={"site": "s9"})))
    assert keys(known, text="zeta") == []
    assert keys(known, types=frozenset({"router"})) == ["B", "a"]
    assert keys(known, attributes={"site": "s9"}) == ["a"]
    assert keys(known, attributes={"n": 1}) == []
    assert keys(known, sort="name", after=("n", "")) == ["a", "e%_"]


SIGNS = (
    "a",
    "Z",
    "é",
    "e\u0301",
    "中",
    "（",
    "￮",
    "\ue000",
    "😀",
    "𠀀",
    "~",
    " ",
    '"',
    "'",
    "\\",
    "",
)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("types", [None, frozenset({"server", "router", "switch"})])
def test_pages_are_in_code_point_order_and_miss_nothing(store, sort, descending, types):
    chance = random.Random(7)
    made = {
        "k" + "".join(chance.choices(SIGNS, k=3)): item(
            "",
            chance.choice(["server", "router"]),
            name=chance.choice(SIGNS) + chance.choice(SIGNS),
            status=chance.choice(["live", "retired"]),
        )
        for _ in range(60)
    }
    commit(store, *(replace(one, key=key) for key, one in made.items()))
    expected = sorted(
        ((getattr(replace(one, key=key), sort), key) for key, one in made.items()),
        reverse=descending,
    )
    found, after = [], None
    while True:
        query = ItemQuery(types=types, sort=sort, descending=descending, after=after, limit=7)
        page = [(getattr(one, sort), one.key) for one in store.find_items(query)]
        found += page
        if len(page) < 7:
            break
        after = page[-1]
    assert found == expected


RELATIONS = [
    relation("a", "uses", "B"),
    relation("B", "uses", "c"),
    relation("a", "depends_on", "c", group="g"),
    relation("c", "uses", "a"),
    relation("a", "depends_on", "c", id="2"),
    relation("a", "runs_on", "a"),
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"limit": 2}, [0, 1]),
        ({"after": 1, "limit": 3}, [2, 3, 4]),
        ({"after": 5}, []),
        ({"key": "a"}, [0, 2, 3, 4, 5]),
        ({"key": "c", "limit": 2, "after": 1}, [2, 3]),
        ({"key": "a", "type": "uses"}, [0, 3]),
        ({"from_key": "a"}, [0, 2, 4, 5]),
        ({"to_key": "a"}, [3, 5]),
        ({"from_key": "a", "to_key": "c"}, [2, 4]),
        ({"from_key": "a", "to_key": "c", "after": 2}, [4]),
        ({"type": "depends_on"}, [2, 4]),
        ({"type": "uses", "after": 0, "limit": 1}, [1]),
        ({"type": "unheard_of"}, []),
        ({"key": "nobody"}, []),
        ({"from_key": "nobody"}, []),
        ({"key": "c", "from_key": "a"}, [2, 4]),
        ({"key": "B", "to_key": "c", "type": "uses"}, [1]),
        ({"key": "B", "from_key": "c"}, []),
    ],
)
def test_relations_come_in_the_order_of_their_numbers(known, query, expected):
    commit(known, *RELATIONS)
    found = known.find_relations(RelationQuery(**query))
    assert [one.number for one in found] == expected
    assert found == [replace(RELATIONS[n], number=n, seq=2) for n in expected]
