"""What waits for somebody: approvals that he is asked for, tasks that are his or his teams'."""

from math import isfinite
from typing import Any

from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.access import may_see
from cmdb.services.ticketing.finding import Position
from cmdb.services.times import iso
from cmdb.services.users import own
from cmdb.tickets.record import ticket_of
from cmdb.tickets.worklists import Waiting, of_person, of_team, waiting


@authorised(Permission.FOLLOW)
def worklist(
    actor: Actor,
    env: Environment,
    *,
    teams: bool = True,
    after: Position | None = None,
    limit: int = 100,
) -> tuple[list[dict[str, Any]], Position | None]:
    """What waits for the actor, and with `teams` for his teams: a row each, JSON-ready.

    Of so many tickets, those opened first; and after what the next page begins, if any.
    """
    if not actor.user:
        return [], None
    lists = {of_person(actor.user)}
    lists |= {of_team(name) for name in own(env, actor).teams} if teams else set()
    query = TicketQuery(worklists=frozenset(lists), sort="opened", after=after, limit=limit + 1)
    found = env.store.tickets.find(query)
    versions, rows = settings(env).versions, list[dict[str, Any]]()
    for record in found[:limit]:
        ticket = ticket_of(record)
        seen = may_see(actor, env, ticket)
        head = {"number": ticket.number, "kind": ticket.kind, "title": ticket.title}
        due = iso(record.breach) if isfinite(record.breach) else None
        rows += [
            {**head, "state": ticket.state, **_row(one), "due": due}
            for one in waiting(versions[ticket.kind, ticket.version], ticket)
            if seen and one.worklist in lists
        ]
    more = found[limit - 1] if len(found) > limit else None
    return rows, None if more is None else (more.opened, more.number)


def _row(one: Waiting) -> dict[str, Any]:
    of, _, name = one.worklist.partition(" ")
    whose = {kind: name if of == kind else None for kind in ("person", "team")}
    asked = {"what": one.kind, "asked": one.asked, "task": one.task}
    return {**asked, **whose, "since": iso(one.since)}
