"""Tickets in Neo4j: `(:Ticket:Change)-[:CHANGES]->(:CI)`; writing, and finding them.

A ticket that concerns a CI which is no more is tied to a `FormerCI` with its key, until a CI with
that key comes again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from cmdb.history.entries import commits_of, ticket_entries
from cmdb.history.log import Commit, LogEntry
from cmdb.identity.changes import ChangeSet
from cmdb.schema.records import TicketRecord, Tie
from cmdb.services.ports import MOST_WRITTEN, TICKET_SORTS, TicketQuery
from cmdb.stores.neo4j.batching import Batches, grouped
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.forms import dump, label, native, relationship
from cmdb.stores.neo4j.ticket_queries import (
    conditions,
    fixed,
    matching,
    ranges,
    tied_as_well,
    verb,
)

KIND = "ticket"
COLUMNS = (
    *("number", "kind", "state", "title", "open", "opened", "changed", "priority", "team"),
    *("assignee", "requester", "due", "breach", "body", "words", "seq", "items", "links"),
    "worklists",
)
WRITTEN = ("comment_words", "note_words")
"""What is found of what was written on a ticket; kept with it, and never read."""

FORM = f"[{', '.join(f't.{one}' for one in COLUMNS)}]"
BEYOND = 8
"""So many times what is asked for is looked at first, as most of the best are what is asked for."""


def _properties(record: TicketRecord, seq: int) -> dict[str, Any]:
    """The properties of a ticket's node: its fields too, for those who look at the graph."""
    known = record.body.get("fields", {})
    fields = {k: v for k, v in known.items() if k not in (*COLUMNS, *WRITTEN) and native(k, v)}
    columns = {name: getattr(record, name) for name in COLUMNS}
    texts = {
        "body": dump(record.body),
        "items": dump([list(one) for one in record.items]),
        "links": dump([list(one) for one in record.links]),
        "seq": seq,
        "worklists": list(record.worklists),
    }
    moments = {one: float(columns[one]) for one in ("opened", "changed", "due", "breach")}
    return {**fields, **columns, **texts, **moments}


def _record(row: list[Any]) -> TicketRecord:
    values = dict(zip(COLUMNS, row, strict=True))
    ties = {n: tuple(Tie(*one) for one in orjson.loads(values[n])) for n in ("items", "links")}
    plain = {"body": orjson.loads(values["body"]), "worklists": tuple(values["worklists"] or ())}
    return TicketRecord(**{**values, **ties, **plain})


def write(batches: Batches, changes: ChangeSet, seq: int) -> list[LogEntry]:
    """Create, replace and remove tickets, keep contents, and tell what is to be logged."""
    created = [c.after for c in changes.tickets if c.before is None and c.after is not None]
    updated = [(c.before, c.after) for c in changes.tickets if c.before and c.after]
    removed = [c.before for c in changes.tickets if c.before and not c.after]
    for kind, group in grouped(created, lambda one: one.kind).items():
        batches.create(
            f"UNWIND $rows AS row CREATE (t:Ticket:`{label(kind)}`) SET t = row",
            [_properties(one, seq) for one in group],
            KIND,
        )
    found = "UNWIND $rows AS row MATCH (t:Ticket {number: row[0]}) WHERE t.seq = row[1]"
    batches.exactly(
        f"{found} WITH t, row, t {{.comment_words, .note_words}} AS written"
        " SET t = row[2] SET t += written RETURN row[0]",
        [[b.number, b.seq, _properties(a, seq)] for b, a in updated],
        KIND,
        {b.number: b.number for b, _ in updated},
    )
    batches.exactly(
        f"{found} WITH t, row[0] AS number DETACH DELETE t RETURN number",
        [[one.number, one.seq] for one in removed],
        KIND,
        {one.number: one.number for one in removed},
    )
    again = [b.number for b, a in updated if b.items != a.items]
    batches.run(
        "UNWIND $rows AS row MATCH (:Ticket {number: row})-[r]->(c) WHERE c:CI OR c:FormerCI"
        " DELETE r",
        again,
    )
    again += [one.number for one in created]
    _tie(batches, [c.after for c in changes.tickets if c.after and c.after.number in set(again)])
    linked = [b.number for b, a in updated if b.links != a.links]
    batches.run("UNWIND $rows AS row MATCH (:Ticket {number: row})-[r]->(:Ticket) DELETE r", linked)
    linked += [one.number for one in created]
    _link(batches, [c.after for c in changes.tickets if c.after and c.after.number in set(linked)])
    listed = [(b, a) for b, a in updated if b.worklists != a.worklists]
    left = [b.number for b, _ in listed if b.worklists]
    batches.run("UNWIND $rows AS row MATCH (:Ticket {number: row})-[r:WAITS_IN]->() DELETE r", left)
    _list(batches, [*created, *(a for _, a in listed)])
    batches.run(
        "UNWIND $rows AS row MATCH (t:Ticket {number: row[0]})"
        " SET t.comment_words = right(coalesce(t.comment_words, '') + ' ' + row[1], $most),"
        " t.note_words = right(coalesce(t.note_words, '') + ' ' + row[2], $most)",
        [list(one) for one in changes.written()],
        most=MOST_WRITTEN,
    )
    batches.run(
        "UNWIND $rows AS row MERGE (a:AttachedContent {digest: row[0]})"
        " ON CREATE SET a.data = row[1]",
        [[one.digest, one.data] for one in changes.contents],
    )
    return ticket_entries(changes)


