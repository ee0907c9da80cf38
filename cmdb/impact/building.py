"""Building a snapshot from the whole graph, and folding its changes into a new base."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact.confirmations import Confirmations
from cmdb.impact.engine.derive import incoming_rows, outgoing_arcs
from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.texts import Keys, Texts, merged, packed
from cmdb.impact.flags import ROOT_FLAG, STATUS_FLAGS
from cmdb.impact.links import Links
from cmdb.impact.numbering import Numbering
from cmdb.impact.rules import (
    BOTH,
    FROM_TO,
    LINK,
    NONE,
    TO_FROM,
    KnownKinds,
    RelationKind,
    Rules,
    fraction,
)
from cmdb.impact.snapshot import NO_SITE, Snapshot
from cmdb.impact.topology import Topology, TopologyItem, TopologyRelation
from cmdb.schema.model import Catalog

CHUNK = 1_000
Array = npt.NDArray[Any]
Settings = Mapping[int, dict[str, dict[str, Any]]]


class _Counting(dict[Any, int]):
    """Numbers words in the order of their first use."""

    def __missing__(self, word: Any) -> int:
        self[word] = number = len(self)
        return number


def _chunks(rows: Iterable[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The columns of some thousand rows at a time."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield list(zip(*chunk, strict=True))


def _joined(parts: list[Array], dtype: Any) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)


def _confirmed_by(source: Iterable[str], at: Iterable[float], sources: _Counting) -> Array:
    """The numbers of the sources, -1 where nothing was ever confirmed."""
    pairs = zip(source, at, strict=True)
    return np.array([sources[name] if when else -1 for name, when in pairs], np.int32)


class _Items:
    """The CIs as columns. Numbers ascend; those that are missing stay empty."""

    def __init__(self, rows: Iterable[TopologyItem], sources: _Counting) -> None:
        self.types, self.sites = _Counting(), _Counting()
        self.settings: dict[int, dict[str, dict[str, Any]]] = {}
        parts: list[tuple[Array, ...]] = []
        keys: list[str] = []
        names: list[str] = []
        for columns in _chunks(rows):
            number, key, type_name, name, status, root, redundancy, site, at, source = columns
            if number[-1] - len(keys) + 1 == len(number):
                keys += key
                names += name
            else:
                for one, its_key, its_name in zip(number, key, name, strict=True):
                    gap = [""] * (one - len(keys))
                    keys += [*gap, its_key]
                    names += [*gap, its_name]
            self.settings.update(
                {n: setting for n, setting in zip(number, redundancy, strict=True) if setting}
            )
            parts.append(
                (
                    np.array(number, np.int32),
                    np.array([STATUS_FLAGS[one] for one in status], np.uint8)
                    | np.array(root, np.uint8) * np.uint8(ROOT_FLAG),
                    np.array([self.types[one] for one in type_name], np.uint16),
                    np.array(
                        [NO_SITE if one is None else self.sites[one] for one in site], np.int32
                    ),
                    np.array(at, np.float64),
                    _confirmed_by(source, at, sources),
                )
            )
        columns_of = [_joined(list(column), np.int32) for column in zip(*parts, strict=True)]
        size = len(keys)
        numbers = columns_of[0] if parts else np.zeros(0, np.int32)
        self.flags = _spread(size, numbers, columns_of[1:2], np.uint8, 0)
        self.type = _spread(size, numbers, columns_of[2:3], np.uint16, 0)
        self.site = _spread(size, numbers, columns_of[3:4], np.int32, NO_SITE)
        self.confirmed = (
            Confirmations.of(size, numbers, columns_of[4], columns_of[5])
            if parts
            else Confirmations()
        )
        self.keys, self.names = packed(keys), packed(names)


def _spread(size: int, numbers: Array, columns: list[Array], dtype: Any, empty: int) -> Array:
    result = np.full(size, empty, dtype)
    for column in columns:
        result[numbers] = column
    return result


class _Relations:
    """The relations as columns."""

    def __init__(self, rows: Iterable[TopologyRelation], sources: _Counting) -> None:
        self.kinds = _Counting()
        parts: list[tuple[Array, ...]] = []
        for columns in _chunks(rows):
            number, from_number, type_name, to_number, group, strength, at, source = columns
            kinds = zip(type_name, strength, group, strict=True)
            parts.append(
                (
                    np.array(number, np.int32),
                    np.array(from_number, np.int32),
                    np.array(to_number, np.int32),
                    np.array([self.kinds[one] for one in kinds], np.uint16),
                    np.array(at, np.float64),
                    _confirmed_by(source, at, sources),
                )
            )
        columns_of = [_joined(list(column), np.int32) for column in zip(*parts, strict=True)]
        if not parts:
            columns_of = [np.zeros(0, t) for t in ("i4", "i4", "i4", "u2", "f8", "i4")]
        self.number, self.from_number, self.to_number, self.kind, at_of, source_of = columns_of
        size = int(self.number[-1]) + 1 if len(self.number) else 0
        self.confirmed = Confirmations.of(size, self.number, at_of, source_of)

    def _with_impact(self, rules: Rules, *wanted: str) -> npt.NDArray[np.bool_]:
        """Which relations have one of these impacts, and two different ends."""
        fits = np.array([rules.impact.get(k[0], NONE) in wanted for k in self.kinds], bool)
        if not len(fits):
            return np.zeros(0, bool)
        found: npt.NDArray[np.bool_] = fits[self.kind] & (self.from_number != self.to_number)
        return found

    def rows(self, size: int, rules: Rules) -> dict[str, Array]:
        """The incoming rows, in the order of the relations' numbers."""
        forth = np.flatnonzero(self._with_impact(rules, TO_FROM, BOTH))
        back = np.flatnonzero(self._with_impact(rules, FROM_TO, BOTH))
        chosen = np.concatenate([forth, back])
        rows: dict[str, Array] = incoming_rows(
            size,
            np.concatenate([self.from_number[forth], self.to_number[back]]),
            np.concatenate([self.to_number[forth], self.from_number[back]]),
            self.number[chosen],
            self.kind[chosen],
        )
        return rows

    def links(self, rules: Rules) -> Links:
        """The network links."""
        chosen = np.flatnonzero(self._with_impact(rules, LINK))
        ends = np.stack([self.from_number[chosen], self.to_number[chosen]], axis=1)
        return Links.of(self.number[chosen], ends)


