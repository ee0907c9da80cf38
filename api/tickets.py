"""What the API and the command line share about tickets."""

from typing import Any

from cmdb.history.log import Commit
from cmdb.services.times import iso

KINDS = {
    "incidents": "incident",
    "problems": "problem",
    "changes": "change",
    "releases": "release",
    "requests": "request",
    "knowledge": "article",
    "inspections": "inspection",
    "emergency-plans": "emergency_plan",
    "alerts": "alert",
}
"""The kinds of ticket that have a resource of their own, by its path."""

LEFT_OUT = frozenset({"entered", "clocks", "changed", "words"})
"""Parts of a ticket whose changes its timeline does not tell."""


def timeline_rows(commits: list[Commit]) -> list[dict[str, Any]]:
    """What happened to a ticket: a row for each note and each step or change of it."""
    rows = []
    for commit in commits:
        for entry in commit.entries:
            head = {"seq": commit.seq, "at": iso(commit.at), "by": commit.actor}
            if entry.kind == "note":
                body = entry.after or {}
                said = {"text": body.get("text", ""), "public": bool(body.get("public"))}
                rows.append({**head, "kind": "note", "reason": commit.reason, **said})
            else:
                changed = changes_between(entry.before or {}, entry.after or {})
                rows.append({**head, "kind": "change", "reason": commit.reason, "changes": changed})
    return rows


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """What differs between two forms of a ticket: name → value before and after."""
    flat = [{**one, **one.get("fields", {})} for one in (before, after)]
    names = {name for one in flat for name in one} - LEFT_OUT - {"fields"}
    return {
        name: [flat[0].get(name), flat[1].get(name)]
        for name in sorted(names)
        if flat[0].get(name) != flat[1].get(name)
    }
