"""The open tickets that hit a CI: those in whose blast radius it lies, as the graph is now."""

import numpy as np

from cmdb.impact.engine.upstream import upstream
from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import Finder
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing.access import within
from cmdb.services.ticketing.impact import FAILING, failing
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

KINDS = frozenset({"incident", "problem", "change", "release"})
MOST_TICKETS, MOST_WALKED = 2000, 1_000_000
"""So many open tickets, the latest, and so many CIs on the way back, are looked at."""


@authorised(Permission.READ)
def tickets_hitting(actor: Actor, env: Environment, reference: str) -> list[Ticket]:
    """Open tickets that the actor may see whose CIs, when they are down, take this one with them.

    The tickets of the CI itself are not among them. People's corrections count: who says that it
    is not hit, or that it is.
    """
    snapshot = env.snapshot()
    (number,) = Finder(actor, env, snapshot).all([(reference, "configuration item")])
    query = TicketQuery(
        kinds=KINDS,
        open=True,
        roles=frozenset({*FAILING, "impacted"}),
        sort="opened",
        descending=True,
        limit=MOST_TICKETS,
    )
    tickets = map(ticket_of, env.store.tickets.find(within(actor, env, query)))
    above = _above(snapshot, number)
    return [one for one in tickets if _hits(snapshot, one, number, above)]


def _above(snapshot: Snapshot, number: int) -> set[int]:
    """The CIs that this one could depend on."""
    if not snapshot.in_graph(number):
        return set()
    ends = np.array([number], np.int32)
    found = upstream(snapshot.graph, snapshot.network, snapshot.kinds.engine, ends, MOST_WALKED)
    return set(found[0].tolist())


def _hits(snapshot: Snapshot, ticket: Ticket, number: int, above: set[int]) -> bool:
    key = snapshot.key(number)
    if key in ticket.tied(*FAILING) or key in ticket.tied("not_impacted"):
        return False
    if key in ticket.tied("impacted"):
        return True
    failed = failing(snapshot, ticket)
    return not above.isdisjoint(failed) and number in Propagation(snapshot, failed).numbers
