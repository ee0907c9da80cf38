"""Log entries of changed records: the same on every store."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from cmdb.history.log import Commit, LogEntry
from cmdb.identity.changes import Change, ChangeSet, Document, ranges
from cmdb.identity.claims import Claim, Stamp
from cmdb.schema.records import ConfigurationItem, Relation


def _form(record: Any) -> dict[str, Any] | None:
    if record is None:
        return None
    content: dict[str, Any] = record.content()
    if not isinstance(record, Claim):
        content["number"] = record.number
    return content


def entry_of(
    kind: str,
    before: ConfigurationItem | Relation | Claim | None,
    after: ConfigurationItem | Relation | Claim | None,
) -> LogEntry:
    """The log entry of one changed record; a claim's `subject` is kind and number."""
    record = after or before
    if isinstance(record, ConfigurationItem):
        subject = record.key
    elif isinstance(record, Relation):
        subject = str(record.number)
    elif isinstance(record, Claim):
        subject = f"{record.kind}:{record.subject}"
    else:
        raise TypeError(kind)
    return LogEntry(kind, subject, _form(before), _form(after))


def document_entries(changes: list[Change[Document]]) -> list[LogEntry]:
    """The log entries of changed documents."""
    return [
        LogEntry(
            "document",
            f"{(change.after or change.before).kind}:{(change.after or change.before).name}",  # type: ignore[union-attr]
            change.before.body if change.before else None,
            change.after.body if change.after else None,
        )
        for change in changes
    ]


def ticket_entries(changes: ChangeSet) -> list[LogEntry]:
    """The log entries of changed tickets, and of what is written on them."""
    entries = [
        LogEntry(
            "ticket",
            (change.after or change.before).number,  # type: ignore[union-attr]
            change.before.content() if change.before else None,
            change.after.content() if change.after else None,
        )
        for change in changes.tickets
    ]
    return entries + [LogEntry("note", note.ticket, None, note.body) for note in changes.notes]


def confirmation_entries(changes: ChangeSet) -> list[LogEntry]:
    """The entries of claims that sources repeated unchanged: one for each source and time.

    `before` tells when they were said last, so that a run can be undone. It names the claims, but
    for the most that are alike in that, and alone about their number: they may be about another
    one later.
    """
    said: dict[tuple[str, float], list[tuple[Claim, Claim]]] = {}
    for change in changes.confirmed:
        if change.before is not None and change.after is not None:
            name = (change.after.source, change.after.confirmed_at)
            said.setdefault(name, []).append((change.before, change.after))
    return [
        LogEntry(
            "confirmation",
            source,
            {"stamps": _stamps([before for before, _ in pairs])},
            {"at": at, **_ranged([after for _, after in pairs])},
        )
        for (source, at), pairs in sorted(said.items())
    ]


def _stamps(claims: list[Claim]) -> list[dict[str, Any]]:
    found: dict[Stamp, list[Claim]] = {}
    for claim in claims:
        found.setdefault(claim.stamp, []).append(claim)
    most = max(found.items(), key=lambda one: (len(one[1]), one[0]))[0]
    about = Counter((claim.kind, claim.subject) for claim in claims)
    made = []
    for stamp, same in sorted(found.items()):
        plain = [c for c in same if stamp == most and about[c.kind, c.subject] == 1]
        named = same if not plain else [c for c in same if about[c.kind, c.subject] > 1]
        form = {"at": stamp[0], "run": stamp[1]}
        made += [{**form, **_ranged(plain)}] if plain else []
        made += [{**form, **_ranged(named), "keys": _keys(named)}] if named else []
    return made


def _keys(claims: list[Claim]) -> dict[str, list[str]]:
    return {
        "cis": sorted(claim.key for claim in claims if claim.kind == "ci"),
        "relations": sorted(claim.key for claim in claims if claim.kind == "relation"),
    }


def _ranged(claims: list[Claim]) -> dict[str, list[list[int]]]:
    return {
        "cis": ranges([claim.subject for claim in claims if claim.kind == "ci"]),
        "relations": ranges([claim.subject for claim in claims if claim.kind == "relation"]),
    }


Row = Sequence[Any]
"""`seq, at, actor, reason, run` of a commit; `kind, subject, before, after` of an entry as JSON."""


def commits_of(rows: Iterable[Row]) -> list[Commit]:
    """The commits of rows, in their order, each with its entries."""
    found: dict[int, Commit] = {}
    for seq, at, actor, reason, run, kind, subject, *forms in rows:
        before, after = (None if form is None else orjson.loads(form) for form in forms)
        known = found.get(seq)
        entries = known.entries if known else ()
        entry = LogEntry(kind, subject, before, after)
        found[seq] = Commit(seq, at, actor, reason, run, (*entries, entry))
    return list(found.values())
