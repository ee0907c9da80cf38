"""What every service works with: the store, the clock, the catalog and the current snapshot."""

import threading
import time
from collections.abc import Callable

from cmdb.impact.patching import patched
from cmdb.impact.snapshot import Snapshot
from cmdb.schema.model import Catalog
from cmdb.schema.sources import PRECEDENCE, SOURCE, Sources, sources_of
from cmdb.services.deltas import CI_TYPE, RELATION_TYPE, catalog_of
from cmdb.services.following import SLOW_SECONDS, Following
from cmdb.services.points import SavedPoints
from cmdb.services.ports import GraphStore, SnapshotArchive
from cmdb.services.replay import replayed, step

PAST_KEPT = 2


class Environment:
    """Built by `cmdb.bootstrap`; safe for use by many threads.

    `clock` gives seconds since 1970; tests pass their own. Without an `archive` no snapshot is
    saved.
    """

    def __init__(
        self,
        store: GraphStore,
        clock: Callable[[], float] = time.time,
        archive: SnapshotArchive | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self._points = SavedPoints(store, archive)
        self._following = Following(store, self._points, self.catalog)
        self._lock = threading.Lock()
        self._past: dict[int, Snapshot] = {}

    def close(self) -> None:
        """Save the snapshot if much has changed, and release all resources."""
        try:
            self._following.close()
        finally:
            self.store.close()

    def catalog(self) -> Catalog:
        """The built-in types and those kept in the store."""
        return catalog_of(
            (one.body for one in self.store.documents(CI_TYPE)),
            (one.body for one in self.store.documents(RELATION_TYPE)),
        )

    def sources(self) -> Sources:
        """The built-in sources, and what the store says of these and others."""
        return sources_of(
            (one.body for one in self.store.documents(SOURCE)),
            (one.body for one in self.store.documents(PRECEDENCE)),
        )

    def snapshot(self) -> Snapshot:
        """The graph as of the last commit, or a later one."""
        return self._following.snapshot()

    def snapshot_at(self, seq: int) -> Snapshot:
        """The graph as it was after commit `seq`, with that day's rules.

        The last few are kept: the pages of one answer are asked for one after the other.
        """
        if seq == self.store.seq() and (current := self.snapshot()).seq == seq:
            return current
        with self._lock:  # one at a time: equal questions wait for the first, and memory is bounded
            found = self._past_at(seq, list(self._past.values()))
            self._past.pop(seq, None)
            self._past[seq] = found
            while len(self._past) > PAST_KEPT:
                del self._past[next(iter(self._past))]
        return found

    def _past_at(self, seq: int, known: list[Snapshot]) -> Snapshot:
        """From the nearest snapshot before, by the log since; or from the whole log.

        What took long is saved.
        """
        started = time.monotonic()
        nearest = max((one for one in known if one.seq <= seq), key=_seq_of, default=None)
        if nearest is not None and nearest.seq == seq:
            return nearest
        nearest = self._points.nearest(seq, nearest.seq if nearest else 0) or nearest
        taken = step(self.store, nearest, seq, float("inf")) if nearest else None
        found = patched(nearest, taken.delta) if nearest and taken else replayed(self.store, seq)
        if time.monotonic() - started > SLOW_SECONDS:
            self._points.save(found, self._points.mark(found))
        return found


def _seq_of(snapshot: Snapshot) -> int:
    return snapshot.seq
