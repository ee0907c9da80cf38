"""What-if answers are those of an estate that was really edited."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.assumption import assumption
from cmdb.errors import CMDBError, Rejected
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.building import build
from cmdb.impact.states import STATES
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.records import Relation
from cmdb.services.actor import Actor, Scope
from cmdb.services.assumptions import assume
from cmdb.services.environment import Environment
from cmdb.services.numbers import Finder
from cmdb.stores.sqlite import SQLiteStore
from tests.reference.estates import estates, failure_lists
from tests.topologies import topology

ADMIN = Actor("test", frozenset({"administrator"}))
LINK = "connects_to"


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """An empty store: every name of these estates is a key."""
    store = SQLiteStore(tmp_path_factory.mktemp("store") / "cmdb.db")
    yield Environment(store)
    store.close()


def stored(estate):
    """The relations of an estate as a store gives them."""

    def of(numbers):
        rows = {n: estate["relations"][n] for n in numbers}
        return {
            n: Relation(r["from"], r["type"], r["to"], r.get("group"), r.get("id"))
            for n, r in rows.items()
        }

    return of


def identity(one):
    ends = (one["from"], one["to"])
    if one["type"] == LINK:
        ends = (min(ends), max(ends))
    return (*ends, one["type"], one.get("group"), one.get("id"))


def distinct(relations):
    """Without links that stand there in both directions, and what leads to itself: refused."""
    others = (one for one in relations if one["from"] != one["to"])
    return list({identity(one): one for one in others}.values())


def edit(before, after):
    """What to assume of one estate to get the other."""
    old = {ci["key"]: ci for ci in before["cis"]}
    keys = {ci["key"] for ci in after["cis"]}
    cis = []
    for ci in after["cis"]:
        withdrawn = dict.fromkeys((old.get(ci["key"], {}).get("redundancy") or {}).keys())
        defaults = {"status": ci.get("status") or "live", "name": ci["key"]}
        redundancy = {**withdrawn, **(ci.get("redundancy") or {})}
        root = bool(ci.get("network_root"))
        cis.append({**ci, **defaults, "redundancy": redundancy, "network_root": root})
    wanted = {identity(one): one for one in after["relations"]}
    gone = [
        {name: one[name] for name in ("from", "type", "to", "group", "id") if one.get(name)}
        for one in before["relations"]
        if (identity(one) not in wanted or not wanted[identity(one)].get("strength"))
    ]
    return {
        "cis": cis,
        "relations": after["relations"],
        "remove": {"cis": [key for key in old if key not in keys], "relations": gone},
    }


def rows(snapshot, failures):
    failed: dict[int, int] = {}
    for one in failures:
        number = snapshot.known(one["key"])
        failed[number] = max(STATES.index(one["state"]), failed.get(number, 0))
    radius = BlastRadius(snapshot, failed, at=0.0)
    wanted = ("key", "type", "name", "state", "distance", "causes", "path")
    return [{name: row[name] for name in wanted} for row in radius.rows()], radius.summary()


questions = estates().flatmap(lambda e: st.tuples(st.just(e), failure_lists(e)))


@settings(max_examples=1500, deadline=None)
@given(before=estates(), question=questions)
def test_an_assumption_answers_like_an_edited_estate(env, before, question):
    after, failures = question
    before["relations"] = distinct(before["relations"])
    after["relations"] = distinct(after["relations"])
    snapshot = build(topology(before), builtin_catalog())
    asked = assumption(edit(before, after))
    assumed = assume(asked, Finder(ADMIN, env, snapshot), stored(before), 0.0).snapshot
    expected = build(topology(after), builtin_catalog())
    assert assumed.network.not_evaluated == expected.network.not_evaluated
    assert rows(assumed, failures) == rows(expected, failures)
    assert snapshot.graph.size == len(before["cis"])


SMALL = {
    "cis": [
        {"key": "a", "type": "application", "attributes": {"site": "x"}},
        {"key": "b", "type": "database", "attributes": {"site": "y"}},
        {"key": "c", "type": "database", "attributes": {"site": "x"}},
        {"key": "s", "type": "switch", "network_root": True, "attributes": {"site": "x"}},
        {"key": "t", "type": "switch", "attributes": {"site": "x"}},
    ],
    "relations": [
        {"from": "a", "type": "depends_on", "to": "b", "id": "1", "strength": "soft"},
        {"from": "a", "type": "depends_on", "to": "b", "id": "2"},
        {"from": "s", "type": "connects_to", "to": "t", "id": "1"},
    ],
}


def assumed(env, data, actor=ADMIN):
    snapshot = build(topology(SMALL), builtin_catalog())
    return assume(assumption(data), Finder(actor, env, snapshot), stored(SMALL), 0.0)


def state(made, failed, asked):
    radius = BlastRadius(made.snapshot, {made.snapshot.known(failed): 3}, at=0.0)
    return STATES[radius.propagation.state(made.snapshot.known(asked))]


def test_one_of_two_relations_goes(env):
    remove = {"from": "a", "type": "depends_on", "to": "b"}
    made = assumed(env, {"remove": {"relations": [{**remove, "id": "2"}]}})
    assert made.relations == {"added": 0, "changed": 0, "removed": 1}
    assert state(made, "b", "a") == "degraded"
    made = assumed(env, {"remove": {"relations": [remove]}})
    assert made.relations["removed"] == 2
    assert state(made, "b", "a") == "ok"


def test_a_relation_gets_another_strength(env):
    soft = {"from": "a", "type": "depends_on", "to": "b", "id": "2", "strength": "soft"}
    made = assumed(env, {"relations": [soft]})
    assert made.relations == {"added": 0, "changed": 1, "removed": 0}
    assert state(made, "b", "a") == "degraded"
    again = {"from": "t", "type": "connects_to", "to": "s", "id": "1"}
    assert assumed(env, {"relations": [again]}).content()["relations"]["changed"] == 1


def test_relations_without_impact_are_taken_and_mean_nothing(env):
    one = {"from": "b", "type": "replica_of", "to": "c"}
    made = assumed(env, {"relations": [one], "remove": {"relations": [one]}})
    assert made.relations == {"added": 0, "changed": 0, "removed": 0}


def test_what_was_assumed_is_said(env):
    made = assumed(
        env,
        {
            "cis": [{"key": "new", "type": "database"}, {"key": "a", "type": "application"}],
            "relations": [{"from": "a", "type": "depends_on", "to": "new"}],
            "remove": {"cis": ["t"]},
        },
    )
    assert made.content() == {
        "added": ["new"],
        "changed": ["a"],
        "removed": ["t"],
        "relations": {"added": 1, "changed": 0, "removed": 0},
    }
    assert state(made, "new", "a") == "down"
    assert made.snapshot.number("t") is None


def places(error: CMDBError):
    errors = error.errors if isinstance(error, Rejected) else [error]
    return [(one.fields["place"].split(" ")[0], one.code) for one in errors]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (5, [("assume", "WrongValue")]),
        ({"ci": []}, [("assume", "UnknownField")]),
        ({"cis": 5}, [("assume", "UnreadableInput")]),
        ({"remove": []}, [("assume.remove", "WrongValue")]),
        ({"remove": {"cis": {}, "ci": 1}}, "assume.remove UnknownField WrongValue"),
        ({"remove": {"cis": [5, ""]}}, [(f"assume.remove.cis[{i}]", "WrongValue") for i in (0, 1)]),
        ({"remove": {"relations": [{"from": "a"}]}}, "assume.remove.relations[0] MissingField"),
        (
            {"remove": {"relations": [{"from": "a", "type": "depends_on", "to": "c"}]}},
            [("assume.remove.relations[0]", "UnknownRelation")],
        ),
        (
            {"remove": {"relations": [{"from": "a", "type": "dependson", "to": "b"}]}},
            [("assume.remove.relations[0]", "UnknownName")],
        ),
        (
            {"cis": [{"key": "a", "type": "application"}], "remove": {"cis": ["a"]}},
            [("assume.remove.cis[0]", "DuplicateKey")],
        ),
        (
            {
                "relations": [{"from": "a", "type": "depends_on", "to": "c"}],
                "remove": {"cis": ["c"]},
            },
            [("assume.relations[0]", "UnknownReference")],
        ),
        (
            {"relations": [{"from": "a", "type": "depends_on", "to": "c"}] * 2},
            [("assume.relations[1]", "DuplicateKey")],
        ),
        (
            {"relations": [{"from": "a", "type": "connects_to", "to": "s"}]},
            [("assume.relations[0]", "NotJoinable")],
        ),
        (
            {
                "cis": [
                    {"key": "n", "type": "databse"},
                    {"key": "m", "type": "database", "redundancy": {"g": {"need": 0}}},
                ],
                "relations": [{"from": "a", "type": "depend_on", "to": "b"}],
                "remove": {"cis": ["z"]},
            },
            [
                ("assume.cis[0]", "UnknownName"),
                ("assume.cis[1]", "WrongValue"),
                ("assume.relations[0]", "UnknownName"),
                ("assume.remove.cis[0]", "UnknownReference"),
            ],
        ),
    ],
)
def test_every_error_at_once(env, data, expected):
    with pytest.raises(CMDBError) as caught:
        assumed(env, data)
    found = places(caught.value)
    if isinstance(expected, str):
        place, *codes = expected.split()
        assert {one for one, _ in found} == {place}
        assert {code for _, code in found} == set(codes)
    else:
        assert found == expected


def test_hidden_cis_do_not_exist(env):
    actor = Actor("x", frozenset({"viewer"}), Scope(frozenset({"x"})))
    for data in (
        {"cis": [{"key": "b", "type": "database"}]},
        {"remove": {"cis": ["b"]}},
        {"relations": [{"from": "c", "type": "depends_on", "to": "b"}]},
        {"remove": {"relations": [{"from": "a", "type": "depends_on", "to": "b"}]}},
    ):
        with pytest.raises(CMDBError) as caught:
            assumed(env, data, actor)
        assert [code for _, code in places(caught.value)] == ["UnknownReference"]
    made = assumed(env, {"remove": {"cis": ["c"]}}, actor)
    assert made.removed == ["c"]
