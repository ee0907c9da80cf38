"""What the API and the command line share about tickets."""

from collections.abc import Mapping
from typing import Any

from cmdb.errors import InvalidInput
from cmdb.history.log import Commit
from cmdb.services.ports import TicketQuery
from cmdb.services.times import iso, moment

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


PLAIN_FILTERS = ("open", "priority", "team", "assignee", "requester", "linked")
FIELD_FILTERS = ("category", "source", "severity")
TIMES = ("opened_from", "opened_to", "breach_by")


def ticket_query(
    kind: str | None,
    filters: Mapping[str, Any],
    *,
    sort: str,
    limit: int,
    after: tuple[Any, str] | None = None,
) -> TicketQuery:
    """The query of a page of tickets of a kind, or of all; raises what is wrong.

    `filters` are by name, None where there is none; `-` before `sort` turns it round.
    """
    said = {name: value for name, value in filters.items() if value is not None}
    if "role" in said and "item" not in said:
        raise InvalidInput(place="filter", detail="'role' needs 'item'; name the CI, too")
    times = {name: moment(said[name], "filter", name) for name in TIMES if name in said}
    opened = None
    if "opened_from" in times or "opened_to" in times:
        opened = (times.get("opened_from", 0.0), times.get("opened_to", 1e12))
    return TicketQuery(
        kinds=None if kind is None else frozenset({kind}),
        states=frozenset({said["state"]}) if "state" in said else None,
        fields={name: said[name] for name in FIELD_FILTERS if name in said},
        roles=frozenset({said["role"]}) if "role" in said else None,
        opened=opened,
        breach_by=times.get("breach_by"),
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        after=after,
        limit=limit,
        **{name: said[name] for name in PLAIN_FILTERS if name in said},
    )


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
