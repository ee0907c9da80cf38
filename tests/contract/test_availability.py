"""Opening, closing, and what a store says when it cannot answer."""

import socket
import sqlite3
import stat
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from cmdb.errors import InvalidInput, StoreUnavailable
from cmdb.stores.sqlite import SQLiteStore
from tests.contract.backends import Backend
from tests.contract.records import commit, item

SECRET = "not-the-password"


def test_the_address_shows_no_password(backend, store):
    if backend.kind == "sqlite":
        assert store.address == f"sqlite:///{backend.path}"
    else:
        host = backend.uri.removeprefix("bolt://")
        assert store.address == f"bolt://neo4j@{host}/neo4j"
        assert backend.password not in store.address


def test_what_was_committed_is_there_when_opened_again(backend, store):
    done = commit(store, item("a"))
    store.close()
    again = backend.open()
    assert again.log(0) == [done]
    assert commit(again, item("b")).seq == 2
    assert again.items(["b"])["b"].number == 1


def test_a_second_store_sees_what_the_first_wrote(backend, store):
    other = backend.open()
    commit(store, item("a"))
    assert other.seq() == 1
    commit(other, item("b"))
    assert store.items("ab").keys() == {"a", "b"}


def test_a_closed_store_is_unavailable(store):
    commit(store, item("a"))
    store.close()
    for ask in (store.seq, store.topology, lambda: commit(store, item("b"))):
        with pytest.raises(StoreUnavailable):
            ask()


def test_a_store_of_a_newer_version_is_refused(backend, store):
    commit(store, item("a"))
    store.close()
    if backend.kind == "sqlite":
        connection = sqlite3.connect(backend.path)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    else:
        auth = (backend.user, backend.password)
        with GraphDatabase.driver(backend.uri, auth=auth) as driver:
            driver.execute_query("CREATE (:Migration {version: 99})")
    with pytest.raises(StoreUnavailable, match="newer version"):
        backend.open()


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_an_unreachable_server(scheme):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    backend = Backend("neo4j", uri=f"{scheme}://127.0.0.1:{port}", user="neo4j", password=SECRET)
    with pytest.raises(StoreUnavailable, match=f"no answer from 127.0.0.1:{port}") as caught:
        backend.open()
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_password_or_database(neo4j):
    access = {"uri": neo4j.uri, "user": "neo4j"}
    with pytest.raises(StoreUnavailable, match="password of user 'neo4j' is wrong") as caught:
        Backend("neo4j", **access, password=SECRET).open()
    assert SECRET not in str(caught.value)
    with pytest.raises(StoreUnavailable, match="there is no database 'nowhere'") as caught:
        Backend("neo4j", **access, password=neo4j.password, database="nowhere").open()
    assert neo4j.password not in str(caught.value)


def test_a_file_that_cannot_be_one(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("hello, this is no database, but a text of some length\n" * 20)
    for path in (tmp_path, blocked / "cmdb.db", blocked, Path("/proc/cmdb.db")):
        with pytest.raises(StoreUnavailable) as caught:
            SQLiteStore(path)
        assert str(path) in str(caught.value)
    assert blocked.read_text().startswith("hello")


def test_the_file_is_private(tmp_path):
    path = tmp_path / "deep" / "folder" / "cmdb.db"
    store = SQLiteStore(path)
    commit(store, item("a"))
    modes = {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    store.close()
    assert modes == {0o600}


def test_what_neo4j_cannot_index_is_an_input_error(neo4j):
    access = {"uri": neo4j.uri, "user": neo4j.user, "password": neo4j.password}
    with Backend("neo4j", **access) as backend:
        store = backend.open()
        with pytest.raises(InvalidInput, match="too long for Neo4j"):
            commit(store, item("k" * 9000))
        assert commit(store, item("k")).seq == 1
