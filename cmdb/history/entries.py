"""Log entries of changed records: the same on every store."""

from typing import Any

from cmdb.history.log import LogEntry
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


def confirmation_entry(changes: ChangeSet) -> LogEntry:
    """One entry for all claims that a source repeated unchanged.

    `before` tells when they were said last, so that a run can be undone.
    """
    sources = sorted({claim.source for claim in changes.confirmed})
    stamps: dict[Stamp, dict[str, list[int]]] = {}
    for claim in changes.confirmed:
        kinds = stamps.setdefault(claim.stamp, {"ci": [], "relation": []})
        kinds[claim.kind].append(claim.subject)
    before = {
        "stamps": [
            {"at": at, "run": run, **_ranged(kinds)} for (at, run), kinds in sorted(stamps.items())
        ]
    }
    together = {
        kind: [number for kinds in stamps.values() for number in kinds[kind]]
        for kind in ("ci", "relation")
    }
    after = {"at": changes.confirmed_at, **_ranged(together)}
    return LogEntry("confirmation", ",".join(sources), before, after)


def _ranged(kinds: dict[str, list[int]]) -> dict[str, list[list[int]]]:
    return {"cis": ranges(kinds["ci"]), "relations": ranges(kinds["relation"])}
