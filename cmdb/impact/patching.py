"""Patching a snapshot with what commits changed; costs what changed, not the estate."""

from collections.abc import Iterable
from dataclasses import replace

from cmdb.impact.confirmations import Confirmations, Interval
from cmdb.impact.engine.patch import patched as patched_graph
from cmdb.impact.numbering import Numbering
from cmdb.impact.rules import KnownKinds, RelationKind, Rules, fraction
from cmdb.impact.snapshot import IN_GRAPH_FLAG, NO_SITE, ROOT_FLAG, Snapshot, flags_of
from cmdb.impact.topology import Confirmation, Delta, TopologyRelation

Incoming = dict[int, tuple[set[int], list[tuple[int, int, int]]]]
"""By dependent: the relations that go, and (provider, relation, kind) of those that come."""


def patched(snapshot: Snapshot, delta: Delta) -> Snapshot:
    """The snapshot with later commits in. Applying what is in it already changes nothing."""
    changes = _Changes(snapshot, delta)
    graph = patched_graph(
        snapshot.graph,
        changes.kinds.engine,
        changes.flags,
        changes.incoming,
        set(delta.items),
        lambda ci: _stated_needs(snapshot, delta, changes.kinds, ci),
    )
    links = snapshot.links.changed(changes.links) if changes.links else snapshot.links
    roots = changes.roots if changes.roots is not None else snapshot.roots
    network = snapshot.network
    if changes.network:
        network = links.network(graph, roots)
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
        changed={**snapshot.changed, **delta.items} if delta.items else snapshot.changed,
        changed_keys=(
            {**snapshot.changed_keys, **changes.keys} if changes.keys else snapshot.changed_keys
        ),
        links=links,
        roots=roots,
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
        self.roots: frozenset[int] | None = None
        self.incoming: Incoming = {}
        self.links: dict[int, TopologyRelation | None] = {}
        self.keys: dict[str, int | None] = {}
        self._items(snapshot, delta)
        self._relations(snapshot.rules, snapshot.kinds, delta)

    def _items(self, snapshot: Snapshot, delta: Delta) -> None:
        """Flags, types and sites of the changed CIs; their keys, needs and roots."""
        live = [item for item in delta.items.values() if item is not None]
        self.types = snapshot.types.extended(item.type for item in live)
        self.sites = snapshot.sites.extended(item.site for item in live if item.site is not None)
        self.kinds = snapshot.kinds.extended(
            (), (name for item in live for name in item.redundancy)
        )
        self.flags: dict[int, tuple[int, int, int]] = {}
        vertex = snapshot.network.vertex
        for number, item in delta.items.items():
            before, after = snapshot.graph.flags(number), flags_of(item)
            if before and snapshot.number(key := snapshot.key(number)) == number:
                self.keys[key] = None
            if item is None:
                self.flags[number] = (0, 0, NO_SITE)
            else:
                site = NO_SITE if item.site is None else self.sites[item.site]
                self.flags[number] = (after, self.types[item.type], site)
            changed = before ^ after
            linked = number < len(vertex) and vertex[number] >= 0
            if changed & ROOT_FLAG or (changed & IN_GRAPH_FLAG and (linked or after & ROOT_FLAG)):
                self.network = True
            if changed & ROOT_FLAG:
                roots = self.roots if self.roots is not None else snapshot.roots
                self.roots = roots | {number} if after & ROOT_FLAG else roots - {number}
            if changed & IN_GRAPH_FLAG and not linked:
                self.network = self.network or _has_link(snapshot, number)
        self.keys.update({item.key: item.number for item in live})

    def _relations(self, rules: Rules, kinds: KnownKinds, delta: Delta) -> None:
        """The rows that change, by dependent."""
        kind_of = {}
        for _, after in delta.relations.values():
            if after is not None and rules.impact.get(after.type) is not None:
                kind_of[after.number] = RelationKind(after.type, after.strength, after.group)
        self.kinds = self.kinds.extended(kind_of.values())
        for number, (before, after) in delta.relations.items():
            for relation in (before, after):
                if relation is None:
                    continue
                if rules.is_link(relation):
                    self.links[number] = after
                    self.network = True
                for _, dependent in rules.directions(relation):
                    self.incoming.setdefault(dependent, (set(), []))[0].add(number)
            if after is not None:
                for provider, dependent in rules.directions(after):
                    row = (provider, number, self.kinds.kinds[kind_of[number]])
                    self.incoming[dependent][1].append(row)


def _has_link(snapshot: Snapshot, number: int) -> bool:
    """Whether a CI that was out of the graph has links that now count."""
    return number < snapshot.graph.size and bool((snapshot.links.ends == number).any())
