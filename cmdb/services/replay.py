"""Reading the log forward: from one snapshot to a later one, or from the empty store."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cmdb.errors import StoreUnavailable
from cmdb.history.log import Commit
from cmdb.impact.building import build
from cmdb.impact.patching import patched
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Delta, Topology
from cmdb.services.deltas import CI_TYPE, RELATION_TYPE, Reader, catalog_of, changes_types, is_type
from cmdb.services.ports import GraphStore

FIRST_PAGE, LARGEST_PAGE = 32, 1024
PAGE_ENTRIES = 8_000
"""A page of commits with fewer entries is followed by one of twice as many commits."""

LOG_SECONDS, PAUSE_SECONDS = 10.0, 0.002
"""How long a commit that has its number may take to be seen in the log."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the log says between two commits; `entries` is how long it is."""

    delta: Delta
    entries: int


def step(store: GraphStore, snapshot: Snapshot, seq: int, most: float) -> Step | None:
    """What changes a snapshot to that of a later commit.

    None where the log cannot tell or would take too long: a type declaration changed, or more than
    `most` records did. Raises KeyError where the snapshot lacks a CI that the log speaks of.
    """
    reader = Reader(snapshot.seq, snapshot.number)
    entries = 0
    for commits in pages(store, snapshot.seq, seq):
        entries += sum(len(commit.entries) for commit in commits)
        if entries > most or changes_types(commits):
            return None
        for commit in commits:
            reader.read(commit)
    return Step(reader.delta, entries)


def pages(store: GraphStore, after: int, until: int) -> Iterator[list[Commit]]:
    """The commits from `after` + 1 to `until`, some at a time: those of an import are large."""
    limit = FIRST_PAGE
    deadline = time.monotonic() + LOG_SECONDS
    while after < until:
        commits = store.log(after, min(limit, until - after))
        if not commits:
            if time.monotonic() > deadline:
                detail = f"the log lacks commit {after + 1}"
                raise StoreUnavailable(address=store.address, detail=detail)
            time.sleep(PAUSE_SECONDS)
            continue
        yield commits
        deadline = time.monotonic() + LOG_SECONDS
        after = commits[-1].seq
        large = sum(len(commit.entries) for commit in commits) > PAGE_ENTRIES
        limit = max(limit // 2, 1) if large else min(2 * limit, LARGEST_PAGE)


def replayed(store: GraphStore, seq: int) -> Snapshot:
    """The graph after commit `seq`, from the whole log up to it, with the types of that day."""
    reader = Reader(0, lambda key: None)
    declared: dict[str, dict[str, Any]] = {CI_TYPE: {}, RELATION_TYPE: {}}
    for commits in pages(store, 0, seq):
        for commit in commits:
            reader.read(commit)
            for entry in filter(is_type, commit.entries):
                kind, _, name = entry.subject.partition(":")
                declared[kind][name] = entry.after
    catalog = catalog_of(
        (body for body in declared[CI_TYPE].values() if body),
        (body for body in declared[RELATION_TYPE].values() if body),
    )
    delta = reader.delta
    items = (item for _, item in sorted(delta.items.items()) if item is not None)
    relations = (now for _, (_, now) in sorted(delta.relations.items()) if now is not None)
    confirmed = Delta(
        seq,
        confirmed_items=delta.confirmed_items,
        confirmed_relations=delta.confirmed_relations,
    )
    return patched(build(Topology(seq, items, relations), catalog), confirmed)
