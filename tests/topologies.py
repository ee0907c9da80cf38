"""Topologies made straight from an estate, for tests of the engine without a store."""

from typing import Any

from cmdb.impact.topology import Topology, TopologyItem, TopologyRelation


def topology(estate: dict[str, Any], seq: int = 1, at: float = 0.0, source: str = "") -> Topology:
    """The estate's CIs and relations, numbered in their order."""
    numbers = {ci["key"]: i for i, ci in enumerate(estate["cis"])}
    return Topology(
        seq,
        [item(ci, i, at, source) for i, ci in enumerate(estate["cis"])],
        [relation(r, i, numbers, at, source) for i, r in enumerate(estate["relations"])],
    )


def item(ci: dict[str, Any], number: int, at: float = 0.0, source: str = "") -> TopologyItem:
    """One CI."""
    return TopologyItem(
        number,
        ci["key"],
        ci["type"],
        ci.get("name") or ci["key"],
        ci.get("status") or "live",
        bool(ci.get("network_root")),
        ci.get("redundancy") or {},
        (ci.get("attributes") or {}).get("site"),
        at,
        source,
    )


def relation(
    one: dict[str, Any],
    number: int,
    numbers: dict[str, int],
    at: float = 0.0,
    source: str = "",
) -> TopologyRelation:
    """One relation."""
    return TopologyRelation(
        number,
        numbers[one["from"]],
        one["type"],
        numbers[one["to"]],
        one.get("group"),
        one.get("strength"),
        at,
        source,
    )
