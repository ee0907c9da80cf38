"""The estate reader: good rows become observations, each fault of a bad row becomes an error."""

from typing import Any

import pytest

from cmdb.errors import (
    CMDBError,
    DuplicateKey,
    MissingField,
    UnknownField,
    UnknownName,
    UnreadableInput,
    WrongValue,
)
from cmdb.identity.observation import UNMARKED, Alias, ObservedItem, ObservedRelation
from discovery.agents import estate

GOOD = {"key": "db-1", "type": "database"}
LINK = {"from": "app-1", "type": "depends_on", "to": "db-1"}


def read(*cis: Any, relations: Any = ()) -> tuple[list[Any], list[CMDBError]]:
    found = list(estate.parse({"cis": list(cis), "relations": list(relations)}))
    errors = [one for one in found if isinstance(one, CMDBError)]
    return [one for one in found if not isinstance(one, CMDBError)], errors


def test_everything_of_the_form_is_read():
    item = {
        "key": "db-1",
        "type": "database",
        "name": "orders db",
        "status": "in_maintenance",
        "network_root": True,
        "attributes": {"version": "15", "owner": None},
        "redundancy": {"feeds": {"need": 1}, "old": None},
        "aliases": [{"source": "netbox", "key": "dcim.device:1"}],
    }
    relation = {
        "from": "app-1",
        "type": "depends_on",
        "to": "db-1",
        "strength": "soft",
        "group": "dbs",
        "id": "2",
        "attributes": {"ports": [1, {"a": None}]},
    }
    observations, errors = read(item, relations=[relation])
    assert errors == []
    assert observations == [
        ObservedItem(
            key="db-1",
            type="database",
            place="cis[0] 'db-1'",
            name="orders db",
            status="in_maintenance",
            network_root=True,
            redundancy={"feeds": {"need": 1}, "old": None},
            attributes={"version": "15", "owner": None},
            aliases=(Alias("netbox", "dcim.device:1"),),
            exported=UNMARKED,
        ),
        ObservedRelation(
            from_key="app-1",
            type="depends_on",
            to_key="db-1",
            place="relations[0] 'app-1' → 'db-1'",
            strength="soft",
            group="dbs",
            id="2",
            attributes={"ports": [1, {"a": None}]},
            exported=UNMARKED,
        ),
    ]


def test_null_is_not_mentioned():
    nulls = dict.fromkeys(("name", "status", "network_root", "attributes", "redundancy", "aliases"))
    relation_nulls = dict.fromkeys(("strength", "group", "id", "attributes"))
    observations, errors = read({**GOOD, **nulls}, relations=[{**LINK, **relation_nulls}])
    plain, _ = read(GOOD, relations=[LINK])
    assert (observations, errors) == (plain, [])
    assert plain[0].status is None
    assert plain[0].network_root is None


@pytest.mark.parametrize(
    "document", [None, [], "text", 1, {}, {"other": 1}, [{"model": "dcim.site"}]]
)
def test_another_form_is_refused_as_a_whole(document):
    with pytest.raises(UnreadableInput, match="'cis' and 'relations'"):
        list(estate.parse(document))


@pytest.mark.parametrize("document", [{"cis": {}}, {"cis": [], "relations": "none"}])
def test_lists_must_be_lists(document):
    with pytest.raises(UnreadableInput, match="must be a list of objects"):
        list(estate.parse(document))


def test_one_part_alone_is_enough():
    assert list(estate.parse({"cis": None, "relations": []})) == []
    assert len(list(estate.parse({"relations": [LINK]}))) == 1


def test_unknown_fields_are_errors_with_the_nearest_name():
    errors = [
        one
        for one in estate.parse(
            {
                "cis": [{**GOOD, "atributes": {}}],
                "relations": [{**LINK, "strenght": "hard"}],
                "relation": [],
            }
        )
        if isinstance(one, CMDBError)
    ]
    assert [type(error) for error in errors] == [UnknownField] * 3
    assert [str(error) for error in errors] == [
        "document: unknown field 'relation'; nearest known name: 'relations'",
        "cis[0] 'db-1': unknown field 'atributes'; nearest known name: 'attributes'",
        "relations[0]: unknown field 'strenght'; nearest known name: 'strength'",
    ]


