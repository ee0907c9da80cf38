"""Import against bare writes of the same rows, side by side, on the store it is about."""

import gc
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
from neo4j import Driver, GraphDatabase

from benchmarks.estates import layered
from benchmarks.measuring import Table
from cmdb.bootstrap import open_store
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.settings import store_address
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents.estate import parse
from tests.neo4j_server import Neo4jServer

SIZES = (100_000,)
RELATIONS_PER_CI = 2.7
ACTOR = Actor("benchmark", frozenset({"administrator"}))
BATCH = 10_000


def measure(size: int) -> Iterator[Table]:
    """Both stores."""
    estate = layered(size, RELATIONS_PER_CI).data()
    title = "Import with claims and log against bare writes of the same rows"
    yield Table("imports.stores", title, [on_sqlite(estate), on_neo4j(estate)])


def timed(work: Callable[[], Any]) -> float:
    """Seconds of one run, without pauses of the garbage collector."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    work()
    elapsed = time.perf_counter() - start
    gc.enable()
    return elapsed


def whole_road(env: Environment, estate: dict[str, Any]) -> tuple[float, float]:
    """Seconds of a first import and of the same one again: the whole road, log and claims."""

    def load() -> None:
        ingest(ACTOR, env, parse(estate), source="estate", reason="benchmark")

    return timed(load), timed(load)


def row(cis: int, first: float, again: float, bare: float, store: str) -> dict[str, Any]:
    """One line of the table."""
    return {
        "store": store,
        "rows": cis,
        "import_s": first,
        "again_s": again,
        "bare_s": bare,
        "ratio": first / bare,
        "rows_per_s": cis / first,
    }


def on_sqlite(estate: dict[str, Any]) -> dict[str, Any]:
    """Against `executemany` of the same rows in one transaction, with the keys and one index."""
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "cmdb.db")
        first, again = whole_road(Environment(store), estate)
        store.close()
        bare = timed(lambda: _bare_sqlite(Path(folder) / "bare.db", estate))
    rows = len(estate["cis"]) + len(estate["relations"])
    return row(rows, first, again, bare, "embedded")


def on_neo4j(estate: dict[str, Any]) -> dict[str, Any]:
    """Against `UNWIND … MERGE` of the same rows, on a real Neo4j of our own."""
    with Neo4jServer() as server:
        driver = GraphDatabase.driver(
            server.uri, auth=(server.user, server.password), notifications_min_severity="OFF"
        )
        address = f"{server.uri.replace('://', f'://{server.user}:{server.password}@')}/neo4j"
        env = Environment(open_store(store_address(address)))
        first, again = whole_road(env, estate)
        bare = bare_neo4j(driver, "neo4j", estate)
        env.store.close()
        driver.close()
    rows = len(estate["cis"]) + len(estate["relations"])
    return row(rows, first, again, bare, "Neo4j")


def _bare_sqlite(path: Path, estate: dict[str, Any]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE ci (key TEXT PRIMARY KEY, type TEXT, name TEXT, status TEXT,"
        " network_root INTEGER, attributes TEXT)",
        "CREATE TABLE relation (f TEXT, type TEXT, t TEXT, grp TEXT, label TEXT,"
        " PRIMARY KEY (f, type, t, grp, label))",
        "CREATE INDEX relation_t ON relation (t)",
        "BEGIN",
    ):
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO ci VALUES (?, ?, ?, 'live', ?, ?)",
        (
            (c["key"], c["type"], c["name"], c["network_root"], orjson.dumps(c["attributes"]))
            for c in estate["cis"]
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO relation VALUES (?, ?, ?, ?, '')",
        ((r["from"], r["type"], r["to"], r.get("group") or "") for r in estate["relations"]),
    )
    connection.execute("COMMIT")
    connection.close()


def bare_neo4j(driver: Driver, database: str, estate: dict[str, Any]) -> float:
    """Seconds of `UNWIND … MERGE` of the same rows into an empty database."""
    with driver.session(database=database) as session:
        session.run("CREATE CONSTRAINT bare IF NOT EXISTS FOR (n:Bare) REQUIRE n.key IS UNIQUE")
        session.run("CALL db.awaitIndexes(120)").consume()

    def write() -> None:
        with driver.session(database=database) as session:
            for rows in _slices(estate["cis"]):
                session.run(
                    "UNWIND $rows AS row MERGE (n:Bare {key: row.key}) SET n.type = row.type,"
                    " n.name = row.name, n.network_root = row.network_root,"
                    " n.environment = row.attributes.environment",
                    rows=rows,
                ).consume()
            types = sorted({r["type"] for r in estate["relations"]})
            for name in types:
                of_type = [r for r in estate["relations"] if r["type"] == name]
                for rows in _slices(of_type):
                    session.run(
                        "UNWIND $rows AS row MATCH (a:Bare {key: row.from})"
                        f" MATCH (b:Bare {{key: row.to}}) MERGE (a)-[r:`{name.upper()}`"
                        " {group: coalesce(row.group, '')}]->(b)",
                        rows=rows,
                    ).consume()

    return timed(write)


def _slices(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
