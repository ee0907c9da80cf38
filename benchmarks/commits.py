"""From a commit to the first snapshot that has it, in one process."""

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.estates import layered
from benchmarks.imports import ACTOR
from benchmarks.measuring import Row, Table, percentiles
from cmdb.bootstrap import open_store
from cmdb.identity.changes import Change, ChangeSet
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.ports import Signature
from cmdb.settings import store_address
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents.estate import parse
from tests.neo4j_server import Neo4jServer

SIZES = (10_000,)
RATE, COMMITS, ON_NEO4J = 200, 2_000, 300
LOOK_SECONDS = 0.001
PATIENCE_SECONDS = 60.0


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    estate = layered(size).data()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        env = Environment(SQLiteStore(Path(folder) / "cmdb.db"))
        rows.append({"store": "embedded", "size": size, **visible(env, estate, COMMITS, RATE)})
        env.store.close()
    with Neo4jServer() as server:
        address = f"{server.uri.replace('://', f'://{server.user}:{server.password}@')}/neo4j"
        env = Environment(open_store(store_address(address)))
        rows.append({"store": "Neo4j", "size": size, **visible(env, estate, ON_NEO4J, None)})
        env.store.close()
    title = "From the call of `commit` to the first snapshot that has it"
    yield Table("commits.visible", title, rows)


def visible(env: Environment, estate: dict[str, Any], commits: int, rate: int | None) -> Row:
    """Commits of one changed CI, at a rate or one after the other; another thread looks."""
    ingest(ACTOR, env, parse(estate), source="estate", reason="benchmark")
    called, seen = {}, {}
    done = threading.Event()
    env.snapshot()

    def look() -> None:
        last = env.snapshot().seq
        while not (done.is_set() and len(seen) >= len(called)):
            newest = env.snapshot().seq
            now = time.perf_counter()
            seen.update(dict.fromkeys(range(last + 1, newest + 1), now))
            last = newest
            time.sleep(LOOK_SECONDS)

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    keys = [row["key"] for row in estate["cis"]]
    chance = np.random.default_rng(8)
    durations, begun = [], time.perf_counter()
    for i in range(commits):
        if rate is not None:
            time.sleep(max(0.0, begun + i / rate - time.perf_counter()))
        item = env.store.items([key := keys[int(chance.integers(len(keys)))]])[key]
        after = item.stored(item.number, item.seq)
        after.status = "in_maintenance" if item.status == "live" else "live"
        changes = ChangeSet(items=[Change(item, after)])
        start = time.perf_counter()
        commit = env.store.commit(changes, Signature(ACTOR.name, env.clock(), "benchmark"))
        durations.append(time.perf_counter() - start)
        called[commit.seq] = start
    took = time.perf_counter() - begun
    done.set()
    looker.join(PATIENCE_SECONDS)
    return {
        "commits": commits,
        "commits_per_s": commits / took,
        **percentiles("commit", durations),
        **percentiles("visible", [seen[seq] - at for seq, at in called.items()]),
    }
