"""What happens to tickets by the clock: warnings of service levels, and steps taken by time.

Whoever runs it works from what the store says, and by commits: however many workers there are and
whenever they die, each share of a target is told once.
"""

import logging
from dataclasses import replace

from cmdb.errors import StoreUnavailable
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.reaiming import aim_anew
from cmdb.services.ticketing.steps import advance, settle
from cmdb.services.ticketing.targets import levels_of
from cmdb.services.ticketing.work import NOBODY, Work, commit
from cmdb.services.times import iso
from cmdb.tickets.clocks import breached, moment_of, to_tell
from cmdb.tickets.process import SYSTEM
from cmdb.tickets.ticket import Ticket, by_itself

logger = logging.getLogger(__name__)

AT_ONCE = 50
"""So many tickets are looked after in one commit."""


def tick_tickets(env: Environment) -> int:
    """Do all that is due with tickets by now, each once at most; how many were changed.

    Before that, clocks follow calendars and service levels that were changed.
    """
    done, query = aim_anew(env), TicketQuery(due_by=env.clock(), sort="due", limit=AT_ONCE)
    while due := env.store.tickets.find(query):
        done += _together(env, [one.number for one in due])
        query = replace(query, after=(due[-1].due, due[-1].number))
    return done


def _together(env: Environment, numbers: list[str]) -> int:
    """Look after tickets in one commit; one that cannot be looked after keeps no other back."""
    try:
        return commit(NOBODY, env, "by the clock", lambda work: _look_after(work, numbers))
    except StoreUnavailable:
        raise
    except Exception:
        if len(numbers) > 1:
            return sum(_together(env, [number]) for number in numbers)
        logger.exception("%s cannot be looked after", *numbers)
        return 0


def _look_after(work: Work, numbers: list[str]) -> int:
    """Tell and do what is due, unless another worker was quicker."""
    changed, tickets = 0, work.load(numbers)
    work.items({tie.name for ticket in tickets.values() for tie in ticket.items})
    for number, ticket in tickets.items():
        told = _warned(work, ticket)
        if told != ticket:
            work.put(told)
        step = by_itself(work.process(told), told, work.at)
        if step is not None:
            advance(work, told, step.name, {}, {SYSTEM})
            settle(work, number)
        changed += told != ticket or step is not None
        if told == ticket and step is None:
            work.touch(number)
    return changed


def _warned(work: Work, ticket: Ticket) -> Ticket:
    """The ticket with its clocks as they are when all have been told what is due."""
    calendars = work.settings.working_times
    clocks = dict(ticket.clocks)
    for name, clock in ticket.clocks.items():
        due = to_tell(clock, work.at, calendars)
        if not due:
            continue
        clocks[name] = replace(clock, told=(*clock.told, *due))
        late = breached(clock, work.at, calendars) or max(due) >= 1.0
        when = moment_of(clock, 1.0, calendars)
        template = "sla_breached" if late else "sla_warning"
        share = {"share": f"{max(due):.0%}", "clock": name, "due": iso(when) if when < 1e15 else ""}
        names = _told_at(work, ticket, name, due)
        inform.tell(work, template, ticket, names, **share)
        inform.announce(work, template, ticket, **share)
    return replace(ticket, clocks=clocks)


def _told_at(work: Work, ticket: Ticket, clock: str, shares: list[float]) -> list[str]:
    """Who is told at these shares: what service levels name as people.

    Before somebody is assigned, it is the team that is told instead.
    """
    level = levels_of(work, ticket).get(clock)
    named = {who for share in shares for who in (level.told_at(share) if level else ())}
    names: list[str] = []
    doing = inform.workers(work, ticket)
    team = inform.team(work, str(ticket.fields.get("team", "")))
    for who in sorted(named):
        match who:
            case "assignee":
                names += doing
            case "team":
                names += team
            case "requester":
                names += inform.followers(ticket)
            case "manager":
                names += inform.managers(work, [*doing, *team])
            case role:
                names += [one.name for one in work.people.values() if role in one.roles]
    return names
