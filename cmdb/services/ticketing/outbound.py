"""What external systems are told of our tickets: in their words, and not what they have told us."""

from collections.abc import Iterator
from typing import Any

from cmdb.messages.message import Message
from cmdb.services.ticketing.work import Work
from cmdb.tickets.retelling import told
from cmdb.tickets.ticket import Ticket


def targets(work: Work) -> set[str]:
    """The webhooks that belong to external systems."""
    return {one.settings.target for one in work.systems}


def messages(work: Work, event: str, ticket: Ticket, said: dict[str, Any]) -> Iterator[Message]:
    """What is sent to the external systems that want to hear of an event.

    Each is told its number, and the state and fields in its words. A system that has asked for this
    knows of it from the answer.
    """
    for system in work.systems:
        settings, number = system.settings, ticket.foreign.get(system.name)
        if not settings.target or event not in settings.events:
            continue
        if number is None and not settings.unlinked:
            continue
        if work.origin == (system.name, number):
            continue
        theirs = told(settings.mapping, work.process(ticket), ticket)
        external = {"system": system.name, "id": number, **theirs}
        yield Message("webhook", settings.target, event, {**said, "external": external})
