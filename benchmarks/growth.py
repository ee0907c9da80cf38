"""Time and memory against size, each size in a process of its own, and how fast they grow."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.estates import layered
from benchmarks.measuring import Row, Table, best, exponent, seconds
from benchmarks.questions import asked_about, nearest, snapshot_of
from benchmarks.snapshots import delta, weight
from cmdb.impact.criticality import Toll
from cmdb.impact.engine.propagation import Propagation
from cmdb.impact.patching import patched
from cmdb.impact.serialization import dumped, loaded
from cmdb.impact.snapshot import Snapshot

SIZES = (1_000_000,)
STEPS = (100, 30, 10, 3, 1)
"""The largest size, divided by these."""

HUGE, HUGE_RELATIONS = 5_000_000, 3.0
"""From here on one size only, with fewer relations: it is about memory."""

RADIUS, SAMPLE, PATCHES = 1_000, 4_000, 100


def measure(size: int) -> Iterator[Table]:
    """All sizes up to one."""
    if size >= HUGE:
        yield Table("growth.memory", "A huge estate", [in_process(size)])
        return
    rows = [in_process(size // step) for step in STEPS]
    sizes = [row["size"] for row in rows]
    fitted: Row = {
        name: "exponent" if name == "size" else exponent(sizes, [row[name] for row in rows])
        for name in rows[0]
    }
    yield Table("growth.size", "Time and memory against size", [*rows, fitted])


def in_process(size: int) -> Any:
    """One size, measured by a process that ends with it."""
    words = [sys.executable, "-m", "benchmarks.growth", str(size)]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)


def one_size(size: int) -> Row:
    """One size, here."""
    estate = layered(size, HUGE_RELATIONS) if size >= HUGE else layered(size)
    start = time.perf_counter()
    snapshot = snapshot_of(estate)
    build = time.perf_counter() - start
    bytes_of = weight(snapshot, estate)
    row: Row = {
        "size": size,
        "relations": len(estate.kind),
        "build_s": build,
        "snapshot_mb": bytes_of["mb"],
        "texts_mb": bytes_of["keys_and_names_mb"],
    }
    if size >= HUGE:
        row["allowed_mb"] = bytes_of["allowed_mb"]
    row |= questions(snapshot)
    if size < HUGE:
        header, arrays = dumped(snapshot)
        row["load_ms"] = 1e3 * min(
            seconds(lambda: loaded(header, arrays, snapshot.catalog)) for _ in range(3)
        )
        changes = [delta(estate, snapshot, seq, 10) for seq in range(2, 2 + PATCHES)]
        row["patch_us"] = float(np.median(best(lambda d: patched(snapshot, d), changes))) * 1e6
        row["criticality_s"] = seconds(lambda: Toll.of(snapshot))
    row["process_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return row


def questions(snapshot: Snapshot) -> Row:
    """Questions at random, and those that reach about a thousand CIs."""
    numbers = np.random.default_rng(9).permutation(snapshot.graph.size)[:SAMPLE]
    asked = asked_about(snapshot, numbers)
    engine = Propagation()

    def run(one: Any) -> None:
        engine.run(snapshot.graph, snapshot.network, one.failed)

    return {
        "mean_radius": float(np.mean([one.radius for one in asked])),
        "random_us": float(best(run, asked).mean()) * 1e6,
        f"of_{RADIUS}_us": float(np.median(best(run, nearest(asked, RADIUS, 50)))) * 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(one_size(int(sys.argv[1]))))
