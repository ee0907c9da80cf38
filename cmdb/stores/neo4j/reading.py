"""Reading from Neo4j: queries with filters, pages, references and the log."""

from collections.abc import Iterable
from typing import Any

import orjson

from cmdb.history.log import Commit, LogEntry
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity
from cmdb.services.ports import ItemQuery, Matches, RelationQuery, matches
from cmdb.stores.neo4j import forms
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.forms import ITEM, RELATION, dump, relationship

SORTABLE = ("key", "name", "type", "status")
MANY_TYPES = 8
GROUP = 500


def find_items(connection: Connection, query: ItemQuery) -> list[ConfigurationItem]:
    """One page of CIs.

    Strings are compared and sorted only by indexes, which do it by code point; Neo4j's operators
    would do it by UTF-16 unit.
    """
    where, values = _conditions(query)
    values["limit"] = query.limit
    found: list[ConfigurationItem] = []
    ranges, sort = _ranges(query)
    for index, condition, more in ranges:
        order = " DESC" if query.descending else ""
        ordering = ", ".join(f"c.{column}{order}" for column in index)
        match = (
            f"MATCH (c:CI) USING INDEX SEEK c:CI({', '.join(index)})"
            f" WHERE {' AND '.join([condition, *where])} WITH c ORDER BY {ordering} LIMIT $limit"
        )
        found += map(forms.item, connection.collected(match, ITEM, **values, **more))
        if sort is None and len(found) >= query.limit:
            break
    if sort is not None:
        found.sort(key=lambda item: item.key, reverse=query.descending)
    return found[: query.limit]


Range = tuple[tuple[str, ...], str, dict[str, Any]]
"""An index, a condition that it answers, and the parameters of the condition."""


def _ranges(query: ItemQuery) -> tuple[list[Range], str | None]:
    """The index ranges that hold the page; and by what to sort when their order does not."""
    sort = SORTABLE[SORTABLE.index(query.sort)]
    beyond = "<" if query.descending else ">"
    if sort == "key":
        more: dict[str, Any] = {}
        condition = "c.key >= ''"
        if query.after is not None:
            condition, more = f"c.key {beyond} $after", {"after": query.after[1]}
        if query.types is None or len(query.types) > MANY_TYPES:
            return [(("key",), condition, more)], None
        by_type = f"c.type = $one_type AND {condition}"
        return [
            (("type", "key"), by_type, {**more, "one_type": one}) for one in sorted(query.types)
        ], sort
    index = (sort, "key")
    if query.after is None:
        return [(index, f"c.{sort} >= '' AND c.key IS NOT NULL", {})], None
    value, key = query.after
    return [
        (index, f"c.{sort} = $value AND c.key {beyond} $after", {"value": value, "after": key}),
        (index, f"c.{sort} {beyond} $value AND c.key IS NOT NULL", {"value": value}),
    ], None


def _conditions(query: ItemQuery) -> tuple[list[str], dict[str, Any]]:
    """What filters the CIs, and its parameters."""
    where: list[str] = []
    values: dict[str, Any] = {}

    def add(condition: str, value: Any) -> None:
        name = f"p{len(values)}"
        where.append(condition.replace("$?", f"${name}"))
        values[name] = value

    for column, allowed in (
        ("type", query.types),
        ("type", query.visible_types),
        ("site", query.sites),
    ):
        if allowed is not None:
            add(f"c.{column} IN $?", sorted(allowed))
    if query.status is not None:
        add("c.status = $?", query.status)
    if query.text is not None:
        add("(toLower(c.name) CONTAINS $? OR toLower(c.key) CONTAINS $?)", query.text.lower())
    for name, value in query.attributes.items():
        if forms.native(name, value):
            add(f"c.`{name}` = $?", value)
        else:
            add("c.attributes_json CONTAINS $?", dump({name: value})[1:-1])
    return where, values


CANDIDATES = " UNION ALL ".join(
    (
        "MATCH (c:CI) WHERE c.key IN $references"
        " RETURN 0 AS kind, c.key AS reference, c.key AS key",
        "MATCH (x:Claim) WHERE x.key IN $references AND x.source IS NOT NULL"
        " MATCH (c:CI {number: x.subject}) RETURN 1 AS kind, x.key AS reference, c.key AS key",
        "UNWIND $names AS name MATCH (x:Claim {key: name[2], source: name[1]})"
        " MATCH (c:CI {number: x.subject}) RETURN 1 AS kind, name[0] AS reference, c.key AS key",
        "MATCH (c:CI) WHERE c.name IN $references AND c.key IS NOT NULL"
        " RETURN 2 AS kind, c.name AS reference, c.key AS key",
    )
)
"""By key; by a claim's key, and by its source and key; by name. In one query, for a way is dear."""


