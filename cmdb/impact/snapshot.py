"""The snapshot: the graph as arrays, read-only, at one `seq`; patched by what commits changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact.kernel import GROUP, HARD, REPEATED, SOFT
from cmdb.impact.network import Network
from cmdb.impact.ragged import Ragged
from cmdb.impact.rules import LINK, NONE, Rules
from cmdb.impact.topology import Delta, Topology, TopologyItem, TopologyRelation
from cmdb.schema.declarations import need_of
from cmdb.schema.model import Catalog
from cmdb.schema.records import IN_GRAPH


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The graph at commit `seq`. Index i of every CI list and array is the CI's number.

    `provides` and `depends` list, for each CI, the relations in which it is the provider or the
    dependent; `arcs` are what the kernel walks, a row a provider. Groups have slots; `groups` finds
    them by (dependent, group name). Immutable: `patched` gives a new one, readers keep theirs.
    """

    seq: int
    catalog: Catalog
    rules: Rules
    items: list[TopologyItem | None]
    relations: list[TopologyRelation | None]
    index: dict[str, int]
    in_graph: npt.NDArray[np.uint8]
    provides: Ragged
    depends: Ragged
    arcs: Ragged
    groups: dict[tuple[int, str], int]
    group_dependent: npt.NDArray[np.int32]
    group_slack: npt.NDArray[np.int32]
    network: Network

    @classmethod
    def build(cls, topology: Topology, catalog: Catalog) -> "Snapshot":
        """From scratch."""
        items = _dense(topology.items)
        relations = _dense(topology.relations)
        rules = Rules(catalog)
        size = len(items)
        pairs = [
            (provider, dependent, one.number)
            for one in relations
            if one is not None
            for provider, dependent in rules.directions(one)
        ]
        table = np.array(pairs, np.int32).reshape(-1, 3)
        empty = np.zeros(0, np.int32)
        snapshot = cls(
            seq=topology.seq,
            catalog=catalog,
            rules=rules,
            items=items,
            relations=relations,
            index={one.key: one.number for one in items if one is not None},
            in_graph=np.array([_in_graph(one) for one in items], np.uint8),
            provides=Ragged.build(size, table[:, 0], table[:, 2]),
            depends=Ragged.build(size, table[:, 1], table[:, 2]),
            arcs=Ragged(np.zeros(size, np.int32), np.zeros(size, np.int32), (empty, empty)),
            groups={},
            group_dependent=empty,
            group_slack=empty,
            network=_network(items, relations, rules),
        )
        grouped = {
            dependent
            for _, dependent, number in pairs
            if rules.group(relations[number]) is not None
        }
        return snapshot._regrouped(grouped)._rewired(set(table[:, 0].tolist()))

    def patched(self, delta: Delta) -> "Snapshot":
        """This snapshot with what later commits changed; costs what changed, not the estate."""
        items = list(self.items)
        relations = list(self.relations)
        index = dict(self.index) if delta.items else self.index
        touched = _Touched()
        for number, item in delta.items.items():
            old = items[number] if number < len(items) else None
            _put(items, number, _timed(item, old, delta.confirmed_items))
            touched.item(number, old, item, self)
            if old is not None and index.get(old.key) == number:
                del index[old.key]
            if item is not None:
                index[item.key] = number
        for number, relation in delta.relations.items():
            known = relations[number] if number < len(relations) else None
            _put(relations, number, _timed(relation, known, delta.confirmed_relations))
            touched.relation(number, known, relation, self)
        _confirm(items, delta.confirmed_items)
        _confirm(relations, delta.confirmed_relations)
        in_graph = np.zeros(len(items), np.uint8)
        in_graph[: len(self.in_graph)] = self.in_graph
        for number in delta.items:
            in_graph[number] = _in_graph(items[number])
        patched = replace(
            self,
            seq=delta.seq,
            items=items,
            relations=relations,
            index=index,
            in_graph=in_graph,
            provides=self.provides.replaced(len(items), touched.lists(self.provides, 0)),
            depends=self.depends.replaced(len(items), touched.lists(self.depends, 1)),
        )
        if touched.links or len(items) != len(self.items):
            patched = replace(patched, network=_network(items, relations, self.rules))
        return patched._regrouped(touched.dependents)._rewired(touched.providers)

    def _regrouped(self, dependents: Iterable[int]) -> "Snapshot":
        """With the groups of these dependents computed anew."""
        groups = dict(self.groups)
        dependent_of = self.group_dependent.tolist()
        slack = self.group_slack.tolist()
        for dependent in dependents:
            for name, members in self.members(dependent).items():
                slot = groups.setdefault((dependent, name), len(slack))
                if slot == len(slack):
                    dependent_of.append(dependent)
                    slack.append(0)
                slack[slot] = self._slack(dependent, name, members)
        return replace(
            self,
            groups=groups,
            group_dependent=np.array(dependent_of, np.int32),
            group_slack=np.array(slack, np.int32),
        )

    def members(self, dependent: int) -> dict[str, dict[int, list[TopologyRelation]]]:
        """The groups of a CI: by name, each member in the graph with its relations."""
        found: dict[str, dict[int, list[TopologyRelation]]] = defaultdict(dict)
        for number in self.depends.row(dependent):
            relation = self.relations[number]
            name = self.rules.group(relation)
            if relation is None or name is None:
                continue
            found.setdefault(name, {})  # a group without members exists too
            provider = self.rules.provider(relation, dependent)
            if self.in_graph[provider]:
                found[name].setdefault(provider, []).append(relation)
        return found

    def _slack(self, dependent: int, name: str, members: dict[int, list[TopologyRelation]]) -> int:
        """How many members must fall before the group does: n - need + 1."""
        return len(members) - self.need(dependent, name, members) + 1

    def need(self, dependent: int, name: str, members: dict[int, list[TopologyRelation]]) -> int:
        """How many members the dependent needs, at most all of them."""
        n = len(members)
        return max(min(self.stated_need(dependent, name, members), n), 1)

    def stated_need(
        self, dependent: int, name: str, members: dict[int, list[TopologyRelation]]
    ) -> int:
        """The need as the dependent, or else its relation types, state it."""
        n = len(members)
        item = self.items[dependent]
        setting = item.redundancy.get(name) if item else None
        if setting:
            return need_of(setting["need"], n)
        types = {relation.type for relations in members.values() for relation in relations}
        return max((need_of(self.rules.needs.get(t, 1), n) for t in types), default=1)

    def _rewired(self, providers: Iterable[int]) -> "Snapshot":
        """With the arcs of these providers computed anew."""
        changed = {provider: self._arcs_of(provider) for provider in providers}
        return replace(self, arcs=self.arcs.replaced(len(self.items), changed))

    def _arcs_of(self, provider: int) -> tuple[list[int], list[int]]:
        targets: list[int] = []
        kinds: list[int] = []
        joined: set[int] = set()
        for number in self.provides.row(provider):
            relation = self.relations[number]
            if relation is None:
                continue
            dependent = self.rules.dependent(relation, provider)
            name = self.rules.group(relation)
            if name is None:
                targets.append(dependent)
                kinds.append(SOFT if self.rules.soft(relation) else HARD)
            else:
                slot = self.groups[dependent, name]
                targets.append(slot)
                kinds.append(REPEATED if slot in joined else GROUP)
                joined.add(slot)
        return targets, kinds

    def key(self, number: int) -> str:
        """The key of a CI."""
        return self.item(number).key

    def item(self, number: int) -> TopologyItem:
        """The CI of that number."""
        found = self.items[number]
        if found is None:
            raise KeyError(number)
        return found


