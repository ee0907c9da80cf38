"""Who may see a ticket, and as what somebody takes part in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cmdb.errors import CMDBError, InvalidInput
from cmdb.services.actor import EVERYTHING, Actor, Permission
from cmdb.services.environment import Environment
from cmdb.services.items import sees, visible_types
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import settings
from cmdb.tickets.alerts import KIND as ALERT
from cmdb.tickets.configuration.in_force import TicketSettings
from cmdb.tickets.forms import COMMON_FIELDS, empty
from cmdb.tickets.process import SYSTEM, FormField, Process
from cmdb.tickets.ticket import Ticket

REQUESTER = "requester"
ARTICLE, END_USER = "article", "end_user"
PUBLISHED = frozenset({"published", "under_review"})
"""The states of articles and emergency plans in which they are in force."""


class NotOffered(InvalidInput):
    """A field of a new ticket that the form does not offer to who opens it."""

    template = "{place}: '{name}' is not for you to fill; leave it out, and fill {offered}"


def roles_in(actor: Actor, ticket: Ticket) -> frozenset[str]:
    """The roles of the actor in a ticket: that of the requester is only in his own."""
    roles = actor.roles - {REQUESTER}
    own = bool(actor.user) and ticket.fields.get("requester") == actor.user
    return roles | {REQUESTER} if own else roles


def works_on_tickets(actor: Actor) -> bool:
    """Whether the actor may see what is not for requesters."""
    return SYSTEM in actor.roles or actor.may(Permission.TICKETS)


def offered_fields(actor: Actor, process: Process) -> list[FormField]:
    """The fields that the actor may fill when opening a ticket: all, for who works on tickets."""
    fields = [*COMMON_FIELDS, *process.fields]
    if works_on_tickets(actor):
        return fields
    return [one for one in fields if one.name in process.asked_of_requesters]


def not_offered(
    actor: Actor, process: Process, values: Mapping[str, Any], place: str
) -> list[CMDBError]:
    """What somebody fills in a new ticket without being asked; the requester may be himself."""
    offered = {one.name for one in offered_fields(actor, process)}
    barred = {one.name for one in (*COMMON_FIELDS, *process.fields)} - offered
    shown = ", ".join(f"'{name}'" for name in process.asked_of_requesters)
    return [
        NotOffered(place=place, name=name, offered=shown)
        for name, value in values.items()
        if name in barred and not empty(value) and (name, value) != (REQUESTER, actor.user)
    ]


def worked_on(settings: TicketSettings) -> frozenset[str]:
    """The kinds of ticket that people work on: all but alerts, of which there are very many."""
    return frozenset(settings.processes) - {ALERT}


def may_see(actor: Actor, env: Environment, ticket: Ticket) -> bool:
    """Whether the actor may see a ticket.

    Whoever may read sees the tickets of the CIs within his scope; everybody sees his own, those
    that he is asked to approve, and the articles that are published for end users.
    """
    if SYSTEM in actor.roles or REQUESTER in roles_in(actor, ticket):
        return True
    if is_public(ticket) or any(actor.user in one.people for one in ticket.panels):
        return True
    if not actor.may(Permission.READ):
        return False
    if actor.scope == EVERYTHING:
        return True
    catalog = env.catalog()
    items = env.store.items({tie.name for tie in ticket.items})
    return any(sees(actor, catalog, item) for item in items.values())


def is_public(ticket: Ticket) -> bool:
    """Whether it is an article that is published for end users."""
    published = ticket.kind == ARTICLE and ticket.state in PUBLISHED
    return published and ticket.fields.get("audience") == END_USER


def within(actor: Actor, env: Environment, query: TicketQuery) -> TicketQuery:
    """The query as far as the actor may see; without alerts, unless it asks for them.

    Of articles, end users see what is published for them.
    """
    if query.kinds is None:
        query = replace(query, kinds=worked_on(settings(env)))
    if not actor.may(Permission.READ) and SYSTEM not in actor.roles:
        if query.kinds == frozenset({ARTICLE}):
            states = PUBLISHED if query.states is None else PUBLISHED & query.states
            return replace(query, states=states, fields={**query.fields, "audience": END_USER})
        nobody = query.requester not in (None, actor.user) or not actor.user
        kinds = frozenset[str]() if nobody else query.kinds
        return replace(query, kinds=kinds, requester=actor.user)
    if actor.scope == EVERYTHING:
        return query
    types = visible_types(actor, env.catalog())
    return replace(query, sites=actor.scope.sites, visible_types=types, own=actor.user)
