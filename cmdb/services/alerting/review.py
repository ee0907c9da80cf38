"""The review of alerts that match no CI for certain."""

from dataclasses import replace

from cmdb.errors import InvalidInput
from cmdb.schema.records import Tie
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.alerting.intake import step
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.ports import Receipt
from cmdb.services.references import resolve_one
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.alerts import UNMATCHED
from cmdb.tickets.ticket import Ticket


@authorised(Permission.TICKETS)
def match_by_hand(
    actor: Actor, env: Environment, number: str, reference: str, receipt: Receipt | None = None
) -> Ticket:
    """Say which CI an alert is about that was kept for review."""
    key = resolve_one(env.store, reference, "key", seer(env, actor))

    def do(work: Work) -> None:
        ticket = work.seen(number)
        if ticket.state != UNMATCHED:
            detail = f"it is {ticket.state}; only an unmatched alert can be matched by hand"
            raise InvalidInput(place=number, detail=detail)
        fields = {name: value for name, value in ticket.fields.items() if name != "candidates"}
        ticket = replace(ticket, fields=fields, items=(Tie("affected", key),))
        work.put(step(work, ticket, "match"))

    commit(actor, env, f"{number}: matched by hand", do, receipt)
    return current(env, number)
