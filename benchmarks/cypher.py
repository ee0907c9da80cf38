"""Blast radii against Cypher on a real Neo4j that holds the same graph, both giving keys."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import rustworkx as rx
from neo4j import Driver, GraphDatabase
from neo4j.exceptions import ClientError, TransientError

from benchmarks import rivals
from benchmarks.estates import layered
from benchmarks.measuring import Row, Table, best, ratios
from benchmarks.questions import Asked, by_class, snapshot_of
from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from tests.neo4j_server import Neo4jServer

SIZES = (10_000, 100_000)
QUESTIONS, LIMIT_SECONDS = 6, 30.0
BATCH = 20_000
JAVA = "-Xms2g -Xmx3g -XX:TieredStopAtLevel=4"
"""The tests' server is small and does not optimise its code; a rival gets better."""

LIMIT = "TransactionTimedOut"
QUESTION = "MATCH (failed:CI {key: $key})-[:FEEDS*1..]->(hit:CI) RETURN DISTINCT hit.key AS key"


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    snapshot = snapshot_of(layered(size))
    classes = {name: asked[:QUESTIONS] for name, asked in by_class(snapshot).items()}
    with server() as driver:
        load(driver, snapshot)
        rows = [against(driver, snapshot, name, asked) for name, asked in classes.items()]
    title = "The keys of a blast radius against those of all dependents by Cypher on Neo4j"
    yield Table("cypher.impact", title, [{"size": size, **row} for row in rows])


@contextmanager
def server() -> Iterator[Driver]:
    """A Neo4j with room."""
    before = os.environ.get("_JAVA_OPTIONS")
    os.environ["_JAVA_OPTIONS"] = JAVA
    try:
        with Neo4jServer() as running:
            auth = (running.user, running.password)
            with GraphDatabase.driver(
                running.uri, auth=auth, notifications_min_severity="OFF"
            ) as driver:
                yield driver
    finally:
        os.environ.pop("_JAVA_OPTIONS")
        if before is not None:
            os.environ["_JAVA_OPTIONS"] = before


def load(driver: Driver, snapshot: Snapshot) -> None:
    """CIs with their keys, an index of them, and provider → dependent."""
    write = driver.execute_query
    write("CREATE CONSTRAINT ci IF NOT EXISTS FOR (n:CI) REQUIRE n.key IS UNIQUE")
    write("CREATE CONSTRAINT number IF NOT EXISTS FOR (n:CI) REQUIRE n.number IS UNIQUE")
    write("CALL db.awaitIndexes(120)")
    rows: Sequence[Any] = [[n, snapshot.keys[n]] for n in range(snapshot.graph.size)]
    for part in slices(rows):
        write("UNWIND $rows AS row CREATE (:CI {number: row[0], key: row[1]})", rows=part)
    for part in slices(rivals.pairs(*rivals.plain(snapshot))):
        write(
            "UNWIND $rows AS row MATCH (a:CI {number: row[0]}) MATCH (b:CI {number: row[1]})"
            " CREATE (a)-[:FEEDS]->(b)",
            rows=[list(one) for one in part],
        )


def slices(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Batches."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def against(driver: Driver, snapshot: Snapshot, name: str, asked: list[Asked]) -> Row:
    """One class of radius. Questions that take too long count with the limit."""
    graph = rivals.rustworkx_graph(*rivals.plain(snapshot))

    def ours(one: Asked) -> list[str]:
        return [snapshot.key(n) for n in Propagation(snapshot, {one.ci: 3}).numbers.tolist()]

    times = best(ours, asked)
    theirs = np.full(len(asked), np.inf)
    cut: set[int] = set()
    for _ in range(2):
        for i, one in enumerate(asked):
            key = snapshot.key(one.ci)
            start = time.perf_counter()
            found = keys_of(driver, key)
            theirs[i] = min(theirs[i], time.perf_counter() - start)
            if found is None:
                cut.add(i)
            elif found - {key} != {snapshot.keys[n] for n in rx.descendants(graph, one.ci)}:
                raise AssertionError(f"{key}: other keys")
    return {
        "radius": name,
        "questions": len(asked),
        "ours_us": float(np.median(times)) * 1e6,
        "cypher_us": float(np.median(theirs)) * 1e6,
        "cut_off": len(cut),
        **ratios("cypher", theirs, times),
    }


def keys_of(driver: Driver, key: str) -> set[str] | None:
    """What Cypher finds; None when it takes too long."""
    try:
        with (
            driver.session(database="neo4j") as session,
            session.begin_transaction(timeout=LIMIT_SECONDS) as transaction,
        ):
            return set(transaction.run(QUESTION, key=key).value())
    except (ClientError, TransientError) as error:
        if LIMIT not in (error.code or ""):
            raise
        return None
