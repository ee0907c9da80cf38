"""The CIs of a ticket: those it names, and those that follow from these, as the graph is now.

What follows is computed when it is asked for, so it is never out of date; what people have added
and taken away by hand (`impacted`, `not_impacted`) stays.
"""

from dataclasses import dataclass
from typing import Any

from cmdb.errors import InvalidInput
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import STATES
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.numbers import visible_in
from cmdb.services.ticketing.finding import get_ticket
from cmdb.services.ticketing.work import Work
from cmdb.tickets.ticket import Ticket

FAILING = ("affected", "cause", "changed")
"""Roles in which a CI is not what it should be, so that others follow."""

DOWN = STATES.index("down")
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class TicketImpact:
    """What follows from a ticket: the answer of the graph, and what people have corrected."""

    radius: BlastRadius | None
    added: list[str]
    excluded: list[str]


@authorised(Permission.READ)
def ticket_impact(
    actor: Actor, env: Environment, number: str, *, as_assessed: bool = False
) -> TicketImpact:
    """What the ticket's CIs take with them when they are down: now, or as it was assessed."""
    ticket = get_ticket(actor, env, number)
    snapshot = env.snapshot()
    if as_assessed:
        if ticket.assessment is None:
            raise InvalidInput(place=number, detail="it was not assessed; ask for what is now")
        snapshot = env.snapshot_at(ticket.assessment.seq)
    failed = failing(snapshot, ticket)
    visible = visible_in(actor, snapshot.catalog)
    radius = BlastRadius(snapshot, failed, env.clock(), visible) if failed else None
    ties = {role: ticket.tied(role) for role in ("impacted", "not_impacted")}
    seen = seer(env, actor)
    items = env.store.items({key for keys in ties.values() for key in keys}) if seen else {}
    added, excluded = (
        [key for key in keys if not seen or (key in items and seen(items[key]))]
        for keys in ties.values()
    )
    return TicketImpact(radius, added, excluded)


def failing(snapshot: Snapshot, ticket: Ticket) -> dict[int, int]:
    """The CIs that a ticket is about, as failures: number → state."""
    numbers = (snapshot.number(key) for key in ticket.tied(*FAILING))
    return {n: DOWN for n in numbers if n is not None and snapshot.in_graph(n)}


def summarised(
    work: Work, snapshot: Snapshot, ticket: Ticket
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What follows from a ticket in numbers, and the keys of the first of it."""
    failed = failing(snapshot, ticket)
    if not failed:
        return {}, ()
    radius = BlastRadius(snapshot, failed, work.at)
    rows = radius.rows(0, MOST_KEPT)
    excluded = set(ticket.tied("not_impacted"))
    keys = [row["key"] for row in rows if row["key"] not in excluded]
    return radius.summary(), tuple(keys)
