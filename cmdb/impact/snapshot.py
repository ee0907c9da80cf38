"""The snapshot: the graph at one `seq`, read-only; patched by what commits changed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact.confirmations import Confirmations
from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.network import Network
from cmdb.impact.engine.texts import Keys, Texts
from cmdb.impact.flags import EXISTS_FLAG, IN_GRAPH_FLAG, ROOT_FLAG, STATUS_SHIFT
from cmdb.impact.links import Links
from cmdb.impact.numbering import Numbering
from cmdb.impact.rules import KnownKinds, Rules
from cmdb.impact.topology import TopologyItem, TopologyRelation
from cmdb.schema.declarations import need_of
from cmdb.schema.model import Catalog
from cmdb.schema.records import STATUSES

NO_SITE = -1

Members = dict[int, list[TopologyRelation]]
"""The members of a group in the graph, each with its relations."""


@dataclass(frozen=True)
class Snapshot:
    """The graph at commit `seq`. CIs and relations are known by their numbers.

    Keys, names and stated needs are those of the base `keys`, `names` and `settings`, but for CIs
    in `changed`. Immutable: `cmdb.impact.patching` makes another one that shares what it can, so
    readers keep theirs undisturbed.
    """

    seq: int
    catalog: Catalog
    rules: Rules
    kinds: KnownKinds
    types: Numbering[str]
    sites: Numbering[str]
    sources: Numbering[str]
    graph: Graph
    keys: Keys
    names: Texts
    settings: Mapping[int, dict[str, dict[str, Any]]]
    changed: Mapping[int, TopologyItem | None]
    changed_keys: Mapping[str, int | None]
    links: Links
    roots: frozenset[int]
    network: Network
    confirmed_items: Confirmations
    confirmed_relations: Confirmations

    def number(self, key: str) -> int | None:
        """The number of the CI with this key."""
        if key in self.changed_keys:
            return self.changed_keys[key]
        number = self.keys.find(key)
        return number if number >= 0 else None

    def known(self, key: str) -> int:
        """The number of the CI with this key; raises KeyError."""
        number = self.number(key)
        if number is None:
            raise KeyError(key)
        return number

    def key(self, number: int) -> str:
        """The key of a CI."""
        changed = self.changed.get(number)
        return self.keys[number] if changed is None else changed.key

    def name(self, number: int) -> str:
        """The name of a CI."""
        changed = self.changed.get(number)
        return self.names[number] if changed is None else changed.name

    def item(self, number: int) -> TopologyItem:
        """The CI of that number; raises KeyError."""
        flags = self.graph.flags(number)
        if not flags & EXISTS_FLAG:
            raise KeyError(number)
        at, source = self.confirmed_items.of_number(number)
        who = self.sources.words[source] if source >= 0 else ""
        changed = self.changed.get(number)
        if changed is not None:
            return changed._replace(confirmed_at=at, source=who)
        types, sites, _ = self.graph.columns(np.array([number], np.int32))
        return TopologyItem(
            number,
            self.keys[number],
            self.types.words[types[0]],
            self.names[number],
            STATUSES[flags >> STATUS_SHIFT],
            bool(flags & ROOT_FLAG),
            self.settings.get(number, {}),
            self.sites.words[sites[0]] if sites[0] != NO_SITE else None,
            at,
            who,
        )

    def items(self) -> Iterator[TopologyItem]:
        """All CIs, by number."""
        return (self.item(n) for n in range(self.graph.size) if self.graph.flags(n) & EXISTS_FLAG)

    def in_graph(self, number: int) -> bool:
        """Whether the CI takes part in impact."""
        return bool(self.graph.flags(number) & IN_GRAPH_FLAG)

    def redundancy(self, number: int) -> dict[str, dict[str, Any]]:
        """What a CI states about its groups."""
        changed = self.changed.get(number)
        return self.settings.get(number, {}) if changed is None else changed.redundancy

    def relation(self, dependent: int, provider: int, number: int, kind: int) -> TopologyRelation:
        """A relation of the graph, from a row of what a CI depends on."""
        type_name, strength, group = self.kinds.kinds.words[kind]
        to_from = self.rules.impact[type_name] != "from→to"
        ends = (dependent, provider) if to_from else (provider, dependent)
        at, source = self.confirmed_relations.of_number(number)
        who = self.sources.words[source] if source >= 0 else ""
        return TopologyRelation(number, ends[0], type_name, ends[1], group, strength, at, who)

    def members(self, dependent: int) -> dict[str, Members]:
        """The groups of a CI: by name, each member in the graph with its relations."""
        found: dict[str, Members] = defaultdict(dict)
        for provider, number, kind in self.graph.incoming(dependent):
            name = self.rules.group(self.kinds.kinds.words[kind])
            if name is None:
                continue
            members = found[name]  # a group without members exists too
            if self.in_graph(provider):
                relation = self.relation(dependent, provider, number, kind)
                members.setdefault(provider, []).append(relation)
        return found

    def need(self, dependent: int, name: str, members: Members) -> int:
        """How many members the dependent needs, at most all of them."""
        n = len(members)
        return max(min(self.stated_need(dependent, name, members), n), 1)

    def stated_need(self, dependent: int, name: str, members: Members) -> int:
        """The need as the dependent, or else its relation types, state it."""
        n = len(members)
        setting = self.redundancy(dependent).get(name)
        if setting:
            return need_of(setting["need"], n)
        types = {relation.type for relations in members.values() for relation in relations}
        return max((need_of(self.rules.needs.get(t, 1), n) for t in types), default=1)

    @cached_property
    def service_types(self) -> npt.NDArray[np.bool_]:
        """By number of a type: whether it is a service or below."""
        is_a = self.catalog.is_a
        return np.array([is_a(word, "service") for word in self.types.words] or [False])

    @cached_property
    def type_counts(self) -> npt.NDArray[np.int64]:
        """By number of a type: how many CIs of it take part in impact."""
        types, _, flags = self.graph.columns(np.arange(self.graph.size, dtype=np.int32))
        inside = types[(flags & IN_GRAPH_FLAG).astype(bool)]
        return np.bincount(inside, minlength=len(self.types.words))

    @cached_property
    def type_freshness(self) -> npt.NDArray[np.float64]:
        """By number of a type: the seconds for which a confirmation of its CIs holds."""
        freshness = self.catalog.freshness
        return np.array([freshness[word].total_seconds() for word in self.types.words], np.float64)

    @cached_property
    def shortest_relation_freshness(self) -> float:
        """The least of the seconds for which confirmations of relations hold."""
        types = self.catalog.relation_types
        kinds = self.kinds.kinds.words
        return min((types[k.type].freshness.total_seconds() for k in kinds), default=0.0)

    @cached_property
    def encoded_changes(self) -> dict[int, bytes]:
        """The keys that are not in the base as bytes, for sorting."""
        return {n: key.encode() for key, n in self.changed_keys.items() if n is not None}
