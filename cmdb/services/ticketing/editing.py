"""Changing what a ticket says, which CIs it concerns, and what it is linked to."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cmdb.errors import CMDBError
from cmdb.schema.records import Tie
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse, tried
from cmdb.services.ports import Receipt
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.access import roles_in
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.sight import content_of, sight
from cmdb.services.ticketing.steps import settle
from cmdb.services.ticketing.targets import aimed
from cmdb.services.ticketing.values import check_template, fields_of, links_of, ties_of
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.configuration.priorities import priority_of
from cmdb.tickets.ticket import Ticket, check_editing, edited

Rows = Iterable[Mapping[str, Any]]


@authorised(Permission.TICKETS)
def edit_ticket(
    actor: Actor,
    env: Environment,
    number: str,
    values: Mapping[str, Any],
    *,
    items: Rows | None = None,
    links: Rows | None = None,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Ticket:
    """Change the fields that `values` mentions; None empties one.

    `items` and `links`, where they are given, replace what the actor sees there: `{"key", "role"}`
    and `{"number", "role"}`. Clocks follow another priority from their start.
    """

    def do(work: Work) -> None:
        before = work.seen(number, expected)
        process, roles = work.process(before), roles_in(actor, before)
        check_editing(process, before, roles)
        errors = list[CMDBError]()
        given = tried(errors, lambda: fields_of(work, process, values, number), dict(values))
        ticket = tried(errors, lambda: edited(process, before, given, roles), before)
        bound = list[CMDBError]()
        ticket = _bound(work, ticket, items, links, bound)
        tried(errors, lambda: check_template(work, ticket, given, tied=not bound), None)
        refuse(errors + bound)
        ticket = prioritised(work, before, ticket, given)
        if ticket != before:
            work.put(aimed(work, ticket))
            tell_of(work, before, ticket)
        settle(work, number)

    commit(actor, env, f"{number}: edited", do, receipt)
    return current(env, number)


def _bound(
    work: Work, before: Ticket, items: Rows | None, links: Rows | None, errors: list[CMDBError]
) -> Ticket:
    """The ticket with other CIs and links; what the actor does not see of them stays."""
    kept = sight(work.actor, work.env, [(work.process(before), content_of(before))])
    ties, others = before.items, before.links
    if items is not None:
        shown = [tie for tie in ties if tie.name not in kept.keys]
        hidden = [tie for tie in ties if tie.name in kept.keys]
        bound = tried(errors, lambda: ties_of(work, before.kind, items, shown), tuple[Tie, ...]())
        ties = (*bound, *hidden)
    if links is not None:
        hidden = [link for link in others if link.name in kept.numbers]
        bound = tried(errors, lambda: links_of(work, before.number, links), tuple[Tie, ...]())
        others = (*bound, *hidden)
    return replace(before, items=ties, links=others)


def prioritised(work: Work, before: Ticket, ticket: Ticket, given: Mapping[str, Any]) -> Ticket:
    """The ticket with the priority of its impact and urgency, where these have changed."""
    levels = [(one.fields.get("impact"), one.fields.get("urgency")) for one in (before, ticket)]
    impact, urgency = levels[1]
    if "priority" in given or levels[0] == levels[1] or impact is None or urgency is None:
        return ticket
    priority = priority_of(work.settings.priority_matrix, int(impact), int(urgency))
    return replace(ticket, fields={**ticket.fields, "priority": priority})


def tell_of(work: Work, before: Ticket, ticket: Ticket) -> None:
    """Tell those to whom it was given, and everybody of a major incident."""
    named = [(one.fields.get("assignee"), one.fields.get("team")) for one in (before, ticket)]
    if named[0] != named[1]:
        inform.tell(work, "ticket_assigned", ticket, inform.workers(work, ticket))
    if ticket.fields.get("major") and not before.fields.get("major"):
        desk = [one.name for one in work.people.values() if "service_desk" in one.roles]
        told = [*desk, *inform.workers(work, ticket), *inform.managers(work, desk)]
        inform.tell(work, "major_incident", ticket, told)
        inform.announce(work, "major_incident", ticket)
    inform.announce(work, "ticket_changed", ticket)
