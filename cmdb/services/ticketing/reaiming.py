"""Clocks of open tickets after calendars or service levels were changed: aimed anew, in shares.

How far it has come is kept with each share: whoever goes on, in whatever process, goes on there,
and when the settings change meanwhile, it begins again.
"""

import logging
from dataclasses import dataclass

from cmdb.errors import StoreUnavailable
from cmdb.identity.changes import Document
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.targets import aimed
from cmdb.services.ticketing.work import NOBODY, Work, commit
from cmdb.tickets.ticket import Ticket

logger = logging.getLogger(__name__)

KIND, NAME = "ticket_clocks", "aimed"
AT_ONCE = 50
"""So many tickets are aimed anew in one commit."""
SHARES = 20
"""So many commits at most, before what is due has its turn."""


@dataclass(frozen=True, slots=True)
class Progress:
    """By which settings tickets are aimed, up to which number; `whole` when all are."""

    timing: str
    number: str = ""
    whole: bool = False

    def document(self) -> Document:
        """It as the store keeps it."""
        body = {"timing": self.timing, "number": self.number, "whole": self.whole}
        return Document(KIND, NAME, body)


def aim_anew(env: Environment) -> int:
    """Aim the clocks of some open tickets by the settings in force; how many were changed."""
    done = 0
    for _ in range(SHARES):
        known = env.store.document(KIND, NAME)
        progress = Progress(settings(env).timing)
        if known is not None and known.body["timing"] == progress.timing:
            progress = Progress(**known.body)
        if progress.whole:
            break
        after = (progress.number, progress.number) if progress.number else None
        query = TicketQuery(open=True, sort="number", after=after, limit=AT_ONCE)
        numbers = [one.number for one in env.store.tickets.find(query)]
        done += _share(env, known, progress, numbers)
    return done


def _share(env: Environment, known: Document | None, progress: Progress, numbers: list[str]) -> int:
    """Aim the next tickets, unless another process was quicker, or the settings have changed."""

    def do(work: Work) -> int:
        if work.document(KIND, NAME) != known or work.settings.timing != progress.timing:
            return 0
        tickets = work.load(numbers)
        work.items({tie.name for ticket in tickets.values() for tie in ticket.items})
        whole = len(numbers) < AT_ONCE
        last = numbers[-1] if numbers else progress.number
        work.keep(Progress(progress.timing, last, whole).document())
        return sum(_aimed(work, ticket) for ticket in tickets.values())

    return commit(NOBODY, env, "by changed service levels", do)


def _aimed(work: Work, ticket: Ticket) -> bool:
    """Aim a ticket that is open; one that cannot be aimed keeps no other back."""
    try:
        after = aimed(work, ticket)
        if work.process(ticket).state(ticket.state).kind == "closed" or not work.differs(after):
            return False
    except StoreUnavailable:
        raise
    except Exception:
        logger.exception("%s cannot be aimed anew", ticket.number)
        return False
    work.put(after)
    work.touch(after.number)
    return True