class _Touched:
    """What a delta makes necessary to compute anew."""

    def __init__(self) -> None:
        self.providers: set[int] = set()
        self.dependents: set[int] = set()
        self.links = False
        self._added: tuple[dict[int, list[int]], ...] = (defaultdict(list), defaultdict(list))
        self._removed: tuple[dict[int, set[int]], ...] = (defaultdict(set), defaultdict(set))

    def item(
        self,
        number: int,
        old: TopologyItem | None,
        new: TopologyItem | None,
        before: Snapshot,
    ) -> None:
        """A CI changed: its own groups, and those it is a member of, may follow."""
        self.dependents.add(number)
        was, now = _in_graph(old), _in_graph(new)
        if was == now and (old is None or new is None or old.network_root == new.network_root):
            return
        self.links = True
        for relation in before.provides.row(number):
            known = before.relations[relation]
            if known is not None:
                self.dependents.add(before.rules.dependent(known, number))

    def relation(
        self,
        number: int,
        old: TopologyRelation | None,
        new: TopologyRelation | None,
        before: Snapshot,
    ) -> None:
        """A relation changed: its ends follow."""
        for relation, noted in ((old, self._removed), (new, self._added)):
            if relation is None:
                continue
            self.links |= before.rules.impact[relation.type] == LINK
            for ends in before.rules.directions(relation):
                provider, dependent = ends
                self.providers.add(provider)
                self.dependents.add(dependent)
                for side, end in enumerate(ends):
                    if noted is self._removed:
                        self._removed[side][end].add(number)
                    else:
                        self._added[side][end].append(number)

    def lists(self, known: Ragged, side: int) -> dict[int, tuple[list[int]]]:
        """The new rows of `provides` (side 0) or `depends` (side 1)."""
        ends = self._added[side].keys() | self._removed[side].keys()
        return {
            end: (
                [n for n in known.row(end) if n not in self._removed[side][end]]
                + self._added[side][end],
            )
            for end in list(ends)
        }


def _dense(records: Iterable[Any]) -> list[Any]:
    result: list[Any] = []
    for record in records:
        _put(result, record.number, record)
    return result


def _put(records: list[Any], number: int, record: Any) -> None:
    if number >= len(records):
        records.extend([None] * (number + 1 - len(records)))
    records[number] = record


def _timed(new: Any, old: Any, confirmed: dict[int, float]) -> Any:
    """The record with the latest known time of confirmation."""
    if new is None:
        return None
    times = (new.confirmed_at, old.confirmed_at if old else 0.0, confirmed.get(new.number, 0.0))
    return new._replace(confirmed_at=max(times))


def _confirm(records: list[Any], times: dict[int, float]) -> None:
    for number, at in times.items():
        record = records[number] if number < len(records) else None
        if record is not None and record.confirmed_at < at:
            records[number] = record._replace(confirmed_at=at)


def _in_graph(item: TopologyItem | None) -> bool:
    return item is not None and item.status in IN_GRAPH


def _network(
    items: Sequence[TopologyItem | None],
    relations: Sequence[TopologyRelation | None],
    rules: Rules,
) -> Network:
    ends = [
        (one.from_number, one.to_number)
        for one in relations
        if one is not None
        and rules.impact.get(one.type, NONE) == LINK
        and one.from_number != one.to_number
        and _in_graph(items[one.from_number])
        and _in_graph(items[one.to_number])
    ]
    roots = [i for i, one in enumerate(items) if one and one.network_root and _in_graph(one)]
    table = np.array(ends, np.int32).reshape(-1, 2)
    return Network.build(len(items), (table[:, 0], table[:, 1]), np.array(roots, np.int32))
