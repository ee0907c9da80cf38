"""The embedded store: one SQLite file, no server."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from cmdb.history.log import Commit, LogEntry
from cmdb.identity.changes import ChangeSet, Document
from cmdb.identity.claims import Claim, Kind
from cmdb.impact.topology import Topology, TopologyItem, TopologyRelation
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity
from cmdb.services.ports import ItemQuery, Matches, Receipt, RelationQuery, Signature, matches
from cmdb.stores.sqlite import reading
from cmdb.stores.sqlite.connections import Connections
from cmdb.stores.sqlite.tickets import SQLiteTickets
from cmdb.stores.sqlite.writing import Transaction, dump


class SQLiteStore:
    """GraphStore on one SQLite file, usable by many threads and several processes at once.

    Every commit is synced to disk before `commit` returns (WAL, `synchronous=FULL`).
    """

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path)
        self.tickets = SQLiteTickets(self._connections)

    @property
    def address(self) -> str:
        """Where the file is."""
        return self._connections.address

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        with self._connections.errors():
            return self._connections.reader().execute(statement, values).fetchall()

    def seq(self) -> int:
        """Number of the last commit."""
        return int(self._rows("SELECT value FROM counter WHERE name = 'seq'")[0][0])

    def settled_seq(self) -> int:
        """Number of the last commit: a commit is seen as a whole or not at all."""
        return self.seq()

    def mark(self, seq: int) -> str:
        """What no other commit has."""
        rows = self._rows("SELECT token FROM commit_log WHERE seq = ?", seq)
        return str(rows[0][0]) if rows else ""

    def seq_at(self, at: float) -> int:
        """Number of the last commit at or before a time."""
        rows = self._rows("SELECT coalesce(max(seq), 0) FROM commit_log WHERE at <= ?", at)
        return int(rows[0][0])

    def commit(self, changes: ChangeSet, signature: Signature) -> Commit:
        """Do all of `changes` in one transaction and log them."""
        with self._connections.writing() as connection:
            return _committed(connection, changes, signature)

    def commit_planned(self, plan: Callable[[], ChangeSet], signature: Signature) -> Commit | None:
        """Plan while nobody else commits, and do it; readers see the last commit meanwhile."""
        with self._connections.writing() as connection:
            changes = plan()
            return _committed(connection, changes, signature) if changes else None

    def items(self, keys: Iterable[str]) -> dict[str, ConfigurationItem]:
        """The CIs that have these keys."""
        rows = self._rows(f"{reading.ITEM} WHERE key {reading.AMONG}", dump(list(keys)))
        return {row[1]: reading.item(row) for row in rows}

    def items_by_number(self, numbers: Iterable[int]) -> dict[int, ConfigurationItem]:
        """The CIs that have these numbers."""
        rows = self._rows(f"{reading.ITEM} WHERE number {reading.AMONG}", dump(list(numbers)))
        return {row[0]: reading.item(row) for row in rows}

    def find_items(self, query: ItemQuery) -> list[ConfigurationItem]:
        """One page of CIs."""
        with self._connections.errors():
            return reading.find_items(self._connections.reader(), query)

    def candidates(self, references: Iterable[str]) -> dict[str, Matches]:
        """For each reference that may mean any CI: which ones, by kind of match."""
        wanted = dump(list(references))
        return matches(
            (kind, reference, key)
            for kind, statements in enumerate(reading.CANDIDATES)
            for statement in statements
            for reference, key in self._rows(statement, wanted)
        )

    def relations(self, identities: Iterable[RelationIdentity]) -> dict[RelationIdentity, Relation]:
        """The relations that have these identities."""
        wanted = [[i.from_key, i.type, i.to_key, i.group or "", i.id or ""] for i in identities]
        rows = self._rows(
            reading.RELATION_BY_IDENTITY,
            dump(wanted),
        )
        return {one.identity: one for one in map(reading.relation, rows)}

    def relations_by_number(self, numbers: Iterable[int]) -> dict[int, Relation]:
        """The relations that have these numbers."""
        rows = self._rows(f"{reading.RELATION} WHERE r.number {reading.AMONG}", dump(list(numbers)))
        return {row[0]: reading.relation(row) for row in rows}

    def find_relations(self, query: RelationQuery) -> list[Relation]:
        """One page of relations."""
        with self._connections.errors():
            return reading.find_relations(self._connections.reader(), query)

    def claims(self, kind: Kind, source: str, keys: Iterable[str]) -> dict[str, Claim]:
        """What the source says under these keys."""
        rows = self._rows(
            f"{reading.CLAIM} WHERE kind = ? AND source = ? AND key {reading.AMONG}",
            kind,
            source,
            dump(list(keys)),
        )
        return {row[2]: reading.claim(row) for row in rows}

    def claims_about(self, kind: Kind, subjects: Iterable[int]) -> dict[int, list[Claim]]:
        """All claims on these CIs or relations."""
        rows = self._rows(
            f"{reading.CLAIM} WHERE kind = ? AND subject {reading.AMONG} ORDER BY source, key",
            kind,
            dump(list(subjects)),
        )
        found: dict[int, list[Claim]] = {}
        for one in map(reading.claim, rows):
            found.setdefault(one.subject, []).append(one)
        return found

    def claims_identified(self, digests: Iterable[int]) -> list[Claim]:
        """The claims about CIs that are found under one of these digests."""
        rows = self._rows(reading.CLAIM_BY_DIGEST, dump(list(digests)))
        return [reading.claim(row) for row in rows]

    def common(self, digests: Iterable[int], more_than: int) -> dict[int, int]:
        """How many claims are found under each digest, for those with more than so many."""
        statement = (
            f"SELECT digest, count(*) FROM identifier WHERE digest {reading.AMONG}"
            " GROUP BY digest HAVING count(*) > ?"
        )
        return dict(self._rows(statement, dump(list(digests)), more_than))

    def contested(self, subjects: Iterable[int]) -> dict[int, list[str]]:
        """For those of the CIs about which more than one claim has a word: of which sources."""
        rows = self._rows(
            "SELECT subject, json_group_array(source) FROM claim"
            f" WHERE kind = 'ci' AND subject {reading.AMONG}"
            " AND body IS NOT NULL GROUP BY subject HAVING count(*) > 1",
            dump(list(subjects)),
        )
        return {subject: orjson.loads(sources) for subject, sources in rows}

    def claims_at(self, ends: Iterable[int]) -> list[Claim]:
        """The claims on relations that have one of these digests at an end."""
        wanted = dump(list(ends))
        rows = self._rows(
            f"{reading.CLAIM} WHERE from_end {reading.AMONG}"
            f" UNION {reading.CLAIM} WHERE to_end {reading.AMONG}",
            wanted,
            wanted,
        )
        return [reading.claim(row) for row in rows]

    def claims_of(self, kind: Kind, source: str, withdrawn: bool = False) -> Iterator[Claim]:
        """All current claims of a source, by key; with `withdrawn` those that it withdrew, too."""
        return map(
            reading.claim,
            self._rows(
                f"{reading.CLAIM} WHERE kind = ? AND source = ? AND withdrawn <= ? ORDER BY key",
                kind,
                source,
                withdrawn,
            ),
        )

    def document(self, kind: str, name: str) -> Document | None:
        """One document."""
        rows = self._rows("SELECT body FROM document WHERE kind = ? AND name = ?", kind, name)
        return Document(kind, name, orjson.loads(rows[0][0])) if rows else None

    def documents(self, kind: str) -> list[Document]:
        """All documents of a kind, by name."""
        rows = self._rows("SELECT name, body FROM document WHERE kind = ? ORDER BY name", kind)
        return [Document(kind, name, orjson.loads(body)) for name, body in rows]

    def commits_of(self, run: str) -> list[int]:
        """The numbers of all commits of a run."""
        rows = self._rows("SELECT seq FROM commit_log WHERE run = ? ORDER BY seq", run)
        return [seq for (seq,) in rows]

    def log(self, after: int, limit: int = 1000) -> list[Commit]:
        """Commits with their entries, from `after` + 1 on."""
        commits = self._rows(
            "SELECT seq, at, actor, reason, run FROM commit_log WHERE seq > ? ORDER BY seq LIMIT ?",
            after,
            limit,
        )
        if not commits:
            return []
        entries: dict[int, list[LogEntry]] = {}
        for seq, kind, subject, before, later in self._rows(
            "SELECT seq, kind, subject, before, after FROM log_entry"
            " WHERE seq > ? AND seq <= ? ORDER BY seq, position",
            after,
            commits[-1][0],
        ):
            entries.setdefault(seq, []).append(
                LogEntry(
                    kind,
                    subject,
                    None if before is None else orjson.loads(before),
                    None if later is None else orjson.loads(later),
                )
            )
        return [
            Commit(seq, at, actor, reason, run, tuple(entries.get(seq, ())))
            for seq, at, actor, reason, run in commits
        ]

    def receipt(self, actor: str, key: str) -> tuple[Receipt, Commit] | None:
        """The commit that answered the actor's request with this idempotency key."""
        rows = self._rows(
            "SELECT seq, receipt_digest FROM commit_log WHERE actor = ? AND receipt_key = ?",
            actor,
            key,
        )
        if not rows:
            return None
        return Receipt(key, rows[0][1]), self.log(rows[0][0] - 1, 1)[0]

    def topology(self) -> Topology:
        """Everything the snapshot is built from, as of one moment."""
        with self._connections.errors():
            connection = self._connections.reader()
            connection.execute("BEGIN")
            try:
                seq = self.seq()
                items = [
                    TopologyItem(
                        row[0],
                        row[1],
                        row[2],
                        row[3],
                        row[4],
                        bool(row[5]),
                        orjson.loads(row[6]),
                        row[7],
                        row[8],
                        row[9],
                    )
                    for row in connection.execute(reading.TOPOLOGY_ITEMS)
                ]
                relations = [
                    TopologyRelation(
                        row[0], row[1], row[2], row[3], row[4] or None, row[5], row[6], row[7]
                    )
                    for row in connection.execute(reading.TOPOLOGY_RELATIONS)
                ]
            finally:
                connection.execute("COMMIT")
        return Topology(seq, items, relations)


def _committed(connection: sqlite3.Connection, changes: ChangeSet, signature: Signature) -> Commit:
    transaction = Transaction(connection)
    transaction.apply(changes)
    return transaction.finish(signature)
