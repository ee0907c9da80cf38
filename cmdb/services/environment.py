"""What every service works with: the store, the clock, the catalog and the current snapshot."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from cmdb.history.log import Commit
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Delta, Topology, TopologyItem, TopologyRelation
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import ci_type_from_dict, relation_type_from_dict
from cmdb.schema.model import Catalog
from cmdb.services.ports import GraphStore

CI_TYPE, RELATION_TYPE = "ci_type", "relation_type"
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
                self._snapshot = Snapshot.build(self.store.topology(), self.catalog())
            while self._snapshot.seq < seq:
                self._snapshot = self._follow(self._snapshot)
            return self._snapshot

    def _follow(self, snapshot: Snapshot) -> Snapshot:
        commits = self.store.log(snapshot.seq, LOG_PAGE)
        if changes_types(commits):
            return Snapshot.build(self.store.topology(), self.catalog())
        return snapshot.patched(delta_of(commits, snapshot.index))

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
        ci_types, relation_types = {}, {}
        index: dict[str, int] = {}
        whole = Delta(seq=0)
        while whole.seq < seq:
            commits = self.store.log(whole.seq, min(LOG_PAGE, seq - whole.seq))
            for entry in (e for c in commits for e in c.entries if e.kind == "document"):
                kind, _, name = entry.subject.partition(":")
                if kind == CI_TYPE:
                    ci_types[name] = entry.after
                elif kind == RELATION_TYPE:
                    relation_types[name] = entry.after
            part = delta_of(commits, index)
            index.update({i.key: n for n, i in part.items.items() if i is not None})
            whole.items.update(part.items)
            whole.relations.update(part.relations)
            whole.confirmed_items.update(part.confirmed_items)
            whole.confirmed_relations.update(part.confirmed_relations)
            whole.seq = part.seq
        catalog = builtin_catalog().extended(
            [ci_type_from_dict(body) for body in ci_types.values() if body],
            [relation_type_from_dict(body) for body in relation_types.values() if body],
        )
        return Snapshot.build(Topology(0, (), ()), catalog).patched(whole)


def changes_types(commits: Iterable[Commit]) -> bool:
    """Whether a type declaration was changed."""
    prefixes = (f"{CI_TYPE}:", f"{RELATION_TYPE}:")
    return any(
        entry.kind == "document" and entry.subject.startswith(prefixes)
        for commit in commits
        for entry in commit.entries
    )


def _spoken(claim: dict[str, Any]) -> bool:
    """Whether a logged claim confirms its subject: an alias or a withdrawal does not."""
    return claim["body"] is not None and not claim.get("withdrawn")


def delta_of(commits: list[Commit], index: dict[str, int]) -> Delta:
    """What commits change in a snapshot whose CIs have the numbers of `index`."""
    delta = Delta(seq=commits[-1].seq)
    new: dict[str, int] = {}
    for entry in (entry for commit in commits for entry in commit.entries):
        after, before = entry.after, entry.before
        if entry.kind == "ci":
            if after is not None:
                new[after["key"]] = after["number"]
                site = after["attributes"].get("site")
                delta.items[after["number"]] = TopologyItem(
                    after["number"],
                    after["key"],
                    after["type"],
                    after["name"],
                    after["status"],
                    after["network_root"],
                    after["redundancy"],
                    site,
                    0.0,
                )
            elif before is not None:
                delta.items[before["number"]] = None
        elif entry.kind == "relation":
            if after is not None:
                from_number, to_number = (
                    new[after[end]] if after[end] in new else index[after[end]]
                    for end in ("from", "to")
                )
                delta.relations[after["number"]] = TopologyRelation(
                    after["number"],
                    from_number,
                    after["type"],
                    to_number,
                    after["group"],
                    after["strength"],
                    0.0,
                )
            elif before is not None:
                delta.relations[before["number"]] = None
        elif entry.kind == "claim" and after is not None and _spoken(after):
            kind, _, subject = entry.subject.partition(":")
            times = delta.confirmed_items if kind == "ci" else delta.confirmed_relations
            number = int(subject)
            times[number] = max(times.get(number, 0.0), after["observed_at"])
        elif entry.kind == "confirmation" and after is not None:
            for times, spans in (
                (delta.confirmed_items, after["cis"]),
                (delta.confirmed_relations, after["relations"]),
            ):
                for first, last in spans:
                    for number in range(first, last + 1):
                        times[number] = max(times.get(number, 0.0), after["at"])
    return delta
