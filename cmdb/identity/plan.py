"""What every plan has: the run it belongs to, its change set, and what it leads to."""

from dataclasses import dataclass, field
from typing import Any, Literal

from cmdb.errors import CMDBError
from cmdb.identity.changes import ChangeSet
from cmdb.identity.claims import GROUPS, Name
from cmdb.schema.records import ConfigurationItem


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one source; `at` is the time of observation, seconds since 1970."""

    id: str
    source: str
    at: float


@dataclass(slots=True)
class Counts:
    """What happened to the records of one kind."""

    created: int = 0
    changed: int = 0
    merged: int = 0
    retired: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    conflicts: int = 0


Action = Literal["create", "change", "merge", "retire", "remove", "conflict", "resolve"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a plan does: to which CI, relation or review, by which rule and whose word.

    `detail` is JSON-ready: changed fields with before and after, or what else is to be known.
    """

    action: Action
    kind: Literal["ci", "relation", "review"]
    key: str
    type: str
    name: str
    rule: str
    source: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What a batch of observations leads to. Nothing is done until the change set is committed."""

    changes: ChangeSet
    steps: list[Step] = field(default_factory=list)
    unchanged: dict[str, int] = field(default_factory=lambda: {"ci": 0, "relation": 0})
    """How many words said nothing new."""
    withdrawn: dict[str, int] = field(default_factory=lambda: {"ci": 0, "relation": 0})
    waiting: list[Name] = field(default_factory=list)
    """Claims on relations that wait for an end, or for their ends to be two CIs."""
    errors: list[CMDBError] = field(default_factory=list)
    """Relations that may not join their ends."""
    renamed: list[tuple[str, str]] = field(default_factory=list)
    """Keys that were taken, and what the CI's became."""


def item_action(before: ConfigurationItem, after: ConfigurationItem) -> Action:
    """What the step is called that makes a CI another."""
    return "retire" if after.status == "retired" != before.status else "change"


def item_diff(before: ConfigurationItem, after: ConfigurationItem) -> dict[str, Any]:
    """The fields in which a CI changes, each with the value before and after."""
    old, new = before.content(), after.content()
    found = {name: [old[name], value] for name, value in new.items() if old[name] != value}
    for group in found.keys() & GROUPS:
        was, now = found.pop(group)
        for name in was.keys() | now.keys():
            if was.get(name) != now.get(name):
                found[f"{group}.{name}"] = [was.get(name), now.get(name)]
    return {name: found[name] for name in sorted(found)}
