"""Tickets as stores keep them, and back."""

from collections.abc import Mapping
from math import inf
from typing import Any

from pydantic import TypeAdapter

from cmdb.schema.records import UNRANKED, TicketRecord
from cmdb.tickets.clocks import Calendars, moment_of, next_moment
from cmdb.tickets.process import Process
from cmdb.tickets.ticket import Ticket, timed_steps
from cmdb.tickets.words import indexed
from cmdb.tickets.worklists import waiting

FORM = TypeAdapter(Ticket)
COLUMNS = {"number", "kind", "state", "opened", "items", "links", "seq"}
TEXTS = frozenset({"text", "words", "ticket"})
"""Types of field whose text a search finds."""


def record_of(
    process: Process, ticket: Ticket, changed: float, calendars: Calendars
) -> TicketRecord:
    """What the store keeps of a ticket that was changed at a moment."""
    fields = ticket.fields
    clocks = ticket.clocks.values()
    waits = [when for when, _ in timed_steps(process, ticket)]
    return TicketRecord(
        ticket.number,
        ticket.kind,
        ticket.state,
        ticket.title,
        process.state(ticket.state).kind != "closed",
        ticket.opened,
        changed,
        int(fields.get("priority", UNRANKED)),
        str(fields.get("team", "")),
        str(fields.get("assignee", "")),
        str(fields.get("requester", "")),
        min([*waits, *(next_moment(one, calendars) for one in clocks)], default=inf),
        min((moment_of(one, 1.0, calendars) for one in clocks if one.running), default=inf),
        FORM.dump_python(ticket, mode="json", exclude=COLUMNS, exclude_defaults=True),
        ticket.items,
        ticket.links,
        indexed([ticket.number, *ticket.foreign.values(), *_texts(process, fields)]),
        ticket.seq,
        tuple(sorted({one.worklist for one in waiting(process, ticket)})),
    )


def _texts(process: Process, fields: Mapping[str, Any]) -> list[str]:
    named = ["title", "description", *(f.name for f in process.fields if f.type in TEXTS)]
    values = [fields[name] for name in named if name in fields]
    return [
        text for value in values for text in (value if isinstance(value, list) else [str(value)])
    ]


def ticket_of(record: TicketRecord) -> Ticket:
    """The ticket of what the store keeps."""
    columns = {name: getattr(record, name) for name in COLUMNS}
    return FORM.validate_python({**record.body, **columns})
