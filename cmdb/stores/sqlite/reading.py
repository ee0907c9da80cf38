"""Reading from the embedded file: rows to records."""

import sqlite3
from typing import Any

import orjson

from cmdb.identity.claims import Claim
from cmdb.schema.records import ConfigurationItem, Relation
from cmdb.services.ports import ItemQuery, RelationQuery

ITEM = "SELECT number, key, type, name, status, network_root, redundancy, attributes, seq FROM ci"
RELATION = (
    "SELECT r.number, f.key, r.type, t.key, r.grp, r.label, r.strength, r.attributes, r.seq"
    " FROM relation r JOIN ci f ON f.number = r.from_number JOIN ci t ON t.number = r.to_number"
)
RELATION_BY_IDENTITY = (
    "SELECT r.number, f.key, r.type, t.key, r.grp, r.label, r.strength, r.attributes, r.seq"
    " FROM json_each(?) w CROSS JOIN ci f ON f.key = json_extract(w.value, '$[0]')"
    " CROSS JOIN ci t ON t.key = json_extract(w.value, '$[2]')"
    " CROSS JOIN relation r ON r.from_number = f.number AND r.to_number = t.number"
    " AND r.type = json_extract(w.value, '$[1]') AND r.grp = json_extract(w.value, '$[3]')"
    " AND r.label = json_extract(w.value, '$[4]')"
)
CLAIM = (
    "SELECT kind, source, key, subject, observed_at, confirmed_at, run, body, withdrawn, founded,"
    " origin, from_end, to_end FROM claim"
)
CLAIM_BY_DIGEST = (
    "SELECT c.kind, c.source, c.key, c.subject, c.observed_at, c.confirmed_at, c.run,"
    " c.body, c.withdrawn, c.founded, c.origin, c.from_end, c.to_end FROM"
    " (SELECT DISTINCT i.source, i.key FROM json_each(?) w"  # a claim has several digests
    " CROSS JOIN identifier i ON i.digest = w.value) i"
    " CROSS JOIN claim c ON c.key = i.key AND c.source = i.source AND c.kind = 'ci'"
)
_CONFIRMED = (
    " LEFT JOIN (SELECT subject, max(confirmed_at) AS at, source FROM claim"  # the latest one's
    " WHERE kind = '{kind}' AND body IS NOT NULL GROUP BY subject)"
    " ON subject = number ORDER BY number"
)
TOPOLOGY_ITEMS = (
    "SELECT number, key, type, name, status, network_root, redundancy,"
    " json_extract(attributes, '$.site'), coalesce(at, 0.0), coalesce(source, '') FROM ci"
    + _CONFIRMED.format(kind="ci")
)
TOPOLOGY_RELATIONS = (
    "SELECT number, from_number, type, to_number, grp, strength, coalesce(at, 0.0),"
    " coalesce(source, '') FROM relation" + _CONFIRMED.format(kind="relation")
)
AMONG = "IN (SELECT value FROM json_each(?))"
CANDIDATES = (
    (f"SELECT key, key FROM ci WHERE key {AMONG}",),
    (
        "SELECT c.key, ci.key FROM claim c JOIN ci ON ci.number = c.subject"
        f" WHERE c.kind = 'ci' AND c.key {AMONG}",
        "SELECT w.value, ci.key FROM json_each(?) w JOIN claim c ON c.kind = 'ci'"
        " AND c.source = substr(w.value, 1, instr(w.value, ':') - 1)"
        " AND c.key = substr(w.value, instr(w.value, ':') + 1)"
        " JOIN ci ON ci.number = c.subject",
    ),
    (f"SELECT name, key FROM ci WHERE name {AMONG}",),
)
"""Statements that find what references may mean, by kind of match."""

SORTABLE = ("key", "name", "type", "status")


def item(row: Any) -> ConfigurationItem:
    """A row of ITEM."""
    number, key, type_name, name, status, root, redundancy, attributes, seq = row
    return ConfigurationItem(
        key=key,
        type=type_name,
        name=name,
        status=status,
        network_root=bool(root),
        redundancy=orjson.loads(redundancy),
        attributes=orjson.loads(attributes),
        number=number,
        seq=seq,
    )


def relation(row: Any) -> Relation:
    """A row of RELATION."""
    number, from_key, type_name, to_key, group, label, strength, attributes, seq = row
    return Relation(
        from_key,
        type_name,
        to_key,
        group or None,
        label or None,
        strength,
        orjson.loads(attributes),
        number,
        seq,
    )


def claim(row: Any) -> Claim:
    """A row of CLAIM."""
    body = None if row[7] is None else orjson.loads(row[7])
    kind, source, key, subject, observed_at, confirmed_at, run = row[:7]
    ends = None if row[11] is None else (row[11], row[12])
    return Claim(
        kind,
        source,
        key,
        subject,
        observed_at,
        confirmed_at,
        run,
        body,
        bool(row[8]),
        row[9],
        row[10],
        ends,
    )


def find_items(connection: sqlite3.Connection, query: ItemQuery) -> list[ConfigurationItem]:
    """One page of CIs."""
    where: list[str] = ["1"]
    values: list[Any] = []

    def among(expression: str, allowed: frozenset[str] | None) -> None:
        if allowed is not None:
            where.append(f"{expression} IN (SELECT value FROM json_each(?))")
            values.append(orjson.dumps(sorted(allowed)).decode())

    among("type", query.types)
    among("type", query.visible_types)
    among("json_extract(attributes, '$.site')", query.sites)
    if query.status is not None:
        where.append("status = ?")
        values.append(query.status)
    if query.text is not None:
        lower = "lower" if query.text.isascii() else "lower_unicode"
        where.append(f"(instr({lower}(name), ?) OR instr({lower}(key), ?))")
        values += [query.text.lower()] * 2
    for name, value in query.attributes.items():
        where.append("json_extract(attributes, ?) = ?")
        if isinstance(value, list | dict):
            value = orjson.dumps(value).decode()  # as json_extract gives it
        values += [f'$."{name}"', value]
    sort = SORTABLE[SORTABLE.index(query.sort)]
    order, beyond = ("DESC", "<") if query.descending else ("ASC", ">")
    if query.after is not None:
        where.append(f"({sort}, key) {beyond} (?, ?)")
        values += query.after
    statement = f"{ITEM} WHERE {' AND '.join(where)} ORDER BY {sort} {order}, key {order} LIMIT ?"
    return [item(row) for row in connection.execute(statement, (*values, query.limit))]


def find_relations(connection: sqlite3.Connection, query: RelationQuery) -> list[Relation]:
    """One page of relations, in the order of their numbers."""
    where, values = ["r.number > ?"], [query.after]
    conditions: tuple[tuple[str, str | None], ...] = (
        ("r.from_number = (SELECT number FROM ci WHERE key = ?)", query.from_key),
        ("r.to_number = (SELECT number FROM ci WHERE key = ?)", query.to_key),
        ("r.type = ?", query.type),
    )
    for condition, value in conditions:
        if value is not None:
            where.append(condition)
            values.append(value)  # type: ignore[arg-type]
    if query.key is not None:
        where.append("(SELECT number FROM ci WHERE key = ?) IN (r.from_number, r.to_number)")
        values.append(query.key)  # type: ignore[arg-type]
    statement = f"{RELATION} WHERE {' AND '.join(where)} ORDER BY r.number LIMIT ?"
    return [relation(row) for row in connection.execute(statement, (*values, query.limit))]
