"""Reading the whole graph as the snapshot needs it."""

import orjson

from cmdb.identity.claims import Kind
from cmdb.impact.topology import Topology, TopologyItem, TopologyRelation
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.forms import CLAIM_LABEL, relationship

GROUP = 500
"""CIs or claims a row: few long rows are read several times as fast as many short ones."""

NEVER = (0.0, "")

LOCKED_SEQ = "MATCH (n:Counter {name: 'cmdb'}) SET n.lock = '' WITH n RETURN n.seq"


def topology(connection: Connection, types: list[str]) -> Topology:
    """The graph, with at least everything up to the `seq` in it.

    Readers of Neo4j may see a commit while it is being applied. A commit that has released the lock
    on the counter is applied as a whole; so the lock is taken (and given back) to read `seq`.
    """
    seq = connection.undone(LOCKED_SEQ)[0][0]
    confirmed_items = _confirmed(connection, "ci")
    items = [
        TopologyItem(
            number,
            key,
            type_name,
            name,
            status,
            network_root,
            orjson.loads(redundancy) if redundancy else {},
            site,
            *confirmed_items.get(number, NEVER),
        )
        for (group,) in connection.rows(
            f"MATCH (c:CI) WITH c.number / {GROUP} AS part, collect([c.number, c.key, c.type,"
            " c.name, c.status, c.network_root, c.redundancy, c.site]) AS items RETURN items"
        )
        for number, key, type_name, name, status, network_root, redundancy, site in group
    ]
    items.sort()
    there = {item.number for item in items}
    confirmed_relations = _confirmed(connection, "relation")
    relations = [
        TopologyRelation(
            number,
            from_number,
            name,
            to_number,
            group or None,
            strength or None,
            *confirmed_relations.get(number, NEVER),
        )
        for name in types
        for columns in connection.rows(
            f"MATCH (a)-[r:{relationship(name)}]->(b) WITH r.number / {GROUP} AS part,"
            " collect(r.number) AS numbers, collect(a.number) AS starts,"
            " collect(b.number) AS ends, collect(coalesce(r.group, '')) AS groups,"
            " collect(coalesce(r.strength, '')) AS strengths"
            " RETURN numbers, starts, ends, groups, strengths"
        )
        for number, from_number, to_number, group, strength in zip(*columns, strict=True)
        if from_number in there and to_number in there  # else a commit since then joined a new CI
    ]
    relations.sort()
    return Topology(seq, items, relations)


def _confirmed(connection: Connection, kind: Kind) -> dict[int, tuple[float, str]]:
    """When each CI or relation was last confirmed, and by which source, by its number."""
    latest: dict[int, tuple[float, str]] = {}
    for numbers, times, sources in connection.rows(
        f"MATCH (x:{CLAIM_LABEL[kind]}) WHERE x.body IS NOT NULL WITH x.subject / {GROUP} AS part,"
        " collect(x.subject) AS numbers, collect(x.confirmed_at) AS times,"
        " collect(x.source) AS sources RETURN numbers, times, sources"
    ):
        for number, at, source in zip(numbers, times, sources, strict=True):
            if at > latest.get(number, NEVER)[0]:
                latest[number] = at, source
    return latest
