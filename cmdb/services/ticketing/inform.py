"""Telling people and other systems, within the commit of what is told."""

from collections.abc import Iterable
from typing import Any

from cmdb.messages.message import Message
from cmdb.services.outbox import announced, queued
from cmdb.services.ticketing import outbound
from cmdb.services.ticketing.work import Work
from cmdb.services.times import iso
from cmdb.services.users import User
from cmdb.tickets.ticket import Ticket


def parameters(work: Work, ticket: Ticket, language: str = "en", **more: Any) -> dict[str, Any]:
    """What a message says of a ticket in a language."""
    state = work.process(ticket).state(ticket.state)
    shown = {name: ticket.fields.get(name, "") for name in ("priority", "team", "assignee")}
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "title": ticket.title,
        "state": state.label_zh if language == "zh" else state.label,
        "url": f"/api/v1/tickets/{ticket.number}",
        "at": iso(work.at),
        **shown,
        **more,
    }


def tell(work: Work, template: str, ticket: Ticket, names: Iterable[str], **more: Any) -> None:
    """Have a message sent to people, each once and in his language.

    Who acts is not told, but that his ticket is open.
    """
    people = [work.people[name] for name in dict.fromkeys(names) if name in work.people]
    for person in people:
        acts = person.name == work.actor.user and template != "ticket_opened"
        if person.active and person.email and not acts:
            said = parameters(work, ticket, person.language, person=person.shown, **more)
            message = Message("email", person.email, template, said, person.language)
            work.take(queued(work.env, message))


def announce(work: Work, event: str, ticket: Ticket, **more: Any) -> None:
    """Tell an event to the webhooks that want to hear of it, to external systems in their words."""
    said = parameters(work, ticket, **more)
    for change in announced(work.env, event, said, but=outbound.targets(work)):
        work.take(change)
    for message in outbound.messages(work, event, ticket, said):
        work.take(queued(work.env, message))


def followers(ticket: Ticket) -> list[str]:
    """Who has asked for it."""
    return [name for name in (str(ticket.fields.get("requester", "")),) if name]


def workers(work: Work, ticket: Ticket) -> list[str]:
    """Who is to do it: the assignee, or else the whole team."""
    assignee = ticket.fields.get("assignee")
    return [str(assignee)] if assignee else team(work, str(ticket.fields.get("team", "")))


def team(work: Work, name: str) -> list[str]:
    """The people of a team."""
    return [one.name for one in work.people.values() if name and name in one.teams]


def managers(work: Work, names: Iterable[str]) -> list[str]:
    """To whom what is late goes up (ITIL: hierarchical escalation)."""
    people: list[User] = [work.people[name] for name in names if name in work.people]
    return list(dict.fromkeys(one.manager for one in people if one.manager))
