"""Tickets in the embedded file: writing them within a commit, and finding them."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from cmdb.errors import Conflict
from cmdb.history.entries import commits_of, ticket_entries
from cmdb.history.log import Commit, LogEntry
from cmdb.identity.changes import ChangeSet
from cmdb.schema.records import TicketRecord, Tie
from cmdb.services.ports import MOST_WRITTEN, TICKET_SORTS, TicketQuery
from cmdb.stores.sqlite.connections import Connections

COLUMNS = (
    *("number", "kind", "state", "title", "open", "opened", "changed", "priority", "team"),
    *("assignee", "requester", "due", "breach", "body", "words", "seq", "worklists"),
)
FORM = (
    f"{', '.join(f't.{name}' for name in COLUMNS)},"
    " (SELECT json_group_array(json_array(role, key)) FROM"
    " (SELECT role, key FROM ticket_item i WHERE i.ticket = t.number ORDER BY position)),"
    " (SELECT json_group_array(json_array(role, other)) FROM"
    " (SELECT role, other FROM ticket_link l WHERE l.ticket = t.number ORDER BY position))"
)
TICKET = f"SELECT {FORM} FROM ticket t"
INSERT = f"INSERT INTO ticket ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
UPDATE = f"UPDATE ticket SET {', '.join(f'{n} = ?' for n in COLUMNS)} WHERE number = ? AND seq = ?"
PARTIAL = frozenset({"team", "assignee", "requester"})
"""Columns whose index leaves out what is empty."""

ANY = ["1"]
"""The conditions of a query that has none."""

AMONG = "IN (SELECT value FROM json_each(?))"


def _row(record: TicketRecord, seq: int) -> tuple[Any, ...]:
    row = {name: getattr(record, name) for name in COLUMNS}
    texts = {"body": record.body, "worklists": record.worklists}
    return tuple(
        {**row, **{n: orjson.dumps(v).decode() for n, v in texts.items()}, "seq": seq}.values()
    )


def _record(row: Any) -> TicketRecord:
    values = dict(zip((*COLUMNS, "items", "links"), row, strict=True))
    ties = {n: tuple(Tie(*one) for one in orjson.loads(values[n])) for n in ("items", "links")}
    plain = {"open": bool(values["open"]), "body": orjson.loads(values["body"])}
    plain["worklists"] = tuple(orjson.loads(values["worklists"]))
    return TicketRecord(**{**values, **ties, **plain})


def write(connection: sqlite3.Connection, changes: ChangeSet, seq: int) -> list[LogEntry]:
    """Create, replace and remove tickets, keep contents, and tell what is to be logged."""
    for change in changes.tickets:
        before, after = change.before, change.after
        number = (after or before).number  # type: ignore[union-attr]
        if before is None and after is not None:
            _one(connection, INSERT, _row(after, seq), number)
        elif before is not None and after is not None:
            _one(connection, UPDATE, (*_row(after, seq), number, before.seq), number)
        elif before is not None:
            statement = "DELETE FROM ticket WHERE number = ? AND seq = ?"
            _one(connection, statement, (number, before.seq), number)
        for table, name in (("ticket_item", "items"), ("ticket_link", "links")):
            ties = getattr(after, name) if after else ()
            if ties == (getattr(before, name) if before else ()):
                continue
            connection.execute(f"DELETE FROM {table} WHERE ticket = ?", (number,))
            connection.executemany(
                f"INSERT INTO {table} VALUES (?, ?, ?, ?)",
                ((number, position, *tie) for position, tie in enumerate(ties)),
            )
        lists = after.worklists if after else ()
        if lists != (before.worklists if before else ()):
            connection.execute("DELETE FROM ticket_worklist WHERE ticket = ?", (number,))
            connection.executemany(
                "INSERT INTO ticket_worklist VALUES (?, ?)", ((one, number) for one in lists)
            )
    connection.executemany(
        f"UPDATE ticket SET comment_words = substr(comment_words || ' ' || ?2, -{MOST_WRITTEN}),"
        f" note_words = substr(note_words || ' ' || ?3, -{MOST_WRITTEN}) WHERE number = ?1",
        changes.written(),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO content VALUES (?, ?)",
        ((one.digest, one.data) for one in changes.contents),
    )
    return ticket_entries(changes)


def _one(connection: sqlite3.Connection, statement: str, values: Sequence[Any], name: str) -> None:
    try:
        changed = connection.execute(statement, values).rowcount
    except sqlite3.IntegrityError as error:
        raise Conflict(kind="ticket", name=name) from error
    if changed != 1:
        raise Conflict(kind="ticket", name=name)


class SQLiteTickets:
    """TicketStore on the embedded file."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        with self._connections.errors():
            return self._connections.reader().execute(statement, values).fetchall()

    def tickets(self, numbers: Iterable[str]) -> dict[str, TicketRecord]:
        """The tickets that have these numbers."""
        wanted = orjson.dumps(list(numbers)).decode()
        return {
            row[0]: _record(row) for row in self._rows(f"{TICKET} WHERE number {AMONG}", wanted)
        }

    def find(self, query: TicketQuery) -> list[TicketRecord]:
        """One page of tickets."""
        where, values = _conditions(query)
        sort = TICKET_SORTS[TICKET_SORTS.index(query.sort)]
        order, beyond = ("DESC", "<") if query.descending else ("ASC", ">")
        if query.after is not None:
            where.append(f"(t.{sort}, t.number) {beyond} (?, ?)")
            values += query.after
        statement = (
            f"{TICKET} WHERE {' AND '.join(where)}"
            f" ORDER BY t.{sort} {order}, t.number {order} LIMIT ?"
        )
        return [_record(row) for row in self._rows(statement, *values, query.limit)]

    def search(
        self, words: Sequence[str], query: TicketQuery, every: bool, *, notes: bool
    ) -> list[tuple[float, TicketRecord]]:
        """The tickets that have the words; best first."""
        if not words:
            return []
        asked = (" " if every else " OR ").join(f'"{word}"' for word in words)
        if not notes:
            asked = f"{{words comment_words}} : ({asked})"
        where, values = _conditions(query)
        joined = "" if where == ANY else "JOIN ticket t ON t.id = ticket_words.rowid"
        statement = (
            "WITH found AS MATERIALIZED (SELECT ticket_words.rowid AS id, -rank AS score"
            f" FROM ticket_words {joined} WHERE ticket_words MATCH ? AND {' AND '.join(where)}"
            " ORDER BY rank, ticket_words.rowid LIMIT ?)"
            f" SELECT found.score, {FORM} FROM found JOIN ticket t ON t.id = found.id"
            " ORDER BY found.score DESC, t.id"
        )
        rows = self._rows(statement, asked, *values, query.limit)
        return [(row[0], _record(row[1:])) for row in rows]

    def count(self, query: TicketQuery) -> int:
        """How many tickets a query is about."""
        where, values = _conditions(query)
        rows = self._rows(f"SELECT count(*) FROM ticket t WHERE {' AND '.join(where)}", *values)
        return int(rows[0][0])

    def timeline(self, number: str, after: int, limit: int) -> list[Commit]:
        """The commits that concern a ticket, with what they say of it."""
        return commits_of(
            self._rows(
                "SELECT e.seq, m.at, m.actor, m.reason, m.run, e.kind, e.subject, e.before, e.after"
                " FROM log_entry e JOIN commit_log m ON m.seq = e.seq"
                " WHERE e.subject = ? AND e.kind IN ('ticket', 'note') AND e.kind <> 'claim'"
                " AND e.seq > ? ORDER BY e.seq, e.position LIMIT ?",
                number,
                after,
                limit,
            )
        )

    def content(self, digest: str) -> bytes | None:
        """The bytes of an attachment."""
        rows = self._rows("SELECT data FROM content WHERE digest = ?", digest)
        return rows[0][0] if rows else None


