"""Saved snapshots with every kind of store: used where they are its own, and else built anew."""

import os
import stat

import pytest
from platformdirs import user_cache_path

from cmdb.bootstrap import open_environment
from cmdb.errors import InvalidInput
from cmdb.impact.topology import Topology
from cmdb.services import environment, following, points
from cmdb.services.environment import Environment
from cmdb.services.points import SavedPoints
from cmdb.services.replay import replayed
from cmdb.settings import snapshot_settings, store_address
from cmdb.stores.archive import SnapshotFolder
from cmdb.stores.sqlite import SQLiteStore
from tests.contract.records import claim, commit, estate, item, relation
from tests.unit.test_serialization import assert_same


@pytest.fixture
def folder(tmp_path):
    return SnapshotFolder(tmp_path / "snapshots", 4, 10**9)


@pytest.fixture
def always_saved(monkeypatch):
    """Every snapshot counts as one that took long."""
    monkeypatch.setattr(following, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(environment, "SLOW_SECONDS", -1.0)


def filled(store):
    commit(store, item("a"), item("b", network_root=True), relation("a", "depends_on", "b"))
    commit(store, item("c", redundancy={"g": {"need": "50%"}}), claim("ci", "s", "a", 0))
    return store


def saved(store, folder):
    """Save the present snapshot."""
    snapshot = Environment(store).snapshot()
    kept = SavedPoints(store, folder)
    kept.save(snapshot, kept.mark(snapshot))
    return snapshot


def unreadable(monkeypatch, store):
    """From now on the whole store must not be read."""

    def topology() -> Topology:
        raise AssertionError("the store was read")

    monkeypatch.setattr(store, "topology", topology)


def test_marks(store):
    assert store.mark(1) == ""
    filled(store)
    marks = [store.mark(seq) for seq in (1, 2)]
    assert all(marks)
    assert marks[0] != marks[1]
    assert marks == [store.mark(seq) for seq in (1, 2)]
    assert store.mark(3) == ""
    assert store.settled_seq() == store.seq() == 2


def test_a_start_from_a_saved_snapshot(store, folder, monkeypatch):
    snapshot = saved(filled(store), folder)
    commit(store, item("d"), relation("c", "depends_on", "a", group="g"))
    expected = Environment(store).snapshot()
    unreadable(monkeypatch, store)
    env = Environment(store, archive=folder)
    assert_same(env.snapshot(), expected)
    assert_same(env.snapshot_at(2), snapshot)
    assert_same(env.snapshot_at(1), replayed(store, 1))


def test_a_point_of_another_history_is_not_used(store, folder, tmp_path, caplog):
    other = SQLiteStore(tmp_path / "other.db")
    saved(filled(other), folder)
    other.close()
    estate(store, "x")
    estate(store, "y")
    assert_same(Environment(store, archive=folder).snapshot(), Environment(store).snapshot())
    assert len(caplog.records) == 1
    assert folder.seqs() == []


def test_a_point_beyond_the_log_is_not_used(store, folder, tmp_path, caplog):
    """A store restored from a backup may end before a snapshot that was saved."""
    other = SQLiteStore(tmp_path / "other.db")
    saved(filled(other), folder)
    other.close()
    estate(store, "x")
    assert_same(Environment(store, archive=folder).snapshot(), Environment(store).snapshot())
    assert len(caplog.records) == 1
    assert folder.seqs() == []


def test_other_built_in_types_make_a_point_foreign(store, folder, monkeypatch, caplog):
    saved(filled(store), folder)
    monkeypatch.setattr(points, "builtin_digest", lambda: "of a later version")
    assert_same(Environment(store, archive=folder).snapshot(), Environment(store).snapshot())
    assert "types have changed" in caplog.text


@pytest.mark.usefixtures("always_saved")
def test_what_took_long_is_saved(tmp_path, folder):
    store = filled(SQLiteStore(tmp_path / "cmdb.db"))
    env = Environment(store, archive=folder)
    env.snapshot()
    env.close()
    assert folder.seqs() == [2]
    env = Environment(SQLiteStore(tmp_path / "cmdb.db"), archive=folder)
    env.snapshot_at(1)
    env.close()
    assert folder.seqs() == [1, 2]
    for path in folder.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700


def test_much_unsaved_is_saved_at_the_end(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(following, "FEWEST_UNSAVED", 100)
    env = Environment(SQLiteStore(tmp_path / "cmdb.db"), archive=folder)
    env.snapshot()
    estate(env.store, *(f"k{n}" for n in range(5)))
    env.snapshot()
    env.close()
    assert folder.seqs() == []
    env = Environment(SQLiteStore(tmp_path / "cmdb.db"), archive=folder)
    env.snapshot()
    estate(env.store, *(f"l{n}" for n in range(20)))
    env.snapshot()
    env.close()
    assert folder.seqs() == [2]


@pytest.mark.usefixtures("always_saved")
def test_a_folder_that_cannot_be_written(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    env = Environment(
        filled(SQLiteStore(tmp_path / "cmdb.db")),
        archive=SnapshotFolder(tmp_path / "file" / "snapshots", 4, 10**9),
    )
    env.snapshot()
    estate(env.store, "d")
    assert env.snapshot().seq == 3
    env.close()
    assert len(caplog.records) == 1


def test_where_snapshots_are_saved(monkeypatch, tmp_path):
    for name in ("CMDB_SNAPSHOTS", "CMDB_SNAPSHOTS_KEEP", "CMDB_SNAPSHOTS_BYTES"):
        monkeypatch.delenv(name, raising=False)
    file, server = (
        store_address(f"sqlite:///{tmp_path}/cmdb.db"),
        store_address("bolt://graph.test"),
    )
    assert snapshot_settings(file).folder == tmp_path / "cmdb.db.snapshots"
    assert (snapshot_settings(file).keep, snapshot_settings(file).most_bytes) == (8, 4 * 2**30)
    assert snapshot_settings(server).folder.is_relative_to(user_cache_path("graph-cmdb"))
    monkeypatch.setenv("CMDB_SNAPSHOTS", str(tmp_path / "all"))
    folders = [snapshot_settings(one).folder for one in (file, server)]
    assert {folder.parent for folder in folders} == {tmp_path / "all"}
    assert folders[0] != folders[1]
    monkeypatch.setenv("CMDB_SNAPSHOTS_KEEP", "3")
    monkeypatch.setenv("CMDB_SNAPSHOTS_BYTES", "1000")
    assert (snapshot_settings(file).keep, snapshot_settings(file).most_bytes) == (3, 1000)
    monkeypatch.setenv("CMDB_SNAPSHOTS_KEEP", "0")
    with pytest.raises(InvalidInput, match="CMDB_SNAPSHOTS_KEEP"):
        snapshot_settings(file)
    monkeypatch.setenv("CMDB_SNAPSHOTS", "off")
    assert snapshot_settings(file) is None


@pytest.mark.usefixtures("always_saved")
@pytest.mark.parametrize(("where", "saved"), [("", True), ("off", False)])
def test_a_product_that_saves(monkeypatch, tmp_path, where, saved):
    monkeypatch.setenv("CMDB_SNAPSHOTS", where)
    env = open_environment(f"sqlite:///{tmp_path}/cmdb.db")
    filled(env.store)
    env.snapshot()
    env.close()
    assert (tmp_path / "cmdb.db.snapshots").exists() == saved


def test_old_remains_are_removed(store, folder):
    filled(store)
    saved(store, folder)
    old, new = (folder.folder / f"{name}.part" for name in ("old", "new"))
    for path in (old, new):
        path.write_text("")
    os.utime(old, (0, 0))
    estate(store, "d")
    saved(store, folder)
    assert not old.exists()
    assert new.exists()
    assert folder.seqs() == [2, 3]
