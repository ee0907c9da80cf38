"""What guards may ask about a ticket beside its fields."""

from typing import Any

from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing.access import worked_on
from cmdb.services.ticketing.work import Work
from cmdb.services.times import parsed
from cmdb.tickets.parts import missing
from cmdb.tickets.ticket import Ticket

DAY = 86_400.0
MANY = 1000
DONE = "closed"
"""The state of a change that was carried out and reviewed; those that were not end in others."""


def facts_of(work: Work, ticket: Ticket) -> dict[str, Any]:
    """The facts of a ticket, by the names in `cmdb.tickets.process.FACTS`."""
    wants = needs(work, ticket)
    asked = {fact for fact in wants if fact in ("open_children", "open_changes")}
    counted: dict[str, Any] = {}
    if asked:
        linked = children(work, ticket.number)
        counted["open_children"] = sum(is_open(work, one) for one in linked)
        changes = [one for one in linked if one.kind == "change"]
        counted["open_changes"] = sum(not is_approved(work, one) for one in changes)
    if "change_closed" in wants:
        change = work.load([str(ticket.fields.get("resolving_change", ""))])
        counted["change_closed"] = any(one.state == DONE for one in change.values())
    lacking = missing(ticket.panels, ticket.votes)
    return {
        **counted,
        "open_tasks": sum(one.state == "open" for one in ticket.tasks),
        "approvals": sum(one.decision == "approved" for one in ticket.votes),
        "rejections": sum(one.decision == "rejected" for one in ticket.votes),
        "missing_approvals": lacking,
        "answered": bool(ticket.answers),
        "in_window": in_window(ticket, work.at),
        "days_in_state": (work.at - ticket.entered) / DAY,
        "approval_wanted": approval_wanted(work, ticket) and (bool(lacking) or not ticket.panels),
    }


def needs(work: Work, ticket: Ticket) -> set[str]:
    """What the guards of the steps ask about that can be taken now."""
    steps = work.process(ticket).offered(ticket.state)
    return {g.subject for step in steps for g in (*step.guards, *(step.automatic or ()))}


def children(work: Work, number: str) -> list[Ticket]:
    """The tickets of which this one is the parent, or the release they are part of."""
    query = TicketQuery(kinds=worked_on(work.settings), linked=number, limit=MANY)
    found = [one.number for one in work.env.store.tickets.find(query)]
    tickets = work.load(found).values()
    return [one for one in tickets if number in one.linked("parent", "part_of")]


def is_open(work: Work, ticket: Ticket) -> bool:
    """Whether its end is not reached."""
    return work.process(ticket).state(ticket.state).kind != "closed"


def is_approved(work: Work, ticket: Ticket) -> bool:
    """Whether a change need not be approved any more: its state is declared after `approved`."""
    names = [one.name for one in work.process(ticket).states]
    if "approved" not in names or not is_open(work, ticket):
        return True
    return names.index(ticket.state) >= names.index("approved")


def in_window(ticket: Ticket, at: float) -> bool:
    """Whether its window is open."""
    starts, ends = (parsed(str(ticket.fields.get(name, ""))) for name in ("starts", "ends"))
    return starts is not None and ends is not None and starts <= at < ends


def approval_wanted(work: Work, ticket: Ticket) -> bool:
    """Whether the service catalogue says that the request must be approved."""
    item = work.settings.catalogue.get(str(ticket.fields.get("item", "")))
    return item is not None and item.approval != "none"
