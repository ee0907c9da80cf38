"""The engine's graph and network made straight from an estate, for tests of the engine alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cmdb.impact.engine.derive import incoming_rows, outgoing_arcs
from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.kinds import Kinds
from cmdb.impact.engine.network import Network
from tests.reference.impact import STATUSES_IN_GRAPH, RelationRule, resolve_need

IN_GRAPH, ROOT, EXISTS = 1, 2, 4
HARD, SOFT, GROUP = 0, 1, 2


@dataclass
class EstateGraph:
    """An estate as the engine knows it; a CI's number is its place in the estate."""

    keys: list[str]
    graph: Graph
    network: Network
    kinds: Kinds
    in_graph: list[int]


def fraction(need: int | str | None) -> tuple[int, int]:
    """A need as numerator and denominator; 0 as denominator means a count."""
    if isinstance(need, str):
        return int(need[:-1]), 100
    return need or 1, 0


def estate_graph(estate: dict[str, Any], rules: dict[str, RelationRule]) -> EstateGraph:
    """Build the engine's arrays from an estate."""
    cis = estate["cis"]
    number = {ci["key"]: i for i, ci in enumerate(cis)}
    live = [(ci.get("status") or "live") in STATUSES_IN_GRAPH for ci in cis]
    kinds: dict[tuple[str, int, int], int] = {}
    names: dict[str, int] = {}
    rows, links = [], []
    for i, one in enumerate(estate["relations"]):
        rule = rules[one["type"]]
        ends = number[one["from"]], number[one["to"]]
        if ends[0] == ends[1] or rule.impact == "none":
            continue
        if rule.impact == "link":
            if live[ends[0]] and live[ends[1]]:
                links.append(ends)
            continue
        group = None if rule.impact == "both" else one.get("group") or rule.group
        strength = SOFT if (one.get("strength") or rule.strength) == "soft" else HARD
        name = -1 if group is None else names.setdefault(group, len(names))
        kind = (one["type"], strength if group is None else GROUP, name)
        k = kinds.setdefault(kind, len(kinds))
        if rule.impact in ("to→from", "both"):
            rows.append((ends[0], ends[1], i, k))
        if rule.impact in ("from→to", "both"):
            rows.append((ends[1], ends[0], i, k))
    table = np.array(rows, np.int32).reshape(-1, 4).T.copy()
    needs = [fraction(rules[name].need) for name, _, _ in kinds]
    kind_table = Kinds(
        [arc for _, arc, _ in kinds],
        [group for _, _, group in kinds],
        [numerator for numerator, _ in needs],
        [denominator for _, denominator in needs],
        list(range(len(kinds))),
        list(range(len(names))),
    )
    roots = [i for i, ci in enumerate(cis) if live[i] and ci.get("network_root")]
    flags = [
        EXISTS | IN_GRAPH * live[i] | ROOT * bool(ci.get("network_root"))
        for i, ci in enumerate(cis)
    ]
    arrays = {
        "flags": np.array(flags, np.uint8),
        "type": np.zeros(len(cis), np.uint16),
        "site": np.zeros(len(cis), np.int32),
        **incoming_rows(len(cis), table[0], table[1], table[2], table[3].astype(np.uint16)),
    }
    stated = sorted(
        (i, names[name], *fraction(said["need"]))
        for i, ci in enumerate(cis)
        for name, said in (ci.get("redundancy") or {}).items()
        if name in names and said.get("need") is not None and resolve_need(said["need"], 1)
    )
    columns = np.array(stated, np.int64).reshape(-1, 4).T
    settings = (
        columns[0].astype(np.int32),
        columns[1].astype(np.int32),
        columns[2].copy(),
        columns[3].copy(),
    )
    arrays |= outgoing_arcs(arrays, kind_table, settings)
    ends_of = np.array(links, np.int32).reshape(-1, 2).T.copy()
    return EstateGraph(
        [ci["key"] for ci in cis],
        Graph(arrays),
        Network.build(len(cis), ends_of[0], ends_of[1], np.array(roots, np.int32)),
        kind_table,
        [i for i in range(len(cis)) if live[i]],
    )
