"""Criticality of a whole estate in full searches of its graph, and cut sets of single services."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks import rivals
from benchmarks.estates import MEAN_10_PERCENT, MEAN_50, MEAN_200, USUAL, Shape, layered
from benchmarks.measuring import Row, Table, seconds
from benchmarks.questions import asked_about, snapshot_of
from cmdb.impact.criticality import Toll
from cmdb.impact.engine.cut_sets import cut_sets
from cmdb.impact.snapshot import Snapshot

SIZES = (100_000, 1_000_000)
SMALL = 200_000
"""Up to this size a radius of a tenth of the estate, and cut sets, are measured."""

SAMPLE, SERVICES = 20_000, 8
LIMIT_SECONDS, MOST = {2: 10.0, 3: 40.0}, 10_000_000


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    shapes = {"a tenth": MEAN_10_PERCENT} if size <= SMALL else {"50": MEAN_50, "200": MEAN_200}
    yield Table(
        "criticality.estate",
        "Every CI fails alone, two threads; against searches that visit every CI and arc once",
        [estate(size, name, shape) for name, shape in shapes.items()],
    )
    if size <= SMALL:
        snapshot = snapshot_of(layered(size, shape=USUAL))
        yield Table(
            "criticality.cuts",
            "Minimal cut sets of one service",
            [cuts(size, snapshot, most) for most in LIMIT_SECONDS],
        )


def estate(size: int, wanted: str, shape: Shape) -> Row:
    """One whole estate."""
    snapshot = snapshot_of(layered(size, shape=shape))
    chance = np.random.default_rng(3)
    sample = asked_about(snapshot, chance.permutation(size)[:SAMPLE])
    breadth = rivals.compiled().Breadth(*rivals.plain(snapshot))
    searches, took = [], []
    for _ in range(2):
        searches += [seconds(breadth.all) for _ in range(5)]
        took.append(seconds(lambda: Toll.of(snapshot)))
    search, least = min(searches), min(took)
    return {
        "size": size,
        "mean_wanted": wanted,
        "mean_radius": float(np.mean([one.radius for one in sample])),
        "search_ms": search * 1e3,
        "criticality_s": least,
        "in_searches": least / search,
    }


def cuts(size: int, snapshot: Snapshot, most: int) -> Row:
    """Sets of up to `most` CIs, of some services of the estate."""
    word = snapshot.types.words.index("business_service")
    types, _, _ = snapshot.graph.columns(np.arange(size, dtype=np.int32))
    services = np.random.default_rng(4).choice(np.flatnonzero(types == word), SERVICES, False)
    times, sets, done = [], [], 0
    for service in services.tolist():
        start = time.perf_counter()
        found = cut_sets(
            snapshot.graph,
            snapshot.network,
            snapshot.kinds.engine,
            service,
            [],
            most,
            LIMIT_SECONDS[most],
            MOST,
        )
        times.append(time.perf_counter() - start)
        sets.append(len(found.sets))
        done += found.complete
    return {
        "size": size,
        "sets_of_up_to": most,
        "services": SERVICES,
        "complete": done,
        "sets_median": int(np.median(sets)),
        "sets_most": max(sets),
        "median_s": float(np.median(times)),
        "most_s": max(times),
    }
