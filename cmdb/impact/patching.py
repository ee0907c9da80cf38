"""Patching a snapshot with what commits changed; costs what changed, not the estate."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from cmdb.impact.confirmations import Confirmations, Interval
from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.patch import patched as patched_graph
from cmdb.impact.flags import IN_GRAPH_FLAG, ROOT_FLAG, flags_of
from cmdb.impact.numbering import Numbering
from cmdb.impact.rules import KnownKinds, RelationKind, Rules, fraction
from cmdb.impact.snapshot import NO_SITE, Snapshot
from cmdb.impact.topology import Confirmation, Delta, TopologyItem, TopologyRelation

Columns = tuple[int, int, int]
"""Flags, type and site of a CI."""

NO_COLUMNS: Columns = (0, 0, NO_SITE)

Incoming = dict[int, tuple[set[int], list[tuple[int, int, int]]]]
"""By dependent: the relations that go, and (provider, relation, kind) of those that come."""


def patched(snapshot: Snapshot, delta: Delta) -> Snapshot:
    """The snapshot with later commits in. Applying what is in it already changes nothing."""
    changes = _Changes(snapshot, delta)
    graph = snapshot.graph
    if changes.columns or changes.incoming or changes.needs:
        graph = patched_graph(
            graph,
            changes.kinds.engine,
            changes.columns,
            changes.incoming,
            changes.needs,
            lambda ci: _stated_needs(snapshot, delta, changes.kinds, ci),
        )
    links = snapshot.links.changed(changes.links) if changes.links else snapshot.links
    network = links.network(graph, changes.roots) if changes.network else snapshot.network
    sources = snapshot.sources.extended(
        one.source for part in (delta.confirmed_items, delta.confirmed_relations) for one in part
    )
    return replace(
        snapshot,
        seq=delta.seq,
        kinds=changes.kinds,
        types=changes.types,
        sites=changes.sites,
        sources=sources,
        graph=graph,
        changed={**snapshot.changed, **changes.items} if changes.items else snapshot.changed,
        changed_keys=(
            {**snapshot.changed_keys, **changes.keys} if changes.keys else snapshot.changed_keys
        ),
        links=links,
        roots=changes.roots,
        network=network,
        confirmed_items=_later(snapshot.confirmed_items, delta.confirmed_items, sources),
        confirmed_relations=_later(
            snapshot.confirmed_relations, delta.confirmed_relations, sources
        ),
    )


def _later(
    known: Confirmations, new: Iterable[Confirmation], sources: Numbering[str]
) -> Confirmations:
    intervals: list[Interval] = [(one.first, one.last, one.at, sources[one.source]) for one in new]
    return known.later(intervals)


def _stated_needs(
    snapshot: Snapshot, delta: Delta, kinds: KnownKinds, ci: int
) -> dict[int, tuple[int, int]]:
    """The needs that a CI states, by group, as the engine takes them."""
    item = delta.items.get(ci)
    settings = snapshot.redundancy(ci) if item is None else item.redundancy
    return {kinds.groups[name]: fraction(one["need"]) for name, one in settings.items()}


class _Changes:
    """What a delta means to the parts of a snapshot."""

    def __init__(self, snapshot: Snapshot, delta: Delta) -> None:
        self.network = False
        self.roots = snapshot.roots
        self.incoming: Incoming = {}
        self.links: dict[int, TopologyRelation | None] = {}
        self.items: dict[int, TopologyItem | None] = {}
        self.columns: dict[int, Columns] = {}
        self.keys: dict[str, int | None] = {}
        self.needs: set[int] = set()
        live = [item for item in delta.items.values() if item is not None]
        self.types = snapshot.types.extended({item.type for item in live})
        self.sites = snapshot.sites.extended({item.site for item in live if item.site is not None})
        self.kinds = snapshot.kinds
        if delta.items:
            self._items(snapshot, delta.items)
        self._relations(snapshot.rules, delta)

    def _items(self, snapshot: Snapshot, items: Mapping[int, TopologyItem | None]) -> None:
        """Columns, keys, needs and roots of the CIs that differ.

        Most commits change attributes that are not in the snapshot: such CIs are left alone.
        """
        known = _known_columns(snapshot.graph, items)
        taken: dict[str, int | None] = {}
        entering: list[int] = []
        for number, item in items.items():
            before, after = known.get(number, NO_COLUMNS), self._columns_of(item)
            exists = bool(before[0])
            key = snapshot.key(number) if exists else None
            needs = snapshot.redundancy(number) if exists else {}
            if needs != (item.redundancy if item is not None else {}):
                self.needs.add(number)
            elif before == after and (
                item is None or (item.key == key and snapshot.name(number) == item.name)
            ):
                continue
            self.items[number] = item
            if before != after:
                self.columns[number] = after
                self._flags(snapshot, number, before[0], after[0], entering)
            if item is None or item.key != key:
                if key is not None and snapshot.number(key) == number:
                    self.keys[key] = None
                if item is not None:
                    taken[item.key] = number
        self.keys |= taken
        self.kinds = self.kinds.extended(
            (), (name for n in self.needs if (item := items[n]) for name in item.redundancy)
        )
        self.network = self.network or snapshot.links.any_of(entering)

    def _columns_of(self, item: TopologyItem | None) -> Columns:
        if item is None:
            return NO_COLUMNS
        site = NO_SITE if item.site is None else self.sites[item.site]
        return flags_of(item), self.types[item.type], site

    def _flags(
        self, snapshot: Snapshot, number: int, before: int, after: int, entering: list[int]
    ) -> None:
        """What changed flags mean to the network; CIs that come into it may have links already."""
        changed = before ^ after
        if changed & ROOT_FLAG:
            self.network = True
            self.roots = self.roots | {number} if after & ROOT_FLAG else self.roots - {number}
        if changed & IN_GRAPH_FLAG:
            vertex = snapshot.network.vertex
            if (after & ROOT_FLAG) or (number < len(vertex) and vertex[number] >= 0):
                self.network = True
            elif before:
                entering.append(number)

    def _relations(self, rules: Rules, delta: Delta) -> None:
        """The rows that change, by dependent."""
        for number, (before, after) in delta.relations.items():
            come = rules.directions(after) if after is not None else ()
            gone = come
            if before is not None and (after is None or before[1:4] != after[1:4]):
                gone = come + rules.directions(before)
            for _, dependent in gone:
                self.incoming.setdefault(dependent, (set(), []))[0].add(number)
            if after is not None and come:
                kind = self._kind(after)
                for provider, dependent in come:
                    self.incoming[dependent][1].append((provider, number, kind))
            if not gone and any(one is not None and rules.is_link(one) for one in (before, after)):
                self.links[number] = after
                self.network = True

    def _kind(self, relation: TopologyRelation) -> int:
        """The number of the relation's kind, a new one where it is the first."""
        kind = RelationKind(relation.type, relation.strength, relation.group)
        known = self.kinds.kinds.numbers.get(kind)
        if known is None:
            self.kinds = self.kinds.extended([kind])
            known = self.kinds.kinds[kind]
        return known


def _known_columns(graph: Graph, numbers: Iterable[int]) -> dict[int, Columns]:
    """Flags, types and sites as they were; flags are 0 for a CI that was not there."""
    there = [number for number in numbers if number < graph.size]
    types, sites, flags = graph.columns(np.array(there, np.int32))
    return dict(
        zip(there, zip(flags.tolist(), types.tolist(), sites.tolist(), strict=True), strict=True)
    )
