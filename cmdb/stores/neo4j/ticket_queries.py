"""Queries of tickets in Cypher: where they begin, what must hold, and in which order."""

from typing import Any

from cmdb.services.ports import TicketQuery
from cmdb.stores.neo4j.forms import checked, relationship

VERBS = {
    "affected": "AFFECTS",
    "cause": "IS_CAUSED_BY",
    "changed": "CHANGES",
    "requested": "REQUESTS",
    "impacted": "IMPACTS",
    "not_impacted": "DOES_NOT_IMPACT",
    "inspected": "INSPECTS",
    "covered": "COVERS",
    "documented": "DOCUMENTS",
}
"""The relationship types by the role that a CI has in a ticket."""


def verb(role: str) -> str:
    """The relationship type for a role."""
    return VERBS.get(role) or relationship(role)


def ranges(query: TicketQuery, sort: str) -> list[tuple[str, dict[str, Any]]]:
    """Conditions whose results, one after the other, are what comes after the last row."""
    beyond = "<" if query.descending else ">"
    if query.after is None:
        return [(f"t.{sort} IS NOT NULL", {})]
    value, number = query.after
    return [
        (f"t.{sort} = $value AND t.number {beyond} $after", {"value": value, "after": number}),
        (f"t.{sort} {beyond} $value", {"value": value}),
    ]


def matching(query: TicketQuery) -> str:
    """What finds the tickets, up to its conditions: from the CIs, or the ticket, they are tied to.

    Their parameters are among those of `conditions`.
    """
    tied = []
    if query.items is not None:
        tied += [
            "MATCH (c:CI|FormerCI) WHERE c.key IN $items",
            f"MATCH (t:Ticket){_arrow(query)}(c)",
        ]
    if query.linked is not None:
        tied.append("MATCH (t:Ticket)-->(:Ticket {number: $linked})")
    if query.worklists is not None:
        tied.append("MATCH (t:Ticket)-[:WAITS_IN]->(w:Worklist) WHERE w.name IN $worklists")
    return f"{' '.join(tied)} WITH DISTINCT t WHERE" if tied else "MATCH (t:Ticket) WHERE"


def tied_as_well(query: TicketQuery) -> list[str]:
    """The same as conditions on what was found by its words."""
    tied = []
    if query.items is not None:
        tied.append(f"EXISTS {{ (t){_arrow(query)}(c:CI|FormerCI) WHERE c.key IN $items }}")
    if query.linked is not None:
        tied.append("EXISTS { (t)-->(:Ticket {number: $linked}) }")
    if query.worklists is not None:
        tied.append("EXISTS { (t)-[:WAITS_IN]->(w:Worklist) WHERE w.name IN $worklists }")
    return tied


def _arrow(query: TicketQuery) -> str:
    verbs = "|".join(map(verb, sorted(query.roles))) if query.roles else ""
    return f"-[{':' + verbs if verbs else ''}]->"


def fixed(query: TicketQuery, sort: str) -> list[str]:
    """The column of which there is one value only, and whose index has it before the moment."""
    tied = (query.items, query.linked, query.worklists)
    if sort != "opened" or any(one is not None for one in tied):
        return []
    values = {one: getattr(query, one) for one in ("assignee", "requester", "team")}
    values["category"] = query.fields.get("category")
    values["state"] = query.states if query.states and len(query.states) == 1 else None
    values["kind"] = query.kinds if query.kinds and len(query.kinds) == 1 else None
    return [one for one, value in values.items() if value][:1]


def conditions(query: TicketQuery) -> tuple[list[str], dict[str, Any]]:
    """What must hold for tickets, and the parameters of that and of what finds them."""
    where: list[str] = []
    values: dict[str, Any] = {}

    def add(condition: str, value: Any) -> None:
        name = f"p{len(values)}"
        where.append(condition.replace("$?", f"${name}"))
        values[name] = value

    for column, allowed in (("kind", query.kinds), ("state", query.states)):
        if allowed is not None and len(allowed) == 1:
            add(f"t.{column} = $?", *allowed)
        elif allowed is not None:
            add(f"t.{column} IN $?", sorted(allowed))
    for column in ("open", "priority", "team", "assignee", "requester"):
        if (value := getattr(query, column)) is not None:
            add(f"t.{column} = $?", value)
    for name, value in query.fields.items():
        add(f"t.`{checked(name)}` = $?", value)
    if query.items is None and query.roles is not None:
        where.append(f"EXISTS {{ (t){_arrow(query)}(:CI|FormerCI) }}")
    values["items"], values["linked"] = sorted(query.items or ()), query.linked
    values["worklists"] = sorted(query.worklists or ())
    for column, limit in (("due", query.due_by), ("breach", query.breach_by)):
        if limit is not None:
            add(f"t.{column} <= $?", float(limit))
    if query.opened is not None:
        add("t.opened >= $?", float(query.opened[0]))
        add("t.opened <= $?", float(query.opened[1]))
    if query.sites is not None or query.visible_types is not None:
        seen = ["EXISTS { MATCH (t)-->(c:CI) WHERE true"]
        if query.sites is not None:
            seen.append("c.site IN $sites")
            values["sites"] = sorted(query.sites)
        if query.visible_types is not None:
            seen.append("c.type IN $visible_types")
            values["visible_types"] = sorted(query.visible_types)
        add(f"({' AND '.join(seen)} }} OR t.requester = $?)", query.own or None)
    return where, values
