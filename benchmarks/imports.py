"""Imports: first, unchanged and changed, against bare writes of the same rows, side by side.

Each measurement of the embedded store runs in a process of its own, which tells its peak memory.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.bare_writes import copied, on_neo4j, on_sqlite
from benchmarks.estates import layered
from benchmarks.identity_feed import first_round
from benchmarks.measuring import Row, Table, exponent, no_collector
from cmdb.bootstrap import open_store
from cmdb.identity.observation import ObservedItem
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.settings import store_address
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents.estate import parse
from tests.neo4j_server import Neo4jServer

SIZES = (100_000,)
FORMS = ("devices", "estate")
RELATIONS_PER_CI = 2.7
PART = 10_000
"""Observations that are made and loaded at a time, so that few are in memory."""

PER_DEVICE = 3
"""Observations a device, in the first round; a few less."""

GROWTH = (1, 10, 100)
"""The sizes of which growth is measured, as tenths."""

PHASES = ("first", "unchanged", "changed")
CHANGED = 20
"""Every so many observations say something else in the third load: 5 %."""

ACTOR = Actor("benchmark", frozenset({"administrator"}))


def measure(size: int) -> Iterator[Table]:
    """Both stores and both forms of observations, then growth on the embedded store."""
    title = "Loads with claims and log against bare writes of the same rows"
    yield Table("imports.stores", title, [in_process(form, size) for form in FORMS])
    yield Table("imports.stores", title, [on_real_neo4j(form, size) for form in FORMS])
    rows = [in_process("devices", size * factor // 10) for factor in GROWTH]
    seen = [row["observations"] for row in rows]
    fitted = {
        name: exponent(seen, [row[name] for row in rows])
        for name in rows[0]
        if name.endswith(("_s", "_mb"))
    }
    title = "Growth on the embedded store, and the exponent of the power law that fits"
    rows.append(dict.fromkeys(rows[0]) | fitted | {"store": "exponent"})
    yield Table("imports.growth", title, rows)


def in_process(form: str, size: int) -> Any:
    """One measurement of the embedded store, by a process that ends with it."""
    words = [sys.executable, "-m", "benchmarks.imports", form, str(size)]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)


def on_embedded(form: str, size: int) -> Row:
    """Against `executemany` of the same rows into the same tables, in one transaction."""
    with tempfile.TemporaryDirectory() as folder:
        path, bare = Path(folder) / "cmdb.db", Path(folder) / "bare.db"
        env = Environment(SQLiteStore(path))
        figures = loaded(env, form, size, PHASES[:1])
        rows = copied(path, Path(folder) / "first.db")
        figures |= loaded(env, form, size, PHASES[1:])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        env.close()
        return row("embedded", form, figures, on_sqlite(rows, bare)) | {"peak_mb": peak}


def on_real_neo4j(form: str, size: int) -> Row:
    """Against `UNWIND … MERGE` of the same rows, on a real Neo4j of our own."""
    with tempfile.TemporaryDirectory() as folder, Neo4jServer() as server:
        rows = Path(folder) / "cmdb.db"
        env = Environment(SQLiteStore(rows))
        loaded(env, form, size, PHASES[:1])
        env.close()
        login = (server.user, server.password)
        address = f"{server.uri.replace('://', f'://{server.user}:{server.password}@')}/neo4j"
        env = Environment(open_store(store_address(address)))
        figures = loaded(env, form, size, PHASES)
        env.close()
        bare = on_neo4j(server.uri, login, rows)
        return row("Neo4j", form, figures, bare) | {"peak_mb": None}


def loads(form: str, size: int) -> Iterator[tuple[str, list[Any]]]:
    """About so many observations, as (source, what it saw), part by part."""
    if form == "estate":
        yield "estate", list(parse(layered(size // PER_DEVICE, RELATIONS_PER_CI).data()))
        return
    devices = min(size, PART) // PER_DEVICE
    for part in range(size // PER_DEVICE // devices):
        for source, seen in first_round(devices, part).items():
            yield source, [replace(one, observed_at=None) for one in seen]


def loaded(env: Environment, form: str, size: int, phases: Iterable[str]) -> Row:
    """How many observations there are, and the seconds of each phase: the whole road."""
    figures: Row = {}
    for phase in phases:
        elapsed, figures["observations"] = 0.0, 0
        for source, seen in loads(form, size):
            figures["observations"] += len(seen)
            if phase == "changed":
                seen = [changed(one) if i % CHANGED == 0 else one for i, one in enumerate(seen)]
            elapsed += timed(env, source, seen)
        figures[f"{phase}_s"] = elapsed
    return figures


def changed(one: Any) -> Any:
    """An item that has something new to say; relations have not."""
    if not isinstance(one, ObservedItem):
        return one
    return replace(one, attributes=one.attributes | {"description": "changed"})


def timed(env: Environment, source: str, seen: list[Any]) -> float:
    """Seconds of one run."""
    with no_collector():
        start = time.perf_counter()
        report = ingest(ACTOR, env, seen, source=source, reason="benchmark")
        elapsed = time.perf_counter() - start
    if report.errors:
        raise report.errors[0]
    return elapsed


def row(store: str, form: str, figures: Row, bare: float) -> Row:
    """One line of the table."""
    first, count = figures["first_s"], figures["observations"]
    return {
        "store": store,
        "form": form,
        **figures,
        "bare_s": bare,
        "first_to_bare": first / bare,
        "first_to_unchanged": first / figures["unchanged_s"],
        "first_per_s": count / first,
        "unchanged_per_s": count / figures["unchanged_s"],
        "changed_per_s": count / figures["changed_s"],
    }


if __name__ == "__main__":
    print(json.dumps(on_embedded(sys.argv[1], int(sys.argv[2]))))
