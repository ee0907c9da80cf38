"""Snapshots: bytes, patches, questions meanwhile, and saving and loading."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np

from benchmarks.estates import LINK, Estate, layered
from benchmarks.measuring import Row, Table, percentiles, seconds
from benchmarks.questions import asked_about, snapshot_of
from cmdb.impact.engine.propagation import Propagation
from cmdb.impact.patching import patched
from cmdb.impact.serialization import dumped
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Delta
from cmdb.services.ports import Saved
from cmdb.stores.archive import SnapshotFolder

SIZES = (1_000_000,)
PATCHES, LINK_PATCHES, CHANGES = 200, 20, (1, 10, 100)
PATCHES_PER_S, SECONDS = 200, 3.0
NETWORK = ("ci", "vertex", "start", "target", "part", "nearest", "order", "child_start", "child",
           "judged")  # fmt: skip
APART = ("keys.start", "keys.text", "names.start", "names.text")
"""Texts: the bar leaves names and attributes aside; the table that finds keys counts."""

FIRST_ANSWER = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.serialization import loaded
from cmdb.schema.catalog import builtin_catalog
from cmdb.stores.archive import SnapshotFolder
catalog = builtin_catalog()
ready = time.perf_counter()
saved = SnapshotFolder(Path(sys.argv[1]), 1, 2**40).load(1)
snapshot = loaded(saved.header, saved.arrays, catalog)
there = time.perf_counter()
BlastRadius(snapshot, {snapshot.known(sys.argv[2]): 3}, time.time()).answer()
print(ready - began, there - ready, time.perf_counter() - there)
"""


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    estate = layered(size)
    snapshot = snapshot_of(estate)
    yield Table("snapshots.bytes", "Bytes of a snapshot", [weight(snapshot, estate)])
    rows = [patching(snapshot, estate, count) for count in CHANGES]
    rows += [patching(snapshot, estate, count, links=True) for count in CHANGES]
    yield Table("snapshots.patches", "Patches of changes, one after the other", rows)
    yield Table(
        "snapshots.meanwhile",
        f"Questions with {PATCHES_PER_S} patches a second of 10 changes in another thread",
        [meanwhile(snapshot, estate)],
    )
    yield Table(
        "snapshots.saved",
        "Saving, loading, and a fresh process from its start to its first answer",
        [saving(snapshot, estate)],
    )


def weight(snapshot: Snapshot, estate: Estate) -> Row:
    """Bytes, exactly, from the arrays: all but texts, the per-CI part, the per-relation part."""
    arrays = dumped(snapshot)[1]
    texts = sum(arrays[name].nbytes for name in APART)
    network = sum(np.asarray(getattr(snapshot.network, name)).nbytes for name in NETWORK)
    whole = sum(one.nbytes for one in arrays.values()) + network
    relations = len(estate.kind)
    counted = whole - texts
    return {
        "size": estate.size,
        "relations": relations,
        "mb": counted / 1e6,
        "of_which_network_mb": network / 1e6,
        "keys_and_names_mb": texts / 1e6,
        "allowed_mb": (70 * estate.size + 16 * relations) / 1e6,
        "bytes_per_ci_after_16_per_relation": (counted - 16 * relations) / estate.size,
    }


def delta(estate: Estate, snapshot: Snapshot, seq: int, count: int, links: bool = False) -> Delta:
    """Changes of a commit: a fifth are CIs, of the others half are new and half removed.

    With `links` all are links; without, no change touches the network.
    """
    chance = np.random.default_rng(seq)
    changes = Delta(seq)
    pool = np.flatnonzero((estate.kind == LINK) == links)
    if not links:
        outside = np.flatnonzero(np.asarray(snapshot.network.vertex) < 0)
        for ci in chance.choice(outside, count // 5, replace=False).tolist():
            item = snapshot.item(ci)
            status = "retired" if item.status == "live" else "live"
            changes.items[ci] = item._replace(status=status)
    left = count - len(changes.items)
    for i, number in enumerate(chance.choice(pool, left, replace=False).tolist()):
        old = estate.relation(number)
        if i % 2:
            new = old._replace(number=len(estate.kind) + seq * count + i)
            changes.relations[new.number] = (None, new)
        else:
            changes.relations[number] = (old, None)
    return changes


def patching(snapshot: Snapshot, estate: Estate, count: int, links: bool = False) -> Row:
    """A chain of patches, as commits make it."""
    times = []
    current = snapshot
    for seq in range(2, 2 + (LINK_PATCHES if links else PATCHES)):
        changes = delta(estate, current, seq, count, links)
        start = time.perf_counter()
        current = patched(current, changes)
        times.append(time.perf_counter() - start)
    return {
        "size": estate.size,
        "changes": count,
        "of": "links" if links else "others",
        "patches": len(times),
        **percentiles("patch", times),
        "last_ms": times[-1] * 1e3,
    }


def meanwhile(snapshot: Snapshot, estate: Estate) -> Row:
    """Questions at random, undisturbed and disturbed, always on the newest snapshot."""
    numbers = np.random.default_rng(6).permutation(estate.size)[:2_000]
    asked = asked_about(snapshot, numbers)
    changes = [delta(estate, snapshot, seq, 10) for seq in range(2, 1_002)]
    engine, newest, stop = Propagation(), [snapshot], threading.Event()

    def patch() -> None:
        begun = time.perf_counter()
        for i, one in enumerate(changes):
            if stop.is_set():
                break
            newest[0] = patched(newest[0], one)
            wait = begun + (i + 1) / PATCHES_PER_S - time.perf_counter()
            time.sleep(max(0.0, wait))

    def questions() -> list[float]:
        times, clock = [], time.perf_counter
        until = clock() + SECONDS
        for one in cycle(asked):
            start = clock()
            if start > until:
                break
            current = newest[0]
            engine.run(current.graph, current.network, one.failed)
            times.append(clock() - start)
        return times

    questions()
    quiet = questions()
    thread = threading.Thread(target=patch)
    thread.start()
    disturbed = questions()
    stop.set()
    thread.join()
    return {
        "size": estate.size,
        "patches": newest[0].seq - 1,
        **percentiles("quiet", quiet, 1e6),
        **percentiles("meanwhile", disturbed, 1e6),
        "ratio_of_means": float(np.mean(disturbed) / np.mean(quiet)),
    }


def saving(snapshot: Snapshot, estate: Estate) -> Row:
    """Saved into a folder, and used by new processes; the best of five."""
    with tempfile.TemporaryDirectory() as name:
        folder = SnapshotFolder(Path(name), 1, 2**40)
        save = seconds(lambda: folder.save(1, Saved(*dumped(snapshot))))
        size = sum(path.stat().st_size for path in Path(name).iterdir())
        key = estate.key(estate.size // 2)
        walls, parts = [], []
        for _ in range(5):
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", FIRST_ANSWER, name, key],
                capture_output=True,
                text=True,
                check=True,
            )
            walls.append(time.perf_counter() - start)
            parts.append([float(word) for word in done.stdout.split()])
    imports, load, answer = np.array(parts).min(axis=0)
    return {
        "size": estate.size,
        "file_mb": size / 1e6,
        "save_s": save,
        "load_s": float(load),
        "imports_s": float(imports),
        "first_answer_s": float(answer),
        "process_s": min(walls),
    }