def candidates(connection: Connection, references: list[str]) -> dict[str, Matches]:
    """For each reference that may mean any CI: which ones, by kind of match."""
    names = [[r, *r.split(":", 1)] for r in references if ":" in r]
    found = connection.rows(CANDIDATES, references=references, names=names)
    return matches((kind, reference, key) for kind, reference, key in found)


def relations(connection: Connection, identities: Iterable[RelationIdentity]) -> list[Relation]:
    """The relations that have these identities."""
    by_type: dict[str, list[list[str]]] = {}
    for one in identities:
        row = [one.from_key, one.to_key, one.group or "", one.id or ""]
        by_type.setdefault(one.type, []).append(row)
    return [
        forms.relation(row)
        for name, wanted in by_type.items()
        for row in connection.collected(
            "UNWIND $wanted AS row MATCH (a:CI {key: row[0]}) MATCH (b:CI {key: row[1]})"
            f" CALL (a, b) {{ MATCH (a)-[r:{relationship(name)}]->(b) RETURN r }}"
            " WITH r, row WHERE coalesce(r.group, '') = row[2] AND coalesce(r.id, '') = row[3]",
            RELATION,
            wanted=wanted,
        )
    ]


def relations_by_number(
    connection: Connection, types: list[str], numbers: list[int]
) -> list[Relation]:
    """The relations that have these numbers, looked up in the index of each type."""
    if not types or not numbers:
        return []
    branches = " UNION ALL ".join(
        f"MATCH ()-[r:{type_}]->() USING INDEX SEEK r:{type_}(number)"
        " WHERE r.number IN $numbers RETURN r"
        for type_ in map(relationship, types)
    )
    found = connection.collected(f"CALL () {{ {branches} }}", RELATION, numbers=numbers)
    return [forms.relation(row) for row in found]


def find_relations(
    connection: Connection, types: list[str], query: RelationQuery
) -> list[Relation]:
    """One page of relations, in the order of their numbers."""
    if query.type is not None:
        types = [one for one in types if one == query.type]
    if not types:
        return []
    page = "r ORDER BY r.number LIMIT $limit"
    if query.key is None and query.from_key is None and query.to_key is None:
        branches = " UNION ALL ".join(
            f"MATCH ()-[r:{type_}]->() USING INDEX SEEK r:{type_}(number)"
            f" WHERE r.number > $after RETURN {page}"
            for type_ in map(relationship, types)
        )
        match = f"CALL () {{ {branches} }}"
    else:
        joined = "|".join(map(relationship, types))
        match = (
            f"MATCH {_node('a', query.from_key)}-[r:{joined}]->{_node('b', query.to_key)}"
            " WHERE r.number > $after"
        )
        if query.key is not None:
            ends = f"MATCH (n:CI {{key: $key}})-[r:{joined}]-() WITH DISTINCT r"
            match = (
                f"{ends} WHERE ($a IS NULL OR startNode(r).key = $a)"
                " AND ($b IS NULL OR endNode(r).key = $b) AND r.number > $after"
            )
    found = connection.collected(
        f"{match} WITH {page}",
        RELATION,
        key=query.key,
        a=query.from_key,
        b=query.to_key,
        after=query.after,
        limit=query.limit,
    )
    return [forms.relation(row) for row in found]


def _node(name: str, key: str | None) -> str:
    return f"({name}:CI)" if key is None else f"({name}:CI {{key: ${name}}})"


def log(connection: Connection, after: int, limit: int) -> list[Commit] | None:
    """Commits with their entries; None when the last of them is not yet visible as a whole.

    Readers of Neo4j may see a commit while it is being applied, so its entries are counted.
    """
    commits = connection.rows(
        "MATCH (m:Commit) WHERE m.seq > $after WITH m ORDER BY m.seq LIMIT $limit"
        " RETURN m.seq, m.at, m.actor, m.reason, m.run, m.entries",
        after=after,
        limit=limit,
    )
    if not commits:
        return []
    entries: dict[int, list[tuple[int, LogEntry]]] = {}
    for (group,) in connection.rows(
        "MATCH (e:LogEntry) WHERE e.seq > $after AND e.seq <= $last"
        f" WITH e.seq AS seq, e.position / {GROUP} AS part, collect([e.seq, e.position, e.kind,"
        " coalesce(e.subject, e.about), e.before, e.after]) AS entries RETURN entries",
        after=after,
        last=commits[-1][0],
    ):
        for seq, position, kind, subject, before, later in group:
            entry = LogEntry(
                kind,
                subject,
                None if before is None else orjson.loads(before),
                None if later is None else orjson.loads(later),
            )
            entries.setdefault(seq, []).append((position, entry))
    result: list[Commit] = []
    for seq, at, actor, reason, run, count in commits:
        ordered = sorted(entries.get(seq, ()), key=lambda one: one[0])
        if len(ordered) != count or seq != after + 1 + len(result):
            return None
        result.append(Commit(seq, at, actor, reason, run, tuple(entry for _, entry in ordered)))
    return result
