"""Model check: faults in redundancy, self-relations, orphans, stale and doubly named CIs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import TopologyItem

CHECKS = ("model_fault", "self_relation", "orphan", "stale", "duplicate")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: which check found it, on which CI, and what it is."""

    check: str
    key: str
    type: str
    detail: str


def model_check(
    snapshot: Snapshot, joined: Set[str], loops: Mapping[str, str], at: float
) -> list[Finding]:
    """All findings, by check and key.

    `joined` are the keys of CIs with a relation to another one, `loops` those of CIs with one to
    themselves, each with its type; `at` (seconds since 1970) is what freshness is measured against.
    """
    findings = [
        *_faults(snapshot),
        *_loops(snapshot, loops),
        *_orphans(snapshot, joined),
        *_stale(snapshot, at),
        *_duplicates(snapshot),
    ]
    return sorted(findings, key=lambda f: (CHECKS.index(f.check), f.key, f.detail))


def _live(snapshot: Snapshot) -> Iterator[TopologyItem]:
    return (item for item in snapshot.items() if snapshot.in_graph(item.number))


def _faults(snapshot: Snapshot) -> Iterator[Finding]:
    for item in _live(snapshot):
        groups = snapshot.members(item.number)
        for name, members in groups.items():
            need = snapshot.stated_need(item.number, name, members)
            if members and need > len(members):
                detail = f"group '{name}' needs {need} of only {len(members)} members"
                yield Finding("model_fault", item.key, item.type, detail)
        for name in item.redundancy:
            if not groups.get(name):
                detail = f"a need is stated for group '{name}', which has no members"
                yield Finding("model_fault", item.key, item.type, detail)


def _loops(snapshot: Snapshot, loops: Mapping[str, str]) -> Iterator[Finding]:
    for item in _live(snapshot):
        if item.key in loops:
            detail = f"has the relation {loops[item.key]} to itself"
            yield Finding("self_relation", item.key, item.type, detail)


def _orphans(snapshot: Snapshot, joined: Set[str]) -> Iterator[Finding]:
    for item in _live(snapshot):
        if item.key not in joined:
            yield Finding("orphan", item.key, item.type, "has no relation to any other CI")


def _stale(snapshot: Snapshot, at: float) -> Iterator[Finding]:
    for item in _live(snapshot):
        limit = snapshot.catalog.freshness[item.type]
        age = at - item.confirmed_at
        if age > limit.total_seconds():
            detail = f"last confirmed {age / 86400:.0f} days ago, limit {limit.days} days"
            yield Finding("stale", item.key, item.type, detail)


def _duplicates(snapshot: Snapshot) -> Iterator[Finding]:
    """CIs of one type and site whose names differ in nothing but case and spaces."""
    named: dict[tuple[str, str | None, str], list[str]] = defaultdict(list)
    for item in _live(snapshot):
        name = "".join(item.name.split()).casefold()
        named[item.type, item.site, name].append(item.key)
    for (type_name, _, _), keys in named.items():
        for key in keys if len(keys) > 1 else ():
            others = ", ".join(f"'{k}'" for k in sorted(keys) if k != key)
            yield Finding("duplicate", key, type_name, f"has the same name as {others}")