def _conditions(query: TicketQuery) -> tuple[list[str], list[Any]]:
    where: list[str] = list(ANY)
    values: list[Any] = []

    def add(condition: str, *given: Any) -> None:
        where.append(condition)
        values.extend(given)

    def many(ones: Iterable[Any]) -> str:
        return orjson.dumps(sorted(ones)).decode()

    # several kinds are most tickets: "+" keeps to the index that gives the order
    for column, several, allowed in (("kind", "+", query.kinds), ("state", "", query.states)):
        if allowed is not None and len(allowed) == 1:
            add(f"t.{column} = ?", *allowed)
        elif allowed is not None:
            add(f"{several}t.{column} {AMONG}", many(allowed))
    for column in ("open", "priority", "team", "assignee", "requester"):
        if (value := getattr(query, column)) is not None:
            add(f"t.{column} = ?", value)
            if column in PARTIAL and value:  # so that it is known that the index has them all
                where.append(f"t.{column} <> ''")
    for name, value in query.fields.items():
        if name == "category":  # as its index has it
            add("json_extract(t.body, '$.fields.category') = ?", value)
        else:
            add("json_extract(t.body, ?) = ?", f'$.fields."{name}"', value)
    ties = [(f"key {AMONG}", query.items), (f"role {AMONG}", query.roles)]
    tied = [(words, many(allowed)) for words, allowed in ties if allowed is not None]
    if tied:
        words = " AND ".join(one for one, _ in tied)
        among = f"SELECT ticket FROM ticket_item WHERE {words}"
        add(f"t.number IN ({among})", *(allowed for _, allowed in tied))
    if query.linked is not None:
        add("t.number IN (SELECT ticket FROM ticket_link WHERE other = ?)", query.linked)
    if query.worklists is not None:
        among = f"SELECT ticket FROM ticket_worklist WHERE worklist {AMONG}"
        add(f"t.number IN ({among})", many(query.worklists))
    for column, limit in (("due", query.due_by), ("breach", query.breach_by)):
        if limit is not None:
            add(f"t.{column} <= ?", limit)
    if query.opened is not None:
        add("t.opened BETWEEN ? AND ?", *query.opened)
    if query.sites is not None or query.visible_types is not None:
        inside, limits = ["i.ticket = t.number"], []
        if query.sites is not None:
            inside.append(f"json_extract(c.attributes, '$.site') {AMONG}")
            limits.append(many(query.sites))
        if query.visible_types is not None:
            inside.append(f"c.type {AMONG}")
            limits.append(many(query.visible_types))
        seen = " AND ".join(inside)
        add(
            "(t.requester = ? OR EXISTS (SELECT 1 FROM ticket_item i JOIN ci c ON c.key = i.key"
            f" WHERE {seen}))",
            query.own or None,
            *limits,
        )
    return where, values
