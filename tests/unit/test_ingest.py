"""From observations to CIs: claims, precedence, aliases, withdrawal, and every error at once."""

import itertools

import pytest

from cmdb.errors import AlreadyExists, Forbidden, PreconditionFailed, Rejected, UnknownReference
from cmdb.identity.observation import Alias, ObservedItem, ObservedRelation
from cmdb.services.actor import Actor, Scope
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.items import create_item, delete_item, get_item, update_item
from cmdb.services.relations import put_relation
from cmdb.services.reports import check, export_estate
from cmdb.services.tokens import authenticate, create_token, duration, revoke_token
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents.estate import parse

ROOT = Actor("root", frozenset({"administrator"}))
EDITOR = Actor("ed", frozenset({"editor"}))
VIEWER = Actor("vi", frozenset({"viewer"}))


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def env(tmp_path, clock):
    environment = Environment(SQLiteStore(tmp_path / "cmdb.db"), clock)
    yield environment
    environment.store.close()


def item(key, type_name="server", **fields):
    return ObservedItem(key, type_name, f"row {key}", **fields)


def link(a, type_name, b, **fields):
    return ObservedRelation(a, type_name, b, f"row {a}-{b}", **fields)


def load(env, *observations, source="scan", actor=EDITOR, **kwargs):
    return ingest(actor, env, observations, source=source, reason="test", **kwargs)


def test_second_import_changes_nothing(env, clock):
    rows = (item("a"), item("b", "application"), link("b", "runs_on", "a"))
    first = load(env, *rows)
    assert (first.items.created, first.relations.created, first.errors) == (2, 1, [])
    before = export_estate(VIEWER, env)
    clock.now += 10
    second = load(env, *rows)
    assert (second.items.unchanged, second.relations.unchanged) == (2, 1)
    assert export_estate(VIEWER, env) == before
    kinds = {entry.kind for commit in env.store.log(first.seq) for entry in commit.entries}
    assert kinds == {"confirmation"}


def test_order_of_sources_does_not_matter(env, tmp_path, clock):
    words = [
        ("scan", item("a", attributes={"vendor": "Dell", "model": "R640"}), 10),
        ("erp", item("x1", aliases=(Alias("scan", "a"),), attributes={"model": "R650"}), 20),
        ("scan", item("a", attributes={"vendor": "DELL", "model": "R640"}), 15),
    ]
    outcomes = []
    for number, order in enumerate(itertools.permutations(words)):
        store = SQLiteStore(tmp_path / f"{number}.db")
        environment = Environment(store, clock)
        for source, seen, at in order:
            clock.now = at
            load(environment, seen, source=source)
        cis = export_estate(VIEWER, environment)["cis"]
        only = next(ci for ci in cis if {"source": "scan", "key": "a"} in ci["aliases"])
        outcomes.append((only["attributes"]["vendor"], only["attributes"]["model"]))
        store.close()
    # an older word never replaces a newer one of the same source
    assert set(outcomes) == {("DELL", "R650")}


def test_equal_keys_of_two_sources_are_two_items(env):
    load(env, item("db-1"), source="one")
    report = load(env, item("db-1", "database"), source="two")
    assert report.items.created == 1
    assert "aliases" in str(report.warnings[0])
    assert get_item(VIEWER, env, "two:db-1").item.key == "db-1~2"
    assert get_item(VIEWER, env, "db-1").item.type == "server"


def test_aliases_of_different_items_conflict(env):
    load(env, item("a"), item("b"))
    report = load(env, item("c", aliases=(Alias("scan", "a"), Alias("scan", "b"))), source="other")
    assert (report.errors, report.items.created, report.items.conflicts) == ([], 1, 2)
    reviews = env.store.documents("review")
    assert {tuple(review.body["reasons"]) for review in reviews} == {("record",)}
    assert {tuple(name) for review in reviews for name in review.body["claims"]} == {
        ("scan", "a"),
        ("scan", "b"),
        ("other", "c"),
    }


