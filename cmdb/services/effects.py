"""What a plan changes for the business: which CI's failure takes which business service down."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from cmdb.history.entries import entry_of
from cmdb.history.log import Commit, LogEntry
from cmdb.identity.changes import Change, ChangeSet
from cmdb.impact.assumptions import FIRST_RELATION
from cmdb.impact.patching import patched
from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import STATES
from cmdb.schema.records import ConfigurationItem, Relation
from cmdb.services.deltas import Reader

MOST_LOOKED_AT = 500
BUSINESS = "business_service"
DOWN = STATES.index("down")

Record = TypeVar("Record", ConfigurationItem, Relation)


@dataclass(frozen=True, slots=True)
class Effect:
    """When the CI `key` fails, the business service ends in another state than before."""

    key: str
    service: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effects:
    """All effects on business services, unless so many CIs change that only some were looked at."""

    rows: list[Effect]
    complete: bool

    def content(self) -> dict[str, Any]:
        """JSON-ready form."""
        rows = [
            {"key": e.key, "service": e.service, "before": e.before, "after": e.after}
            for e in self.rows
        ]
        return {"effects": rows, "complete": self.complete}


def effects_of(snapshot: Snapshot, changes: ChangeSet, at: float) -> Effects:
    """What a change set does to the blast radii of the CIs it touches, as to business services."""
    after = _after(snapshot, changes, at)
    touched: dict[str, None] = {}
    for item in changes.items:
        for record in (item.before, item.after):
            if record is not None:
                touched[record.key] = None
    for relation in changes.relations:
        for one in (relation.before, relation.after):
            if one is not None:
                touched |= {one.from_key: None, one.to_key: None}
    keys = list(touched)[:MOST_LOOKED_AT]
    rows = []
    for key in keys:
        old, new = _services(snapshot, key), _services(after, key)
        for service in sorted(old.keys() | new.keys()):
            states = old.get(service, "ok"), new.get(service, "ok")
            if states[0] != states[1]:
                rows.append(Effect(key, service, *states))
    return Effects(rows, len(keys) == len(touched))


def _after(snapshot: Snapshot, changes: ChangeSet, at: float) -> Snapshot:
    """The snapshot as it will be, with numbers of its own for what is new."""
    entries = [
        *_numbered("ci", changes.items, snapshot.graph.size),
        *_numbered("relation", changes.relations, FIRST_RELATION),
    ]
    reader = Reader(snapshot.seq, snapshot.number)
    reader.read(Commit(snapshot.seq, at, "", "", "", tuple(entries)))
    return patched(snapshot, reader.delta)


def _numbered(kind: str, changes: list[Change[Record]], first: int) -> list[LogEntry]:
    entries = []
    for change in changes:
        after = change.after
        if change.before is None and after is not None:
            after = replace(after, number=first)
            first += 1
        entries.append(entry_of(kind, change.before, after))
    return entries


def _services(snapshot: Snapshot, key: str) -> dict[str, str]:
    """The business services that a CI's failure reaches, each with its state then."""
    number = snapshot.number(key)
    if number is None or not snapshot.in_graph(number):
        return {}
    found = Propagation(snapshot, {number: DOWN})
    states: Callable[[int], int] = found.state
    below = snapshot.catalog.below(BUSINESS)
    reached = (snapshot.item(int(n)) for n in found.numbers)
    return {one.key: STATES[states(one.number)] for one in reached if one.type in below}