def _tie(batches: Batches, records: Iterable[TicketRecord]) -> None:
    ties = [(one.number, tie) for one in records for tie in one.items]
    batches.run(
        "UNWIND $rows AS row WITH row WHERE NOT EXISTS { (:CI {key: row}) }"
        " MERGE (:FormerCI {key: row})",
        sorted({tie.name for _, tie in ties}),
    )
    for role, group in grouped(ties, lambda one: one[1].role).items():
        for target in ("CI", "FormerCI"):
            batches.run(
                f"UNWIND $rows AS row MATCH (c:{target} {{key: row[1]}})"
                f" MATCH (t:Ticket {{number: row[0]}}) CREATE (t)-[:{verb(role)}]->(c)",
                [[number, tie.name] for number, tie in group],
            )


def _link(batches: Batches, records: Iterable[TicketRecord]) -> None:
    links = [(one.number, link) for one in records for link in one.links]
    for role, group in grouped(links, lambda one: one[1].role).items():
        batches.run(
            "UNWIND $rows AS row MATCH (o:Ticket {number: row[1]})"
            f" MATCH (t:Ticket {{number: row[0]}}) CREATE (t)-[:{relationship(role)}]->(o)",
            [[number, link.name] for number, link in group],
        )


def _list(batches: Batches, records: Iterable[TicketRecord]) -> None:
    batches.run(
        "UNWIND $rows AS row MERGE (w:Worklist {name: row[1]})"
        " WITH w, row MATCH (t:Ticket {number: row[0]}) CREATE (t)-[:WAITS_IN]->(w)",
        [[one.number, name] for one in records for name in one.worklists],
    )


def part_from(batches: Batches, numbers: Sequence[int]) -> None:
    """Have the tickets of CIs that are going to be removed tied to what they were."""
    _move(batches, "UNWIND $rows AS row MATCH (c:CI {number: row})", "FormerCI", numbers)


def come_again(batches: Batches, keys: Sequence[str]) -> None:
    """Have the tickets of what a CI once was tied to the CI that has the key again."""
    if batches.run("UNWIND $rows AS row MATCH (f:FormerCI) RETURN row LIMIT 1", [0]):
        _move(batches, "UNWIND $rows AS row MATCH (c:FormerCI {key: row})", "CI", keys)
        batches.run("UNWIND $rows AS row MATCH (f:FormerCI {key: row}) DELETE f", keys)


def _move(batches: Batches, match: str, target: str, values: Sequence[Any]) -> None:
    batches.run(
        f"{match} WHERE EXISTS {{ (c)<--(:Ticket) }} MERGE (f:{target} {{key: c.key}})"
        " WITH c, f MATCH (t:Ticket)-[r]->(c) CREATE (t)-[:$(type(r))]->(f) DELETE r",
        values,
    )


