"""Writing a change set into Neo4j, inside one transaction."""

from typing import Any

from neo4j import Transaction
from neo4j.exceptions import ConstraintError

from cmdb.errors import Conflict
from cmdb.history.entries import entry_of
from cmdb.history.log import Commit, LogEntry
from cmdb.identity.changes import Change, ChangeSet
from cmdb.schema.records import ConfigurationItem, Relation
from cmdb.services.ports import Signature
from cmdb.stores.neo4j import forms, tickets, writing_claims
from cmdb.stores.neo4j.batching import Batches, grouped
from cmdb.stores.neo4j.connection import rows
from cmdb.stores.neo4j.forms import Labels, dump, labels_of, pattern, relationship

LOCK = "MATCH (n:Counter {name: 'cmdb'}) SET n.lock = $token"
COUNT = (
    "MATCH (n:Counter {name: 'cmdb'}) SET n.lock = $token"
    " WITH n SET n.seq = n.seq + 1, n.ci = n.ci + $ci, n.relation = n.relation + $relation"
    " RETURN n.seq, n.ci, n.relation"
)
RELATION_PROPERTIES = (
    "{number: row[0], seq: row[1], group: row[2], id: row[3], strength: row[4], attributes: row[5]}"
)
COMMIT = (
    "CREATE (:Commit {seq: $seq, at: $at, actor: $actor, reason: $reason, run: $run,"
    " receipt_key: $receipt_key, receipt_digest: $receipt_digest, token: $token,"
    " entries: $entries})"
)
ENTRY = (
    "UNWIND $rows AS row CREATE (:LogEntry {seq: $seq, position: row[0], kind: row[1],"
    " subject: row[2], about: row[3], before: row[4], after: row[5]})"
)
ITEM_KIND, RELATION_KIND = "configuration item", "relation"


