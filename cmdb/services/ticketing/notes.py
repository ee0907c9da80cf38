"""Comments, which the requester reads, and work notes, which he does not."""

from cmdb.errors import InvalidInput, MissingField
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.access import works_on_tickets
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.forms import MOST_TEXT
from cmdb.tickets.ticket import Ticket


@authorised(Permission.REQUEST)
def write_note(
    actor: Actor,
    env: Environment,
    number: str,
    text: str,
    *,
    public: bool = True,
    receipt: Receipt | None = None,
) -> Ticket:
    """Write on a ticket: a comment that all concerned may read, or a work note.

    The other side is told of a comment. What requesters write is always a comment.
    """
    if not text.strip():
        raise MissingField(place=number, name="text")
    if len(text) > MOST_TEXT:
        detail = f"the text is longer than {MOST_TEXT} characters; attach it as a file"
        raise InvalidInput(place=number, detail=detail)

    def do(work: Work) -> None:
        ticket = work.seen(number)
        seen = public or not works_on_tickets(actor)
        work.note(number, text, public=seen)
        if seen:
            told = [*inform.followers(ticket), *inform.workers(work, ticket)]
            inform.tell(work, "comment_added", ticket, told, text=text)
            inform.announce(work, "comment_added", ticket, text=text, by=work.who)

    commit(actor, env, f"{number}: note", do, receipt)
    return current(env, number)
