"""Steps of a process: taken by people, and by themselves."""

from collections.abc import Collection, Mapping
from typing import Any

from cmdb.errors import CMDBError
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse, tried
from cmdb.services.ports import Receipt
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.access import roles_in
from cmdb.services.ticketing.effects import EFFECTS
from cmdb.services.ticketing.facts import facts_of
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.values import check_template, fields_of
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.process import SYSTEM, Step
from cmdb.tickets.ticket import Ticket, moved, ready


@authorised(Permission.REQUEST)
def take_step(
    actor: Actor,
    env: Environment,
    number: str,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Ticket:
    """Take a step with a ticket, and fill fields with it; everything wrong is told at once.

    `expected` is the version (`seq`) that the caller knows.
    """

    def do(work: Work) -> None:
        ticket = work.seen(number, expected)
        process, roles, errors = work.process(ticket), roles_in(actor, ticket), list[CMDBError]()
        said = dict(values or {})
        given = tried(errors, lambda: fields_of(work, process, said, number), said)
        tried(errors, lambda: check_template(work, ticket, given), None)
        if errors:
            facts = facts_of(work, ticket)
            tried(errors, lambda: moved(process, ticket, name, given, roles, facts, work.at), None)
        refuse(errors)
        advance(work, ticket, name, given, roles)
        settle(work, number)

    commit(actor, env, f"{number}: {name}", do, receipt)
    return current(env, number)


def advance(
    work: Work, ticket: Ticket, name: str, values: Mapping[str, Any], roles: Collection[str]
) -> Step:
    """Take a step with its effects, within a commit."""
    facts = facts_of(work, ticket)
    after, step = moved(work.process(ticket), ticket, name, values, roles, facts, work.at)
    work.put(after)
    for effect in step.effects:
        EFFECTS[effect](work, after.number)
    inform.announce(work, "ticket_changed", work.ticket(after.number), step=name)
    return step


def settle(work: Work, number: str) -> None:
    """Take the steps that are now taken by themselves, here and where effects have led to.

    Each ticket enters a state once at most.
    """
    waiting, seen = [number], set[tuple[str, str]]()
    while waiting:
        ticket = work.ticket(waiting[-1])
        step = None
        if (ticket.number, ticket.state) not in seen:
            seen.add((ticket.number, ticket.state))
            step = ready(work.process(ticket), ticket, facts_of(work, ticket))
        if step is None:
            waiting.pop()
        else:
            advance(work, ticket, step.name, {}, {SYSTEM})
        waiting += work.unsettled
        work.unsettled.clear()
