"""What a picture shows: CIs, what reached them from where, and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.model import Catalog

STATES = ("down", "degraded", "at_risk", "ok")
"""Worst first."""
HIDDEN = "hidden"
"""The state of a stand-in for CIs the asker may not see."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A CI; `distance` is the round in which it reached its state, 0 for a failed CI."""

    key: str
    type: str
    name: str
    site: str | None
    state: str
    distance: int
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """Trouble went from cause to effect; `label` is the relation type or the group."""

    from_key: str
    to_key: str
    rule: str
    label: str
    on_path: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A redundancy group that was hit: `fallen` of its `n` members, of which it needs `need`."""

    dependent: str
    name: str
    n: int
    need: int
    fallen: int

    @property
    def left(self) -> int:
        """Its members but the fallen ones."""
        return max(self.n - self.fallen, 0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A blast radius, complete; renderers fold what does not fit. `hidden` CIs are not in it.

    `whys` has the `causes` and the `path` of every impacted CI, as in the impact answer.
    """

    title: str
    seq: int
    as_of: str | None
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    groups: Sequence[Group]
    whys: Mapping[str, Row]
    summary: Mapping[str, Any]
    hidden: int
    catalog: Catalog


def picture_of(
    head: Row,
    rows: Sequence[Row],
    tail: Row,
    *,
    site_of: Callable[[str], str | None],
    group_size: Callable[[str, str], tuple[int, int]],
    named: Callable[[str], tuple[str, str]],
    catalog: Catalog | None = None,
) -> Picture:
    """The picture of an impact answer.

    `group_size` gives n and need of a dependent's group; `named` the type and name of a failed CI.
    """
    failed = {one["key"]: one.get("state", "down") for one in head["failures"]}
    impacted = {row["key"]: row for row in rows}
    nodes = [
        Node(key, *named(key), site_of(key), impacted.get(key, {}).get("state", state), 0, True)
        for key, state in failed.items()
    ]
    title = ", ".join(node.name for node in nodes[:3]) + (" …" if len(nodes) > 3 else "")
    nodes += [
        Node(key, row["type"], row["name"], site_of(key), row["state"], row["distance"])
        for key, row in impacted.items()
        if key not in failed
    ]
    known = failed.keys() | impacted.keys()
    stand_ins = _StandIns(known)
    edges = [edge for row in rows for edge in _edges(row, known, stand_ins)]
    return Picture(
        title=title,
        seq=head["seq"],
        as_of=head["as_of"],
        nodes=[*nodes, *stand_ins.nodes.values()],
        edges=[*edges, *stand_ins.edges],
        groups=[group for row in rows for group in _groups(row, group_size)],
        whys=impacted,
        summary=tail["summary"],
        hidden=tail["confidence"]["hidden"],
        catalog=catalog or builtin_catalog(),
    )


class _StandIns:
    """One anonymous node a round for what the asker may not see, and the paths into it."""

    def __init__(self, taken: Set[str]) -> None:
        self.nodes: dict[int, Node] = {}
        self.edges: dict[Edge, None] = {}
        self._taken = taken

    def key(self, distance: int) -> str:
        if distance not in self.nodes:
            key = f"{HIDDEN}:{distance}"
            while key in self._taken:
                key += "'"
            self.nodes[distance] = Node(key, HIDDEN, "", None, HIDDEN, distance)
        return self.nodes[distance].key

    def lead(self, path: Sequence[Any], distance: int) -> None:
        """Join the hidden steps that end a path whose last step has the distance."""
        for before, step in pairwise(reversed(path)):
            if isinstance(before, str):
                return
            effect = self.key(distance)
            distance = max(distance - 1, 0)
            cause = step if isinstance(step, str) else self.key(distance)
            if cause != effect:
                self.edges[Edge(cause, effect, "", "", True)] = None


def _edges(row: Row, known: Set[str], stand_ins: _StandIns) -> list[Edge]:
    """The edges into a CI, each once."""
    key, path = row["key"], row["path"]
    before = max(row["distance"] - 1, 0)
    previous = path[-2] if len(path) > 1 else None
    if previous is not None and not isinstance(previous, str):
        stand_ins.lead(path[:-1], before)
        previous = stand_ins.key(before)
    edges: dict[tuple[str, str, str], Edge] = {}
    for cause in row["causes"]:
        rule, label = cause["rule"], cause.get("relation") or cause.get("group") or ""
        for one in cause["from"]:
            source = one["key"] if "key" in one else stand_ins.key(before)
            if source != key and (source in known or "key" not in one):
                edges[source, rule, label] = Edge(source, key, rule, label, source == previous)
    return list(edges.values())


def _groups(row: Row, group_size: Callable[[str, str], tuple[int, int]]) -> Iterator[Group]:
    for cause in row["causes"]:
        if cause["rule"] == "redundancy":
            n, need = group_size(row["key"], cause["group"])
            yield Group(row["key"], cause["group"], n, need, len(cause["from"]))