class Writer:
    """One commit in the making: applies the parts of a change set and gathers log entries."""

    def __init__(self, transaction: Transaction, labels: Labels) -> None:
        self.transaction = transaction
        self.batches = Batches(transaction)
        self.labels = labels
        self.seq = 0
        self.numbers: dict[tuple[str, int], int] = {}
        self.entries: list[LogEntry] = []

    def lock(self, token: str) -> None:
        """Take the lock under which commits are serial."""
        rows(self.transaction, LOCK, token=token)

    def begin(self, changes: ChangeSet, token: str) -> None:
        """Take the lock, if it is not taken, and all numbers this commit needs."""
        fresh: dict[str, list[Any]] = {
            "ci": [c.after for c in changes.items if not c.before and c.after],
            "relation": [c.after for c in changes.relations if not c.before and c.after],
        }
        counts = {kind: len(records) for kind, records in fresh.items()}
        self.seq, *ends = rows(self.transaction, COUNT, token=token, **counts)[0]
        for (kind, records), end in zip(fresh.items(), ends, strict=True):
            for number, record in enumerate(records, end - len(records)):
                self.numbers[kind, record.number] = number

    def committed(self, token: str) -> int | None:
        """The seq of the commit that has this token, if there is one."""
        found = rows(self.transaction, "MATCH (m:Commit {token: $token}) RETURN m.seq", token=token)
        return found[0][0] if found else None

    def apply(self, changes: ChangeSet) -> None:
        """Do everything the change set says; Conflict when something is not as it was."""
        self._items([c for c in changes.items if c.after is not None])
        self._relations(changes.relations)
        self.entries += writing_claims.claims(self.batches, changes.claims, self.numbers)
        writing_claims.identifiers(self.batches, changes)
        self._remove_items([c.before for c in changes.items if c.before and not c.after])
        self.entries += writing_claims.documents(self.batches, changes)
        self.entries += writing_claims.confirmations(self.batches, changes)
        self.entries += tickets.write(self.batches, changes, self.seq)

    def _items(self, changes: list[Change[ConfigurationItem]]) -> None:
        created: list[ConfigurationItem] = []
        updated: list[tuple[ConfigurationItem, ConfigurationItem]] = []
        for change in changes:
            before, after = change.before, change.after
            assert after is not None  # noqa: S101 - see `apply`
            number = before.number if before else self.numbers["ci", after.number]
            after = after.stored(number, self.seq)
            if before is None:
                created.append(after)
            else:
                updated.append((before, after))
            self.entries.append(entry_of("ci", before, after))
        for name, group in grouped(created, lambda item: item.type).items():
            labels = pattern(labels_of(self.labels(name)))
            self.batches.create(
                f"UNWIND $rows AS row CREATE (c{labels}) SET c = row",
                [forms.item_properties(item) for item in group],
                ITEM_KIND,
            )
        renamed = [(b, a) for b, a in updated if b.key != a.key]
        tickets.part_from(self.batches, [before.number for before, _ in renamed])
        for name, pairs in grouped(updated, lambda pair: pair[1].type).items():
            wanted = labels_of(self.labels(name))
            self.batches.exactly(
                "UNWIND $rows AS row MATCH (c:CI {number: row[0]}) WHERE c.seq = row[1]"
                " SET c = row[2] REMOVE c:$([l IN labels(c) WHERE NOT l IN $labels])"
                f" SET c{pattern(wanted)} RETURN row[0]",
                [[b.number, b.seq, forms.item_properties(a)] for b, a in pairs],
                ITEM_KIND,
                {b.number: b.key for b, _ in pairs},
                labels=wanted,
            )
        named = [*created, *(after for _, after in renamed)]
        tickets.come_again(self.batches, [item.key for item in named])

    def _remove_items(self, items: list[ConfigurationItem]) -> None:
        names = {item.number: item.key for item in items}
        self.batches.exactly(
            "UNWIND $rows AS row MATCH (c:CI {number: row[0]})"
            " WHERE c.seq = row[1] AND NOT EXISTS { (c)--(:CI) } RETURN row[0]",
            [[item.number, item.seq] for item in items],
            ITEM_KIND,
            names,
        )
        tickets.part_from(self.batches, list(names))
        self.batches.run(
            "UNWIND $rows AS row MATCH (c:CI {number: row}) OPTIONAL MATCH (c)<-[k:CLAIMS]-(:Claim)"
            " DELETE k, c",
            list(names),
        )
        self.entries += [entry_of("ci", item, None) for item in items]

    def _relations(self, changes: list[Change[Relation]]) -> None:
        created: list[Relation] = []
        updated: list[tuple[Relation, Relation]] = []
        removed: list[Relation] = []
        for change in changes:
            before, after = change.before, change.after
            if after is not None:
                number = before.number if before else self.numbers["relation", after.number]
                after = after.stored(number, self.seq)
            if before is None and after is not None:
                created.append(after)
            elif before is not None and after is not None:
                updated.append((before, after))
            elif before is not None:
                removed.append(before)
            self.entries.append(entry_of("relation", before, after))
        for name, pairs in grouped(updated, lambda pair: pair[0].type).items():
            self.batches.exactly(
                f"{self._by_number(name)} SET r.strength = row[2], r.attributes = row[3],"
                " r.seq = row[4] RETURN row[0]",
                [
                    [b.number, b.seq, a.strength, forms.relation_properties(a)[5], self.seq]
                    for b, a in pairs
                ],
                RELATION_KIND,
                {b.number: str(b.number) for b, _ in pairs},
            )
        for name, group in grouped(removed, lambda one: one.type).items():
            self.batches.exactly(
                f"{self._by_number(name)} DELETE r RETURN row[0]",
                [[one.number, one.seq] for one in group],
                RELATION_KIND,
                {one.number: str(one.number) for one in group},
            )
        self._create_relations(created)

    @staticmethod
    def _by_number(relation_type: str) -> str:
        type_ = relationship(relation_type)
        return (
            f"UNWIND $rows AS row MATCH ()-[r:{type_} {{number: row[0]}}]->()"
            f" USING INDEX SEEK r:{type_}(number) WHERE r.seq = row[1]"
        )

    def _create_relations(self, created: list[Relation]) -> None:
        seen = set()
        for one in created:
            identity = (one.from_key, one.type, one.to_key, one.group or None, one.id or None)
            if identity in seen:
                raise Conflict(kind=RELATION_KIND, name=" ".join(identity[:3]))
            seen.add(identity)
        for name, group in grouped(created, lambda one: one.type).items():
            type_ = relationship(name)
            try:
                self.batches.exactly(
                    "UNWIND $rows AS row MATCH (a:CI {key: row[6]}) MATCH (b:CI {key: row[7]})"
                    f" WHERE NOT EXISTS {{ MATCH (a)-[o:{type_}]->(b)"
                    " WHERE coalesce(o.group, '') = coalesce(row[2], '')"
                    " AND coalesce(o.id, '') = coalesce(row[3], '') }"
                    f" CREATE (a)-[:{type_} {RELATION_PROPERTIES}]->(b) RETURN row[0]",
                    [[*forms.relation_properties(r), r.from_key, r.to_key] for r in group],
                    RELATION_KIND,
                    {r.number: f"{r.from_key} {r.type} {r.to_key}" for r in group},
                )
            except Conflict:
                self._refuse_missing_ends(group)
                raise

    def _refuse_missing_ends(self, relations: list[Relation]) -> None:
        wanted = {key for one in relations for key in (one.from_key, one.to_key)}
        statement = "UNWIND $rows AS row MATCH (c:CI {key: row}) RETURN c.key"
        there = {row[0] for row in self.batches.run(statement, sorted(wanted))}
        for key in sorted(wanted - there):
            raise Conflict(kind=ITEM_KIND, name=key) from None

    def finish(self, signature: Signature, token: str) -> Commit:
        """Write the log of this commit."""
        receipt = signature.receipt
        try:
            rows(
                self.transaction,
                COMMIT,
                seq=self.seq,
                at=float(signature.at),
                actor=signature.actor,
                reason=signature.reason,
                run=signature.run,
                receipt_key=receipt.key if receipt else None,
                receipt_digest=receipt.digest if receipt else None,
                token=token,
                entries=len(self.entries),
            )
        except ConstraintError as error:
            raise Conflict(
                kind="request", name=receipt.key if receipt else str(self.seq)
            ) from error
        self.batches.run(
            ENTRY,
            [
                [
                    position,
                    entry.kind,
                    None if entry.kind == "claim" else entry.subject,
                    entry.subject if entry.kind == "claim" else None,
                    None if entry.before is None else dump(entry.before),
                    None if entry.after is None else dump(entry.after),
                ]
                for position, entry in enumerate(self.entries)
            ],
            seq=self.seq,
        )
        return Commit(
            self.seq,
            signature.at,
            signature.actor,
            signature.reason,
            signature.run,
            tuple(self.entries),
        )