@pytest.mark.parametrize(
    ("row", "field"),
    [({"type": "server"}, "key"), ({"key": "a"}, "type"), ({"key": None, "type": "x"}, "key")],
)
def test_missing_fields_of_items(row, field):
    observations, (error,) = read(row, GOOD)
    assert isinstance(error, MissingField)
    assert f"'{field}'" in str(error)
    assert "cis[0]" in str(error)
    assert len(observations) == 1  # the good row goes on


@pytest.mark.parametrize("field", ["from", "type", "to"])
def test_missing_fields_of_relations(field):
    row = {name: value for name, value in LINK.items() if name != field}
    observations, (error,) = read(relations=[row, LINK])
    assert isinstance(error, MissingField)
    assert str(error) == f"relations[0]: required field '{field}' is missing"
    assert len(observations) == 1


WRONG = [
    ("key", 7),
    ("key", ""),
    ("key", "x" * 513),
    ("key", "a\nb"),
    ("key", "a\x00"),
    ("key", "\ud800"),
    ("key", ["a"]),
    ("type", 1),
    ("name", {}),
    ("status", 3),
    ("network_root", "yes"),
    ("network_root", 1),
    ("attributes", []),
    ("attributes", {1: 2}),
    ("redundancy", "all"),
    ("aliases", {"source": "a", "key": "b"}),
    ("name", 10**4000),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_wrong_values_of_items(field, value):
    observations, (error,) = read({**GOOD, field: value}, {"key": "good", "type": "server"})
    assert isinstance(error, WrongValue)
    assert str(error).startswith("cis[0]")
    assert f"'{field}' is" in str(error)
    assert len(str(error)) < 250
    assert [one.key for one in observations] == ["good"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("from", 1), ("to", ""), ("type", {}), ("group", 1), ("id", 5), ("strength", "strong")],
        *[("attributes", "x"), ("strength", True)],
    ],
)
def test_wrong_values_of_relations(field, value):
    observations, (error,) = read(relations=[{**LINK, field: value}, LINK])
    assert isinstance(error, WrongValue)
    assert str(error).startswith(f"relations[0]: '{field}' is")
    assert len(observations) == 1


def test_a_row_that_is_no_object():
    observations, errors = read(5, None, "x", [], GOOD)
    assert [str(error) for error in errors] == [
        "cis[0]: it is 5, but must be an object",
        "cis[1]: it is null, but must be an object",
        "cis[2]: it is 'x', but must be an object",
        "cis[3]: it is a list, but must be an object",
    ]
    assert len(observations) == 1


def test_all_faults_of_a_row_are_told():
    _, errors = read({"key": 1, "nmae": "x", "status": "lve"})
    assert sorted(type(error).__name__ for error in errors) == [
        "MissingField",
        "UnknownField",
        "UnknownName",
        "WrongValue",
    ]


def test_unknown_status():
    _, (error,) = read({**GOOD, "status": "liv"})
    assert isinstance(error, UnknownName)
    assert str(error) == "cis[0] 'db-1': unknown status 'liv'; nearest known name: 'live'"


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ({"source": "a"}, "required field 'key'"),
        ({"source": 1, "key": "k"}, "'source' is 1"),
        ({"source": "a", "key": "k", "kez": 1}, "nearest known name: 'key'"),
        ("a", "must be an object"),
    ],
)
def test_bad_aliases(alias, words):
    observations, (error,) = read({**GOOD, "aliases": [{"source": "s", "key": "k"}, alias]})
    assert words in str(error)
    assert "cis[0].aliases[1]" in str(error)
    assert observations == []


def test_the_same_key_twice():
    observations, (error,) = read(GOOD, {**GOOD, "type": "server"})
    assert isinstance(error, DuplicateKey)
    assert str(error) == "cis[1]: the key 'db-1' was already given at cis[0]; keep one of them"
    assert [one.type for one in observations] == ["database"]


def test_deep_nesting_is_refused_without_recursion():
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    _, (error,) = read({**GOOD, "attributes": {"a": deep}})
    assert "nested no deeper" in str(error)
    while isinstance(deep, list):  # spare the interpreter a recursive release
        deep = deep.pop()


def test_huge_names_make_short_messages():
    _, errors = read({**GOOD, "x" * 10_000_000: 1, "status": "y" * 10_000_000})
    assert all(len(str(error)) < 200 for error in errors)


def test_keys_may_hold_any_script():
    keys = ["核心交换机", "𠮷-1", "sw=down", "core@2026-01-01", "a b", "é"]
    observations, errors = read(*({"key": key, "type": "switch"} for key in keys))
    assert errors == []
    assert [one.key for one in observations] == keys
