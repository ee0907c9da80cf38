"""Writing claims and documents into Neo4j: what a change set holds besides the graph."""

from collections.abc import Mapping
from typing import Any

import orjson

from cmdb.errors import Conflict
from cmdb.history.entries import confirmation_entries, document_entries, entry_of
from cmdb.history.log import LogEntry
from cmdb.identity.changes import Change, ChangeSet
from cmdb.identity.claims import Claim, Kind
from cmdb.stores.neo4j.batching import Batches, grouped
from cmdb.stores.neo4j.forms import CLAIM_LABEL, claim_row, dump

PROPERTIES = (
    "{source: row[0], key: row[1], subject: row[2], observed_at: row[3], confirmed_at: row[4],"
    " run: row[5], body: row[6], withdrawn: row[7], founded: row[8], origin: row[9],"
    " from_end: row[10], to_end: row[11]}"
)
ASSIGNMENTS = (
    "x.subject = row[2], x.observed_at = row[3], x.confirmed_at = row[4], x.run = row[5],"
    " x.body = row[6], x.withdrawn = row[7], x.founded = row[8], x.origin = row[9],"
    " x.from_end = row[10], x.to_end = row[11]"
)
DOCUMENT = "(d:StoredDocument {kind: row[0], name: row[1]})"


def claims(
    batches: Batches, changes: list[Change[Claim]], numbers: Mapping[tuple[str, int], int]
) -> list[LogEntry]:
    """Create, replace and remove claims; `numbers` are those of new records by placeholder."""
    entries: list[LogEntry] = []
    created: list[Claim] = []
    updated: list[tuple[Claim, Claim]] = []
    removed: list[Claim] = []
    for change in changes:
        before, after = change.before, change.after
        if after is not None:
            after = after.numbered(numbers)
        if before is None and after is not None:
            created.append(after)
        elif before is not None and after is not None:
            updated.append((before, after))
        elif before is not None:
            removed.append(before)
        entries.append(entry_of("claim", before, after))
    for kind, pairs in grouped(updated, lambda pair: pair[0].kind).items():
        _update(batches, kind, pairs)
    for kind, gone in grouped(removed, lambda claim: claim.kind).items():
        batches.exactly(
            f"{_unchanged(kind)} DETACH DELETE x RETURN [row[0], row[1]]",
            [[*claim_row(c), float(c.observed_at), c.withdrawn] for c in gone],
            "claim",
            {(c.source, c.key): f"{c.source}:{c.key}" for c in gone},
        )
    for kind, fresh in grouped(created, lambda claim: claim.kind).items():
        statement = f"UNWIND $rows AS row CREATE (x:{CLAIM_LABEL[kind]} {PROPERTIES})"
        if kind == "ci":
            statement += " WITH x, row MATCH (c:CI {number: row[2]}) CREATE (x)-[:CLAIMS]->(c)"
        batches.create(statement, [claim_row(claim) for claim in fresh], "claim")
    return entries


def _found(kind: Kind) -> str:
    return f"UNWIND $rows AS row MATCH (x:{CLAIM_LABEL[kind]} {{key: row[1], source: row[0]}})"


def _unchanged(kind: Kind) -> str:
    return f"{_found(kind)} WHERE x.observed_at = row[12] AND x.withdrawn = row[13]"


def _update(batches: Batches, kind: Kind, pairs: list[tuple[Claim, Claim]]) -> None:
    batches.exactly(
        f"{_unchanged(kind)} SET {ASSIGNMENTS} RETURN [row[0], row[1]]",
        [[b.source, b.key, *claim_row(a)[2:], float(b.observed_at), b.withdrawn] for b, a in pairs],
        "claim",
        {(b.source, b.key): f"{b.source}:{b.key}" for b, _ in pairs},
    )
    if kind == "ci":
        moved = [[b.source, b.key, a.subject] for b, a in pairs if b.subject != a.subject]
        batches.run(f"{_found(kind)} MATCH (x)-[k:CLAIMS]->(:CI) DELETE k", moved)
        batches.run(
            f"{_found(kind)} MATCH (c:CI {{number: row[2]}}) CREATE (x)-[:CLAIMS]->(c)", moved
        )


def identifiers(batches: Batches, changes: ChangeSet) -> None:
    """Change by which values claims are found: `(:Claim)-[:IDENTIFIED_BY]->(:Identifier)`."""
    removed = [[c.source, c.key, d] for c in changes.identifiers for d in c.removed]
    added = [[c.source, c.key, d] for c in changes.identifiers for d in c.added]
    batches.run(
        f"{_found('ci')} MATCH (x)-[k:IDENTIFIED_BY]->(i:Identifier {{digest: row[2]}}) DELETE k"
        " WITH DISTINCT i WHERE NOT EXISTS { (i)<-[:IDENTIFIED_BY]-() } DELETE i",
        removed,
    )
    batches.run(
        f"{_found('ci')} MERGE (i:Identifier {{digest: row[2]}}) MERGE (x)-[:IDENTIFIED_BY]->(i)",
        added,
    )


def documents(batches: Batches, changes: ChangeSet) -> list[LogEntry]:
    """Create, replace and remove documents."""
    names = [[n.kind, n.name] for c in changes.documents if (n := c.after or c.before)]
    held: dict[tuple[str, str], Any] = {
        (kind, name): orjson.loads(body)
        for kind, name, body in batches.run(
            f"UNWIND $rows AS row MATCH {DOCUMENT} RETURN d.kind, d.name, d.body", names
        )
    }
    for change in changes.documents:
        named = change.after or change.before
        assert named is not None  # noqa: S101 - a change has at least one side
        place = (named.kind, named.name)
        if held.get(place) != (change.before.body if change.before else None):
            raise Conflict(kind=named.kind, name=named.name)
        held[place] = change.after.body if change.after else None
    batches.run(
        f"UNWIND $rows AS row MERGE {DOCUMENT} SET d.body = row[2]",
        [[*place, dump(body)] for place, body in held.items() if body is not None],
    )
    batches.run(
        f"UNWIND $rows AS row MATCH {DOCUMENT} DELETE d",
        [list(place) for place, body in held.items() if body is None],
    )
    return document_entries(changes.documents)


def confirmations(batches: Batches, changes: ChangeSet) -> list[LogEntry]:
    """Note that sources said the same again."""
    if not changes.confirmed:
        return []
    said = [change.after for change in changes.confirmed if change.after is not None]
    for kind, same in grouped(said, lambda claim: claim.kind).items():
        batches.run(
            f"{_found(kind)} WHERE x.confirmed_at < row[2]"
            " OR (x.confirmed_at = row[2] AND x.run < row[3])"
            " SET x.confirmed_at = row[2], x.run = row[3]",
            [[c.source, c.key, float(c.confirmed_at), c.run] for c in same],
        )
    return confirmation_entries(changes)
