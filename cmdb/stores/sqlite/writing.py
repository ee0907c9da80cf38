"""Writing a change set into the embedded file, inside one transaction."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import orjson

from cmdb.errors import Conflict
from cmdb.history.entries import confirmation_entries, document_entries, entry_of
from cmdb.history.log import Commit, LogEntry
from cmdb.identity.changes import Change, ChangeSet
from cmdb.identity.claims import Claim
from cmdb.schema.records import ConfigurationItem, Relation
from cmdb.services.ports import Signature
from cmdb.stores.sqlite import tickets

Entry = tuple[str, str, str | None, str | None]


def dump(value: Any) -> str:
    """Compact JSON text."""
    return orjson.dumps(value).decode()


class Transaction:
    """One commit in the making: applies the parts of a change set and gathers log entries."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        (self.seq,) = connection.execute(
            "UPDATE counter SET value = value + 1 WHERE name = 'seq' RETURNING value"
        ).fetchone()
        self.numbers: dict[tuple[str, int], int] = {}
        self.key_numbers: dict[str, int] = {}
        self.entries: list[LogEntry] = []

    def apply(self, changes: ChangeSet) -> None:
        """Do everything the change set says; Conflict when something is not as it was."""
        removed = [c for c in changes.items if c.after is None]
        self.items([c for c in changes.items if c.after is not None])
        self.relations(changes.relations)
        self.claims(changes.claims)
        self.identifiers(changes)
        self.items(removed)
        self.documents(changes)
        self.confirm(changes)
        self.entries += tickets.write(self.connection, changes, self.seq)

    def _allocate(self, kind: str, records: Iterable[Any]) -> None:
        fresh = [record.number for record in records]
        if not fresh:
            return
        (value,) = self.connection.execute(
            "UPDATE counter SET value = value + ? WHERE name = ? RETURNING value",
            (len(fresh), kind),
        ).fetchone()
        for number, placeholder in enumerate(fresh, value - len(fresh)):
            self.numbers[kind, placeholder] = number

    def items(self, changes: list[Change[ConfigurationItem]]) -> None:
        """Create, replace and remove CIs."""
        self._allocate("ci", [c.after for c in changes if not c.before and c.after])
        created: list[tuple[Any, ...]] = []
        updated: list[tuple[str, str, tuple[Any, ...]]] = []
        for change in changes:
            before, after = change.before, change.after
            number = self.numbers["ci", after.number] if not before and after else -1
            if before is not None:
                number = before.number
            if after is not None:
                after = after.stored(number, self.seq)
                self.key_numbers[after.key] = number
                row = (
                    after.key,
                    after.type,
                    after.name,
                    after.status,
                    after.network_root,
                    dump(after.redundancy),
                    dump(after.attributes),
                    self.seq,
                    number,
                )
                if before is None:
                    created.append(row)
                else:
                    updated.append((after.key, *_update(before, after, row)))
            elif before is not None:
                self._one(
                    "DELETE FROM ci WHERE number = ? AND seq = ?",
                    (number, before.seq),
                    "configuration item",
                    before.key,
                )
            self.entries.append(entry_of("ci", before, after))
        self._insert(
            "INSERT INTO ci (key, type, name, status, network_root, redundancy, attributes, seq,"
            " number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            created,
            "configuration item",
        )
        for key, statement, values in updated:
            self._one(statement, values, "configuration item", key)

    def relations(self, changes: list[Change[Relation]]) -> None:
        """Create, replace and remove relations."""
        self._allocate("relation", [c.after for c in changes if not c.before and c.after])
        self._learn_numbers(c.after for c in changes if c.after is not None)
        created = []
        for change in changes:
            before, after = change.before, change.after
            if after is not None:
                number = before.number if before else self.numbers["relation", after.number]
                after = after.stored(number, self.seq)
            if before is None and after is not None:
                created.append(
                    (
                        after.number,
                        self.key_numbers[after.from_key],
                        after.type,
                        self.key_numbers[after.to_key],
                        after.group or "",
                        after.id or "",
                        after.strength,
                        dump(after.attributes),
                        self.seq,
                    )
                )
            elif after is not None and before is not None:
                self._one(
                    "UPDATE relation SET strength = ?, attributes = ?, seq = ?"
                    " WHERE number = ? AND seq = ?",
                    (after.strength, dump(after.attributes), self.seq, before.number, before.seq),
                    "relation",
                    str(before.number),
                )
            elif before is not None:
                self._one(
                    "DELETE FROM relation WHERE number = ? AND seq = ?",
                    (before.number, before.seq),
                    "relation",
                    str(before.number),
                )
            self.entries.append(entry_of("relation", before, after))
        self._insert("INSERT INTO relation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", created, "relation")

    def _learn_numbers(self, relations: Iterable[Relation]) -> None:
        wanted = {k for r in relations for k in (r.from_key, r.to_key)} - self.key_numbers.keys()
        found = self.connection.execute(
            "SELECT key, number FROM ci WHERE key IN (SELECT value FROM json_each(?))",
            (dump(list(wanted)),),
        )
        self.key_numbers.update(dict(found))
        for key in wanted - self.key_numbers.keys():
            raise Conflict(kind="configuration item", name=key)

    def claims(self, changes: list[Change[Claim]]) -> None:
        """Create, replace and remove claims."""
        created = []
        for change in changes:
            before, after = change.before, change.after
            row: tuple[Any, ...] | None = None
            if after is not None:
                after = after.numbered(self.numbers)
                row = (
                    after.kind,
                    after.source,
                    after.key,
                    after.subject,
                    after.observed_at,
                    after.confirmed_at,
                    after.run,
                    None if after.body is None else dump(after.body),
                    after.withdrawn,
                    after.founded,
                    after.origin,
                    *(after.ends or (None, None)),
                )
            if before is None and row is not None:
                created.append(row)
            elif before is not None:
                self._replace_claim(before, row)
            self.entries.append(entry_of("claim", before, after))
        self._insert(
            "INSERT INTO claim (kind, source, key, subject, observed_at, confirmed_at, run, body,"
            " withdrawn, founded, origin, from_end, to_end)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            created,
            "claim",
        )

    def _replace_claim(self, before: Claim, row: tuple[Any, ...] | None) -> None:
        where = (before.kind, before.source, before.key, before.observed_at, before.withdrawn)
        condition = (
            " WHERE kind = ? AND source = ? AND key = ? AND observed_at = ? AND withdrawn = ?"
        )
        if row is None:
            statement, values = "DELETE FROM claim" + condition, where
        else:
            statement = (
                "UPDATE claim SET subject = ?, observed_at = ?, confirmed_at = ?, run = ?,"
                " body = ?, withdrawn = ?, founded = ?, origin = ?, from_end = ?, to_end = ?"
                + condition
            )
            values = (*row[3:], *where)
        self._one(statement, values, "claim", f"{before.source}:{before.key}")

    def identifiers(self, changes: ChangeSet) -> None:
        """Change under which digests claims are found; sorted, which the index likes."""
        self.connection.executemany(
            "DELETE FROM identifier WHERE digest = ? AND source = ? AND key = ?",
            sorted((d, c.source, c.key) for c in changes.identifiers for d in c.removed),
        )
        self.connection.executemany(
            "INSERT OR IGNORE INTO identifier VALUES (?, ?, ?)",
            sorted((d, c.source, c.key) for c in changes.identifiers for d in c.added),
        )

    def documents(self, changes: ChangeSet) -> None:
        """Create, replace and remove documents."""
        for change in changes.documents:
            before, after = change.before, change.after
            named = after or before
            assert named is not None  # noqa: S101 - a change has at least one side
            row = self.connection.execute(
                "SELECT body FROM document WHERE kind = ? AND name = ?", (named.kind, named.name)
            ).fetchone()
            if (orjson.loads(row[0]) if row else None) != (before.body if before else None):
                raise Conflict(kind=named.kind, name=named.name)
            if after is None:
                self.connection.execute(
                    "DELETE FROM document WHERE kind = ? AND name = ?", (named.kind, named.name)
                )
            else:
                self.connection.execute(
                    "INSERT OR REPLACE INTO document VALUES (?, ?, ?)",
                    (after.kind, after.name, dump(after.body)),
                )
        self.entries += document_entries(changes.documents)

    def confirm(self, changes: ChangeSet) -> None:
        """Note that sources said the same again."""
        if not changes.confirmed:
            return
        self.connection.executemany(
            "UPDATE claim SET confirmed_at = ?, run = ?"
            " WHERE kind = ? AND source = ? AND key = ? AND (confirmed_at, run) < (?, ?)",
            (
                (*said.stamp, said.kind, said.source, said.key, *said.stamp)
                for change in changes.confirmed
                if (said := change.after) is not None
            ),
        )
        self.entries += confirmation_entries(changes)

    def finish(self, signature: Signature) -> Commit:
        """Write the log of this commit."""
        receipt = signature.receipt
        self._insert(
            "INSERT INTO commit_log VALUES (?, ?, ?, ?, ?, ?, ?, lower(hex(randomblob(16))))",
            [
                (
                    self.seq,
                    signature.at,
                    signature.actor,
                    signature.reason,
                    signature.run,
                    receipt.key if receipt else None,
                    receipt.digest if receipt else None,
                )
            ],
            "request",
        )
        self.connection.executemany(
            "INSERT INTO log_entry VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    self.seq,
                    position,
                    entry.kind,
                    entry.subject,
                    None if entry.before is None else dump(entry.before),
                    None if entry.after is None else dump(entry.after),
                )
                for position, entry in enumerate(self.entries)
            ),
        )
        return Commit(
            self.seq,
            signature.at,
            signature.actor,
            signature.reason,
            signature.run,
            tuple(self.entries),
        )

    def _insert(self, statement: str, rows: list[tuple[Any, ...]], kind: str) -> None:
        try:
            self.connection.executemany(statement, rows)
        except sqlite3.IntegrityError as error:
            raise Conflict(kind=kind, name=f"one of {len(rows)}") from error

    def _one(self, statement: str, values: tuple[Any, ...], kind: str, name: str) -> None:
        try:
            changed = self.connection.execute(statement, values).rowcount
        except sqlite3.IntegrityError as error:
            raise Conflict(kind=kind, name=name) from error
        if changed != 1:
            raise Conflict(kind=kind, name=name)


def _update(
    before: ConfigurationItem, after: ConfigurationItem, row: tuple[Any, ...]
) -> tuple[str, tuple[Any, ...]]:
    """How a CI is replaced: SQLite writes the index of a column anew even when it is as it was."""
    changed = "status = ?, network_root = ?, redundancy = ?, attributes = ?, seq = ?"
    if (before.key, before.type, before.name) == row[:3]:
        row = row[3:]
    else:
        changed = f"key = ?, type = ?, name = ?, {changed}"
    return f"UPDATE ci SET {changed} WHERE number = ? AND seq = ?", (*row, before.seq)
