"""The clocks of a ticket: which service levels are in force for it, and for whom it is."""

from dataclasses import replace

from cmdb.services.ticketing.work import Work
from cmdb.tickets.clocks import Clock
from cmdb.tickets.configuration.service_levels import Customer, ServiceLevel
from cmdb.tickets.ticket import Ticket, clocked

SERVICE = "service"
USUAL_PRIORITY = 3
"""The priority by which a ticket that has none yet is timed."""


def aimed(work: Work, ticket: Ticket) -> Ticket:
    """The ticket with its clocks at the targets in force: new ones started, the others aimed anew.

    A clock that another priority gives another target counts as if it had had it from its start;
    a new one is as the state of the ticket would have left it.
    """
    clocks = dict(ticket.clocks)
    days, process = work.settings.days, work.process(ticket)
    for name, level in levels_of(work, ticket).items():
        target = level.target(days[level.calendar])
        clock = clocks.get(name)
        if clock is None:
            new = Clock(target, ticket.opened)
            clock = clocked(process, ticket.state, name, new, ticket.entered)
        clocks[name] = clock.aimed(target)
    return replace(ticket, clocks=clocks)


def levels_of(work: Work, ticket: Ticket) -> dict[str, ServiceLevel]:
    """The service level in force for each clock of a ticket."""
    priority = int(ticket.fields.get("priority", USUAL_PRIORITY))
    requester = work.people.get(str(ticket.fields.get("requester", "")))
    customer = Customer((), requester.teams, requester.sites) if requester else Customer()
    services, item = services_of(work, ticket), ticket.fields.get("item")
    return work.settings.levels_for(ticket.kind, priority, services, customer, item)


def services_of(work: Work, ticket: Ticket) -> list[str]:
    """The keys of the services that a ticket names."""
    catalog = work.env.catalog()
    items = work.env.store.items({tie.name for tie in ticket.items})
    return [key for key, one in items.items() if SERVICE in catalog.ancestors.get(one.type, ())]
