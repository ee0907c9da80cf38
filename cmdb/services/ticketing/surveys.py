"""Satisfaction surveys: what who asked for it says when it is over."""

from dataclasses import replace

from cmdb.errors import InvalidInput, NotFound, WrongValue
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.ticketing.access import REQUESTER, roles_in
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.forms import MOST_TEXT
from cmdb.tickets.ticket import Ticket

RATINGS = range(1, 6)


@authorised(Permission.REQUEST)
def rate(
    actor: Actor,
    env: Environment,
    number: str,
    rating: int,
    comment: str = "",
    receipt: Receipt | None = None,
) -> Ticket:
    """Rate from 1 (bad) to 5 (good) what was done; by the requester, once it is over."""
    if rating not in RATINGS:
        raise WrongValue(place=number, name="'rating'", value=rating, expected="1 to 5")
    if len(comment) > MOST_TEXT:
        detail = f"the comment is longer than {MOST_TEXT} characters; make it shorter"
        raise InvalidInput(place=number, detail=detail)

    def do(work: Work) -> None:
        ticket = work.seen(number)
        if REQUESTER not in roles_in(actor, ticket):
            raise NotFound(kind="ticket", name=number)
        if work.process(ticket).state(ticket.state).kind not in ("resolved", "closed"):
            raise InvalidInput(place=number, detail="it is not over; rate it then")
        said = {"rating": rating, **({"rating_comment": comment} if comment else {})}
        work.put(replace(ticket, fields={**ticket.fields, **said}))

    commit(actor, env, f"{number}: rated", do, receipt)
    return current(env, number)
