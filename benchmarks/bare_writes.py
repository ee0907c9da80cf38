"""The rows of an embedded store, written again without thinking: what any import must cost."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
from neo4j import GraphDatabase, Session

from benchmarks.measuring import no_collector
from cmdb.stores.sqlite.migrations import migrate

TABLES = ("ci", "relation", "claim", "identifier", "commit_log", "log_entry")
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=20000", "cache_size=-65536")
BATCH = 10_000

CONSTRAINTS = (
    "FOR (n:Bare) REQUIRE n.number IS UNIQUE",
    "FOR (n:Bare) REQUIRE n.key IS UNIQUE",
    "FOR (n:BareClaim) REQUIRE (n.key, n.source) IS UNIQUE",
    "FOR (n:BareRelationClaim) REQUIRE (n.key, n.source) IS UNIQUE",
    "FOR (n:BareIdentifier) REQUIRE n.digest IS UNIQUE",
    "FOR (n:BareEntry) REQUIRE (n.seq, n.position) IS UNIQUE",
)
CLAIM = (
    " {key: row[3], source: row[2]}) SET n.subject = row[4], n.observed_at = row[5],"
    " n.confirmed_at = row[6], n.run = row[7], n.body = row[8], n.withdrawn = row[9],"
    " n.founded = row[10], n.origin = row[11]"
)
STATEMENTS = (
    (
        "SELECT number, key, type, name, status, network_root, attributes, seq FROM ci",
        "MERGE (n:Bare {number: row[0]}) SET n.key = row[1], n.type = row[2], n.name = row[3],"
        " n.status = row[4], n.network_root = row[5], n.seq = row[7] SET n += row[6]",
    ),
    (
        "SELECT * FROM claim WHERE kind = 'ci'",
        f"MERGE (n:BareClaim{CLAIM}"
        " WITH n, row MATCH (c:Bare {number: row[4]}) MERGE (n)-[:BARE_CLAIMS]->(c)",
    ),
    (
        "SELECT * FROM claim WHERE kind = 'relation'",
        f"MERGE (n:BareRelationClaim{CLAIM}, n.from_end = row[12], n.to_end = row[13]",
    ),
    (
        "SELECT * FROM identifier",
        "MATCH (n:BareClaim {key: row[2], source: row[1]}) MERGE (i:BareIdentifier"
        " {digest: row[0]}) MERGE (n)-[:BARE_IDENTIFIED_BY]->(i)",
    ),
    (
        "SELECT * FROM log_entry",
        "MERGE (n:BareEntry {seq: row[0], position: row[1]}) SET n.kind = row[2],"
        " n.subject = row[3], n.before = row[4], n.after = row[5]",
    ),
)
"""What is read from the embedded store, and how it is written."""

RELATIONS = "SELECT from_number, to_number, grp, label, strength, attributes, seq FROM relation"


def copied(path: Path, to: Path) -> Path:
    """An embedded store as it is now."""
    with sqlite3.connect(path) as source, sqlite3.connect(to) as target:
        source.backup(target)
    return to


def on_sqlite(path: Path, to: Path) -> float:
    """Seconds of `executemany` into the same tables with the same indexes, in one transaction."""
    source, target = sqlite3.connect(path), sqlite3.connect(to, isolation_level=None)
    for pragma in PRAGMAS:
        target.execute(f"PRAGMA {pragma}")
    migrate(target)
    target.execute("BEGIN")
    total = 0.0
    for table in TABLES:
        rows = source.execute(f"SELECT * FROM {table}").fetchall()
        if rows:
            statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"
            total += _timed(target.executemany, statement, rows)
    total += _timed(target.execute, "COMMIT")
    source.close()
    target.close()
    return total


def on_neo4j(uri: str, login: tuple[str, str], path: Path) -> float:
    """Seconds of `UNWIND … MERGE` with the same keys unique, a transaction for each batch."""
    source = sqlite3.connect(path)
    with (
        GraphDatabase.driver(uri, auth=login, notifications_min_severity="OFF") as driver,
        driver.session() as session,
    ):
        for number, constraint in enumerate(CONSTRAINTS):
            session.run(f"CREATE CONSTRAINT bare_{number} IF NOT EXISTS {constraint}").consume()
        session.run("CALL db.awaitIndexes(120)").consume()
        total = 0.0
        for query, statement in STATEMENTS:
            rows = [_native(row) for row in source.execute(query)]
            total += _timed(_write, session, statement, rows)
        for (name,) in source.execute("SELECT DISTINCT type FROM relation").fetchall():
            rows = source.execute(f"{RELATIONS} WHERE type = ?", (name,)).fetchall()
            statement = (
                "MATCH (a:Bare {number: row[0]}) MATCH (b:Bare {number: row[1]})"
                f" MERGE (a)-[r:`BARE_{name.upper()}` {{group: row[2], id: row[3]}}]->(b)"
                " SET r.strength = row[4], r.attributes = row[5], r.seq = row[6]"
            )
            total += _timed(_write, session, statement, rows)
    source.close()
    return total


def _native(row: tuple[Any, ...]) -> list[Any]:
    """A row with attributes as Neo4j's own properties, where it is a CI's."""
    if len(row) == len(("number", "key", "type", "name", "status", "root", "attributes", "seq")):
        return [*row[:6], orjson.loads(row[6]), row[7]]
    return list(row)


def _write(session: Session, statement: str, rows: list[Any]) -> None:
    for batch in _slices(rows):
        session.run(f"UNWIND $rows AS row {statement}", rows=batch).consume()


def _slices(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _timed(work: Callable[..., Any], *arguments: Any) -> float:
    with no_collector():
        start = time.perf_counter()
        work(*arguments)
        return time.perf_counter() - start
