"""What helps with a ticket: known errors, what was done last time, articles, emergency plans."""

from dataclasses import dataclass, replace

from cmdb.impact.propagation import Propagation
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing.access import PUBLISHED, within
from cmdb.services.ticketing.finding import get_ticket, search_tickets
from cmdb.services.ticketing.impact import failing
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

MOST = 10
CONCERNED = ("affected", "cause", "changed", "requested")
DONE = ("solution", "workaround", "result")
"""Fields that tell what was done."""


@dataclass(frozen=True, slots=True)
class Related:
    """What helps with a ticket, the best of each first; `plans` are of services that are hit."""

    known_errors: list[Ticket]
    past: list[Ticket]
    articles: list[Ticket]
    plans: list[Ticket]


@authorised(Permission.REQUEST)
def related(actor: Actor, env: Environment, number: str) -> Related:
    """What helps with a ticket, of what the actor may see."""
    ticket = get_ticket(actor, env, number)
    problems = TicketQuery(kinds=frozenset({"problem"}), fields={"known_error": True}, limit=MOST)
    ended = TicketQuery(kinds=frozenset({ticket.kind}), open=False, limit=5 * MOST)
    articles = TicketQuery(kinds=frozenset({"article"}), states=PUBLISHED, limit=MOST)
    past = [
        one
        for one in _alike(actor, env, ticket, ended)
        if any(one.fields.get(name) for name in DONE)
    ]
    return Related(
        _alike(actor, env, ticket, problems),
        past[:MOST],
        _alike(actor, env, ticket, articles),
        _plans(actor, env, ticket),
    )


def _alike(actor: Actor, env: Environment, ticket: Ticket, query: TicketQuery) -> list[Ticket]:
    """Tickets of a query with a CI of this one, then those with its words; the best first."""
    text = f"{ticket.title} {ticket.fields.get('description', '')}"
    keys = frozenset(ticket.tied(*CONCERNED))
    found: dict[str, float] = {}
    tickets: dict[str, Ticket] = {}
    for score, one in search_tickets(actor, env, text, query, every=False):
        found[one.number], tickets[one.number] = score, one
    if keys:
        tied = within(actor, env, replace(query, items=keys, sort="opened", descending=True))
        best = max(found.values(), default=1.0)
        for record in env.store.tickets.find(tied):
            found[record.number] = found.get(record.number, 0.0) + best
            tickets.setdefault(record.number, ticket_of(record))
    found.pop(ticket.number, None)
    ordered = sorted(found, key=lambda number: (-found[number], number))
    return [tickets[number] for number in ordered[: query.limit]]


def _plans(actor: Actor, env: Environment, ticket: Ticket) -> list[Ticket]:
    """Emergency plans of what the ticket names, and of the services that are down with it."""
    snapshot = env.snapshot()
    keys = set(ticket.tied(*CONCERNED))
    failed = failing(snapshot, ticket)
    if failed:
        hit = Propagation(snapshot, failed).numbers
        types = snapshot.graph.columns(hit)[0]
        keys.update(map(snapshot.key, hit[snapshot.service_types[types]].tolist()))
    query = TicketQuery(
        kinds=frozenset({"emergency_plan"}),
        states=PUBLISHED,
        items=frozenset(keys),
        roles=frozenset({"covered"}),
        limit=MOST,
    )
    found = env.store.tickets.find(within(actor, env, query)) if keys else []
    return [ticket_of(one) for one in found]
