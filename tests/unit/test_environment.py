"""The snapshot follows the log: after any edits it equals one built anew, and one of the past."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.errors import StoreUnavailable
from cmdb.services import following
from cmdb.services.actor import Actor
from cmdb.services.catalog import put_ci_type, put_relation_type
from cmdb.services.environment import Environment
from cmdb.services.impact import Failure, blast_radius
from cmdb.services.ingest import ingest
from cmdb.services.items import delete_item, update_item
from cmdb.services.points import SavedPoints
from cmdb.services.replay import pages, replayed
from cmdb.stores.archive import SnapshotFolder
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents.estate import parse
from tests.contract.records import commit, item
from tests.reference.estates import estates
from tests.unit.test_serialization import assert_same

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


def declare(env, impact):
    """A change of the types of users: what `uses` means, or a new type of CIs."""
    if impact is None:
        put_ci_type(ADMINISTRATOR, env, {"name": "robot", "description": "d", "parent": "server"})
    else:
        data = {"name": "uses", "description": "d", "impact": impact, "strength": "soft"}
        put_relation_type(ADMINISTRATOR, env, data)


impacts = st.sampled_from(("to→from", "from→to", "both", "none", None))
steps = st.one_of(
    st.tuples(st.just("load"), estates(), st.booleans()),
    st.tuples(st.just("again")),
    st.tuples(st.just("declare"), impacts),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("save")),
)


def take(env, folder, step, last):
    """Do one step of a history; gives the estate that was loaded last."""
    kind, *values = step
    if kind == "load":
        last = values[0]
        load(env, last, complete=values[1])
    elif kind == "again":
        load(env, last)
    elif kind == "declare":
        declare(env, *values)
    elif kind == "delete":
        items = list(env.snapshot().items())
        if items:
            delete_item(ADMINISTRATOR, env, items[values[0] % len(items)].key)
    elif env.store.seq():
        snapshot = env.snapshot()
        kept = SavedPoints(env.store, folder)
        kept.save(snapshot, kept.mark(snapshot))
    return last


@settings(max_examples=60, deadline=None)
@given(history=st.lists(steps, min_size=2, max_size=8), first=estates(), data=st.data())
def test_the_past_is_exact_from_any_points(tmp_path_factory, history, first, data):
    """With saved points the graph at each commit is what the whole log up to it says."""
    path = tmp_path_factory.mktemp("s")
    now = [1000.0]
    folder = SnapshotFolder(path / "snapshots", 3, 10**9)
    env = Environment(SQLiteStore(path / "cmdb.db"), lambda: now[0], folder)
    try:
        load(env, first)
        for one in history:
            now[0] += DAY
            first = take(env, folder, one, first)
        seqs = range(1, env.store.seq() + 1)
        asked = data.draw(st.permutations(seqs))
        for seq in asked:
            assert_same(env.snapshot_at(seq), replayed(env.store, seq))
        if seqs:
            fresh = Environment(env.store, lambda: now[0], folder).snapshot()
            assert_same(fresh, env.snapshot())
    finally:
        env.close()


def renamed(store, key, name):
    """A commit that changes a CI as the snapshot sees it."""
    before = store.items([key])[key]
    commit(store, (before, item(key, name=name)))


def test_changes_are_compacted(make_env, monkeypatch):
    """However many commits come, the changes beside the base stay few, and nothing is lost."""
    monkeypatch.setattr(following, "FEWEST_CHANGED", 4)
    env = make_env()
    commit(env.store, *(item(f"k{n}", "server") for n in range(40)))
    started = env.snapshot()
    for n in range(40):
        renamed(env.store, f"k{n}", f"new name {n}")
        assert env.snapshot().seq == env.store.seq()
    env.snapshot()
    env._following._worker.join()
    assert_same(env.snapshot(), Environment(env.store).snapshot())
    assert len(env.snapshot().changed) < 40
    assert {one.name for one in started.items()} == {f"k{n}" for n in range(40)}


def test_what_comes_while_a_snapshot_is_compacted(make_env, monkeypatch):
    """Commits meanwhile are seen at once, and are in the compacted snapshot too."""
    monkeypatch.setattr(following, "FEWEST_CHANGED", 4)
    begun, go_on, compact = threading.Event(), threading.Event(), following.compacted

    def slowly(snapshot):
        begun.set()
        assert go_on.wait(60)
        return compact(snapshot)

    monkeypatch.setattr(following, "compacted", slowly)
    env = make_env()
    commit(env.store, *(item(f"k{n}", "server") for n in range(20)))
    env.snapshot()
    for n in range(20):
        renamed(env.store, f"k{n}", f"new name {n}")
        assert env.snapshot().item(n).name == f"new name {n}"
    assert begun.wait(60)
    before = env.snapshot()
    go_on.set()
    env._following._worker.join()
    assert env.snapshot() is not before
    assert len(env.snapshot().changed) < len(before.changed)
    assert_same(env.snapshot(), before)


def test_readers_are_not_blocked_while_the_store_is_read(make_env, monkeypatch):
    """Who has a snapshot of the last commit acknowledged gets it while another one is made."""
    env = make_env()
    commit(env.store, item("a", "server"))
    first = env.snapshot()
    reading, go_on, topology = threading.Event(), threading.Event(), env.store.topology

    def slowly():
        reading.set()
        assert go_on.wait(60)
        return topology()

    monkeypatch.setattr(env.store, "topology", slowly)
    declare(env, None)
    other = threading.Thread(target=env.snapshot)
    other.start()
    assert reading.wait(60)
    asker, seq = threading.current_thread(), env.store.seq
    as_before = lambda: 1 if threading.current_thread() is asker else seq()  # noqa: E731
    monkeypatch.setattr(env.store, "seq", as_before)  # as for one who asked before the declaration
    assert env.snapshot() is first
    go_on.set()
    other.join()
    assert env.snapshot().seq == 2


def test_steps_are_kept_only_while_a_snapshot_is_compacted(make_env, monkeypatch):
    monkeypatch.setattr(following, "SLOW_SECONDS", -1.0)
    env = make_env()
    for n in range(5):
        commit(env.store, item(f"k{n}", "server"))
        env.snapshot()
        env._following._worker.join()
        assert env._following._since is None


def test_errors_in_the_background_are_logged(make_env, monkeypatch, caplog):
    def fail(snapshot):
        raise MemoryError

    monkeypatch.setattr(following, "FEWEST_CHANGED", 0)
    monkeypatch.setattr(following, "compacted", fail)
    env = make_env()
    commit(env.store, item("a", "server"))
    env.snapshot()
    commit(env.store, item("b", "server"))
    assert env.snapshot().seq == 2
    env._following._worker.join()
    assert "compacting or saving the snapshot of commit 2" in caplog.text
    commit(env.store, item("c", "server"))
    assert env.snapshot().seq == 3


def test_a_log_with_a_gap_is_an_error(make_env, monkeypatch):
    monkeypatch.setattr("cmdb.services.replay.LOG_SECONDS", 0.0)
    env = make_env()
    with pytest.raises(StoreUnavailable, match="lacks commit 1"):
        list(pages(env.store, 0, 5))


def test_pages_of_the_log(make_env, monkeypatch):
    """All commits come, in their order, whatever the pages."""
    monkeypatch.setattr("cmdb.services.replay.FIRST_PAGE", 2)
    monkeypatch.setattr("cmdb.services.replay.PAGE_ENTRIES", 3)
    env = make_env()
    for n in range(12):
        commit(env.store, *(item(f"{n}-{m}", "server") for m in range(n % 4 + 1)))
    for after, until in ((0, 12), (3, 9), (5, 5)):
        seqs = [one.seq for page in pages(env.store, after, until) for one in page]
        assert seqs == list(range(after + 1, until + 1))
