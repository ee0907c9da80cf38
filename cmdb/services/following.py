"""The present snapshot: kept up with the log, compacted and saved in the background."""

import logging
import threading
import time
from collections.abc import Callable

from cmdb.errors import CMDBError, StoreUnavailable
from cmdb.impact.building import build, compacted
from cmdb.impact.patching import patched
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Delta
from cmdb.schema.model import Catalog
from cmdb.services.points import SavedPoints
from cmdb.services.ports import GraphStore
from cmdb.services.replay import step

FEWEST_CHANGED, MOST_CHANGED = 256, 4096
"""A snapshot is compacted when a 16th of its CIs changed, but within these bounds."""

SLOW_SECONDS = 1.0
"""A snapshot that took longer to make is saved."""

FEWEST_UNSAVED = 20_000
"""Log entries after which a snapshot is saved; or a 60th of its CIs and relations, if more.

Reading an entry takes about 60 times as long as saving a CI or relation.
"""

FEW = 4
"""Steps that may be taken again while others wait."""

BUILDS = 5

logger = logging.getLogger("cmdb.snapshots")


class Following:
    """The snapshot of the last commit; safe for use by many threads.

    `catalog` gives the types in the store. A snapshot is put in force by one assignment, so those
    that read are never stopped by compacting, saving, or building.
    """

    def __init__(
        self, store: GraphStore, points: SavedPoints, catalog: Callable[[], Catalog]
    ) -> None:
        self._store, self._points, self._catalog = store, points, catalog
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._since: list[Delta] | None = None  # steps taken since a compaction began
        self._saved = 0  # commit of the last point known
        self._unsaved = 0  # log entries since then
        self._slow = False

    def snapshot(self) -> Snapshot:
        """The graph as of the last commit, or a later one.

        Whatever was acknowledged before the question is in: the number of the last commit is read
        first, and a snapshot at least as new is given out without any lock. Otherwise one thread
        moves on to that commit while those that need it wait: none of them has an older answer to
        give. So also where the store has to be read anew, after a change of type declarations.
        """
        seq = self._store.seq()
        current = self._snapshot
        if current is not None and current.seq >= seq:
            return current
        with self._lock:
            current = self._snapshot
            if current is None or current.seq < seq:
                current = self._advance(current, seq)
        return current

    def _advance(self, current: Snapshot | None, seq: int) -> Snapshot:
        started = time.monotonic()
        if current is None and (current := self._points.newest_sound()):
            self._saved = current.seq
        taken = step(self._store, current, seq, _longest(current)) if current else None
        if current and taken:
            current = patched(current, taken.delta)
            self._unsaved += taken.entries
            if self._since is not None:
                self._since.append(taken.delta)
        else:
            current = self._built()
            self._since = None  # what is being compacted is out of date
        self._snapshot = current
        self._slow |= time.monotonic() - started > SLOW_SECONDS
        try:
            self._tidy(current)
        except (CMDBError, RuntimeError):  # the answer does not depend on it
            logger.exception("compacting or saving the snapshot of commit %d", current.seq)
            self._since = None
        return current

    def _built(self) -> Snapshot:
        """The snapshot from the whole store.

        A store may show later commits by half while it is read, so what was read is moved on to a
        commit that none of it is later than.
        """
        for _ in range(BUILDS):
            snapshot = build(self._store.topology(), self._catalog())
            try:
                taken = step(self._store, snapshot, self._store.settled_seq(), float("inf"))
            except KeyError:  # a CI was removed while the store was read
                continue
            if taken:
                return patched(snapshot, taken.delta) if taken.entries else snapshot
        detail = "it changes too fast for a snapshot"
        raise StoreUnavailable(address=self._store.address, detail=detail)

    def _tidy(self, current: Snapshot) -> None:
        """Compact or save in the background when it is time; one such thread at a time.

        The interpreter waits for the thread at its end, so a command's snapshot is saved after its
        answer was given.
        """
        if self._worker is not None and self._worker.is_alive():
            return
        save = self._slow or self._unsaved > _longest_unsaved(current)
        if not save and _changed(current) <= _most_changed(current):
            return
        mark = ""
        if save:
            newest = self._points.newest()
            if newest <= self._saved:  # else another process has just done it
                mark = self._points.mark(current)
            self._slow, self._unsaved, self._saved = False, 0, max(newest, current.seq)
        self._since = [] if _changed(current) else None
        self._worker = threading.Thread(
            target=self._compact_and_save, args=(current, mark), name="cmdb-snapshots"
        )
        self._worker.start()

    def _compact_and_save(self, snapshot: Snapshot, mark: str) -> None:
        try:
            if _changed(snapshot):
                snapshot = compacted(snapshot)
                self._put_in_force(snapshot)
            self._points.save(snapshot, mark)
        except Exception:
            logger.exception("compacting or saving the snapshot of commit %d", snapshot.seq)
            with self._lock:
                self._since = None

    def _put_in_force(self, snapshot: Snapshot) -> None:
        """Take the steps again that others took meanwhile; the last few while they wait."""
        while True:
            with self._lock:
                if self._since is None:
                    return
                deltas, self._since = self._since, []
                if len(deltas) <= FEW:
                    for delta in deltas:
                        snapshot = patched(snapshot, delta)
                    self._snapshot, self._since = snapshot, None
                    return
            for delta in deltas:
                snapshot = patched(snapshot, delta)

    def close(self) -> None:
        """Wait for the background, and save where a tenth of what makes a point is unsaved."""
        if self._worker is not None:
            self._worker.join()
        current = self._snapshot
        if current and (self._slow or self._unsaved > _longest_unsaved(current) // 10):
            self._points.save(current, self._points.mark(current))


def _size(snapshot: Snapshot) -> int:
    """How many CIs and relations there are, about."""
    return snapshot.graph.size + len(snapshot.graph.arrays["in_number"])


def _changed(snapshot: Snapshot) -> int:
    """How many CIs differ from the base."""
    return max(len(snapshot.changed), snapshot.graph.changed)


def _longest(snapshot: Snapshot) -> float:
    """Log entries up to which reading the log is faster than reading the store."""
    return max(100_000, _size(snapshot) // 4)


def _longest_unsaved(snapshot: Snapshot) -> int:
    return max(FEWEST_UNSAVED, _size(snapshot) // 60)


def _most_changed(snapshot: Snapshot) -> int:
    return min(max(FEWEST_CHANGED, snapshot.graph.size // 16), MOST_CHANGED)
