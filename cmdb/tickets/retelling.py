"""Our tickets in the words of other systems: the way back of their mapping."""

from collections.abc import Mapping
from typing import Any

from cmdb.tickets.foreign import ANYTHING, TicketMapping
from cmdb.tickets.process import Process
from cmdb.tickets.ticket import Ticket
from cmdb.tickets.translation import fields_of


def told(mapping: TicketMapping, process: Process, ticket: Ticket) -> dict[str, Any]:
    """A ticket of ours in their words: `kind`, `state`, and `fields` by their names."""
    paths: dict[str, str] = {}
    for path, ours in mapping.fields.items():
        paths.setdefault(ours, path)
    values = {**ticket.fields, "item": [tie.name for tie in ticket.items]}
    kinds, states = _back(mapping.kinds), _back(mapping.states)
    return {
        "kind": kinds.get(ticket.kind, ticket.kind),
        "state": states.get(ticket.state, ticket.state),
        "fields": {
            paths.get(name, name): _told(mapping, process, name, value)
            for name, value in sorted(values.items())
            if value != []
        },
    }


def _told(mapping: TicketMapping, process: Process, name: str, value: Any) -> Any:
    types = {one.name: one.type for one in fields_of(process)}
    known: Mapping[str, Any] = mapping.values.get(name, {})
    if name == "priority" and mapping.priorities:
        known = mapping.priorities
    elif types.get(name) == "person":
        known = {**mapping.people, **known}
    elif types.get(name) == "team":
        known = {**mapping.teams, **known}
    if isinstance(value, list):
        return [_back(known).get(one, one) for one in value]
    return _back(known).get(value, value)


def _back(known: Mapping[str, Any]) -> dict[Any, str]:
    """Ours → theirs, the first of several."""
    made: dict[Any, str] = {}
    for theirs, ours in known.items():
        if theirs != ANYTHING and isinstance(ours, str | int | float | bool):
            made.setdefault(ours, theirs)
    return made
