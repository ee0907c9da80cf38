"""What every service works with: the store, the clock, the catalog and the current snapshot."""

import threading
import time
from collections.abc import Callable
from typing import Any

from cmdb.impact.building import build
from cmdb.impact.patching import patched
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Delta, Topology
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import ci_type_from_dict, relation_type_from_dict
from cmdb.schema.model import Catalog
from cmdb.services.deltas import CI_TYPE, RELATION_TYPE, Reader, changes_types, delta_of, is_type
from cmdb.services.ports import GraphStore

LOG_PAGE = 200
PAST_KEPT = 2


class Environment:
    """Built by `cmdb.bootstrap`; safe for use by many threads.

    `clock` gives seconds since 1970; tests pass their own.
    """

    def __init__(self, store: GraphStore, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.clock = clock
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._past: dict[int, Snapshot] = {}

    def catalog(self) -> Catalog:
        """The built-in types and those kept in the store."""
        ci_types = [ci_type_from_dict(d.body) for d in self.store.documents(CI_TYPE)]
        relation_types = [
            relation_type_from_dict(d.body) for d in self.store.documents(RELATION_TYPE)
        ]
        if not ci_types and not relation_types:
            return builtin_catalog()
        return builtin_catalog().extended(ci_types, relation_types)

    def snapshot(self) -> Snapshot:
        """The graph as of the last commit: the snapshot before, patched by what came since."""
        with self._lock:
            seq = self.store.seq()
            if self._snapshot is None or seq - self._snapshot.seq > LOG_PAGE:
                self._snapshot = build(self.store.topology(), self.catalog())
            while self._snapshot.seq < seq:
                self._snapshot = self._follow(self._snapshot)
            return self._snapshot

    def _follow(self, snapshot: Snapshot) -> Snapshot:
        commits = self.store.log(snapshot.seq, LOG_PAGE)
        if changes_types(commits):
            return build(self.store.topology(), self.catalog())
        return patched(snapshot, delta_of(commits, snapshot))

    def snapshot_at(self, seq: int) -> Snapshot:
        """The graph as it was after commit `seq`, replayed from the log, with that day's rules.

        The last few are kept: the pages of one answer are asked for one after the other.
        """
        current = self.snapshot()
        if seq == current.seq:
            return current
        found = self._past.get(seq) or self._replayed(seq)
        with self._lock:
            self._past.pop(seq, None)
            self._past[seq] = found
            while len(self._past) > PAST_KEPT:
                del self._past[next(iter(self._past))]
        return found

    def _replayed(self, seq: int) -> Snapshot:
        """The graph after commit `seq`, from the whole log up to it, with the types of that day."""
        reader = Reader(0, lambda key: None)
        declared: dict[str, dict[str, Any]] = {CI_TYPE: {}, RELATION_TYPE: {}}
        while reader.delta.seq < seq:
            after = reader.delta.seq
            for commit in self.store.log(after, min(LOG_PAGE, seq - after)):
                reader.read(commit)
                for entry in filter(is_type, commit.entries):
                    kind, _, name = entry.subject.partition(":")
                    declared[kind][name] = entry.after
        catalog = builtin_catalog().extended(
            [ci_type_from_dict(body) for body in declared[CI_TYPE].values() if body],
            [relation_type_from_dict(body) for body in declared[RELATION_TYPE].values() if body],
        )
        delta = reader.delta
        items = (item for _, item in sorted(delta.items.items()) if item is not None)
        relations = (now for _, (_, now) in sorted(delta.relations.items()) if now is not None)
        snapshot = build(Topology(seq, items, relations), catalog)
        confirmed = Delta(
            seq,
            confirmed_items=delta.confirmed_items,
            confirmed_relations=delta.confirmed_relations,
        )
        return patched(snapshot, confirmed)
