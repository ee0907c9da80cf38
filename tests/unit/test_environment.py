"""The snapshot follows the log: after any edits it equals one built anew, and one of the past."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.impact import Failure, blast_radius
from cmdb.services.ingest import ingest
from cmdb.services.items import delete_item, update_item
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents.estate import parse
from tests.reference.estates import estates

ADMINISTRATOR = Actor("test", frozenset({"administrator"}))
DAY = 86400.0


def rows(env, key, **kwargs):
    answer = blast_radius(ADMINISTRATOR, env, [Failure(key)], **kwargs).answer()
    return answer["impacted"], answer["confidence"]


def load(env, estate, **kwargs):
    return ingest(ADMINISTRATOR, env, parse(estate), source="estate", reason="test", **kwargs)


def comparable(impacted):
    names = ("key", "state", "distance", "causes", "path")
    return [{name: row[name] for name in names} for row in impacted]


@pytest.fixture
def make_env(tmp_path):
    made = []

    def make(clock=lambda: 1000.0):
        env = Environment(SQLiteStore(tmp_path / f"{len(made)}.db"), clock)
        made.append(env)
        return env

    yield make
    for env in made:
        env.store.close()


@settings(max_examples=60, deadline=None)
@given(before=estates(), after=estates(), complete=st.booleans())
def test_follows_imports(tmp_path_factory, before, after, complete):
    env = Environment(SQLiteStore(tmp_path_factory.mktemp("s") / "cmdb.db"), lambda: 1000.0)
    try:
        load(env, before)
        first = env.snapshot()
        past = env.store.seq()
        keys = [i.key for i in first.items() if first.in_graph(i.number)]
        answers = {key: rows(env, key) for key in keys}
        load(env, after, complete=complete)
        anew = Environment(env.store, lambda: 1000.0)
        snapshot = env.snapshot()
        for item in snapshot.items():
            if snapshot.in_graph(item.number):
                assert rows(env, item.key) == rows(anew, item.key)
        if past:
            for key, answer in answers.items():
                assert rows(env, key, as_of=past) == answer
    finally:
        env.store.close()


def test_edits_reach_the_next_answer(make_env):
    env = make_env()
    load(
        env,
        {
            "cis": [
                {"key": "db", "type": "database"},
                {"key": "a", "type": "application"},
                {"key": "b", "type": "application"},
            ],
            "relations": [
                {"from": "a", "type": "depends_on", "to": "db"},
                {"from": "b", "type": "uses", "to": "a"},
            ],
        },
    )
    assert [r["key"] for r in rows(env, "db")[0]] == ["a", "b"]
    update_item(ADMINISTRATOR, env, "a", {"status": "retired"})
    assert rows(env, "db")[0] == []
    update_item(ADMINISTRATOR, env, "a", {"status": "live", "redundancy": {"x": {"need": 1}}})
    assert [r["state"] for r in rows(env, "db")[0]] == ["down", "degraded"]
    delete_item(ADMINISTRATOR, env, "a")
    assert rows(env, "db")[0] == []
    assert [r["key"] for r in rows(env, "db", as_of=1)[0]] == []
    assert [r["key"] for r in rows(env, "db", as_of=2)[0]] == ["a", "b"]


def test_confirmation_counts_without_change(make_env):
    now = [1000.0]
    env = make_env(lambda: now[0])
    estate = {
        "cis": [{"key": "s", "type": "server"}, {"key": "a", "type": "application"}],
        "relations": [{"from": "a", "type": "runs_on", "to": "s"}],
    }
    load(env, estate)
    assert rows(env, "s")[1]["unconfirmed"] == 0
    now[0] += 400 * DAY
    assert rows(env, "s")[1]["unconfirmed"] == 1
    before = env.store.items(["a", "s"])
    report = load(env, estate)
    assert (report.items.unchanged, report.relations.unchanged) == (2, 1)
    assert env.store.items(["a", "s"]) == before
    assert rows(env, "s")[1]["unconfirmed"] == 0
    assert rows(Environment(env.store, lambda: now[0]), "s")[1]["unconfirmed"] == 0
