"""What changed lately, from the log: by hand, or seen by a source."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from cmdb.history.log import Commit, LogEntry
from cmdb.root_cause.evidence import CHANGE, DISCOVERY
from cmdb.services.environment import Environment

KEPT_SECONDS = 7 * 86_400.0
MOST_ENTRIES = 20_000
"""So many log entries are read, the latest ones; what is further back counts little."""

MOST_OF_RUN = 500
"""A run that touches more CIs than that tells nothing of any of them."""

PAGE = 16


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to the CI of that key; `kind` as in `cmdb.root_cause.evidence`."""

    key: str
    at: float
    kind: str
    ref: str = ""
    detail: str = ""


class RecentChanges:
    """The changes of the last days in one store, kept up with its log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq = 0
        self._found: list[tuple[str, Happening]] = []  # with the run, or the commit

    def of(self, env: Environment, seq: int) -> list[Happening]:
        """The changes up to commit `seq`, the oldest first, but those of mass changes."""
        with self._lock:
            if self._seq < seq:
                self._found += self._read(env, seq)
                self._seq = seq
            oldest = env.clock() - KEPT_SECONDS
            self._found = [one for one in self._found if one[1].at >= oldest]
            found = list(self._found)
        touched = Counter(run for run, _ in {(run, one.key): None for run, one in found})
        return [one for run, one in found if touched[run] <= MOST_OF_RUN]

    def _read(self, env: Environment, seq: int) -> list[tuple[str, Happening]]:
        """From the latest commit back, until there are too many entries or they are too old."""
        oldest, left, until = env.clock() - KEPT_SECONDS, MOST_ENTRIES, seq
        found: list[list[tuple[str, Happening]]] = []
        while until > self._seq and left > 0:
            after = max(self._seq, until - PAGE)
            commits = env.store.log(after, until - after)
            left -= sum(len(commit.entries) for commit in commits)
            found += [list(_happenings(commit)) for commit in reversed(commits)]
            if any(commit.at < oldest for commit in commits):
                break
            until = after
        return [one for commit in reversed(found) for one in commit]


_kept: WeakKeyDictionary[Environment, RecentChanges] = WeakKeyDictionary()
_lock = threading.Lock()


def recent_changes(env: Environment, seq: int) -> list[Happening]:
    """What changed in the last days up to commit `seq`, the oldest first."""
    with _lock:
        known = _kept.setdefault(env, RecentChanges())
    return known.of(env, seq)


def _happenings(commit: Commit) -> Iterator[tuple[str, Happening]]:
    kind = DISCOVERY if commit.run else CHANGE
    ref = commit.run or f"commit {commit.seq}"
    for entry in commit.entries:
        what = _what(entry, kind)
        for key in _keys(entry) if what else ():
            said = f"{commit.actor}: {commit.reason} ({', '.join(what)})"
            yield ref, Happening(key, commit.at, kind, ref, said)


def _what(entry: LogEntry, kind: str) -> Sequence[str]:
    """The names of what was changed; that a source sees something for the first time is nothing."""
    before, after = entry.before, entry.after
    if entry.kind == "ci" and after is not None:
        if before is None:
            return () if kind == DISCOVERY else ("new",)
        return sorted({*_changed(before, after)} - {"attributes", "number"})
    if entry.kind == "relation" and (before is not None or kind == CHANGE):
        return (str((after or before or {})["type"]),)
    return ()


def _changed(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    yield from (name for name in after if before.get(name) != after[name])
    old, new = before["attributes"], after["attributes"]
    yield from (name for name in {*old, *new} if old.get(name) != new.get(name))


def _keys(entry: LogEntry) -> Sequence[str]:
    form = entry.after or entry.before or {}
    if entry.kind == "ci":
        return (form["key"],)
    return (form["from"], form["to"])
