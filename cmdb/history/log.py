"""The log: every commit with who, when, why, and each record before and after."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class LogEntry:
    """One changed record.

    `kind` is `ci`, `relation`, `claim`, `document`, `ticket`, `note` or `confirmation`; `subject`
    names the record, for a note its ticket; `before` and `after` are its JSON forms, None where it
    did not exist. A `confirmation` says that
    a source repeated unchanged claims: `after` is `{"at", "cis": ranges, "relations": ranges}`.
    """

    kind: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction. `seq` counts commits from 1 without a gap; `at` is seconds since 1970."""

    seq: int
    at: float
    actor: str
    reason: str
    run: str
    entries: tuple[LogEntry, ...] = ()
