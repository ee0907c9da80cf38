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
    on the counter is applied as a whole; so the lock is taken (and given back) to read `seq`. What
    a later commit has begun to write may lack properties: it is left out, and comes with the log.
    """
    seq = connection.undone(LOCKED_SEQ)[0][0]
    confirmed_items = _confirmed(connection, "ci")
    items = {
        number: TopologyItem(
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
        if None not in (number, key, type_name, name, status, network_root)
    }
    confirmed_relations = _confirmed(connection, "relation")
    relations = {
        number: TopologyRelation(
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
            " collect(coalesce(r.number, -1)) AS numbers,"
            " collect(coalesce(a.number, -1)) AS starts,"
            " collect(coalesce(b.number, -1)) AS ends, collect(coalesce(r.group, '')) AS groups,"
            " collect(coalesce(r.strength, '')) AS strengths"
            " RETURN numbers, starts, ends, groups, strengths"
        )
        for number, from_number, to_number, group, strength in zip(*columns, strict=True)
        if number >= 0 and from_number in items and to_number in items
    }
    return Topology(
        seq, [items[n] for n in sorted(items)], [relations[n] for n in sorted(relations)]
    )


def _confirmed(connection: Connection, kind: Kind) -> dict[int, tuple[float, str]]:
    """When each CI or relation was last confirmed, and by which source, by its number."""
    latest: dict[int, tuple[float, str]] = {}
    for numbers, times, sources in connection.rows(
        f"MATCH (x:{CLAIM_LABEL[kind]}) WHERE x.body IS NOT NULL WITH x.subject / {GROUP} AS part,"
        " collect(coalesce(x.subject, -1)) AS numbers,"
        " collect(coalesce(x.confirmed_at, 0.0)) AS times,"
        " collect(coalesce(x.source, '')) AS sources RETURN numbers, times, sources"
    ):
        for number, at, source in zip(numbers, times, sources, strict=True):
            if at > latest.get(number, NEVER)[0]:
                latest[number] = at, source
    return latest
