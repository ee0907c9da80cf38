"""Approvals: who is asked, and what they decide."""

from dataclasses import replace

from cmdb.errors import Forbidden, MissingField
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.steps import settle
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.parts import Decision, Vote
from cmdb.tickets.ticket import Ticket
from cmdb.tickets.worklists import decidable


@authorised(Permission.REQUEST)
def vote(
    actor: Actor,
    env: Environment,
    number: str,
    decision: Decision,
    comment: str = "",
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Ticket:
    """Approve or reject, as somebody who is asked; a later word replaces the earlier one.

    Forbidden for who is not asked; a rejection needs a comment that says why.
    """
    if decision == "rejected" and not comment.strip():
        raise MissingField(place=number, name="comment")

    def do(work: Work) -> None:
        ticket = _asked(work, number, expected)
        others = tuple(one for one in ticket.votes if one.person != actor.user)
        work.put(replace(ticket, votes=(*others, Vote(actor.user, decision, work.at, comment))))
        inform.announce(work, "ticket_changed", ticket, step=decision)
        settle(work, number)

    commit(actor, env, f"{number}: {decision}", do, receipt)
    return current(env, number)


def _asked(work: Work, number: str, expected: int | None) -> Ticket:
    """The ticket, which whoever is asked may see."""
    ticket = work.ticket(number)
    asked = {name for panel in ticket.panels for name in panel.people}
    if work.actor.user in asked and decidable(work.process(ticket), ticket):
        return ticket if expected is None else work.seen(number, expected)
    ticket = work.seen(number, expected)
    named = ", ".join(sorted(asked)) or "nobody now"
    raise Forbidden(actor=work.actor.name, permission=f"decide on {number}", roles=named)