def test_manual_values_win(env, clock):
    load(env, item("a", attributes={"vendor": "Dell"}))
    update_item(EDITOR, env, "a", {"attributes": {"vendor": "Lenovo"}})
    clock.now += 100
    load(env, item("a", attributes={"vendor": "HPE"}))
    assert get_item(VIEWER, env, "a").item.attributes == {"vendor": "Lenovo"}
    update_item(EDITOR, env, "a", {"attributes": {"vendor": None}})
    assert get_item(VIEWER, env, "a").item.attributes == {"vendor": "HPE"}


def test_bad_rows_are_all_told_and_good_rows_go_in(env):
    report = load(
        env,
        item("good"),
        item("s", "sevrer"),
        item("t", attributes={"venbor": "x", "cpu_cores": "many"}),
        item("good", "switch", name="twice"),
        item("u", status="liv", redundancy={"g": {"need": 0}}),
        link("good", "depends_on", "nowhere"),
        link("good", "dependson", "good"),
        link("good", "member_of", "good2"),
        item("good2"),
    )
    codes = [error.code for error in report.errors]
    assert sorted(codes) == sorted(
        [
            "UnknownName",
            "UnknownField",
            "WrongValue",
            "UnknownName",
            "WrongValue",
            "UnknownReference",
            "UnknownName",
            "NotJoinable",
        ]
        + ["DuplicateKey"] * (codes.count("DuplicateKey"))
    )
    text = "\n".join(map(str, report.errors))
    for words in ("'server'", "'vendor'", "'live'", "'depends_on'", "'nowhere'", "joins"):
        assert words in text
    assert {ci["key"] for ci in export_estate(VIEWER, env)["cis"]} == {"good", "good2"}


def test_complete_withdraws_what_is_missing(env, clock):
    load(env, item("a"), item("b"), item("p", "pdu"), link("a", "powered_by", "p"))
    load(env, item("b2", aliases=(Alias("scan", "b"),)), source="erp")
    clock.now += 10
    report = load(env, item("a"), complete=True)
    assert (report.items.withdrawn, report.relations.withdrawn) == (2, 1)
    status = {ci["key"]: ci["status"] for ci in export_estate(VIEWER, env)["cis"]}
    assert status == {"a": "live", "b": "live", "p": "retired"}
    assert export_estate(VIEWER, env)["relations"] == []
    clock.now += 10
    load(env, item("p", "pdu"), link("a", "powered_by", "p"))
    assert get_item(VIEWER, env, "p").item.status == "live"
    assert len(export_estate(VIEWER, env)["relations"]) == 1


def test_complete_with_bad_rows_withdraws_nothing(env, clock):
    load(env, item("a"), item("b"))
    clock.now += 10
    report = load(env, item("a"), item("c", "sevrer"), complete=True)
    assert report.items.withdrawn == 0
    assert "nothing was withdrawn" in str(report.warnings[0])


def test_dry_run_tells_and_changes_nothing(env):
    load(env, item("a"))
    seq = env.store.seq()
    report = load(env, item("a"), item("b", "application"), link("b", "runs_on", "a"), dry_run=True)
    assert (report.items.created, report.items.unchanged) == (1, 1)
    assert (report.relations.created, report.errors) == (1, [])
    assert env.store.seq() == seq


def test_links_are_undirected(env):
    load(env, item("b", "switch"), item("a", "switch"), link("b", "connects_to", "a"))
    report = load(env, link("a", "connects_to", "b"))
    assert report.relations.created == 0
    (only,) = export_estate(VIEWER, env)["relations"]
    assert (only["from"], only["to"]) == ("a", "b")
    again = load(env, link("a", "connects_to", "b"), link("b", "connects_to", "a"))
    assert [e.code for e in again.errors] == ["DuplicateKey"]


