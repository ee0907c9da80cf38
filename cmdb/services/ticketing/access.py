"""Who may see a ticket, and as what somebody takes part in it."""

from dataclasses import replace

from cmdb.services.actor import EVERYTHING, Actor, Permission
from cmdb.services.environment import Environment
from cmdb.services.items import sees, visible_types
from cmdb.services.ports import TicketQuery
from cmdb.tickets.process import SYSTEM
from cmdb.tickets.ticket import Ticket

REQUESTER = "requester"
ARTICLE, END_USER = "article", "end_user"
PUBLISHED = frozenset({"published", "under_review"})
"""The states of articles and emergency plans in which they are in force."""


def roles_in(actor: Actor, ticket: Ticket) -> frozenset[str]:
    """The roles of the actor in a ticket: that of the requester is only in his own."""
    roles = actor.roles - {REQUESTER}
    own = bool(actor.user) and ticket.fields.get("requester") == actor.user
    return roles | {REQUESTER} if own else roles


def works_on_tickets(actor: Actor) -> bool:
    """Whether the actor may see what is not for requesters."""
    return SYSTEM in actor.roles or actor.may(Permission.TICKETS)


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
    """The query as far as the actor may see; of articles, end users see what is published."""
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