def settings_arrays(settings: Settings, kinds: KnownKinds) -> tuple[Array, ...]:
    """The needs that CIs state, sorted by CI and group, as the engine takes them."""
    rows = sorted(
        (ci, kinds.groups[name], *fraction(setting["need"]))
        for ci, groups in settings.items()
        for name, setting in groups.items()
    )
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    types = (np.int32, np.int32, np.int64, np.int64)
    return tuple(np.array(column, t) for column, t in zip(columns, types, strict=True))


def build(topology: Topology, catalog: Catalog) -> Snapshot:
    """The snapshot of a whole graph."""
    rules = Rules(catalog)
    sources = _Counting()
    items = _Items(topology.items, sources)
    relations = _Relations(topology.relations, sources)
    kinds = KnownKinds.none(rules).extended(
        (RelationKind(*kind) for kind in relations.kinds),
        (name for settings in items.settings.values() for name in settings),
    )
    arrays = {"flags": items.flags, "type": items.type, "site": items.site}
    arrays |= relations.rows(len(items.flags), rules)
    arrays |= outgoing_arcs(arrays, kinds.engine, settings_arrays(items.settings, kinds))
    graph = Graph(arrays)
    links = relations.links(rules)
    roots = frozenset(np.flatnonzero(items.flags & ROOT_FLAG).tolist())
    return Snapshot(
        seq=topology.seq,
        catalog=catalog,
        rules=rules,
        kinds=kinds,
        types=Numbering(items.types),
        sites=Numbering(items.sites),
        sources=Numbering(sources),
        graph=graph,
        keys=Keys(*items.keys),
        names=Texts(*items.names),
        settings=items.settings,
        changed={},
        changed_keys={},
        links=links,
        roots=roots,
        network=links.network(graph, roots),
        confirmed_items=items.confirmed,
        confirmed_relations=relations.confirmed,
    )


def compacted(snapshot: Snapshot) -> Snapshot:
    """The same snapshot with all changes in its base; costs what the estate is large."""
    changed = snapshot.changed
    settings = {n: setting for n, setting in snapshot.settings.items() if n not in changed}
    settings |= {n: item.redundancy for n, item in changed.items() if item and item.redundancy}
    arrays = snapshot.graph.merged()
    arrays |= outgoing_arcs(
        arrays, snapshot.kinds.engine, settings_arrays(settings, snapshot.kinds)
    )
    size = len(arrays["flags"])
    keys = {n: item.key.encode() if item else b"" for n, item in changed.items()}
    names = {n: item.name.encode() if item else b"" for n, item in changed.items()}
    return replace(
        snapshot,
        graph=Graph(arrays),
        keys=Keys(*merged(snapshot.keys, size, keys)),
        names=Texts(*merged(snapshot.names, size, names)),
        settings=settings,
        changed={},
        changed_keys={},
    )