class Neo4jTickets:
    """TicketStore on a Neo4j database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tickets(self, numbers: Iterable[str]) -> dict[str, TicketRecord]:
        """The tickets that have these numbers."""
        found = self._connection.collected(
            "MATCH (t:Ticket) WHERE t.number IN $numbers", FORM, numbers=list(set(numbers))
        )
        return {row[0]: _record(row) for row in found}

    def find(self, query: TicketQuery) -> list[TicketRecord]:
        """One page of tickets."""
        sort = TICKET_SORTS[TICKET_SORTS.index(query.sort)]
        order = " DESC" if query.descending else ""
        by = ", ".join(f"t.{one}{order}" for one in (*fixed(query, sort), sort, "number"))
        found: list[TicketRecord] = []
        for condition, more in ranges(query, sort):
            where, values = conditions(query)
            where = [condition, "t.number IS NOT NULL", *where]  # so that the index gives the order
            match = f"{matching(query)} {' AND '.join(where)} WITH t ORDER BY {by} LIMIT $limit"
            limit = query.limit - len(found)
            rows = self._connection.collected(match, FORM, **values, **more, limit=limit)
            found += map(_record, rows)
            if len(found) >= query.limit:
                break
        return found

    def search(
        self, words: Sequence[str], query: TicketQuery, every: bool, *, notes: bool
    ) -> list[tuple[float, TicketRecord]]:
        """The tickets that have the words; best first."""
        if not words:
            return []
        where, values = conditions(query)
        where += tied_as_well(query)
        parts = ("words", *(WRITTEN if notes else WRITTEN[:1]))
        ones = (" OR ".join(f'{part}:"{word}"' for part in parts) for word in words)
        asked = (" AND " if every else " OR ").join(f"({one})" for one in ones)
        among = {"asked": asked, "limit": query.limit, "most": query.limit * BEYOND, **values}
        rows = f"WHERE {' AND '.join(where or ['true'])} RETURN met, score, {FORM}"
        rows += " ORDER BY score DESC, t.number LIMIT $limit"
        found = self._connection.rows(
            "CALL db.index.fulltext.queryNodes('ticket_texts', $asked, {limit: $most})"
            " YIELD node, score WITH collect([node, score]) AS hits, count(*) AS met"
            f" UNWIND hits AS hit WITH met, hit[0] AS t, hit[1] AS score {rows}",
            **among,
        )
        met = found[0][0] if found else among["most"]
        if len(found) < query.limit and met == among["most"]:  # the best are not what is asked for
            found = self._connection.rows(
                "CALL db.index.fulltext.queryNodes('ticket_texts', $asked) YIELD node AS t, score"
                f" WITH 0 AS met, t, score {rows}",
                **among,
            )
        return [(score, _record(form)) for _, score, form in found]

    def count(self, query: TicketQuery) -> int:
        """How many tickets a query is about."""
        where, values = conditions(query)
        match = f"{matching(query)} {' AND '.join(['true', *where])} RETURN count(t)"
        return int(self._connection.rows(match, **values)[0][0])

    def timeline(self, number: str, after: int, limit: int) -> list[Commit]:
        """The commits that concern a ticket, with what they say of it."""
        return commits_of(
            self._connection.rows(
                "MATCH (e:LogEntry {subject: $number}) WHERE e.kind IN ['ticket', 'note']"
                " AND e.seq > $after WITH e ORDER BY e.seq, e.position LIMIT $limit"
                " MATCH (m:Commit {seq: e.seq})"
                " RETURN e.seq, m.at, m.actor, m.reason, m.run, e.kind, e.subject, e.before,"
                " e.after"
                " ORDER BY e.seq, e.position",
                number=number,
                after=after,
                limit=limit,
            )
        )

    def content(self, digest: str) -> bytes | None:
        """The bytes of an attachment."""
        rows = self._connection.rows(
            "MATCH (a:AttachedContent {digest: $digest}) RETURN a.data", digest=digest
        )
        return bytes(rows[0][0]) if rows else None
