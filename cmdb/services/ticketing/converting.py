"""Converting a ticket: an incident that is a problem, a change or a release; a request that is…"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cmdb.errors import InvalidInput
from cmdb.schema.records import Tie
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.ticketing.access import roles_in
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.making import made
from cmdb.services.ticketing.steps import advance, settle
from cmdb.services.ticketing.values import FIRST_ROLE, fields_of
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.ticket import Ticket

CONVERT = "convert"
TAKEN_OVER = ("title", "description", "requester", "team", "priority", "impact", "urgency")


@authorised(Permission.TICKETS)
def convert(
    actor: Actor,
    env: Environment,
    number: str,
    kind: str,
    values: Mapping[str, Any] | None = None,
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Ticket:
    """Open a ticket of another kind from one, which ends or stays open as its process says.

    The new one has what both have in common, the same CIs, and a link to the old one. Gives the
    new ticket.
    """

    def do(work: Work) -> str:
        old = work.seen(number, expected)
        process = work.process(old)
        offered = {step.name for step in process.offered(old.state)}
        known = {step.name for step in process.steps}
        if old.kind == kind:
            raise InvalidInput(place=number, detail=f"it is a {kind}; name another kind of ticket")
        place = f"new {kind}"
        target = work.settings.processes.get(kind)
        given = fields_of(work, target, values or {}, place) if target else {}
        shared = {name: old.fields[name] for name in TAKEN_OVER if name in old.fields}
        role = FIRST_ROLE.get(kind, "affected")
        items = tuple(Tie(role, key) for key in old.tied("affected", "changed", "requested"))
        new = made(
            work,
            kind,
            {**shared, **given},
            actor.roles,
            items=items,
            links=(Tie("caused_by" if kind == "problem" else "related_to", number),),
        )
        if CONVERT in known and CONVERT in offered:
            filled = {"converted_to": new.number}
            advance(work, old, CONVERT, filled, roles_in(actor, old))
            old = work.ticket(number)
        work.put(replace(old, links=(*old.links, Tie("converted_to", new.number))))
        settle(work, new.number)
        return new.number

    made_number = commit(actor, env, f"{number}: converted to a {kind}", do, receipt)
    return current(env, made_number)