def test_export_import_export_is_equal(env, tmp_path):
    load(env, item("a", attributes={"vendor": "戴尔"}), item("sw", "switch", network_root=True))
    load(env, item("7", name="甲", aliases=(Alias("scan", "a"),)), source="erp")
    load(env, link("a", "connects_to", "sw"), link("a", "depends_on", "sw", group="g", id="1"))
    exported = export_estate(VIEWER, env)
    other = Environment(SQLiteStore(tmp_path / "other.db"))
    report = ingest(ROOT, other, parse(exported), source="estate", reason="copy")
    assert report.errors == []
    assert export_estate(ROOT, other) == exported
    again = ingest(ROOT, env, parse(exported), source="estate", reason="again")
    assert (again.items.created, again.items.changed) == (0, 0)
    assert export_estate(VIEWER, env) == exported
    other.store.close()


def test_editing_by_hand(env):
    made = create_item(EDITOR, env, item("a", attributes={"vendor": "x"}))
    assert made.seq == 1
    with pytest.raises(AlreadyExists):
        create_item(EDITOR, env, item("a"))
    with pytest.raises(PreconditionFailed, match="version 1, not 7"):
        update_item(EDITOR, env, "a", {"name": "n"}, expected=7)
    with pytest.raises(Rejected, match="2 errors"):
        update_item(EDITOR, env, "a", {"status": "lost", "attributes": {"no": 1}})
    assert update_item(EDITOR, env, "a", {"name": "n"}, expected=1).seq == 2
    create_item(EDITOR, env, item("b", "application"))
    put_relation(EDITOR, env, link("b", "runs_on", "a"))
    with pytest.raises(AlreadyExists):
        put_relation(EDITOR, env, link("b", "runs_on", "a"))
    delete_item(EDITOR, env, "a")
    with pytest.raises(UnknownReference):
        get_item(VIEWER, env, "a")
    assert export_estate(VIEWER, env)["relations"] == []
    actors = {commit.actor for commit in env.store.log(0)}
    assert actors == {"ed"}


def test_permissions_and_scope(env):
    with pytest.raises(Forbidden, match="editor"):
        load(env, item("a"), actor=VIEWER)
    north = Actor("n", frozenset({"editor"}), Scope(sites=frozenset({"north"})))
    with pytest.raises(Forbidden, match="without limits"):
        load(env, item("a"), actor=north)
    load(env, item("a", attributes={"site": "north"}))
    load(env, item("b", attributes={"site": "south"}))
    assert [ci["key"] for ci in export_estate(north, env)["cis"]] == ["a"]
    with pytest.raises(UnknownReference):
        get_item(north, env, "b")
    with pytest.raises(Forbidden):
        create_item(north, env, item("c", attributes={"site": "south"}))


def test_tokens(env, clock):
    token = create_token(ROOT, env, role="viewer", name="wall", expires=duration("1h"))
    assert token not in str(env.store.documents("token")) + str(env.store.log(0))
    assert authenticate(env, token).roles == {"viewer"}
    for wrong in (token + "x", "cmdb_x_y", "", token[:-1], "x" + token):
        with pytest.raises(Exception, match="not valid"):
            authenticate(env, wrong)
    clock.now += 3600
    with pytest.raises(Exception, match="expired"):
        authenticate(env, token)
    clock.now -= 1
    revoke_token(ROOT, env, env.store.documents("token")[0].name)
    with pytest.raises(Exception, match="not valid"):
        authenticate(env, token)
    for span in ("", "1", "0d", "1y", "-1d", "１d"):
        with pytest.raises(Exception, match="span"):
            duration(span)


def test_model_check(env, clock):
    load(
        env,
        item("a", redundancy={"power": {"need": 3}, "ghost": {"need": 1}}),
        item("p", "pdu"),
        item("lonely", name="One"),
        item("double", name="ONE "),
        link("a", "powered_by", "p"),
    )
    found = [(f.check, f.key) for f in check(VIEWER, env)]
    assert found == [
        ("model_fault", "a"),
        ("model_fault", "a"),
        ("orphan", "double"),
        ("orphan", "lonely"),
        ("duplicate", "double"),
        ("duplicate", "lonely"),
    ]
    clock.now += 400 * 86400
    assert {f.key for f in check(VIEWER, env) if f.check == "stale"} == {
        "a",
        "p",
        "lonely",
        "double",
    }
